#include "script/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "script/diagnostics.h"
#include "script/walk.h"

namespace wsspec {
namespace {

constexpr std::string_view kRoom = "{room}", kText = "{text}";
constexpr std::array<std::string_view, 6> kDialectWords = {"join", "joined", "say",
                                                           "hear", "leave",  "escape"};

bool holds(const std::optional<std::string>& text, std::string_view hole) {
  return text && text->find(hole) != std::string::npos;
}

Part text_of(std::string_view text) {
  Part out;
  out.bytes = Bytes(text);
  return out;
}

void append(Payload& out, const Payload& filling, bool json) {
  if (json) {
    Part call;
    call.kind = Part::Kind::call;
    call.name = "json";
    call.arguments.push_back({filling, false});
    out.parts.push_back(std::move(call));
    return;
  }
  out.parts.insert(out.parts.end(), filling.parts.begin(), filling.parts.end());
}

/// Puts the steps of a dialect in the place of what a case says.
class Speaker {
 public:
  Speaker(const Dialect& dialect, const std::string& fresh) : dialect_(dialect), fresh_(fresh) {}

  std::vector<Step> steps(const std::vector<Step>& given) {
    std::vector<Step> out;
    for (const Step& step : given) add(step, out);
    return out;
  }

 private:
  Payload filled(std::string_view text, const Payload& room, const Payload& said) const {
    Payload out;
    while (!text.empty()) {
      const auto at = std::min(text.find(kRoom), text.find(kText));
      if (at > 0) out.parts.push_back(text_of(text.substr(0, at)));
      if (at == std::string_view::npos) break;
      text.remove_prefix(at);
      const bool is_room = text.starts_with(kRoom);
      append(out, is_room ? room : said, dialect_.json);
      text.remove_prefix(is_room ? kRoom.size() : kText.size());
    }
    if (out.parts.empty()) out.parts.push_back(text_of(""));
    return out;
  }

  Payload room_of(const std::optional<Payload>& named) const {
    Payload out;
    out.parts.push_back(text_of(fresh_));
    if (!named) return out;
    out.parts.push_back(text_of("-"));
    out.parts.insert(out.parts.end(), named->parts.begin(), named->parts.end());
    return out;
  }

  /// The room that a line is about: that which its connection has entered last, as far as is written.
  const Payload& room(const Step& step) const {
    const auto found = rooms_.find(step.on.name);
    return found == rooms_.end() ? only_ : found->second;
  }

  static Statement sent(bool binary, Payload payload, Layout layout = {}) {
    SendFrame out;
    out.fields.kind = binary ? FrameKind::binary : FrameKind::text;
    out.payload = std::move(payload);
    out.layout = std::move(layout);
    return out;
  }
  static Statement expected(FrameKind kind, std::optional<Payload> payload) {
    ExpectFrame out;
    out.fields.kind = kind;
    out.payload = std::move(payload);
    return out;
  }
  static void put(const Step& like, Statement statement, std::vector<Step>& out) {
    Step step = like;
    step.statement = std::move(statement);
    out.push_back(std::move(step));
  }

  /// Who has joined is in: the answer says so, or that what came behind it was read.
  void join(const Step& step, const Join& join, std::vector<Step>& out) {
    const Payload entered = rooms_[step.on.name] = room_of(join.room);
    if (dialect_.join) put(step, sent(false, filled(*dialect_.join, entered, {})), out);
    if (dialect_.joined) {
      put(step, expected(FrameKind::text, filled(*dialect_.joined, entered, {})), out);
      return;
    }
    wait_until_read(step, "in?", out);
  }

  static void wait_until_read(const Step& step, std::string_view question, std::vector<Step>& out) {
    SendFrame ping;
    ping.fields.kind = FrameKind::ping;
    ping.payload = Payload{{text_of(question)}};
    put(step, ping, out);
    put(step, expected(FrameKind::pong, ping.payload), out);
  }

  /// What is said afterwards is not for who has left.
  void leave(const Step& step, std::vector<Step>& out) const {
    if (!dialect_.leave) return put(step, Finish{}, out);
    put(step, sent(false, filled(*dialect_.leave, room(step), {})), out);
    wait_until_read(step, "out?", out);
  }

  MessageSeries series(const Step& step, const HearSeries& hear) const {
    MessageSeries out = hear.series;
    out.payload = filled(dialect_.hear, room(step), hear.series.payload);
    return out;
  }

  void add(const Step& step, std::vector<Step>& out) {
    const Statement& s = step.statement;
    if (const auto* one = std::get_if<Join>(&s)) return join(step, *one, out);
    if (const auto* said = std::get_if<Say>(&s)) {
      put(step, sent(said->binary, filled(dialect_.say, room(step), said->payload), said->layout), out);
    } else if (const auto* heard = std::get_if<Hear>(&s)) {
      std::optional<Payload> due;
      if (heard->payload) due = filled(dialect_.hear, room(step), *heard->payload);
      put(step, expected(heard->binary ? FrameKind::binary : FrameKind::text, std::move(due)), out);
    } else if (const auto* many = std::get_if<HearSeries>(&s)) {
      put(step, ExpectSeries{series(step, *many)}, out);
    } else if (std::holds_alternative<Leave>(s)) {
      leave(step, out);
    } else {
      Step inside = step;
      walk(inside.statement, [this]<typename T>(T& part) {
        if constexpr (std::is_same_v<T, std::vector<Step>>) part = steps(part);
      });
      out.push_back(std::move(inside));
    }
  }

  const Dialect& dialect_;
  const std::string fresh_;
  const Payload only_ = room_of({});
  std::map<std::string, Payload> rooms_;
};

Result<void> set_escape(Dialect& dialect, std::string_view how) {
  if (how != "json" && how != "none")
    return fail_with("escape", fmt::format("'{}' is no way to escape", how), "json or none");
  dialect.json = how == "json";
  return {};
}

Result<void> check_template(std::string_view word, std::string_view text) {
  const bool speaks_text = word == "say" || word == "hear";
  if (speaks_text && text.find(kText) == text.npos)
    return fail_with(std::string(word), "there is no {text} in it", fmt::format("{} = \"{{text}}\"", word));
  if (!speaks_text && text.find(kText) != text.npos)
    return fail_with(std::string(word), "nothing is said here, so there is no {text}", "only {room}");
  return {};
}

}  // namespace

bool Dialect::has_rooms() const {
  return holds(join, kRoom);
}

Result<void> add_to_dialect(Dialect& dialect, std::string_view given) {
  const auto equals = given.find('=');
  if (equals == given.npos) {
    if (given != "plain")
      return fail_with("", fmt::format("there is no dialect '{}'", given),
                       "plain, or templates: say='MSG {text}', hear='{text}', join, joined, leave, escape");
    dialect = {};
    return {};
  }
  const auto word = given.substr(0, equals), text = given.substr(equals + 1);
  if (std::ranges::find(kDialectWords, word) == kDialectWords.end()) {
    auto hint = did_you_mean(word, {kDialectWords.begin(), kDialectWords.end()});
    return fail_with(std::string(word), fmt::format("'{}' is no word of a dialect", word),
                     hint.empty() ? "there are: join, joined, say, hear, leave, escape" : hint);
  }
  if (word == "escape") return set_escape(dialect, text);
  if (auto good = check_template(word, text); !good) return good;
  if (word == "join") dialect.join = std::string(text);
  if (word == "joined") dialect.joined = std::string(text);
  if (word == "say") dialect.say = std::string(text);
  if (word == "hear") dialect.hear = std::string(text);
  if (word == "leave") dialect.leave = std::string(text);
  return {};
}

bool speaks(const Case& one) {
  bool found = false;
  for_each_step(one.steps, [&](const Step& step) {
    const Statement& s = step.statement;
    found |= std::holds_alternative<Join>(s) || std::holds_alternative<Say>(s) ||
             std::holds_alternative<Hear>(s) || std::holds_alternative<HearSeries>(s) ||
             std::holds_alternative<Leave>(s);
  });
  return found;
}

bool speaks_binary(const Case& one) {
  bool found = false;
  for_each_step(one.steps, [&](const Step& step) {
    if (const auto* say = std::get_if<Say>(&step.statement)) found |= say->binary;
    if (const auto* hear = std::get_if<Hear>(&step.statement)) found |= hear->binary;
    if (const auto* many = std::get_if<HearSeries>(&step.statement)) found |= many->series.binary;
  });
  return found;
}

std::optional<std::string_view> text_within(std::string_view form, std::string_view message) {
  std::optional<std::string_view> text;
  while (!form.empty()) {
    const auto hole = std::min(form.find(kRoom), form.find(kText));
    if (!message.starts_with(form.substr(0, hole))) return std::nullopt;
    if (hole == form.npos) return message.size() == form.size() ? text : std::nullopt;
    message.remove_prefix(hole);
    const bool is_text = form.substr(hole).starts_with(kText);
    form.remove_prefix(hole + (is_text ? kText.size() : kRoom.size()));
    const auto literal = form.substr(0, std::min(form.find(kRoom), form.find(kText)));
    // Nothing but this literal is behind the last hole.
    const bool last = literal.size() == form.size();
    if (last && message.size() < literal.size()) return std::nullopt;
    const auto end = last ? message.size() - literal.size() : message.find(literal);
    if (end == message.npos) return std::nullopt;
    if (is_text) text = message.substr(0, end);
    message.remove_prefix(end);
  }
  return message.empty() ? text : std::nullopt;
}

Case spoken(const Case& one, const Dialect& dialect, const std::string& fresh) {
  Case out = one;
  Speaker speaker(dialect, fresh);
  out.steps = speaker.steps(one.steps);
  return out;
}

}  // namespace wsspec
