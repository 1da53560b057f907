// One plain English sentence for each step.
#include <fmt/format.h>

#include "protocol/bytes.h"
#include "script/print.h"
#include "script/words.h"

namespace wsspec {
namespace {

std::string number(const Number& n) {
  return print(n);
}

std::string frame_name(const FrameFields& f) {
  if (!f.kind_name.empty()) return fmt::format("a frame of kind ${}", f.kind_name);
  switch (f.kind) {
    case FrameKind::text: return "a text frame";
    case FrameKind::binary: return "a binary frame";
    case FrameKind::cont: return "a continuation frame";
    case FrameKind::close: return "a Close frame";
    case FrameKind::ping: return "a Ping frame";
    case FrameKind::pong: return "a Pong frame";
    case FrameKind::frame: break;
  }
  return f.op ? "a frame of opcode " + number(*f.op) : std::string("a frame");
}

std::string bits(const Number& n) {
  if (!n.name.empty()) return "the reserved bits " + number(n);
  std::string out;
  for (int bit = 1; bit <= 3; ++bit) {
    if (n.value & (8U >> bit)) out += fmt::format("{}RSV{}", out.empty() ? "" : " and ", bit);
  }
  return out.empty() ? "no reserved bit" : out;
}

std::string masking(const MaskField& mask) {
  switch (mask.kind) {
    case MaskField::Kind::good: return "masked as our role must";
    case MaskField::Kind::bad: return "masked as the other role would";
    case MaskField::Kind::none: return "not masked";
    case MaskField::Kind::key: break;
  }
  return fmt::format("masked with the key {:08x}", mask.key);
}

/// ", with RSV1 set, not final, ..." or nothing.
std::string details(const FrameFields& f) {
  std::string out;
  if (f.fin)
    out += f.fin->name.empty() ? (f.fin->value ? ", final" : ", not final") : ", FIN " + number(*f.fin);
  if (f.rsv) out += ", with " + bits(*f.rsv) + " set";
  if (f.op && f.kind != FrameKind::frame) out += ", with opcode " + number(*f.op);
  if (f.len) out += ", declaring a length of " + number(*f.len);
  if (f.lenbits) out += fmt::format(", its length written in {} bits", number(*f.lenbits));
  if (f.mask) out += ", " + masking(*f.mask);
  return out;
}

std::string codes(const std::vector<Code>& codes) {
  std::string out;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out += i == 0 ? "" : i + 1 == codes.size() ? " or " : ", ";
    out += codes[i].none ? std::string("none") : number(codes[i].number);
  }
  return out;
}

std::string octets(const Number& n) {
  return number(n) + (n.name.empty() && n.value == 1 ? " octet" : " octets");
}

std::string cut(const Layout& layout) {
  std::string out;
  if (layout.split) out += ", in fragments of " + octets(*layout.split);
  if (layout.chop) out += ", in writes of " + octets(*layout.chop);
  if (layout.gap)
    out += fmt::format(", with {} between two {}", print(*layout.gap), layout.chop ? "writes" : "fragments");
  return out;
}

constexpr std::size_t kShown = 100;

std::string shown(const Payload& payload) {
  auto out = print(payload);
  if (out.size() <= kShown) return out;
  auto end = kShown;
  while (end > 0 && (octet(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + " …";
}

/// `<frame><details> with code C and the payload P`.
std::string content(const std::string& frame, const std::string& code,
                    const std::optional<Payload>& payload) {
  std::string out = frame;
  if (code.empty() && !payload) return out;
  out += frame.find(',') == std::string::npos ? " with " : ", and with ";
  if (!code.empty()) out += "code " + code;
  if (!code.empty() && payload) out += " and ";
  if (payload) out += fmt::format("the {} {}", code.empty() ? "payload" : "reason", shown(*payload));
  return out;
}

std::string edits(const std::vector<Edit>& edits) {
  std::string out;
  for (const auto& edit : edits) {
    out += out.empty() ? ", but " : ", ";
    const char* raw = edit.raw ? " without escapes" : "";
    switch (edit.kind) {
      case Edit::Kind::set: out += fmt::format("{} set to {}{}", edit.header, shown(edit.value), raw); break;
      case Edit::Kind::add:
        out += fmt::format("a further {} of {}{}", edit.header, shown(edit.value), raw);
        break;
      case Edit::Kind::drop: out += "without " + edit.header; break;
      case Edit::Kind::method: out += "with the method " + shown(edit.value); break;
      case Edit::Kind::path: out += "with the path " + shown(edit.value); break;
      case Edit::Kind::version: out += "with the version " + shown(edit.value); break;
      case Edit::Kind::variable: out += "edited as $" + edit.header; break;
    }
  }
  return out;
}

std::string conditions(const std::vector<Condition>& conditions) {
  std::string out;
  for (const auto& one : conditions) {
    out += fmt::format("{} {} {}", out.empty() ? "" : " and",
                       one.kept  ? "unchanged:"
                       : one.has ? "with"
                                 : "without",
                       one.header);
    if (one.value) out += " of " + shown(*one.value);
  }
  return out;
}

std::string limit(const std::optional<Limit>& limit, std::string_view what) {
  if (!limit || (!limit->any && limit->number.name.empty() && limit->number.value == 0)) return "";
  return limit->any ? fmt::format(", any number {}", what)
                    : fmt::format(", up to {} {}", number(limit->number), what);
}

std::string series(const MessageSeries& s) {
  return fmt::format("{} {} messages {} with $n counted from 0{}{}{}", number(s.count),
                     s.binary ? "binary" : "text", shown(s.payload), limit(s.lost, "lost"),
                     limit(s.repeated, "repeated"), limit(s.reordered, "out of order"));
}

struct Explainer {
  std::string operator()(const SendFrame& s) const {
    const auto frame = "We send " + frame_name(s.fields) + details(s.fields);
    return content(frame, s.code ? number(*s.code) : std::string(), s.payload) + cut(s.layout);
  }
  std::string operator()(const SendBytes& s) const {
    return "We send the octets " + shown(s.payload) + cut(s.layout);
  }
  std::string operator()(const SendHead& s) const {
    std::string out =
        fmt::format("We send an HTTP head of {} line{}", s.lines.size(), s.lines.size() == 1 ? "" : "s");
    if (!s.lines.empty()) out += ", the first one " + shown(s.lines[0]);
    return out + cut(s.layout);
  }
  std::string operator()(const SendEof&) const {
    return "We half-close the connection: nothing more comes from us";
  }
  std::string operator()(const SendReset&) const { return "We abort the connection with a TCP RST"; }
  std::string operator()(const SendRequest& s) const {
    return "We send a correct opening handshake" + edits(s.edits) + cut(s.layout);
  }
  std::string operator()(const SendUpgrade& s) const {
    return "We accept the client's handshake" + edits(s.edits) + cut(s.layout);
  }
  std::string operator()(const SendStomp& s) const {
    std::string out = s.command.empty() ? "We send an end of a line, a heart-beat of STOMP"
                                        : "We send the STOMP frame " + s.command + edits(s.edits);
    if (s.body) out += ", with the body " + shown(*s.body);
    if (s.crlf) out += ", with lines that end in CR LF";
    if (s.tail) out += ", and behind it " + shown(*s.tail);
    if (s.binary) out += *s.binary ? ", as binary" : ", as text";
    if (s.pieces) out += ", in messages of " + number(*s.pieces) + " octets";
    return out + cut(s.layout);
  }
  std::string operator()(const SendResponse& s) const {
    return "We answer the client's handshake with status " + number(s.status) + edits(s.edits) +
           cut(s.layout);
  }
  std::string operator()(const ExpectFrame& s) const {
    const bool message = (s.fields.kind == FrameKind::text || s.fields.kind == FrameKind::binary) &&
                         !s.fields.fin && s.fields.kind_name.empty();
    std::string out = "The peer sends ";
    out += message ? fmt::format("a {} message", print(s.fields.kind)) : frame_name(s.fields);
    return content(out + details(s.fields), codes(s.codes), s.payload);
  }
  std::string operator()(const ExpectSeries& s) const {
    return "The peer sends the series of " + series(s.series);
  }
  std::string operator()(const ExpectFail& s) const {
    const auto code = s.codes.empty() ? std::string("any code") : "code " + codes(s.codes);
    return fmt::format("The peer fails the connection: Close with {}, or the end of TCP", code);
  }
  std::string operator()(const ExpectEof& s) const {
    return "The peer ends its side of the connection in order" + conditions(s.conditions);
  }
  std::string operator()(const ExpectReset&) const { return "The peer aborts the connection"; }
  std::string operator()(const ExpectGone&) const { return "The connection ends"; }
  std::string operator()(const ExpectBytes& s) const { return "The next octets are " + shown(s.payload); }
  std::string operator()(const ExpectKept&) const {
    return "What our other end has sent through the hop comes, all of it, once and in order";
  }
  std::string operator()(const ExpectUpgrade& s) const {
    return "The server accepts the handshake with 101" + conditions(s.conditions);
  }
  std::string operator()(const ExpectRefused& s) const {
    if (s.statuses.empty())
      return "The handshake is refused: by any answer but 101, or by the end of TCP without a frame" +
             conditions(s.conditions);
    return fmt::format("The server refuses the handshake with status {}{}", codes(s.statuses),
                       conditions(s.conditions));
  }
  std::string operator()(const ExpectSecured& s) const {
    return "The TLS handshake is done" + conditions(s.conditions);
  }
  std::string operator()(const ExpectStomp& s) const {
    return "The peer sends the STOMP frame " + s.command + conditions(s.conditions) +
           (s.body ? ", with the body " + shown(*s.body) : std::string());
  }
  std::string operator()(const ExpectError& s) const {
    return s.must ? "The broker refuses with an ERROR frame and ends the connection"
                  : "The broker refuses, by an ERROR frame or without one, and ends the connection";
  }
  std::string operator()(const ExpectBeat&) const { return "New octets of the STOMP stream come"; }
  std::string operator()(const ExpectRequest& s) const {
    return "The client sends a correct opening handshake" + conditions(s.conditions);
  }
  std::string operator()(const Open& s) const {
    std::string out = "The connection is opened with a correct handshake";
    for (const auto& option : s.options) {
      out += fmt::format("{} {} {}", &option == &s.options[0] ? ", with" : " and",
                         meaning_of(Word::Kind::option, option.name), shown(option.value));
    }
    return out;
  }
  std::string operator()(const Connect& s) const {
    std::string out = "TCP is connected, without a handshake";
    for (const auto& option : s.options)
      out += fmt::format("{} {}={}", &option == &s.options[0] ? "; on it TLS with" : ",", option.name,
                         shown(option.value));
    return s.layout.chop ? out + "; the ClientHello goes out" + cut(s.layout).substr(1) : out;
  }
  std::string operator()(const Login& s) const {
    return "A STOMP session is begun as the target declares it" + edits(s.edits);
  }
  std::string operator()(const Finish& s) const {
    return "The connection is closed in good order" +
           (s.code ? " with code " + number(*s.code) : std::string());
  }
  std::string operator()(const Mute&) const { return "From here on we answer neither pings nor a Close"; }
  std::string operator()(const Answering&) const { return "We answer pings and a Close again"; }
  std::string operator()(const Quiet& s) const {
    return fmt::format("Nothing arrives for {}", print(s.time));
  }
  std::string operator()(const Pause& s) const { return fmt::format("We wait for {}", print(s.time)); }
  std::string operator()(const Stall& s) const {
    return s.time ? fmt::format("We do not read for {}", print(*s.time)) : "We read no more until `read`";
  }
  std::string operator()(const ReadOn&) const { return "We read again"; }
  std::string operator()(const Note& s) const { return "It is noted: " + shown(s.text); }
  std::string operator()(const Again&) const { return "The client connects once more"; }
  std::string operator()(const Absence& s) const {
    return fmt::format("The client does not connect for {}", print(s.time));
  }
  std::string operator()(const Shut& s) const {
    return fmt::format("Whoever connects is refused for {}", print(s.time));
  }
  std::string operator()(const Operate& s) const {
    return fmt::format("The operator's command to {} the hop runs", s.stop ? "stop" : "reload");
  }
  std::string operator()(const Join& s) const {
    return "We enter the room" + (s.room ? " " + shown(*s.room) : std::string());
  }
  std::string operator()(const Say& s) const {
    return fmt::format("We say {}{} to the room{}", s.binary ? "in binary " : "", shown(s.payload),
                       cut(s.layout));
  }
  std::string operator()(const Hear& s) const {
    return fmt::format("We hear {}{}", s.binary ? "in binary " : "",
                       s.payload ? shown(*s.payload) : std::string("something"));
  }
  std::string operator()(const HearSeries& s) const { return "We hear the series of " + series(s.series); }
  std::string operator()(const Leave&) const { return "We leave the room"; }
  std::string operator()(const Either& s) const {
    return fmt::format("One of {} outcomes, the first whose first line fits", s.branches.size());
  }
  std::string operator()(const Burst& s) const {
    return fmt::format("We send the following {} as one{}", s.sends.size(), cut(s.layout));
  }
  std::string operator()(const Repeat& s) const {
    return fmt::format("The following is done {} times{}", number(s.times),
                       s.name.empty() ? "" : ", counted by $" + s.name);
  }
};

}  // namespace

std::string explain(const Step& step) {
  auto out = std::visit(Explainer{}, step.statement);
  if (!step.on.name.empty()) out = fmt::format("On {}: {}", print(step.on), out);
  if (step.within)
    out += fmt::format(", {} {}", step.strict ? "at the latest in" : "within", print(*step.within));
  return out + '.';
}

}  // namespace wsspec
