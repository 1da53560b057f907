// The notation as a tree: what a *.wire file says (docs/notation.md, cases/README.md), free of I/O and of any
// connection.
//
// Two shapes of the same types: a File as parsed still holds `each` tables and unexpanded names; a Case made
// by expand() is one instance: every `each` variable is substituted, `let`s and `repeat` variables remain and
// are evaluated at play time (functions.h), because `deflate` depends on the connection.
//
// Invariants: every Step carries the place it came from; printing a File and parsing it again gives an equal
// tree (places aside); the fuzzer builds and edits these trees directly, so any combination of fields must be
// printable.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/endpoint.h"

namespace wsspec {

/// Line and column count from 1; 0 = unknown (built by the fuzzer). Equal to any other place, so trees
/// compare by content.
struct Place {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const { return true; }
};

/// A number, or the name of a variable that holds one.
struct Number {
  std::uint64_t value = 0;
  std::string name;  ///< Without `$`; empty when `value` counts.
  bool operator==(const Number&) const = default;
};

/// How long: a duration, or a share of a time that the target declares and perhaps a duration on top.
struct Time {
  Time(Duration fixed_ = {}) : fixed(fixed_) {}
  Duration fixed;
  std::string fact;               ///< Without `$`; empty: `fixed` is all.
  std::uint32_t permille = 1000;  ///< Of the declared time.
  bool operator==(const Time&) const = default;
};

struct Part;

/// A payload: the parts' octets joined. Parts may be empty (the payload `""` has one empty part).
struct Payload {
  std::vector<Part> parts;
  bool operator==(const Payload&) const;
};

/// An argument of a payload function: a number, `-` (open end), a word in quotes or a payload.
struct Argument {
  std::variant<Number, Payload> value;
  bool open_end = false;  ///< The argument `-`.
  bool operator==(const Argument&) const = default;
};

struct Part {
  enum class Kind { text, hex, variable, call };
  Kind kind = Kind::text;
  Bytes bytes;                      ///< text, hex.
  std::string name;                 ///< variable (without `$`), call (function name).
  std::vector<Argument> arguments;  ///< call.
  std::optional<Number> times;      ///< `"a"*1K`; only after text and hex.
  bool operator==(const Part&) const = default;
};
inline bool Payload::operator==(const Payload&) const = default;

/// How a message is cut. split: payload octets per fragment; chop: octets per write; gap: pause between
/// writes.
struct Layout {
  std::optional<Number> split, chop;
  std::optional<Duration> gap;
  bool operator==(const Layout&) const = default;
};

enum class FrameKind { text, binary, cont, close, ping, pong, frame };

struct MaskField {
  enum class Kind { good, bad, none, key };
  Kind kind = Kind::good;
  std::uint32_t key = 0;  ///< Kind::key: the four octets in wire order, first octet most significant.
  bool operator==(const MaskField&) const = default;
};

/// The fields written on a frame line; an absent field is what the role and the kind make correct.
struct FrameFields {
  FrameKind kind = FrameKind::text;
  std::string kind_name;  ///< `$kind`: the variable that names the kind; substituted by expand().
  std::optional<Number> fin, rsv, op, len, lenbits;
  std::optional<MaskField> mask;
  bool operator==(const FrameFields&) const = default;
};

/// An edit of an HTTP head, or of the headers of a STOMP frame.
struct Edit {
  enum class Kind { set, add, drop, method, path, version, variable };
  Kind kind = Kind::set;
  std::string header;  ///< set, add, drop; variable: its name.
  Payload value;       ///< set, add, method, path, version: text, may hold variables and functions.
  bool raw = false;    ///< set, add, of STOMP: name and value are written without escapes.
  bool operator==(const Edit&) const = default;
};

struct SendFrame {
  FrameFields fields;
  std::optional<Number> code;
  std::optional<Payload> payload;
  Layout layout;
  bool operator==(const SendFrame&) const = default;
};
struct SendBytes {
  Payload payload;
  Layout layout;
  bool operator==(const SendBytes&) const = default;
};
struct SendHead {  ///< Literal lines, each ended by CR LF, then an empty line.
  std::vector<Payload> lines;
  Layout layout;
  bool operator==(const SendHead&) const = default;
};
struct SendEof {
  bool operator==(const SendEof&) const = default;
};
struct SendReset {
  bool operator==(const SendReset&) const = default;
};
struct SendRequest {
  std::vector<Edit> edits;
  Layout layout;
  bool operator==(const SendRequest&) const = default;
};
struct SendUpgrade {
  std::vector<Edit> edits;
  Layout layout;
  bool operator==(const SendUpgrade&) const = default;
};
/// A frame of STOMP: a correct one for the target, with edits; or an end of a line alone, a heart-beat.
struct SendStomp {
  std::string command;  ///< As it is written; `$name` until expand(); empty: a heart-beat.
  std::vector<Edit> edits;
  std::optional<Payload> body;
  std::optional<bool> binary;    ///< In which messages; absent: as the target declares.
  bool crlf = false;             ///< Its lines end in CR LF.
  std::optional<Number> pieces;  ///< Cut into messages of so many octets; absent: it is one message.
  std::optional<Payload> tail;   ///< Octets behind its NUL.
  Layout layout;
  bool operator==(const SendStomp&) const = default;
};
struct SendResponse {
  Number status;
  std::vector<Edit> edits;
  Layout layout;
  bool operator==(const SendResponse&) const = default;
};

/// A close code or HTTP status in a list of alternatives; `none` = a Close without a code.
struct Code {
  bool none = false;
  Number number;
  bool operator==(const Code&) const = default;
};

struct Condition {
  bool has = true;  ///< false: lacks.
  std::string header;
  std::optional<Payload> value;
  bool kept = false;  ///< As our other end has sent it to the hop; then `has` and `value` do not count.
  bool operator==(const Condition&) const = default;
};

struct ExpectFrame {
  FrameFields fields;
  std::vector<Code> codes;
  std::optional<Payload> payload;  ///< Absent: any.
  bool operator==(const ExpectFrame&) const = default;
};
/// How many times something may happen: a number, or `any`.
struct Limit {
  bool any = false;
  Number number;
  bool operator==(const Limit&) const = default;
};
inline constexpr std::uint64_t kMostOfSeries = 1'000'000;
/// Messages whose payload is `payload` with `$n` = 0, 1, ... up to `count`.
struct MessageSeries {
  bool binary = false;
  Payload payload;
  Number count;
  std::optional<Limit> lost, repeated, reordered;  ///< Absent: what the target declares, else none.
  bool operator==(const MessageSeries&) const = default;
};
struct ExpectSeries {
  MessageSeries series;
  bool operator==(const ExpectSeries&) const = default;
};
struct ExpectFail {
  std::vector<Code> codes;
  bool operator==(const ExpectFail&) const = default;
};
struct ExpectEof {
  std::vector<Condition> conditions;  ///< Of TLS's end: `has close_notify`.
  bool operator==(const ExpectEof&) const = default;
};
struct ExpectReset {
  bool operator==(const ExpectReset&) const = default;
};
struct ExpectGone {
  bool operator==(const ExpectGone&) const = default;
};
struct ExpectBytes {
  Payload payload;
  bool operator==(const ExpectBytes&) const = default;
};
struct ExpectKept {  ///< What our other end has sent through the hop, since the last such line.
  bool operator==(const ExpectKept&) const = default;
};
struct ExpectUpgrade {
  std::vector<Condition> conditions;
  bool operator==(const ExpectUpgrade&) const = default;
};
struct ExpectRefused {
  std::vector<Code> statuses;  ///< Empty: any but 101, or the end of TCP.
  std::vector<Condition> conditions;
  bool operator==(const ExpectRefused&) const = default;
};
struct ExpectSecured {                ///< TLS is up.
  std::vector<Condition> conditions;  ///< On `version` and `alpn`.
  bool operator==(const ExpectSecured&) const = default;
};
struct ExpectStomp {  ///< A frame of the stream, whatever messages carry it.
  std::string command;
  std::vector<Condition> conditions;
  std::optional<Payload> body;  ///< Absent: any.
  bool operator==(const ExpectStomp&) const = default;
};
struct ExpectError {  ///< A broker refuses and ends the connection.
  bool must = false;  ///< An ERROR frame has to say so.
  bool operator==(const ExpectError&) const = default;
};
struct ExpectBeat {  ///< Any new octets of the STOMP stream.
  bool operator==(const ExpectBeat&) const = default;
};
struct ExpectRequest {
  std::vector<Condition> conditions;
  bool operator==(const ExpectRequest&) const = default;
};

struct Open {
  struct Option {
    std::string name;  ///< offer, protocol, origin, path.
    Payload value;
    bool operator==(const Option&) const = default;
  };
  std::vector<Option> options;
  bool operator==(const Open&) const = default;
};
struct Connect {
  std::vector<Open::Option> options;  ///< tls, alpn, sni, record, end: see connect_terms.h.
  Layout layout;                      ///< Cuts the ClientHello: chop and gap.
  bool operator==(const Connect&) const = default;
};
struct Login {              ///< CONNECT as the target declares it, and its CONNECTED.
  std::vector<Edit> edits;  ///< Of CONNECT.
  bool operator==(const Login&) const = default;
};
struct Finish {
  std::optional<Number> code;
  bool operator==(const Finish&) const = default;
};
struct Mute {
  bool operator==(const Mute&) const = default;
};
struct Answering {  ///< Pings and Closes are answered on their own again.
  bool operator==(const Answering&) const = default;
};
struct Quiet {  ///< Nothing may arrive for so long.
  Time time{};
  bool operator==(const Quiet&) const = default;
};
struct Pause {  ///< We do nothing for so long; what arrives is kept.
  Time time{};
  bool operator==(const Pause&) const = default;
};
struct Stall {               ///< We do not read,
  std::optional<Time> time;  ///< for so long, or until `read`.
  bool operator==(const Stall&) const = default;
};
struct ReadOn {  ///< We read again.
  bool operator==(const ReadOn&) const = default;
};
struct Note {  ///< A remark for the result; strings as they are, what is computed as it is written.
  Payload text;
  bool operator==(const Note&) const = default;
};

// Several connections of one client, one after the other.
struct Again {  ///< The client comes once more, within Step::within; what follows is about that connection.
  bool operator==(const Again&) const = default;
};
struct Absence {  ///< The client does not come for so long.
  Duration time{};
  bool operator==(const Absence&) const = default;
};
struct Shut {  ///< Who connects is refused for so long.
  Duration time{};
  bool operator==(const Shut&) const = default;
};

/// Whoever runs the hop has its command run now: a graceful reload, or a graceful stop.
struct Operate {
  bool stop = false;
  bool operator==(const Operate&) const = default;
};

// What members of a room do, in the words of the target's dialect (dialect.h).
struct Join {
  std::optional<Payload> room;  ///< Absent: the one room of the case.
  bool operator==(const Join&) const = default;
};
struct Say {
  bool binary = false;
  Payload payload;
  Layout layout;
  bool operator==(const Say&) const = default;
};
struct Hear {
  bool binary = false;
  std::optional<Payload> payload;  ///< Absent: any.
  bool operator==(const Hear&) const = default;
};
struct HearSeries {
  MessageSeries series;
  bool operator==(const HearSeries&) const = default;
};
struct Leave {
  bool operator==(const Leave&) const = default;
};

struct Step;

enum class Grade { pass, weak, info };

struct Either {
  struct Branch {
    Grade grade = Grade::pass;
    std::vector<Step> steps;
    bool operator==(const Branch&) const;
  };
  std::vector<Branch> branches;
  bool operator==(const Either&) const = default;
};
struct Burst {  ///< Several sends in one write (or chopped as one).
  Layout layout;
  std::vector<Step> sends;
  bool operator==(const Burst&) const;
};
struct Repeat {
  Number times;
  std::string name;  ///< `as i`: 0, 1, 2 ...; empty when absent.
  std::vector<Step> steps;
  bool operator==(const Repeat&) const;
};

/// A payload bound to a name, evaluated once per play when first used.
struct Let {
  std::string name;
  Payload payload;
  Place place;
  bool operator==(const Let&) const = default;
};

using Statement =
    std::variant<SendFrame, SendBytes, SendHead, SendEof, SendReset, SendRequest, SendUpgrade, SendStomp,
                 SendResponse, ExpectFrame, ExpectSeries, ExpectFail, ExpectEof, ExpectReset, ExpectGone,
                 ExpectBytes, ExpectKept, ExpectUpgrade, ExpectRefused, ExpectSecured, ExpectStomp,
                 ExpectError, ExpectBeat, ExpectRequest, Open, Connect, Login, Finish, Mute, Answering, Quiet,
                 Pause, Stall, ReadOn, Note, Again, Absence, Shut, Operate, Join, Say, Hear, HearSeries,
                 Leave, Either, Burst, Repeat>;

/// Of `< series` and `hear series`; null: the statement is none of them.
inline const MessageSeries* series_of(const Statement& statement) {
  if (const auto* one = std::get_if<ExpectSeries>(&statement)) return &one->series;
  const auto* heard = std::get_if<HearSeries>(&statement);
  return heard ? &heard->series : nullptr;
}

/// Which connection of a case a line is about: `b:`, `c[3]:` of a group, or `c:` for each of the group.
struct On {
  std::string name;  ///< Empty: the connection without a name.
  std::optional<Number>
      index;  ///< Which of the group, from 0; at `open` and `connect`: how many it then has.
  bool operator==(const On&) const = default;
};

struct Step {
  Statement statement;
  On on{};
  std::optional<Time>
      within;           ///< Expectations: the deadline, counted from the step's begin; default by kind.
  bool strict = false;  ///< `by` in place of `within`: what comes later has not come.
  std::optional<Duration> at;  ///< `@12.4ms` of a log; ignored unless paced.
  std::string comment;         ///< Trailing comment, kept so that logs survive a round trip; without `#`.
  Place place;
  bool operator==(const Step&) const = default;
};
inline bool Either::Branch::operator==(const Branch&) const = default;
inline bool Burst::operator==(const Burst&) const = default;
inline bool Repeat::operator==(const Repeat&) const = default;

/// The hop stands between a client and a server of ours.
enum class Target { server, client, hop };

/// A value of an `each` table: number or word, a payload, or a list of edits.
using EachValue = std::variant<Number, std::string, Payload, std::vector<Edit>>;

struct Each {
  struct Row {
    std::string label;  ///< Empty: the first value names the instance.
    std::vector<EachValue> values;
    Place place;
    bool operator==(const Row&) const = default;
  };
  std::vector<std::string> names;
  std::vector<Row> rows;
  bool operator==(const Each&) const = default;
};

/// One case: a family while `each` is not empty, an instance afterwards.
struct Case {
  std::string id;  ///< `frame.size`, as an instance `frame.size[text,125]`.
  std::string about;
  std::vector<std::string> covers;  ///< Ledger ids.
  std::vector<std::string> see;     ///< `autobahn/5.19`, section names, links.
  std::vector<std::string> needs;   ///< Features; inferred ones included after check().
  std::vector<std::string> tags;
  std::optional<Target> target;   ///< As written; inferred by check() when absent.
  std::optional<Duration> limit;  ///< For the whole case.
  std::vector<Let> lets;          ///< File lets (after expansion) and the case's own.
  std::vector<Each> each;
  std::vector<Step> steps;
  Place place;
  bool operator==(const Case&) const = default;
};

struct File {
  std::vector<Let> lets;
  std::vector<Case> cases;
  bool operator==(const File&) const = default;
};

}  // namespace wsspec
