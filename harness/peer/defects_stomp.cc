// Defects of a broker of STOMP (broker_session.h).
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;
using S = const BrokerSituation&;
using Version = StompVersion;

void set_header(StompFrame& frame, std::string_view name, std::string_view value) {
  std::erase_if(frame.headers, [&](const StompHeader& h) { return h.name == name; });
  frame.headers.insert(frame.headers.begin(), {std::string(name), std::string(value)});
}
void drop_header(StompFrame& frame, std::string_view name) {
  std::erase_if(frame.headers, [&](const StompHeader& h) { return h.name == name; });
}
void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
}
void trim(std::string& text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
}
bool asks_for_ack(const StompFrame& frame, std::string_view mode) {
  const std::string* ack = frame.find("ack");
  return frame.command == "SUBSCRIBE" && ack != nullptr && *ack == mode;
}

/// Each frame of this command loses a header.
template <const auto& command, const auto& name>
void lacks(BrokerConduct& b) {
  b.missends = [](StompFrame& frame, S) {
    if (frame.command == command) drop_header(frame, name);
  };
}
constexpr std::string_view kMessage = "MESSAGE", kError = "ERROR", kConnected = "CONNECTED";
constexpr std::string_view kVersion = "version", kDestination = "destination", kMessageId = "message-id",
                           kSubscription = "subscription", kAck = "ack", kText = "message",
                           kReceiptId = "receipt-id", kContentLength = "content-length";

template <void (*apply)(BrokerConduct&)>
void broker(Conduct& c) {
  apply(c.broker);
}
template <auto member>
void on(Conduct& c) {
  c.broker.*member = true;
}

template <void (*change)(StompFrame&, S)>
void reads(Conduct& c) {
  c.broker.misreads = change;
}
template <void (*change)(StompFrame&, S)>
void sends(Conduct& c) {
  c.broker.missends = change;
}
template <void (*change)(Bytes&, S)>
void hears(Conduct& c) {
  c.broker.mishears = change;
}

template <const auto& command>
void lost_sent(StompFrame& frame, S) {
  if (frame.command == command) frame.command.clear();
}

const Defect kConnecting[] = {
    {"stomp.version-lowest", "The session has the lowest version in common",
     "stomp-1.2-Protocol_Negotiation-1", kPlain,
     [](Conduct& c) { c.broker.picks = [](const std::vector<Version>& common) { return common.front(); }; }},
    {"stomp.version-always-newest", "The session is one of 1.2, whatever the client speaks",
     "stomp-1.2-Protocol_Negotiation-1", kSubtle,
     [](Conduct& c) { c.broker.picks = [](const std::vector<Version>&) { return Version::v1_2; }; }},
    {"stomp.version-offered-last", "The version offered last is taken, if it is known, else the lowest",
     "stomp-1.2-Protocol_Negotiation-1", kSubtle, reads<[](StompFrame& frame, S) {
       const std::string* offer = frame.find("accept-version");
       if (offer == nullptr) return;
       const std::string last = offer->substr(offer->rfind(',') + 1);
       if (parse_stomp_version(last)) set_header(frame, "accept-version", last);
     }>},
    {"stomp.version-any", "A client with no known version gets a session of 1.2",
     "stomp-1.2-Protocol_Negotiation-2", kPlain, reads<[](StompFrame& frame, S) {
       const std::string* offer = frame.find("accept-version");
       if (offer != nullptr && offer->find("1.") == offer->npos) set_header(frame, "accept-version", "1.2");
     }>},
    {"stomp.version-refused-in-silence", "Without a common version the connection ends without an ERROR",
     "stomp-1.2-Protocol_Negotiation-2", kPlain, sends<[](StompFrame& frame, S) {
       if (frame.command == "ERROR" && frame.find("version") != nullptr) frame.command.clear();
     }>},
    {"stomp.version-assumed", "A client that names no version gets a session of 1.2",
     "stomp-1.2-Protocol_Negotiation-3", kPlain, reads<[](StompFrame& frame, S) {
       if (frame.command == "CONNECT" && frame.find("accept-version") == nullptr)
         set_header(frame, "accept-version", "1.2");
     }>},
    {"stomp.version-not-told", "CONNECTED has no version", "stomp-1.2-CONNECTED_Frame-1", kPlain,
     broker<lacks<kConnected, kVersion>>},
    {"stomp.server-without-name", "The server header of CONNECTED begins with a slash",
     "stomp-1.2-CONNECTED_Frame-2", kSubtle, sends<[](StompFrame& frame, S) {
       if (frame.command == "CONNECTED") set_header(frame, "server", "/1.0");
     }>},
    {"stomp.command-stomp-unknown", "STOMP is not known as another word for CONNECT",
     "stomp-1.2-CONNECT_or_STOMP_Frame-1", kPlain, reads<[](StompFrame& frame, S) {
       if (frame.command == "STOMP") frame.command = "JUMP";
     }>},
    {"stomp.connect-unescapes", "A CONNECT with a backslash in a header is refused",
     "stomp-1.2-Value_Encoding-2", kPlain, reads<[](StompFrame& frame, S) {
       const auto escapes = [](const StompHeader& h) { return h.value.find('\\') != h.value.npos; };
       if (frame.command == "CONNECT" && std::ranges::any_of(frame.headers, escapes)) frame.command = "JUMP";
     }>},
    {"stomp.serves-unconnected", "What comes ahead of CONNECT is carried out", "stomp-1.2-Connecting-2",
     kPlain, on<&BrokerConduct::serves_unconnected>},
    {"stomp.passcode-ignored", "Any login and passcode will do", "stomp-1.2-Connecting-1", kPlain,
     on<&BrokerConduct::ignores_passcode>},
    {"stomp.connect-crlf-lost", "A CONNECT of which the lines end in CR LF is never answered",
     "stomp-1.2-STOMP_Frames-1", kPlain, hears<[](Bytes& message, S) {
       if (message.starts_with("CONNECT\r\n")) message.clear();
     }>},
};

const Defect kBeats[] = {
    {"stomp.beat-not-numbers", "The heart-beat header of CONNECTED has a negative number",
     "stomp-1.2-Heart-beating-1", kPlain, sends<[](StompFrame& frame, S) {
       if (frame.command == "CONNECTED") set_header(frame, "heart-beat", "0,-1");
     }>},
    {"stomp.beat-late", "It sends something a third as often as was agreed upon", "stomp-1.2-Heart-beating-2",
     kPlain, [](Conduct& c) { c.broker.beat_percent = 300; }},
    {"stomp.beat-ceases", "After the second heart-beat it sends none", "stomp-1.2-Heart-beating-2", kSubtle,
     [](Conduct& c) { c.broker.most_beats = 2; }},
    {"stomp.beat-impatient", "A silent client is given up in half the time agreed upon",
     "stomp-1.2-Heart-beating-4", kPlain, [](Conduct& c) { c.broker.patience_percent = 50; }},
    {"stomp.beat-unheard", "Ends of lines do not keep a client alive", "stomp-1.2-Heart-beating-3", kPlain,
     on<&BrokerConduct::hears_frames_only>},
    {"stomp.beat-parts-unheard", "Parts of a frame do not keep a client alive", "stomp-1.2-Heart-beating-3",
     kSubtle, on<&BrokerConduct::hears_whole_frames>},
    {"stomp.beat-frames-unheard", "Only ends of lines keep a client alive, frames do not",
     "stomp-1.2-Heart-beating-3", kSubtle, on<&BrokerConduct::hears_no_frames>},
    {"stomp.beat-crlf-refused", "A heart-beat of CR LF is taken for a frame", "stomp-1.2-STOMP_Frames-1",
     kSubtle, hears<[](Bytes& message, S) {
       if (message == "\r\n") message = Bytes("?\n\n\0", 4);
     }>},
    {"stomp.beat-refused", "An end of a line in a message of its own is taken for a frame",
     "stomp-1.2-STOMP_Frames-2", kPlain, hears<[](Bytes& message, S) {
       if (message == "\n") message = Bytes("?\n\n\0", 4);
     }>},
};

const Defect kCutting[] = {
    {"stomp.trailing-eols-refused", "Two ends of lines behind a frame are taken for another one",
     "stomp-1.2-STOMP_Frames-2", kSubtle, hears<[](Bytes& message, S) {
       replace_all(message, std::string_view("\0\n\n", 3), std::string_view("\0?\n\n\0", 5));
     }>},
    {"stomp.crlf-kept", "The CR of a line's end belongs to the header", "stomp-1.2-STOMP_Frames-1", kPlain,
     hears<[](Bytes& message, S s) {
       if (s.connected && !message.starts_with("\r\n")) replace_all(message, "\r\n", "\\r\n");
     }>},
    {"stomp.commands-in-any-case", "Commands in small letters are carried out", "stomp-1.2-STOMP_Frames-3",
     kPlain, reads<[](StompFrame& frame, S) {
       std::ranges::transform(frame.command, frame.command.begin(),
                              [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
     }>},
    {"stomp.names-in-any-case", "Names of headers are read in small letters", "stomp-1.2-STOMP_Frames-3",
     kSubtle, reads<[](StompFrame& frame, S) {
       for (StompHeader& header : frame.headers) header.name = lower(header.name);
     }>},
    {"stomp.message-holds-one", "Of the frames in one message only the first is served",
     "stomp-1.2-STOMP_Frames-4", kPlain, reads<[](StompFrame& frame, S s) {
       if (1 < s.frames_in_message) frame.command.clear();
     }>},
    {"stomp.message-holds-thirty", "Of the frames in one message the first thirty are served",
     "stomp-1.2-STOMP_Frames-4", kSubtle, reads<[](StompFrame& frame, S s) {
       if (30 < s.frames_in_message) frame.command.clear();
     }>},
    {"stomp.message-is-frame", "A message in which no frame ends is forgotten", "stomp-1.2-STOMP_Frames-4",
     kPlain, hears<[](Bytes& message, S) {
       if (message.find('\0') == message.npos && message.find_first_not_of("\r\n") != message.npos)
         message.clear();
     }>},
    {"stomp.octet-lost", "A message of one octet is taken for a heart-beat", "stomp-1.2-STOMP_Frames-4",
     kSubtle, hears<[](Bytes& message, S) {
       if (message.size() == 1 && message[0] != '\0') message.clear();
     }>},
    {"stomp.unfinished-delivered", "A SEND that has not come whole is delivered when the connection ends",
     "stomp-1.2-STOMP_Frames-5", kPlain, on<&BrokerConduct::delivers_unfinished>},
};

const Defect kHeaders[] = {
    {"stomp.escapes-not-read", "Escapes are not decoded, and encoded once more", "stomp-1.2-Value_Encoding-1",
     kPlain, [](Conduct& c) { c.broker.most_escapes_read = Version::v1_0; }},
    {"stomp.escape-order", "A backslash behind a backslash is read as the begin of an escape",
     "stomp-1.2-Value_Encoding-1", kSubtle, reads<[](StompFrame& frame, S s) {
       if (!s.connected) return;
       for (StompHeader& header : frame.headers) replace_all(header.value, "\\n", "\n");
     }>},
    {"stomp.escapes-not-in-names", "Escapes in names of headers are not decoded",
     "stomp-1.2-Value_Encoding-1", kSubtle, reads<[](StompFrame& frame, S s) {
       for (StompHeader& header : frame.headers) header.name = stomp_escaped(header.name, s.version);
     }>},
    {"stomp.escapes-not-sent", "What it sends is not escaped", "stomp-1.2-Value_Encoding-4", kPlain,
     [](Conduct& c) { c.broker.most_escapes_sent = Version::v1_0; }},
    {"stomp.cr-not-sent-escaped", "A CR in a header is sent as it is", "stomp-1.2-Value_Encoding-4", kSubtle,
     [](Conduct& c) { c.broker.most_escapes_sent = Version::v1_1; }},
    {"stomp.receipt-id-not-escaped", "The receipt-id is sent without escapes", "stomp-1.2-Value_Encoding-4",
     kSubtle, sends<[](StompFrame& frame, S) {
       if (frame.command == "RECEIPT") frame.headers.front().raw = true;
     }>},
    {"stomp.escape-undefined-taken", "The undefined escape \\t is taken for itself",
     "stomp-1.2-Value_Encoding-3", kPlain, hears<[](Bytes& message, S s) {
       if (s.connected) replace_all(message, "\\t", "\\\\t");
     }>},
    {"stomp.escape-cut-taken", "A backslash at the end of a header is taken for itself",
     "stomp-1.2-Value_Encoding-3", kSubtle, hears<[](Bytes& message, S s) {
       if (s.connected && message.find("\\\\\n") == message.npos) replace_all(message, "\\\n", "\\\\\n");
     }>},
    {"stomp.values-trimmed", "Blanks around values are dropped", "stomp-1.2-Value_Encoding-5", kPlain,
     reads<[](StompFrame& frame, S) {
       for (StompHeader& header : frame.headers) trim(header.value);
     }>},
    {"stomp.names-trimmed", "Blanks around names are dropped", "stomp-1.2-Value_Encoding-5", kSubtle,
     reads<[](StompFrame& frame, S) {
       for (StompHeader& header : frame.headers) trim(header.name);
     }>},
    {"stomp.headers-ascii", "What is not ASCII in headers becomes question marks",
     "stomp-1.2-Value_Encoding-6", kPlain, reads<[](StompFrame& frame, S) {
       for (StompHeader& header : frame.headers)
         for (std::string* text : {&header.name, &header.value})
           std::ranges::replace_if(*text, [](char c) { return static_cast<unsigned char>(c) >= 128; }, '?');
     }>},
    {"stomp.last-entry-counts", "Of a repeated header the last entry counts",
     "stomp-1.2-Repeated_Header_Entries-1", kPlain,
     reads<[](StompFrame& frame, S) { std::ranges::reverse(frame.headers); }>},
    {"stomp.own-headers-lost", "Headers that it does not know are not passed on", "stomp-1.2-SEND-2", kPlain,
     reads<[](StompFrame& frame, S) {
       constexpr std::string_view kKnown[] = {"destination", "receipt", "transaction", "content-length",
                                              "content-type"};
       if (frame.command == "SEND")
         std::erase_if(frame.headers, [&](const StompHeader& h) {
           return std::ranges::find(kKnown, h.name) == std::end(kKnown);
         });
     }>},
    {"stomp.content-type-lost", "The content-type of a SEND is not passed on", "stomp-1.2-SEND-2", kSubtle,
     reads<[](StompFrame& frame, S) {
       if (frame.command == "SEND") drop_header(frame, "content-type");
     }>},
    {"stomp.senders-header-first", "A subscription header of the sender stands ahead of the broker's own",
     "stomp-1.2-MESSAGE-3", kSubtle, sends<[](StompFrame& frame, S) {
       const auto same = [](const StompHeader& h) { return h.name == kSubscription; };
       if (frame.command != kMessage) return;
       const auto second = std::find_if(frame.headers.begin() + 1, frame.headers.end(), same);
       if (second != frame.headers.end()) std::swap(frame.headers.front(), *second);
     }>},
};

/// The body of a SEND in `message` that is alone there, and what its content-length says.
struct SoleBody {
  std::size_t at = 0, told = 0;
};
std::optional<SoleBody> sole_body(const Bytes& message) {
  constexpr std::string_view kName = "\ncontent-length:";
  const std::size_t name = message.find(kName), end = message.find("\n\n");
  if (!message.starts_with("SEND\n") || name == message.npos || end == message.npos || end < name)
    return std::nullopt;
  return SoleBody{end + 2,
                  static_cast<std::size_t>(std::strtoul(message.c_str() + name + kName.size(), nullptr, 10))};
}

const Defect kBodies[] = {
    {"stomp.body-ends-at-nul", "A body ends at its first NUL, whatever content-length says",
     "stomp-1.2-Header_content-length-1", kPlain,
     hears<[](Bytes& message, S) { replace_all(message, "content-length:", "content-octets:"); }>},
    {"stomp.body-cut-to-length", "What follows the octets of content-length up to the NUL is dropped",
     "stomp-1.2-Header_content-length-1", kSubtle, hears<[](Bytes& message, S) {
       const auto body = sole_body(message);
       if (body && body->at + body->told + 1 < message.size())
         message.erase(body->at + body->told, message.size() - 1 - body->at - body->told);
     }>},
    {"stomp.length-not-told", "A MESSAGE has no content-length, also where its body has a NUL",
     "stomp-1.2-Header_content-length-3", kPlain, broker<lacks<kMessage, kContentLength>>},
    {"stomp.length-told-for-nul-only", "Only a MESSAGE with a NUL in its body has a content-length",
     "stomp-1.2-Header_content-length-2", kSubtle, sends<[](StompFrame& frame, S) {
       if (frame.command == "MESSAGE" && frame.body.find('\0') == frame.body.npos)
         drop_header(frame, "content-length");
     }>},
    {"stomp.body-end-trimmed", "The end of a line at the end of a body is dropped", "stomp-1.2-SEND-1",
     kSubtle, reads<[](StompFrame& frame, S) {
       if (frame.command == "SEND" && frame.body.ends_with('\n')) frame.body.pop_back();
     }>},
    {"stomp.body-empty-lost", "A message without a body is not delivered", "stomp-1.2-SEND-1", kSubtle,
     reads<[](StompFrame& frame, S) {
       if (frame.command == "SEND" && frame.body.empty()) frame.command.clear();
     }>},
    {"stomp.body-large-cut", "Bodies are cut at 65536 octets", "stomp-1.2-SEND-1", kSubtle,
     reads<[](StompFrame& frame, S) {
       if (65536 < frame.body.size()) frame.body.resize(65536);
     }>},
    {"stomp.text-not-utf8", "A body that is no UTF-8 is delivered in a text message", "rfc6455-8.1-1", kPlain,
     on<&BrokerConduct::always_text>},
};

const Defect kSubscribing[] = {
    {"stomp.send-to-nowhere", "A SEND without a destination is passed over", "stomp-1.2-SEND-3", kPlain,
     reads<[](StompFrame& frame, S) {
       if (frame.command == "SEND" && frame.find("destination") == nullptr) frame.command.clear();
     }>},
    {"stomp.send-to-default", "A SEND without a destination goes to a default one", "stomp-1.2-SEND-3",
     kSubtle, reads<[](StompFrame& frame, S) {
       if (frame.command == "SEND" && frame.find("destination") == nullptr)
         set_header(frame, "destination", "/topic/default");
     }>},
    {"stomp.subscribe-to-nowhere", "A SUBSCRIBE without a destination is taken", "stomp-1.2-SUBSCRIBE-1",
     kPlain, reads<[](StompFrame& frame, S) {
       if (frame.command == "SUBSCRIBE" && frame.find("destination") == nullptr)
         set_header(frame, "destination", "/topic/default");
     }>},
    {"stomp.first-subscriber-only", "Of those who subscribed to a topic only the first gets messages",
     "stomp-1.2-SUBSCRIBE-2", kPlain, on<&BrokerConduct::first_subscriber_only>},
    {"stomp.message-without-destination", "A MESSAGE has no destination", "stomp-1.2-MESSAGE-1", kPlain,
     broker<lacks<kMessage, kDestination>>},
    {"stomp.destination-changed", "The destination of a MESSAGE is not that of the SEND",
     "stomp-1.2-MESSAGE-2", kPlain, sends<[](StompFrame& frame, S) {
       if (frame.command == "MESSAGE")
         set_header(frame, "destination", "/host" + std::string(*frame.find("destination")));
     }>},
    {"stomp.message-without-id", "A MESSAGE has no message-id", "stomp-1.2-MESSAGE-3", kPlain,
     broker<lacks<kMessage, kMessageId>>},
    {"stomp.message-id-again", "All messages have the same message-id", "stomp-1.2-MESSAGE-3", kSubtle,
     on<&BrokerConduct::same_message_id>},
    {"stomp.message-without-subscription", "A MESSAGE does not say which subscription gets it",
     "stomp-1.2-MESSAGE-3", kPlain, broker<lacks<kMessage, kSubscription>>},
    {"stomp.message-without-ack", "A MESSAGE that is to be acknowledged has no ack header",
     "stomp-1.2-MESSAGE-4", kPlain, broker<lacks<kMessage, kAck>>},
    {"stomp.unsubscribe-ignored", "UNSUBSCRIBE changes nothing", "stomp-1.2-UNSUBSCRIBE-1", kPlain,
     on<&BrokerConduct::keeps_unsubscribed>},
    {"stomp.unsubscribe-all", "UNSUBSCRIBE ends all subscriptions of the session", "stomp-1.2-SUBSCRIBE-2",
     kSubtle, on<&BrokerConduct::unsubscribes_all>},
};

const Defect kAcknowledgement[] = {
    {"stomp.ack-always-cumulative", "In mode client-individual an ACK is for all before it, too",
     "stomp-1.2-SUBSCRIBE_ack_Header-1", kPlain, on<&BrokerConduct::always_cumulative>},
    {"stomp.ack-never-cumulative", "In mode client an ACK is for one message",
     "stomp-1.2-SUBSCRIBE_ack_Header-2", kPlain, on<&BrokerConduct::never_cumulative>},
    {"stomp.ack-forgotten", "What was acknowledged is delivered again when the session ends",
     "stomp-1.2-SUBSCRIBE_ack_Header-2", kPlain, on<&BrokerConduct::forgets_acks>},
    {"stomp.individual-read-as-client", "The mode client-individual is read as client",
     "stomp-1.2-SUBSCRIBE_ack_Header-1", kSubtle, reads<[](StompFrame& frame, S) {
       if (asks_for_ack(frame, "client-individual")) set_header(frame, "ack", "client");
     }>},
    {"stomp.auto-awaits-acks", "In mode auto no more than fifty messages come without an ACK",
     "stomp-1.2-SUBSCRIBE_ack_Header-3", kSubtle, [](Conduct& c) { c.broker.prefetch = 50; }},
    {"stomp.ack-at-once", "An ACK in a transaction is taken at once", "stomp-1.2-ACK-1", kPlain,
     on<&BrokerConduct::acks_at_once>},
    {"stomp.ack-lost-in-transaction", "An ACK in a transaction that is committed does not count",
     "stomp-1.2-ACK-1", kSubtle, on<&BrokerConduct::loses_acks_of_transaction>},
};

const Defect kTransactions[] = {
    {"stomp.sent-before-commit", "What is sent in a transaction is delivered at once", "stomp-1.2-BEGIN-1",
     kPlain, on<&BrokerConduct::sends_at_once>},
    {"stomp.commit-backwards", "What is sent in a transaction is delivered in reverse order",
     "stomp-1.2-BEGIN-1", kSubtle, on<&BrokerConduct::commits_backwards>},
    {"stomp.abort-commits", "ABORT delivers what was sent in the transaction", "stomp-1.2-BEGIN-2", kPlain,
     on<&BrokerConduct::abort_commits>},
    {"stomp.abort-keeps", "A transaction with the name of an aborted one begins with what that one held",
     "stomp-1.2-BEGIN-2", kSubtle, on<&BrokerConduct::abort_keeps>},
    {"stomp.end-commits", "When the session ends its transactions are committed", "stomp-1.2-BEGIN-2", kPlain,
     on<&BrokerConduct::end_commits>},
    {"stomp.transactions-shared", "Connections share the names of transactions", "stomp-1.2-BEGIN-3", kSubtle,
     on<&BrokerConduct::shares_names>},
    {"stomp.commit-of-unknown", "COMMIT and ABORT of a transaction that was not begun are taken",
     "stomp-1.2-COMMIT-1", kPlain, on<&BrokerConduct::commit_of_unknown>},
    {"stomp.send-in-unknown", "A SEND in a transaction that was not begun is delivered", "stomp-1.2-SEND-3",
     kSubtle, on<&BrokerConduct::send_in_unknown>},
};

const Defect kReceipts[] = {
    {"stomp.receipt-lost", "No receipt is sent", "stomp-1.2-RECEIPT-1", kPlain,
     reads<[](StompFrame& frame, S) {
       if (frame.command != "DISCONNECT") drop_header(frame, "receipt");
     }>},
    {"stomp.receipt-of-ack-lost", "ACK and NACK get no receipt", "stomp-1.2-RECEIPT-1", kSubtle,
     reads<[](StompFrame& frame, S) {
       if (frame.command.ends_with("ACK")) drop_header(frame, "receipt");
     }>},
    {"stomp.receipt-of-abort-lost", "ABORT gets no receipt", "stomp-1.2-RECEIPT-1", kSubtle,
     reads<[](StompFrame& frame, S) {
       if (frame.command == "ABORT") drop_header(frame, "receipt");
     }>},
    {"stomp.receipt-without-id", "A RECEIPT does not say for what it is", "stomp-1.2-RECEIPT-1", kPlain,
     sends<[](StompFrame& frame, S) {
       if (frame.command == "RECEIPT") frame.headers.clear();
     }>},
    {"stomp.receipt-cut", "A receipt-id is cut at the first colon", "stomp-1.2-RECEIPT-1", kSubtle,
     sends<[](StompFrame& frame, S) {
       if (frame.command == "RECEIPT")
         frame.headers.front().value.resize(
             std::min(frame.headers.front().value.find(':'), frame.headers.front().value.size()));
     }>},
    {"stomp.disconnect-without-receipt", "DISCONNECT gets no receipt", "stomp-1.2-DISCONNECT-1", kPlain,
     reads<[](StompFrame& frame, S) {
       if (frame.command == "DISCONNECT") drop_header(frame, "receipt");
     }>},
    {"stomp.disconnect-goes-on", "What stands behind DISCONNECT is carried out", "stomp-1.2-DISCONNECT-2",
     kSubtle, on<&BrokerConduct::goes_on_after_disconnect>},
};

const Defect kErrors[] = {
    {"stomp.error-goes-on", "Behind an ERROR the session goes on", "stomp-1.2-ERROR-1", kPlain,
     on<&BrokerConduct::goes_on_after_error>},
    {"stomp.error-with-receipt-goes-on", "Behind an ERROR about a frame with a receipt the session goes on",
     "stomp-1.2-ERROR-1", kSubtle, on<&BrokerConduct::goes_on_after_receipt_error>},
    {"stomp.error-without-message", "An ERROR has no message", "stomp-1.2-ERROR-2", kPlain,
     broker<lacks<kError, kText>>},
    {"stomp.error-without-receipt-id", "An ERROR does not say which frame it is about", "stomp-1.2-ERROR-3",
     kPlain, broker<lacks<kError, kReceiptId>>},
    {"stomp.error-and-receipt", "A frame that is refused gets a RECEIPT, too", "stomp-1.2-RECEIPT-1", kSubtle,
     on<&BrokerConduct::receipts_refused>},
    {"stomp.error-lost", "The connection ends without an ERROR", "stomp-1.2-SEND-3", kPlain,
     sends<lost_sent<kError>>},
    {"stomp.frame-without-end-of-headers", "A RECEIPT has no colon in one of its lines",
     "stomp-1.2-Augmented_BNF-1", kSubtle, sends<[](StompFrame& frame, S) {
       if (frame.command == "RECEIPT") frame.headers.push_back({"done\nx", "1", true});
     }>},
};

}  // namespace

std::span<const Defect> stomp_defects() {
  static const std::vector<Defect> all = join({kConnecting, kBeats, kCutting, kHeaders, kBodies, kSubscribing,
                                               kAcknowledgement, kTransactions, kReceipts, kErrors});
  return all;
}

}  // namespace wsspec
