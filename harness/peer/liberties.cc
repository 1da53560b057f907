#include "peer/liberties.h"

#include <fmt/format.h>

#include <algorithm>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/peer.h"
#include "protocol/close.h"

namespace wsspec {
namespace {

using namespace edits;
using Tcp = Farewell::Tcp;

template <void (*change)(Farewell& f, const CloseBody& body)>
void on_answer(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody& body, Situation&) {
    if (f.cause == Farewell::Cause::answer) change(f, body);
  };
}
template <void (*change)(Farewell& f)>
void on_fault(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
    if (f.cause == Farewell::Cause::fault) change(f);
  };
}
void answer_empty(Farewell& f, const CloseBody&) {
  f.body.clear();
}
// Answers with 1000 what no code of ours may be.
void answer_own_code(Farewell& f, const CloseBody& body) {
  const CloseCodeClass sort = classify(body.code.value_or(1000));
  if (sort == CloseCodeClass::unassigned || sort == CloseCodeClass::invalid) f.body = make_close(1000);
}
// Grants one bit less than was asked for.
void change_window(ExtensionOffer& granted, std::string_view name, int& kept) {
  const auto found = std::ranges::find(granted.parameters, name, &ExtensionParameter::name);
  if (found == granted.parameters.end() || kept <= 9) return;
  found->value = fmt::format("{}", --kept);
}
// A request behind which another can be read: no body, nothing malformed.
bool leaves_order(const Answer& a, const Head& request) {
  return !a.accepted && request.start.starts_with("GET /") && request.start.ends_with(" HTTP/1.1") &&
         !request.malformed && request.count("Content-Length") == 0 &&
         request.count("Transfer-Encoding") == 0;
}
bool is_version_refusal(const Answer& a) {
  return a.status == 426;
}

const Liberty kHandshake[] = {
    {"refuses-with-400", "Every bad request is refused with 400", "rfc6455-4.2.1-1", kWeak, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (!a.accepted)
           a.status = 400, a.reason = "Bad Request", drop(a.fields, "Upgrade"),
           set(a.fields, "Connection", "close");
       };
     },
     nullptr, "origin.status origin.unchecked*"},
    {"refuses-silently", "A bad request is answered by ending TCP", "rfc6455-10.7-2", kWeak, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) { a.silent = !a.accepted && !is_version_refusal(a); };
     },
     nullptr, "origin.status origin.unchecked* origin.malformed* handshake.reply.refusal-status*"},
    {"refuses-in-chunks",
     "The body of a refusal is chunked, with extensions, a trailer, and data that look like its end",
     "RFC 9112 7.1", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (a.accepted || a.body.empty()) return;
         drop(a.fields, "Content-Length");
         a.fields.push_back({"Transfer-Encoding", "chunked"});
         a.body = fmt::format("{:x};part=1\r\n{}\r\n6;part=2\r\n\n0\r\n\r\n\r\n0;last\r\nX-Sum: 1\r\n\r\n",
                              a.body.size(), a.body);
       };
     }},
    {"reply-names-in-lower-case", "The reply's field names are in lower case, its tokens in upper case",
     "rfc6455-4.1-46", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (a.accepted) set(a.fields, "Upgrade", "WEBSOCKET"), set(a.fields, "Connection", "UPGRADE");
         for (Field& f : a.fields) f.name = lower(f.name);
       };
     }},
    {"reply-in-other-order", "The reply's fields stand in another order with blanks around their values",
     "RFC 9110 5.3", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         std::ranges::reverse(a.fields);
         for (Field& f : a.fields) f.value = " \t" + f.value + "  ";
       };
     }},
    {"reply-with-more-fields", "The reply has cookies, dates and unknown fields", "rfc6455-4.2.2-16", kSound,
     "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         for (const Field& f :
              {Field{"Server", "echo/1.0 (\"x\")"}, Field{"Date", "Sun, 01 Feb 2026 10:00:00 GMT"},
               Field{"Set-Cookie", "a=1; Path=/"}, Field{"Set-Cookie", "b=2; HttpOnly"}, Field{"X-Empty", ""},
               Field{"Vary", "Origin"}}) {
           a.fields.push_back(f);
         }
       };
     }},
    {"reply-with-other-reason", "The status line has another reason phrase", "RFC 9112 4", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) { a.reason = "Web Socket Protocol Handshake"; };
     }},
    {"connection-with-keep-alive", "The reply's Connection field is a list with Upgrade in it",
     "rfc6455-4.2.2-19", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (a.accepted) set(a.fields, "Connection", "keep-alive, Upgrade");
       };
     }},
    {"kept-alive-behind-refusal", "Behind a refusal the connection stays, and the next request is served",
     "RFC 9112 9.3", kSound, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head& request) {
         a.serves_next = leaves_order(a, request);
         if (a.serves_next)
           set(a.fields, "Connection", a.status == 426 ? "Upgrade, keep-alive" : "keep-alive");
       };
     },
     nullptr, "security.pipelined.behind-refusal*"},
    {"long-targets-refused", "A target of more than 2000 octets is refused with 414", "RFC 9112 3", kWeak, "",
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head& request) {
         if (request.start.size() <= 2000) return;
         a = Answer{};
         a.status = 414, a.reason = "URI Too Long";
         a.fields = {{"Connection", "close"}, {"Content-Length", "0"}};
       };
     },
     nullptr, "handshake.accept.long-target*"},
    {"many-fields-refused", "A head of more than 60 fields is refused with 431", "RFC 9110 5.4", kWeak, "",
     [](Conduct& c) { c.most_fields = 60; }, nullptr, "handshake.accept.many-fields*"},
    {"early-frames-lost", "Frames in one segment with the request are lost", "rfc6455-4.1-37", kSound, "",
     [](Conduct& c) { c.loses_early_frames = true; }, nullptr,
     "tcp.early-frame tcp.early-fault* tcp.early-half-frame security.pipelined.request*"},
    {"spare-bits-in-key-refused", "A key that is not canonical base64 is refused", "rfc6455-4.2.1-8", kSound,
     "",
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string key = value_of(h, "Sec-WebSocket-Key");
         if (base64_encode(base64_decode(key).value_or("")) != key) drop(h.fields, "Sec-WebSocket-Key");
       };
     }},
    {"greets-first", "The server sends a text before the client does", "rfc6455-4.2.2-22", kSound, "greets",
     nullptr, [](PeerOptions& o) { o.greeting = "welcome to the echo server"; }, "tcp.early-frame"},
};

const Liberty kMessages[] = {
    {"echo-in-fragments", "Echoes are sent in frames of 100 octets", "rfc6455-5.4-3", kSound, "",
     [](Conduct& c) { c.echo_fragment = 100; }, nullptr, "", "tcp.blocked.*"},
    {"echo-in-single-octets", "Echoes are sent in frames of one octet", "rfc6455-5.4-9", kSound, "",
     [](Conduct& c) { c.echo_fragment = 1; }},
    {"echo-with-empty-fragments", "An empty frame begins and ends each echo", "rfc6455-5.4-9", kSound, "",
     [](Conduct& c) { c.empty_fragments = true; }},
    {"pings-unasked", "A ping precedes each echo", "rfc6455-5.5.2-4", kSound, "",
     [](Conduct& c) { c.pings_unasked = true; }},
    {"pongs-unasked", "A pong that nobody asked for precedes each echo", "rfc6455-5.5.3-3", kSound, "",
     [](Conduct& c) { c.pongs_unasked = true; }},
    {"newest-pong-only", "Of the pings in one segment only the newest is answered", "rfc6455-5.5.3-2", kSound,
     "", [](Conduct& c) { c.newest_pong_only = true; }},
    {"pong-overtakes-echo", "Pongs go out before the echoes of the same segment", "rfc6455-5.5.2-3", kSound,
     "", [](Conduct& c) { c.pongs_overtake = true; }, nullptr, "", "tcp.blocked.*"},
    {"text-checked-at-end", "Text is checked when the message is complete", "rfc6455-5.6-1", kWeak, "",
     [](Conduct& c) { c.utf8.only_at_end = true; }, nullptr, "utf8.fail-fast*"},
    {"slow", "Each answer waits 100 ms", "rfc6455-2.1-1", kSound, "",
     [](Conduct& c) { c.delay = std::chrono::milliseconds(100); }},
    {"segments-of-one-octet", "Each octet is a write of its own", "rfc6455-2.1-1", kSound, "",
     [](Conduct& c) { c.segment = 1; }},
    {"header-faults-judged-late", "What is wrong with a header is noticed when the frame is complete",
     "rfc6455-10.7-1", kWeak, "", [](Conduct& c) { c.judges_headers_late = true; }, nullptr,
     "frame.header-alone*"},
    {"echoes-given-up-for-close", "What waits to be sent is given up when a Close comes", "rfc6455-5.5.1-9",
     kWeak, "", [](Conduct& c) { c.close_drops_echoes = true; }, nullptr, "close.behind-*",
     "tcp.blocked.close"},
    {"echoes-given-up-at-end", "What waits to be sent is given up when the client ends TCP", "RFC 9293 3.6",
     kSound, "", [](Conduct& c) { c.fin_drops_echoes = true; }, nullptr, "tcp.eof.after-*",
     "tcp.blocked.eof"},
    {"message-limit-64k", "Messages above 64 KiB are refused with 1009", "rfc6455-10.4-2", kSound,
     "message_limit=65536", nullptr, [](PeerOptions& o) { o.limits = {65536, 65536}; },
     "close.behind-large tcp.eof.after-large tcp.blocked.*", "tcp.blocked.*"},
    {"longer-than-needed-refused", "Lengths in a longer form than needed are refused", "rfc6455-5.2-6",
     kSound, "",
     [](Conduct& c) {
       c.refuses = [](const FrameHeader& h, const Situation&) { return h.form != minimal_form(h.length); };
     }},
};

const Liberty kClosing[] = {
    {"ends-without-close-frame", "A fault is answered by ending TCP", "rfc6455-7.1.7-6", kWeak, "",
     on_fault<[](Farewell& f) { f.sends_close = false; }>, nullptr, "close.tcp.close-frame*"},
    {"resets-after-fault", "A fault is answered with a Close and a reset", "rfc6455-7.1.1-2", kWeak, "",
     on_fault<[](Farewell& f) { f.tcp = Tcp::reset; }>},
    {"faults-closed-with-reason-text", "The Close for a fault has a long reason", "rfc6455-5.5.1-3", kSound,
     "", on_fault<[](Farewell& f) { f.body = f.body.substr(0, 2) + Bytes(120, '.') + "\xe2\x80\xa6"; }>},
    {"faults-closed-without-reason", "The Close for a fault has a code only", "rfc6455-5.5.1-3", kSound, "",
     on_fault<[](Farewell& f) { f.body.resize(2); }>},
    {"close-answered-with-1000", "Each Close is answered with 1000", "rfc6455-5.5.1-8", kSound, "",
     on_answer<[](Farewell& f, const CloseBody&) { f.body = make_close(1000); }>},
    {"close-answered-empty", "Each Close is answered with an empty one", "rfc6455-5.5.1-8", kSound, "",
     on_answer<answer_empty>},
    {"wrong-close-answered-empty", "A Close with a wrong code or body is answered with an empty one",
     "rfc6455-7.1.7-5", kWeak, "",
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation& s) {
         return (rule == Rule::close_code && classify(s.close_code) == CloseCodeClass::forbidden) ||
                rule == Rule::close_length || rule == Rule::close_reason;
       };
       on_answer<answer_empty>(c);
     },
     nullptr,
     "close.code.never-sent* close.body.one-octet* close.reason.not-utf8* client-close.failed.by-close* "
     "client-frame.with-answer.close* close.tcp.close-frame* security.after-fault*"},
    {"close-reason-repeated", "The answer repeats the reason", "rfc6455-5.5.1-3", kSound, "",
     on_answer<[](Farewell& f, const CloseBody& body) { f.body = make_close(body.code, body.reason); }>},
    {"close-with-own-reason", "The answer has a reason of its own", "rfc6455-5.5.1-3", kSound, "",
     on_answer<[](Farewell& f, const CloseBody& body) {
       if (body.code) f.body = make_close(body.code, "so long");
     }>},
    {"unassigned-codes-accepted", "Closes with 1016 to 2999 are answered in an orderly way",
     "rfc6455-7.4.2-2", kSound, "",
     [](Conduct& c) {
       c.keeps_unassigned_codes = true;
       on_answer<answer_own_code>(c);
     },
     nullptr, "close.code.unassigned*"},
    {"high-codes-accepted", "Closes with 5000 and above are answered in an orderly way", "rfc6455-11.7-1",
     kSound, "",
     [](Conduct& c) {
       c.keeps_high_codes = true;
       on_answer<answer_own_code>(c);
     },
     nullptr, "close.code.above-4999*"},
    {"later-codes-refused", "1012 to 1014, younger than the RFC, are taken for a fault", "rfc6455-7.4.2-2",
     kWeak, "",
     [](Conduct& c) { c.refuses_code = [](std::uint16_t code) { return code >= 1012 && code <= 1014; }; },
     nullptr, "close.code.registered*"},
};

const Liberty kDeflate[] = {
    {"deflate-declined", "permessage-deflate is not spoken", "rfc6455-9-2", kSound, "no-deflate", nullptr,
     [](PeerOptions& o) { o.deflate = false; }},
    {"echo-uncompressed", "Echoes are never compressed", "rfc7692-6.1-2", kSound, "",
     [](Conduct& c) { c.compresses = CompressWhen::never; }},
    {"echo-compressed", "Echoes are compressed whatever their size", "rfc7692-6.1-1", kSound, "",
     [](Conduct& c) { c.compresses = CompressWhen::always; }},
    {"echo-in-stored-blocks", "Echoes are sent in blocks without compression", "rfc7692-7.2.1-3", kSound, "",
     [](Conduct& c) { c.deflate_form = DeflateForm::stored; }},
    {"echo-with-final-block", "Compressed echoes end with BFINAL", "rfc7692-7.2.1-4", kSound, "",
     [](Conduct& c) { c.deflate_form = DeflateForm::final; }},
    {"echo-in-many-blocks", "Compressed echoes consist of blocks of 50 octets", "rfc7692-7.2.1-2", kSound, "",
     [](Conduct& c) { c.deflate_form = DeflateForm::blocks, c.deflate_block = 50; }},
    {"compressed-echo-in-fragments", "Compressed echoes are sent in frames of 10 octets", "rfc7692-6.1-1",
     kSound, "", [](Conduct& c) { c.compresses = CompressWhen::always, c.echo_fragment = 10; }},
    {"window-8-declined", "An offer with a window of 8 bits is declined", "rfc7692-7.1.2.1-3", kSound, "",
     [](Conduct& c) {
       c.misoffers = [](std::vector<ExtensionOffer>& offers) {
         std::erase_if(offers, [](const ExtensionOffer& o) {
           return std::ranges::any_of(o.parameters, [](const ExtensionParameter& p) {
             return p.name == "server_max_window_bits" && p.value == "8";
           });
         });
       };
     },
     nullptr, "deflate.window.server[8]"},
    {"server-parameters-unasked", "server_no_context_takeover and a window of 12 bits are stated unasked",
     "rfc7692-7.1.1.1-5", kSound, "",
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>& kept,
                        const std::vector<ExtensionOffer>&) {
         if (granted.empty() || !kept) return;
         for (const ExtensionParameter& asked : granted.front().parameters)
           if (asked.name.starts_with("server_")) return;
         kept->server_no_context_takeover = true;
         kept->server_max_window_bits = 12;
         granted.front().parameters.push_back({"server_no_context_takeover", std::nullopt, false});
         granted.front().parameters.push_back({"server_max_window_bits", "12", false});
       };
     }},
    {"client-window-below-hint", "A hinted client window is answered with one bit less", "rfc7692-7.1.2.2-4",
     kSound, "",
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>& kept,
                        const std::vector<ExtensionOffer>&) {
         if (!granted.empty() && kept)
           change_window(granted.front(), "client_max_window_bits", kept->client_max_window_bits);
       };
     }},
    {"server-window-below-offer", "A limit of the server's window is answered with one bit less",
     "rfc7692-7.1.2.1-4", kSound, "",
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>& kept,
                        const std::vector<ExtensionOffer>&) {
         if (!granted.empty() && kept)
           change_window(granted.front(), "server_max_window_bits", kept->server_max_window_bits);
       };
     }},
    {"client-reset-demanded", "client_no_context_takeover is demanded unasked", "rfc7692-7.1.1.2-2", kSound,
     "",
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>& kept,
                        const std::vector<ExtensionOffer>&) {
         if (granted.empty() || !kept || kept->client_no_context_takeover) return;
         kept->client_no_context_takeover = true;
         granted.front().parameters.push_back({"client_no_context_takeover", std::nullopt, false});
       };
     }},
};

// Whether the target wants the subprotocol that goes with every request of ours.
void demand_subprotocol(Answer& a, const Head& request) {
  if (!a.accepted || request.has_token("Sec-WebSocket-Protocol", "chat")) return;
  a = Answer{};
  a.status = 400, a.reason = "Bad Request";
  a.fields = {{"Connection", "close"}, {"Content-Length", "0"}};
}

const Liberty kApplication[] = {
    {"answers-in-own-words", "Every message is answered by an error of the application's", "RFC 6455 5.6",
     kSound, "no-echo", [](Conduct& c) { c.answers = Answers::own_words; }},
    {"never-answers", "Messages are taken and never answered", "RFC 6455 5.6", kSound, "no-echo",
     [](Conduct& c) { c.answers = Answers::nothing; }},
    {"binary-echoed-as-text", "Binary messages come back as text that spells them out", "RFC 6455 5.6",
     kSound, "no-binary-echo", [](Conduct& c) { c.answers = Answers::binary_text; }},
    {"broadcasts", "What others say comes in between", "RFC 6455 5.6", kSound, "",
     [](Conduct& c) { c.others_speak = true; }, nullptr, "tcp.early-frame"},
    {"greets-twice", "The server speaks first, and again behind the client's first frame", "RFC 6455 5.6",
     kSound, "greets", [](Conduct& c) { c.greets_again = true; },
     [](PeerOptions& o) { o.greeting = "welcome to the echo server"; }, "tcp.early-frame"},
    {"requires-subprotocol", "A handshake without the subprotocol 'chat' is refused", "RFC 6455 4.2.2",
     kSound, "subprotocol=chat", [](Conduct& c) { c.misanswers = demand_subprotocol; }, nullptr,
     "subprotocol.longer-name subprotocol.unknown*"},
    {"closes-unknown-messages", "The application closes for messages that it does not know", "RFC 6455 7.4.1",
     kSound, "no-echo", [](Conduct& c) { c.closes_unknown = true; }},
};

const Liberty kSecure[] = {
    {"tls-1.2-only", "TLS 1.3 is not spoken", "RFC 8446 D.2", kSound, "",
     [](Conduct& c) { c.tls.most = "1.2"; }, nullptr, "tls.version[1.3]"},
    {"tls-1.3-only", "TLS 1.2 is not spoken", "RFC 8446 4.2.1", kSound, "",
     [](Conduct& c) { c.tls.least = "1.3"; }, nullptr, "tls.version[1.2]"},
    {"tls-without-alpn", "ALPN is not known", "RFC 7301 3.1", kSound, "",
     [](Conduct& c) { c.tls.without_alpn = true; }},
    {"tls-alpn-insisted-on", "Without a protocol in common the TLS handshake fails", "RFC 7301 3.2", kSound,
     "", [](Conduct& c) { c.tls.strict_alpn = true; }},
    {"tls-foreign-name-refused", "A server name of somebody else's fails the TLS handshake",
     "rfc6455-4.2.2-3", kSound, "", [](Conduct& c) { c.tls.refuses_foreign_names = true; }},
    {"tls-plain-explained", "HTTP in clear on the TLS port is answered 400 in clear", "rfc6455-4.2.2-3",
     kSound, "", [](Conduct& c) { c.tls.plain = PlainConduct::explain; }},
};

const Liberty kCompany[] = {
    {"refuses-the-31st-client", "Of more than thirty clients at once the others are refused with 503",
     "RFC 9110 15.6.4", kSound, "", [](Conduct& c) { c.most_open = 30; }, nullptr, "company.*"},
    {"drops-slow-clients", "A client that is owed more than 1 MiB is dropped", "rfc6455-7.1.1-2", kSound, "",
     [](Conduct& c) { c.most_unread = 1 << 20; }, nullptr, "company.stall.echo* tcp.blocked.*",
     "tcp.blocked.*"},
    {"reads-no-further-than-it-is-read", "While 64 KiB are owed to a client nothing is read from it",
     "RFC 9293 3.8.6", kSound, "", [](Conduct& c) { c.reads_up_to = 64 << 10; }, nullptr, "",
     "tcp.blocked.*"},
};

template <PeerOptions::Room kind, bool itself, std::size_t history>
void host_room(PeerOptions& o) {
  o.room = kind, o.room_itself = itself, o.room_history = history;
}
constexpr auto kCommands = PeerOptions::Room::commands;

const Liberty kRooms[] = {
    {"room-hears-itself", "Who says something in a room hears it, too", "RFC 6455 5.6", kSound, "fanout=all",
     nullptr, host_room<kCommands, true, 0>},
    {"room-of-all", "Who is connected is in the one room", "RFC 6455 5.6", kSound, "room=plain", nullptr,
     host_room<PeerOptions::Room::plain, false, 0>},
    {"room-of-all-hears-itself", "Who is connected is in the one room, and hears itself", "RFC 6455 5.6",
     kSound, "room=plain-all", nullptr, host_room<PeerOptions::Room::plain, true, 0>},
    {"room-has-a-history", "Who joins a room hears the last five messages", "RFC 6455 5.6", kSound,
     "history=5", nullptr, host_room<kCommands, false, 5>},
    {"room-delivers-in-batches", "What is said in a room is delivered each 50 ms", "RFC 6455 5.6", kSound, "",
     [](Conduct& c) { c.room_batch = std::chrono::milliseconds(50); }},
    {"room-announces", "Members of a room are told who comes and goes", "RFC 6455 5.6", kSound, "",
     [](Conduct& c) { c.room_announces = true; }},
    {"room-repeats", "One of five messages of a room comes twice", "RFC 6455 5.6", kSound,
     "delivery=at-least-once",
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.copies = h.message % 5 == 1 ? 2 : 1; };
     }},
    {"room-without-order", "One of five messages of a room overtakes the one before", "RFC 6455 5.6", kSound,
     "order=none",
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.overtakes = h.message % 5 == 1; };
     }},
    {"room-drops-for-the-slow", "A member of a room that is owed 1 MiB misses what is said meanwhile",
     "RFC 6455 5.6", kSound, "slow=dropped",
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = h.unread >= 1 << 20; }; }},
    {"room-sends-the-slow-away", "A member of a room that is owed 1 MiB is dropped", "rfc6455-7.1.1-2",
     kSound, "slow=closed", [](Conduct& c) { c.room_most_unread = 1 << 20; }},
};

template <std::uint16_t code>
void drain_with(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
    if (f.cause == Farewell::Cause::drain) f.body = make_close(code, "");
  };
}

const Liberty kCluster[] = {
    {"drain-goes-away", "A node that is drained closes with 1001", "RFC 6455 7.4.1", kSound, "",
     drain_with<1001>},
    {"drain-is-over", "A node that is drained closes with 1000", "RFC 6455 7.4.1", kWeak, "",
     drain_with<1000>, nullptr, "cluster.drain.told"},
    {"drain-without-close", "A node that is drained ends TCP without a Close", "RFC 6455 7.1.7", kWeak, "",
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause == Farewell::Cause::drain) f.sends_close = false;
       };
     },
     nullptr, "cluster.drain.told"},
    {"broker-drops-connections", "While the broker is away no connection is kept", "RFC 6455 7.1.7", kSound,
     "", [](Conduct& c) { c.broker_stop_drops_all = true; }},
};

std::vector<Liberty> join_tables() {
  std::vector<Liberty> all;
  for (const auto& table :
       {std::span<const Liberty>(kHandshake), std::span<const Liberty>(kMessages),
        std::span<const Liberty>(kClosing), std::span<const Liberty>(kDeflate),
        std::span<const Liberty>(kApplication), std::span<const Liberty>(kCompany),
        std::span<const Liberty>(kRooms), std::span<const Liberty>(kCluster),
        std::span<const Liberty>(kSecure), liveness_liberties(), stomp_liberties(), client_liberties()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace

std::span<const Liberty> application_liberties() {
  return kApplication;
}

std::span<const Liberty> cluster_liberties() {
  return kCluster;
}

std::span<const Liberty> liberties() {
  static const std::vector<Liberty> all = join_tables();
  return all;
}

std::vector<const Liberty*> liberties_of(Role role) {
  std::vector<const Liberty*> out;
  for (const Liberty& liberty : liberties()) {
    const bool of_client = is_in<Liberty>(client_liberties(), liberty);
    const bool of_both = is_in<Liberty>(kMessages, liberty) || is_in<Liberty>(kClosing, liberty) ||
                         is_in<Liberty>(kDeflate, liberty) || is_in<Liberty>(kApplication, liberty) ||
                         is_in<Liberty>(liveness_liberties(), liberty);
    if (role == Role::server ? !of_client : of_client || (of_both && !liberty.server_only))
      out.push_back(&liberty);
  }
  return out;
}

namespace {

Result<const Liberty*> find_among(std::span<const Liberty> all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Liberty::name);
  if (found != all.end()) return &*found;
  std::vector<std::string_view> names;
  for (const Liberty& l : all) names.push_back(l.name);
  return fail_with("--liberty", fmt::format("unknown liberty '{}'", name),
                   fmt::format("did you mean '{}'?", nearest_name(name, names)));
}

}  // namespace

Result<const Liberty*> find_liberty(std::string_view name) {
  return find_among(liberties(), name);
}

Result<const Liberty*> find_hop_liberty(std::string_view name) {
  return find_among(hop_liberties(), name);
}

}  // namespace wsspec
