#include "script/words.h"

#include <array>

#include "script/functions.h"

namespace wsspec {
namespace {

using K = Word::Kind;

constexpr std::array kWords = {
    Word{K::file, "wire", "the first line of every file: the version of the notation", "wire 1"},
    Word{K::file, "let", "names a payload; evaluated once per play, when first used", "let body = fill(1K)"},
    Word{K::file, "case", "begins a case; it lasts until the next case or the end of the file",
         "case frame.size"},

    Word{K::meta, "about", "the requirement in one sentence, for reports", "about \"A ping is answered\""},
    Word{K::meta, "covers", "the requirements that this case judges", "covers rfc6455-5.5.2-1"},
    Word{K::meta, "see", "where else to look: cases of other suites, sections, links", "see autobahn/2.1"},
    Word{K::meta, "needs", "what a target must be able to do, else the case is skipped", "needs deflate"},
    Word{K::meta, "tags", "words to select cases by", "tags slow"},
    Word{K::meta, "target", "which role the peer must have; inferred from the handshake statements",
         "target server"},
    Word{K::meta, "limit", "the longest that the whole case may take", "limit 20s"},
    Word{K::meta, "each", "makes an instance of the case for every row", "each n in 0 1 125"},
    Word{K::meta, "in", "lists the rows of an 'each' with one column", "each kind in text binary"},

    Word{K::frame, "text", "a text frame, or when expected a whole text message", "> text \"hello\""},
    Word{K::frame, "binary", "a binary frame, or when expected a whole binary message",
         "> binary x\"00 ff\""},
    Word{K::frame, "cont", "a continuation frame", "> cont \"rest\""},
    Word{K::frame, "close", "a Close frame, with a code and a reason", "> close 1000 \"bye\""},
    Word{K::frame, "ping", "a Ping frame", "> ping \"are you there\""},
    Word{K::frame, "pong", "a Pong frame", "< pong \"are you there\""},
    Word{K::frame, "frame", "a frame of any opcode, given as op=", "> frame op=3 \"?\""},

    Word{K::field, "fin", "the FIN bit", "> text fin=0 \"first part\""},
    Word{K::field, "rsv", "the three reserved bits as one number, RSV1 = 4",
         "> text rsv=4 deflate(\"a\"*100)"},
    Word{K::field, "op", "the opcode", "> frame op=11"},
    Word{K::field, "len", "the declared length, when it is not that of the payload",
         "> text len=200 \"short\""},
    Word{K::field, "lenbits", "how the length is written: 7, 16 or 64 bits", "> text lenbits=64 \"a\""},
    Word{K::field, "mask", "good, bad (as the other role), none, or a key of eight hexadecimal digits",
         "> text mask=9c01aa40 \"Hello\""},

    Word{K::layout, "split", "cuts the message into fragments of so many payload octets",
         "> text split=1 \"abc\""},
    Word{K::layout, "chop", "cuts what is sent into writes of so many octets", "> text chop=1 \"abc\""},
    Word{K::layout, "gap", "pauses between two writes", "> text chop=1 gap=5ms \"abc\""},

    Word{K::send, "bytes", "octets as they are", "> bytes x\"81 85\""},
    Word{K::send, "head", "the lines of an HTTP head, each ended by CR LF, then an empty line",
         "> head \"GET / HTTP/1.1\" \"Host: a\""},
    Word{K::send, "eof", "half close: we send no more", "> eof"},
    Word{K::send, "reset", "aborts TCP with RST", "> reset"},
    Word{K::send, "request", "a correct request of the opening handshake, with edits", "> request drop Host"},
    Word{K::send, "upgrade", "a correct 101 answer to the client's request, with edits",
         "> upgrade drop Connection"},
    Word{K::send, "stomp", "a correct frame of STOMP for the target, with edits of its headers",
         "> stomp SEND set destination \"/queue/a\" body \"hello\""},
    Word{K::send, "beat", "an end of a line, which is a heart-beat of STOMP", "> beat eol=crlf"},
    Word{K::send, "response", "an HTTP answer with this status, with edits",
         "> response 404 set Content-Length \"0\""},

    Word{K::expect, "fail",
         "the peer fails the connection: a Close with one of these codes, or the end of TCP", "< fail 1002"},
    Word{K::expect, "eof", "the peer ends its stream in order, over TLS perhaps with close_notify",
         "< eof has close_notify"},
    Word{K::expect, "reset", "the peer aborts TCP", "< reset"},
    Word{K::expect, "gone", "the end of TCP, either way", "< gone"},
    Word{K::expect, "bytes", "exactly these octets come next", "< bytes \"HTTP/1.1 101 \""},
    Word{K::expect, "kept", "what our other end has sent through the hop comes, all of it, once, in order",
         "far: < kept"},
    Word{K::expect, "upgrade", "a correct 101 answer", "< upgrade lacks Sec-WebSocket-Protocol"},
    Word{K::expect, "secured",
         "TLS is up; conditions on its version and alpn, of a client on name and offers, too",
         "< secured has alpn \"http/1.1\""},
    Word{K::expect, "refused",
         "a server answers anything but 101, or ends TCP; a client ends TCP without having sent a frame",
         "< refused 400|426"},
    Word{K::expect, "request", "a correct request of the opening handshake", "< request has Origin"},
    Word{K::expect, "stomp", "the next frame of STOMP, whatever messages carry it; RECEIPTs apart",
         "< stomp MESSAGE has subscription \"1\" body \"hello\""},
    Word{K::expect, "error", "a STOMP broker refuses what was sent and ends the connection", "< error"},
    Word{K::expect, "must", "an ERROR frame has to say so", "< error must"},
    Word{K::expect, "beat", "new octets of the STOMP stream come: a frame, a part of one, an end of line",
         "< beat by 2s"},
    Word{K::expect, "within", "the deadline of an expectation", "< pong within 1s"},
    Word{K::expect, "by", "the same, and what comes later has not come", "< ping by 1s"},
    Word{K::expect, "none", "as a code: a Close without a code", "< close 1000|none"},

    Word{K::expect, "series",
         "so many messages that differ by $n, in order, each once unless a limit is given",
         "< series \"a \" $n count=20"},
    Word{K::limit, "count", "how many messages a series has", "< series \"a \" $n count=20"},
    Word{K::limit, "lost", "how many of a series may be missing, or any",
         "< series \"a \" $n count=20 lost=3"},
    Word{K::limit, "repeated", "how many copies there may be, or any",
         "< series \"a \" $n count=20 repeated=any"},
    Word{K::limit, "reordered", "how many may come behind a later one, or any",
         "< series \"a \" $n count=20 reordered=any"},

    Word{K::edit, "set", "gives a header this value, in place of what it had",
         "> request set Upgrade \"h2c\""},
    Word{K::edit, "add", "adds a header line", "> request add Sec-WebSocket-Version \"8\""},
    Word{K::edit, "drop", "leaves a header out", "> request drop Sec-WebSocket-Key"},
    Word{K::edit, "raw", "of STOMP: this header is written without escapes",
         "> stomp SEND set destination \"/queue/a\" set x raw \"a\\\\tb\""},
    Word{K::edit, "method", "replaces the method", "> request method \"POST\""},
    Word{K::edit, "path", "replaces the path", "> request path \"/chat\""},
    Word{K::edit, "version", "replaces the HTTP version", "> request version \"HTTP/1.0\""},

    Word{K::form, "body", "of STOMP: what the frame carries; content-length is added when it has none",
         "> stomp SEND set destination \"/queue/a\" body \"hello\""},
    Word{K::form, "as", "text or binary, in place of the kind of messages that the target declares",
         "> stomp DISCONNECT as=binary"},
    Word{K::form, "eol", "crlf: lines end in CR LF", "> stomp DISCONNECT eol=crlf"},
    Word{K::form, "pieces", "cuts the frame into messages of so many octets", "> stomp DISCONNECT pieces=5"},
    Word{K::form, "tail", "octets behind the NUL of the frame, in the same message",
         "> stomp DISCONNECT tail=\"\\n\\n\""},

    Word{K::condition, "has", "the head has this header, with this value when one is given",
         "< refused 426 has Sec-WebSocket-Version \"13\""},
    Word{K::condition, "lacks", "the head lacks this header, or lacks it with this value",
         "< upgrade lacks Sec-WebSocket-Extensions"},
    Word{K::condition, "kept",
         "the head has this header as our other end has sent it; method, request-target, version and status, "
         "too",
         "far: < request kept Origin"},

    Word{K::action, "open", "connects and does a correct opening handshake, in whichever role", "open"},
    Word{K::action, "connect", "connects TCP, and TLS when the target uses it", "connect"},
    Word{K::action, "login",
         "begins a STOMP session as the target declares it: CONNECT, with edits, and CONNECTED",
         "login set heart-beat \"0,0\""},
    Word{K::action, "finish", "closes in good order: Close both ways, then the end of TCP", "finish"},
    Word{K::action, "mute", "from here on nothing is answered on its own, no ping and no Close", "mute"},
    Word{K::action, "answer", "pings and Closes are answered on their own again", "answer"},
    Word{K::action, "quiet", "nothing may arrive for so long", "quiet 200ms"},
    Word{K::action, "pause", "we do nothing for so long; what arrives is kept", "pause 100ms"},
    Word{K::action, "stall", "we do not read, for so long or until 'read'", "stall 1s"},
    Word{K::action, "read", "we read again", "read"},
    Word{K::action, "note", "a remark for the result", "note \"it came after \" $waited"},
    Word{K::action, "again", "the client connects once more; the lines behind it are about that connection",
         "again within 30s"},
    Word{K::action, "none", "the client does not connect for so long", "none within 5s"},
    Word{K::action, "shut", "whoever connects is refused, for so long", "shut 3s"},
    Word{K::action, "operator",
         "the operator's command runs that has the hop reloaded or stopped, gracefully; nothing waits for it",
         "operator reload"},

    Word{K::member, "join", "enters a room, in the target's dialect", "join"},
    Word{K::member, "say", "says something to the room, in the target's dialect", "say \"hello\""},
    Word{K::member, "hear", "what somebody has said to the room comes, in the target's dialect",
         "hear \"hello\""},
    Word{K::member, "leave", "leaves the room, in the target's dialect", "leave"},

    Word{K::option, "offer", "Sec-WebSocket-Extensions", "open offer=\"permessage-deflate\""},
    Word{K::option, "protocol", "Sec-WebSocket-Protocol", "open protocol=\"chat\""},
    Word{K::option, "origin", "Origin", "open origin=\"http://example.com\""},
    Word{K::option, "path", "the path of the request", "open path=\"/\""},

    Word{K::transport, "tls", "only this version of TLS, or none at all on a port that expects it",
         "connect tls=\"1.2\""},
    Word{K::transport, "alpn",
         "the protocols offered by ALPN, with commas; empty: the extension is left out; to a client: what is "
         "selected if it offers it",
         "connect alpn=\"h2,http/1.1\""},
    Word{K::transport, "sni", "the server name sent; empty: left out", "connect sni=\"other.example\""},
    Word{K::transport, "cert", "to a client: what is wrong with our certificate", "connect cert=\"expired\""},
    Word{K::transport, "host", "to a client: the name in its URL", "connect host=\"localhost\""},
    Word{K::transport, "path", "to a client: path and query of its URL", "connect path=\"/a?b=c\""},
    Word{K::transport, "url", "to a client: its URL as it stands, with {host}, {port} or {port+65536}",
         "connect url=\"ws://{host}:{port+65536}/\""},
    Word{K::transport, "field", "to a client: a header field that it is told to send",
         "connect field=\"Cookie: a=b\""},
    Word{K::transport, "proxy", "to a client: we are its proxy, with this user and password; empty: without",
         "connect proxy=\"user:password\""},
    Word{K::transport, "record", "octets per TLS record of ours", "connect record=\"1\""},
    Word{K::transport, "end", "bare: our end of TCP comes without close_notify", "connect end=\"bare\""},

    Word{K::block, "either", "the first branch whose first line accepts what comes is taken", "either"},
    Word{K::block, "or", "begins another branch of 'either'", "or weak"},
    Word{K::block, "burst", "several sends in one write", "burst chop=3"},
    Word{K::block, "repeat", "does its steps so many times", "repeat 3 as i"},
    Word{K::block, "as", "names the counter of 'repeat', which begins at 0", "repeat 3 as i"},
    Word{K::block, "end", "ends 'either', 'burst', 'repeat' and the table of 'each'", "end"},
    Word{K::grade, "pass", "this branch is right", "either pass"},
    Word{K::grade, "weak", "this branch is legal but poorer", "or weak"},
    Word{K::grade, "info", "this branch is only recorded", "or info"},

    Word{K::value, "good", "masks if and only if we are the client", "> text mask=good \"a\""},
    Word{K::value, "bad", "masks if and only if we are the server", "> text mask=bad \"a\""},
    Word{K::value, "crlf", "lines end in CR LF", "> stomp DISCONNECT eol=crlf"},
    Word{K::value, "server", "the peer is a server", "target server"},
    Word{K::value, "client", "the peer is a client", "target client"},
    Word{K::value, "hop", "the peer stands between two ends of ours, near and far", "target hop"},
    Word{K::value, "any", "as a limit of a series: none", "< series \"a \" $n count=20 lost=any"},
};

std::vector<Word> all_words() {
  std::vector<Word> all(kWords.begin(), kWords.end());
  for (const auto& f : functions()) all.push_back({K::function, f.name, f.meaning, f.example});
  return all;
}

}  // namespace

std::span<const Word> words() {
  static const std::vector<Word> all = all_words();
  return all;
}

std::vector<std::string_view> words_of(Word::Kind kind) {
  std::vector<std::string_view> out;
  for (const auto& word : words()) {
    if (word.kind == kind) out.push_back(word.text);
  }
  return out;
}

std::string_view meaning_of(Word::Kind kind, std::string_view text) {
  for (const auto& word : words()) {
    if (word.kind == kind && word.text == text) return word.meaning;
  }
  return {};
}

}  // namespace wsspec
