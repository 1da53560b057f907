#include "script/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "script/lex.h"

namespace wsspec {
namespace {

using Out = std::string;

template <typename... Args>
void add(Out& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && text[0] != '*' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-/[]_*").find(c) != std::string_view::npos;
  });
}

/// A header's name as written: a word, `$name`, or a string for whatever else it is.
Out header(std::string_view name) {
  bool overflow = false;
  const bool too_large = !read_number(name, &overflow) && overflow;
  if (name.size() > 1 && name[0] == '$' && is_plain_word(name.substr(1))) return Out(name);
  return is_plain_word(name) && !too_large ? Out(name) : quote(name);
}

Out reference(std::string_view text) {
  const bool raw =
      !text.empty() && text[0] != '"' && text[0] != '#' && text[0] != '\\' && text.back() != '\\' &&
      std::all_of(text.begin(), text.end(), [](char c) { return octet(c) > 0x20 && octet(c) < 0x7f; });
  return raw ? Out(text) : quote(text);
}

void print_part(Out& out, const Part& part);

void print_argument(Out& out, const Argument& argument) {
  if (argument.open_end)
    out += '-';
  else if (const auto* number = std::get_if<Number>(&argument.value))
    out += print(*number);
  else
    out += print(std::get<Payload>(argument.value));
}

void print_part(Out& out, const Part& part) {
  switch (part.kind) {
    case Part::Kind::text: out += quote(part.bytes); break;
    case Part::Kind::hex: add(out, "x\"{}\"", to_hex(part.bytes)); break;
    case Part::Kind::variable: out += '$' + part.name; break;
    case Part::Kind::call:
      out += part.name + '(';
      for (std::size_t i = 0; i < part.arguments.size(); ++i) {
        if (i > 0) out += ", ";
        print_argument(out, part.arguments[i]);
      }
      out += ')';
  }
  if (part.times) out += '*' + print(*part.times);
}

void print_layout(Out& out, const Layout& layout) {
  if (layout.split) add(out, " split={}", print(*layout.split));
  if (layout.chop) add(out, " chop={}", print(*layout.chop));
  if (layout.gap) add(out, " gap={}", print(*layout.gap));
}

void print_fields(Out& out, const FrameFields& fields) {
  if (fields.kind_name.empty())
    out += print(fields.kind);
  else
    out += '$' + fields.kind_name;
  const auto number = [&out](std::string_view name, const std::optional<Number>& value) {
    if (value) add(out, " {}={}", name, print(*value));
  };
  number("fin", fields.fin);
  number("rsv", fields.rsv);
  number("op", fields.op);
  number("len", fields.len);
  number("lenbits", fields.lenbits);
  if (!fields.mask) return;
  switch (fields.mask->kind) {
    case MaskField::Kind::good: out += " mask=good"; break;
    case MaskField::Kind::bad: out += " mask=bad"; break;
    case MaskField::Kind::none: out += " mask=none"; break;
    case MaskField::Kind::key: add(out, " mask={:08x}", fields.mask->key); break;
  }
}

void print_codes(Out& out, const std::vector<Code>& codes) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out += i == 0 ? ' ' : '|';
    out += codes[i].none ? Out("none") : print(codes[i].number);
  }
}

void print_edits(Out& out, const std::vector<Edit>& edits) {
  bool after_payload = false;  // there `$x` would continue the payload, `($x)` does not
  for (const auto& edit : edits) {
    const bool variable = edit.kind == Edit::Kind::variable;
    out += out.empty() || out.back() == '(' ? "" : " ";
    out += variable && after_payload ? '(' + print(edit) + ')' : print(edit);
    after_payload = edit.kind != Edit::Kind::drop && !variable;
  }
}

void print_series(Out& out, const MessageSeries& series) {
  out += series.binary ? "series binary " : "series ";
  out += print(series.payload);
  add(out, " count={}", print(series.count));
  const auto limit = [&out](std::string_view name, const std::optional<Limit>& value) {
    if (value) add(out, " {}={}", name, value->any ? "any" : print(value->number));
  };
  limit("lost", series.lost);
  limit("repeated", series.repeated);
  limit("reordered", series.reordered);
}

void print_conditions(Out& out, const std::vector<Condition>& conditions) {
  for (const auto& condition : conditions) {
    add(out, " {} {}", condition.kept ? "kept" : condition.has ? "has" : "lacks", header(condition.header));
    if (condition.value) out += ' ' + print(*condition.value);
  }
}

struct StatementPrinter {
  Out& out;

  void operator()(const SendFrame& s) const {
    out += "> ";
    print_fields(out, s.fields);
    if (s.code) out += ' ' + print(*s.code);
    if (s.payload) out += ' ' + print(*s.payload);
    print_layout(out, s.layout);
  }
  void operator()(const SendBytes& s) const {
    out += "> bytes " + print(s.payload);
    print_layout(out, s.layout);
  }
  void operator()(const SendHead& s) const {
    out += "> head";
    for (const auto& line : s.lines) {
      out += line.parts.size() == 1 ? ' ' + print(line) : " (" + print(line) + ')';
    }
    print_layout(out, s.layout);
  }
  void operator()(const SendEof&) const { out += "> eof"; }
  void operator()(const SendReset&) const { out += "> reset"; }
  void edited(const std::vector<Edit>& edits, const Layout& layout) const {
    print_edits(out, edits);
    print_layout(out, layout);
  }
  void operator()(const SendRequest& s) const { out += "> request", edited(s.edits, s.layout); }
  void operator()(const SendUpgrade& s) const { out += "> upgrade", edited(s.edits, s.layout); }
  void operator()(const SendStomp& s) const {
    out += s.command.empty() ? Out("> beat") : "> stomp " + header(s.command);
    print_edits(out, s.edits);
    if (s.body) out += " body " + print(*s.body);
    if (s.binary) out += *s.binary ? " as=binary" : " as=text";
    if (s.crlf) out += " eol=crlf";
    if (s.pieces) out += " pieces=" + print(*s.pieces);
    if (s.tail) out += " tail=" + print(*s.tail);
    print_layout(out, s.layout);
  }
  void operator()(const SendResponse& s) const {
    out += "> response " + print(s.status);
    edited(s.edits, s.layout);
  }
  void operator()(const ExpectFrame& s) const {
    out += "< ";
    print_fields(out, s.fields);
    print_codes(out, s.codes);
    if (s.payload) out += ' ' + print(*s.payload);
  }
  void operator()(const ExpectSeries& s) const { out += "< ", print_series(out, s.series); }
  void operator()(const ExpectFail& s) const { out += "< fail", print_codes(out, s.codes); }
  void operator()(const ExpectEof& s) const { out += "< eof", print_conditions(out, s.conditions); }
  void operator()(const ExpectReset&) const { out += "< reset"; }
  void operator()(const ExpectGone&) const { out += "< gone"; }
  void operator()(const ExpectBytes& s) const { out += "< bytes " + print(s.payload); }
  void operator()(const ExpectKept&) const { out += "< kept"; }
  void operator()(const ExpectUpgrade& s) const { out += "< upgrade", print_conditions(out, s.conditions); }
  void operator()(const ExpectRefused& s) const {
    out += "< refused";
    print_codes(out, s.statuses);
    print_conditions(out, s.conditions);
  }
  void operator()(const ExpectSecured& s) const { out += "< secured", print_conditions(out, s.conditions); }
  void operator()(const ExpectStomp& s) const {
    out += "< stomp " + header(s.command);
    print_conditions(out, s.conditions);
    if (s.body) out += " body " + print(*s.body);
  }
  void operator()(const ExpectError& s) const { out += s.must ? "< error must" : "< error"; }
  void operator()(const ExpectBeat&) const { out += "< beat"; }
  void operator()(const ExpectRequest& s) const { out += "< request", print_conditions(out, s.conditions); }
  void operator()(const Open& s) const {
    out += "open";
    for (const auto& option : s.options) add(out, " {}={}", option.name, print(option.value));
  }
  void operator()(const Connect& s) const {
    out += "connect";
    for (const auto& option : s.options) add(out, " {}={}", option.name, print(option.value));
    print_layout(out, s.layout);
  }
  void operator()(const Login& s) const { out += "login", print_edits(out, s.edits); }
  void operator()(const Finish& s) const {
    out += "finish";
    if (s.code) out += ' ' + print(*s.code);
  }
  void operator()(const Mute&) const { out += "mute"; }
  void operator()(const Answering&) const { out += "answer"; }
  void operator()(const Quiet& s) const { out += "quiet " + print(s.time); }
  void operator()(const Pause& s) const { out += "pause " + print(s.time); }
  void operator()(const Stall& s) const { out += "stall" + (s.time ? ' ' + print(*s.time) : ""); }
  void operator()(const ReadOn&) const { out += "read"; }
  void operator()(const Note& s) const { out += "note " + print(s.text); }
  void operator()(const Again&) const { out += "again"; }
  void operator()(const Absence& s) const { out += "none within " + print(s.time); }
  void operator()(const Shut& s) const { out += "shut " + print(s.time); }
  void operator()(const Operate& s) const { out += s.stop ? "operator stop" : "operator reload"; }
  void operator()(const Act& s) const { out += "act " + s.name; }
  void operator()(const Join& s) const { out += "join" + (s.room ? ' ' + print(*s.room) : ""); }
  void operator()(const Say& s) const {
    out += (s.binary ? "say binary " : "say ") + print(s.payload);
    print_layout(out, s.layout);
  }
  void operator()(const Hear& s) const {
    out += s.binary ? "hear binary" : "hear";
    if (s.payload) out += ' ' + print(*s.payload);
  }
  void operator()(const HearSeries& s) const { out += "hear ", print_series(out, s.series); }
  void operator()(const Leave&) const { out += "leave"; }
  void operator()(const Either& s) const {
    out += "either";
    if (!s.branches.empty() && s.branches[0].grade != Grade::pass)
      add(out, " {}", print(s.branches[0].grade));
  }
  void operator()(const Burst& s) const { out += "burst", print_layout(out, s.layout); }
  void operator()(const Repeat& s) const {
    out += "repeat " + print(s.times);
    if (!s.name.empty()) out += " as " + s.name;
  }
};

/// `pass` need not be written.
std::string_view grade_word(Grade grade) {
  return grade == Grade::pass ? std::string_view() : print(grade);
}

void print_steps(Out& out, const std::vector<Step>& steps, int indent) {
  for (const auto& step : steps) out += print(step, indent) + '\n';
}

/// The comment of a step on its one line, whatever it holds.
Out comment(std::string_view text) {
  const Out quoted = quote(text);
  Out out;  // as quote(), but quotes and backslashes stay as they are
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\' && (quoted[i + 1] == '"' || quoted[i + 1] == '\\')) ++i;
    out += quoted[i];
  }
  return out;
}

// Cases

Out value(const EachValue& value, bool last) {
  if (const auto* number = std::get_if<Number>(&value)) return print(*number);
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  if (const auto* payload = std::get_if<Payload>(&value)) {
    return last || payload->parts.size() == 1 ? print(*payload) : '(' + print(*payload) + ')';
  }
  Out out = "(";
  print_edits(out, std::get<std::vector<Edit>>(value));
  return out + ")";
}

/// A label that only keeps how the first value was spelled (`1M`).
bool is_spelling(const Each::Row& row) {
  if (row.values.empty()) return false;
  const auto* number = std::get_if<Number>(&row.values[0]);
  return number && number->name.empty() && read_number(row.label) == number->value &&
         row.label != print(*number);
}

bool is_list(const Each& each) {
  return each.names.size() == 1 && std::all_of(each.rows.begin(), each.rows.end(), [](const Each::Row& row) {
           return row.values.size() == 1 && row.values[0].index() < 2 &&
                  (row.label.empty() || is_spelling(row));
         });
}

void print_each(Out& out, const Each& each) {
  out += "  each";
  for (const auto& name : each.names) out += ' ' + name;
  const auto first = [](const Each::Row& row, bool last) {
    return is_spelling(row) ? row.label : value(row.values[0], last);
  };
  if (is_list(each) && !each.rows.empty()) {
    out += " in";
    for (const auto& row : each.rows) out += ' ' + first(row, true);
    out += '\n';
    return;
  }
  out += '\n';
  for (const auto& row : each.rows) {
    out += "   ";
    if (!row.label.empty() && !is_spelling(row)) out += ' ' + row.label + ':';
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const bool last = i + 1 == row.values.size();
      out += ' ' + (i == 0 ? first(row, last) : value(row.values[i], last));
    }
    out += '\n';
  }
  out += "  end\n";
}

void print_references(Out& out, std::string_view word, const std::vector<std::string>& references) {
  if (references.empty()) return;
  out += word;
  for (const auto& one : references) out += ' ' + reference(one);
  out += '\n';
}

void print_let(Out& out, const Let& let) {
  add(out, "let {} = {}\n", let.name, print(let.payload));
}

}  // namespace

std::string print(const Number& number) {
  return number.name.empty() ? fmt::format("{}", number.value) : '$' + number.name;
}

std::string print(const Payload& payload) {
  if (payload.parts.empty()) return "\"\"";
  Out out;
  for (const auto& part : payload.parts) {
    if (!out.empty()) out += ' ';
    print_part(out, part);
  }
  return out;
}

std::string print(const Edit& edit) {
  switch (edit.kind) {
    case Edit::Kind::set:
    case Edit::Kind::add:
      return fmt::format("{} {} {}{}", edit.kind == Edit::Kind::set ? "set" : "add", header(edit.header),
                         edit.raw ? "raw " : "", print(edit.value));
    case Edit::Kind::drop: return "drop " + header(edit.header);
    case Edit::Kind::method: return "method " + print(edit.value);
    case Edit::Kind::path: return "path " + print(edit.value);
    case Edit::Kind::version: return "version " + print(edit.value);
    case Edit::Kind::variable: break;
  }
  return '$' + edit.header;
}

std::string print(const Time& time) {
  if (time.fact.empty()) return print(time.fixed);
  Out out = '$' + time.fact;
  if (time.permille % 1000 != 0) {
    auto share = fmt::format(".{:03}", time.permille % 1000);
    share.resize(share.find_last_not_of('0') + 1);
    add(out, "*{}{}", time.permille / 1000, share);
  } else if (time.permille != 1000) {
    add(out, "*{}", time.permille / 1000);
  }
  return time.fixed == Duration::zero() ? out : out + '+' + print(time.fixed);
}

std::string print(Duration duration) {
  const auto ns = std::max<std::int64_t>(duration.count(), 0);
  const auto exact = [ns](std::int64_t unit, std::string_view name, int digits) {
    Out out = fmt::format("{}", ns / unit);
    if (ns % unit != 0) {
      Out fraction = fmt::format("{:0{}}", ns % unit, digits);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      out += '.' + fraction;
    }
    return out.append(name);
  };
  if (ns != 0 && ns % 1'000'000'000 == 0) return exact(1'000'000'000, "s", 9);
  if (ns >= 1'000'000 || ns == 0) return exact(1'000'000, "ms", 6);
  if (ns >= 1'000) return exact(1'000, "us", 3);
  return exact(1, "ns", 0);
}

std::string_view print(FrameKind kind) {
  switch (kind) {
    case FrameKind::text: return "text";
    case FrameKind::binary: return "binary";
    case FrameKind::cont: return "cont";
    case FrameKind::close: return "close";
    case FrameKind::ping: return "ping";
    case FrameKind::pong: return "pong";
    case FrameKind::frame: break;
  }
  return "frame";
}

std::optional<FrameKind> frame_kind_named(std::string_view word) {
  for (const auto kind : {FrameKind::text, FrameKind::binary, FrameKind::cont, FrameKind::close,
                          FrameKind::ping, FrameKind::pong, FrameKind::frame}) {
    if (word == print(kind)) return kind;
  }
  return std::nullopt;
}

std::string_view print(Grade grade) {
  return grade == Grade::pass ? "pass" : grade == Grade::weak ? "weak" : "info";
}

std::string_view print(Target target) {
  return target == Target::server ? "server" : target == Target::client ? "client" : "hop";
}

std::string print(const On& on) {
  return on.index ? fmt::format("{}[{}]", on.name, print(*on.index)) : on.name;
}

std::string print(const Step& step, int indent) {
  const Out margin(static_cast<std::size_t>(std::max(indent, 0)), ' ');
  Out out = margin;
  if (step.at) add(out, "@{} ", print(*step.at));
  if (!step.on.name.empty()) out += print(step.on) + ": ";
  std::visit(StatementPrinter{out}, step.statement);
  if (step.within) add(out, " {} {}", step.strict ? "by" : "within", print(*step.within));
  if (!step.comment.empty()) out += "  # " + comment(step.comment);
  if (const auto* either = std::get_if<Either>(&step.statement)) {
    out += '\n';
    for (std::size_t i = 0; i < either->branches.size(); ++i) {
      const auto& branch = either->branches[i];
      if (i > 0)
        add(out, "{}or{}{}\n", margin, branch.grade == Grade::pass ? "" : " ", grade_word(branch.grade));
      print_steps(out, branch.steps, indent + 2);
    }
    out += margin + "end";
  } else if (const auto* burst = std::get_if<Burst>(&step.statement)) {
    out += '\n';
    print_steps(out, burst->sends, indent + 2);
    out += margin + "end";
  } else if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
    out += '\n';
    print_steps(out, repeat->steps, indent + 2);
    out += margin + "end";
  }
  return out;
}

std::string print(const Case& one) {
  Out out = "case " + one.id + '\n';
  if (!one.about.empty()) out += "  about " + quote(one.about) + '\n';
  print_references(out, "  covers", one.covers);
  print_references(out, "  see", one.see);
  print_references(out, "  needs", one.needs);
  print_references(out, "  tags", one.tags);
  if (one.target) add(out, "  target {}\n", print(*one.target));
  if (one.limit) add(out, "  limit {}\n", print(*one.limit));
  for (const auto& let : one.lets) out += "  ", print_let(out, let);
  for (const auto& each : one.each) print_each(out, each);
  print_steps(out, one.steps, 2);
  return out;
}

std::string print(const File& file) {
  Out out = "wire 1\n";
  if (!file.lets.empty()) out += '\n';
  for (const auto& let : file.lets) print_let(out, let);
  for (const auto& one : file.cases) out += '\n' + print(one);
  return out;
}

}  // namespace wsspec
