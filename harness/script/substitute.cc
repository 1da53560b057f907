#include "script/substitute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/utf8.h"
#include "script/lex.h"
#include "script/print.h"
#include "script/walk.h"

namespace wsspec {
namespace {

/// A lone string that may stand in a sentence: short, valid UTF-8 and free of control characters.
bool is_plain(const Payload& payload) {
  if (payload.parts.size() != 1) return false;
  const Part& part = payload.parts[0];
  if (part.kind != Part::Kind::text || part.times || part.bytes.empty() || part.bytes.size() > 80)
    return false;
  if (!is_utf8(part.bytes)) return false;
  return std::none_of(part.bytes.begin(), part.bytes.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Part text_part(std::string text) {
  Part part;
  part.bytes = std::move(text);
  return part;
}

std::string_view described(const EachValue& value) {
  constexpr std::array<std::string_view, 4> kNames = {"a number", "a word", "a payload", "a list of edits"};
  return kNames[value.index()];
}

}  // namespace

const EachValue* Substitution::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

void Substitution::wrong(const std::string& name, const EachValue& value, std::string_view wanted) {
  report_(place_, fmt::format("'${}' is {}, {} is needed here", name, described(value), wanted), '$' + name);
}

void Substitution::bind(const std::string& name, EachValue value, const std::string& label,
                        const Place& place) {
  place_ = place;
  labels_.insert_or_assign(name, label);
  if (auto* list = std::get_if<std::vector<Edit>>(&value)) edits(*list);
  if (auto* one = std::get_if<Payload>(&value)) {
    const bool alias = one->parts.size() == 1 && one->parts[0].kind == Part::Kind::variable;
    const auto* other = alias ? find(one->parts[0].name) : nullptr;
    if (other)
      value = EachValue(*other);  // `$x` alone is whatever `x` is
    else
      payload(*one);
  }
  values_.insert_or_assign(name, std::move(value));
}

/// `autobahn/$n`, "code $code": the longest bound name counts; an unbound `$` stays. What is no plain text
/// shows as the label of its row.
void Substitution::text(std::string& text) {
  for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && is_name(text[end])) ++end;
    for (; end > at + 1; --end) {
      const auto name = text.substr(at + 1, end - at - 1);
      const auto* value = find(name);
      if (!value) continue;
      std::string replacement;
      if (const auto* number = std::get_if<Number>(value))
        replacement = print(*number);
      else if (const auto* word = std::get_if<std::string>(value))
        replacement = *word;
      else if (const auto* one = std::get_if<Payload>(value); one && is_plain(*one))
        replacement = one->parts[0].bytes;
      else
        replacement = labels_.at(name);
      text.replace(at, end - at, replacement);
      at += replacement.empty() ? 0 : replacement.size() - 1;
      break;
    }
  }
}

void Substitution::words(std::vector<std::string>& all) {
  for (auto& one : all) text(one);
}

void Substitution::number(Number& number) {
  if (number.name.empty()) return;
  const auto* value = find(number.name);
  if (!value) return;
  if (const auto* bound = std::get_if<Number>(value))
    number = *bound;
  else
    wrong(number.name, *value, "a number");
}

void Substitution::optional(std::optional<Number>& slot) {
  if (slot) number(*slot);
}

void Substitution::part(Part part, std::vector<Part>& out) {
  optional(part.times);
  if (part.kind == Part::Kind::call) {
    for (auto& one : part.arguments) argument(one);
  }
  const auto* value = part.kind == Part::Kind::variable ? find(part.name) : nullptr;
  if (!value) return out.push_back(std::move(part));
  if (const auto* number = std::get_if<Number>(value)) return out.push_back(text_part(print(*number)));
  if (const auto* word = std::get_if<std::string>(value)) return out.push_back(text_part(*word));
  if (const auto* inner = std::get_if<Payload>(value)) {
    out.insert(out.end(), inner->parts.begin(), inner->parts.end());
    return;
  }
  wrong(part.name, *value, "a payload");
}

void Substitution::payload(Payload& payload) {
  std::vector<Part> out;
  for (auto& one : payload.parts) part(std::move(one), out);
  payload.parts = std::move(out);
}

void Substitution::argument(Argument& argument) {
  if (auto* inner = std::get_if<Payload>(&argument.value)) return payload(*inner);
  auto& slot = std::get<Number>(argument.value);
  const auto* value = slot.name.empty() ? nullptr : find(slot.name);
  if (!value) return;
  if (const auto* bound = std::get_if<Number>(value)) {
    slot = *bound;
    return;
  }
  Payload whole;
  part({Part::Kind::variable, {}, slot.name, {}, {}}, whole.parts);
  argument.value = std::move(whole);
}

void Substitution::header(std::string& name) {
  if (name.size() < 2 || name[0] != '$') return;
  const auto* value = find(name.substr(1));
  if (!value) {
    report_(place_, fmt::format("'{}' is no variable of an 'each'", name), name);
  } else if (const auto* word = std::get_if<std::string>(value)) {
    name = *word;
  } else if (const auto* one = std::get_if<Payload>(value);
             one && one->parts.size() == 1 && one->parts[0].kind == Part::Kind::text) {
    name = one->parts[0].bytes;
  } else {
    wrong(name.substr(1), *value, "a word");
  }
}

/// `set Host "a" $x`: when `$x` is bound to edits, they follow this one instead of continuing its value.
void Substitution::edit_value(Edit& edit, std::vector<Edit>& after) {
  auto& parts = edit.value.parts;
  while (parts.size() > 1 && parts.back().kind == Part::Kind::variable) {
    const auto* value = find(parts.back().name);
    const auto* list = value ? std::get_if<std::vector<Edit>>(value) : nullptr;
    if (!list) break;
    after.insert(after.begin(), list->begin(), list->end());
    parts.pop_back();
  }
  payload(edit.value);
}

void Substitution::edits(std::vector<Edit>& edits) {
  std::vector<Edit> out;
  for (auto& edit : edits) {
    if (edit.kind == Edit::Kind::variable) {
      const auto* value = find(edit.header);
      const auto* list = value ? std::get_if<std::vector<Edit>>(value) : nullptr;
      if (list)
        out.insert(out.end(), list->begin(), list->end());
      else if (value)
        wrong(edit.header, *value, "a list of edits");
      else
        report_(place_, fmt::format("'${}' is no variable of an 'each'", edit.header), '$' + edit.header);
      continue;
    }
    std::vector<Edit> after;
    header(edit.header);
    edit_value(edit, after);
    out.push_back(std::move(edit));
    out.insert(out.end(), after.begin(), after.end());
  }
  edits = std::move(out);
}

void Substitution::codes(std::vector<Code>& codes) {
  for (auto& code : codes) {
    const auto* value = code.none || code.number.name.empty() ? nullptr : find(code.number.name);
    const auto* word = value ? std::get_if<std::string>(value) : nullptr;
    if (word && *word == "none")
      code = {true, {}};
    else
      number(code.number);
  }
}

void Substitution::conditions(std::vector<Condition>& conditions) {
  for (auto& one : conditions) {
    header(one.header);
    if (one.value) payload(*one.value);
  }
}

void Substitution::fields(FrameFields& fields) {
  for (auto* slot : {&fields.fin, &fields.rsv, &fields.op, &fields.len, &fields.lenbits}) optional(*slot);
  if (fields.kind_name.empty()) return;
  const auto* value = find(fields.kind_name);
  const auto* word = value ? std::get_if<std::string>(value) : nullptr;
  if (const auto kind = word ? frame_kind_named(*word) : std::nullopt) {
    fields.kind = *kind;
    fields.kind_name.clear();
    return;
  }
  if (word)
    report_(place_, fmt::format("'{}' is no kind of frame", *word), '$' + fields.kind_name);
  else if (value)
    wrong(fields.kind_name, *value, "a kind of frame");
  else
    report_(place_, fmt::format("'${}' is no variable of an 'each'", fields.kind_name),
            '$' + fields.kind_name);
  fields.kind_name.clear();
}

bool Substitution::names_payload(const std::string& name) const {
  const auto* value = find(name);
  return value ? value->index() == 2 : lets_.contains(name);
}

bool Substitution::names_number(const std::string& name) const {
  const auto* value = find(name);
  return value && (value->index() == 0 || (value->index() == 1 && std::get<std::string>(*value) == "none"));
}

/// `> close $x`: a code, unless x names a payload. `> $kind $x`: a code when the frame is a Close and x a
/// number.
void Substitution::settle(SendFrame& frame) {
  if (frame.code && !frame.code->name.empty() && names_payload(frame.code->name)) {
    if (!frame.payload) frame.payload.emplace();
    frame.payload->parts.insert(frame.payload->parts.begin(),
                                Part{Part::Kind::variable, {}, frame.code->name, {}, {}});
    frame.code.reset();
    return;
  }
  if (frame.code || !frame.payload || frame.fields.kind != FrameKind::close || frame.payload->parts.empty())
    return;
  const auto& first = frame.payload->parts.front();
  if (first.kind != Part::Kind::variable || !names_number(first.name)) return;
  frame.code = Number{0, first.name};
  frame.payload->parts.erase(frame.payload->parts.begin());
  if (frame.payload->parts.empty()) frame.payload.reset();
}

void Substitution::settle(ExpectFrame& frame) {
  if (frame.codes.size() == 1 && !frame.codes[0].none && !frame.codes[0].number.name.empty() &&
      names_payload(frame.codes[0].number.name)) {
    if (!frame.payload) frame.payload.emplace();
    frame.payload->parts.insert(frame.payload->parts.begin(),
                                Part{Part::Kind::variable, {}, frame.codes[0].number.name, {}, {}});
    frame.codes.clear();
    return;
  }
  if (!frame.codes.empty() || !frame.payload || frame.fields.kind != FrameKind::close ||
      frame.payload->parts.empty())
    return;
  const auto& first = frame.payload->parts.front();
  if (first.kind != Part::Kind::variable || !names_number(first.name)) return;
  frame.codes.push_back({false, Number{0, first.name}});
  frame.payload->parts.erase(frame.payload->parts.begin());
  if (frame.payload->parts.empty()) frame.payload.reset();
}

void Substitution::steps(std::vector<Step>& steps) {
  struct Visitor {
    Substitution& self;
    void operator()(Number& x) { self.number(x); }
    void operator()(Time&) {}
    void operator()(Payload& x) { self.payload(x); }
    void operator()(FrameFields& x) { self.fields(x); }
    void operator()(Layout& x) { self.optional(x.split), self.optional(x.chop); }
    void operator()(std::vector<Code>& x) { self.codes(x); }
    void operator()(std::vector<Edit>& x) { self.edits(x); }
    void operator()(std::vector<Condition>& x) { self.conditions(x); }
    void operator()(std::vector<Step>& x) { self.steps(x); }
  };
  for (auto& step : steps) {
    place_ = step.place;
    optional(step.on.index);
    if (auto* frame = std::get_if<SendFrame>(&step.statement)) fields(frame->fields), settle(*frame);
    if (auto* frame = std::get_if<ExpectFrame>(&step.statement)) fields(frame->fields), settle(*frame);
    if (auto* frame = std::get_if<SendStomp>(&step.statement)) header(frame->command);
    if (auto* frame = std::get_if<ExpectStomp>(&step.statement)) header(frame->command);
    walk(step.statement, Visitor{*this});
  }
}

void Substitution::apply(Case& one) {
  place_ = one.place;
  text(one.about);
  words(one.covers);
  words(one.see);
  words(one.needs);
  words(one.tags);
  for (auto& let : one.lets) {
    place_ = let.place;
    payload(let.payload);
  }
  steps(one.steps);
}

}  // namespace wsspec
