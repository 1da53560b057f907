// Rules on names, single statements and their order.
#include "script/check_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "script/connect_terms.h"
#include "script/hop_case.h"
#include "script/print.h"
#include "script/substitute.h"
#include "script/walk.h"

namespace wsspec {

// Names

void CaseCheck::name(const Place& place, const std::string& name, bool number,
                     const std::set<std::string>& counters) {
  if (counters.contains(name)) return;
  const bool let =
      std::any_of(case_.lets.begin(), case_.lets.end(), [&](const Let& one) { return one.name == name; });
  const auto fact = std::find_if(predefined().begin(), predefined().end(),
                                 [&](const Predefined& p) { return p.name == name; });
  const auto word = '$' + name;
  if (let || (fact != predefined().end() && !fact->is_number())) {
    if (number) report(place, fmt::format("'{}' is no number", word), {}, word);
  }
  if (let) return;
  if (fact != predefined().end()) return declared(place, *fact);
  std::vector<std::string_view> known(counters.begin(), counters.end());
  for (const auto& one : case_.lets) known.push_back(one.name);
  for (const auto& one : predefined()) known.push_back(one.name);
  report(place, fmt::format("unknown variable '{}'", word), did_you_mean(name, known), word);
}

void CaseCheck::declared(const Place& place, const Predefined& fact) {
  if (fact.feature.empty() ||
      std::find(case_.needs.begin(), case_.needs.end(), fact.feature) != case_.needs.end())
    return;
  const auto word = fmt::format("${}", fact.name);
  report(place, fmt::format("'{}' is a fact that not every target declares", word),
         fmt::format("add 'needs {}'", fact.feature), word);
}

/// What a time is a share of.
void CaseCheck::time(const Place& place, const Time& time) {
  if (time.fact.empty()) return;
  std::vector<std::string_view> known;
  for (const auto& one : predefined()) {
    if (one.holds != Predefined::Holds::time) continue;
    if (one.name == time.fact) return declared(place, one);
    known.push_back(one.name);
  }
  auto hint = did_you_mean(time.fact, known);
  if (hint.empty()) hint = fmt::format("times are declared as ${}", fmt::join(known, ", $"));
  report(place, fmt::format("'${}' is no time", time.fact), hint, '$' + time.fact);
}

namespace {

/// Tells names that stand for numbers from those that stand for payloads.
struct NameVisitor {
  std::set<std::string>&numbers, &payloads;
  void operator()(const Time&) {}
  void number(const std::optional<Number>& n) {
    if (n && !n->name.empty()) numbers.insert(n->name);
  }
  void operator()(const Number& n) { number(n); }
  void operator()(const Payload& payload) {
    for (const auto& part : payload.parts) {
      if (part.kind == Part::Kind::variable) payloads.insert(part.name);
      number(part.times);
      const auto* function = part.kind == Part::Kind::call ? find_function(part.name) : nullptr;
      for (std::size_t i = 0; i < part.arguments.size(); ++i) {
        const bool wants_number = function && i < function->shape.size() &&
                                  (function->shape[i] == 'n' || function->shape[i] == 'e');
        if (const auto* inner = std::get_if<Payload>(&part.arguments[i].value))
          (*this)(*inner);
        else if (const auto& n = std::get<Number>(part.arguments[i].value); !n.name.empty())
          (wants_number ? numbers : payloads).insert(n.name);
      }
    }
  }
  void operator()(const FrameFields& f) {
    for (const auto* slot : {&f.fin, &f.rsv, &f.op, &f.len, &f.lenbits}) number(*slot);
  }
  void operator()(const Layout& l) { number(l.split), number(l.chop); }
  void operator()(const std::vector<Code>& codes) {
    for (const auto& code : codes) number(code.number);
  }
  void operator()(const std::vector<Edit>& edits) {
    for (const auto& edit : edits) (*this)(edit.value);
  }
  void operator()(const std::vector<Condition>& conditions) {
    for (const auto& one : conditions) {
      if (one.value) (*this)(*one.value);
    }
  }
  void operator()(const std::vector<Step>&) {}
};

}  // namespace

void CaseCheck::names_of(const std::vector<Step>& steps, std::set<std::string>& counters) {
  for (const auto& step : steps) {
    std::set<std::string> numbers, payloads;
    walk(step.statement, NameVisitor{numbers, payloads});
    if (step.within) time(step.place, *step.within);
    if (step.on.index && !step.on.index->name.empty()) numbers.insert(step.on.index->name);
    const Cast::Part* part = cast_.find(step.on.name);
    const bool group = part != nullptr && part->group && counters.insert("member").second;
    const bool numbered = series_of(step.statement) != nullptr && counters.insert("n").second;
    for (const auto& one : numbers) name(step.place, one, true, counters);
    for (const auto& one : payloads) name(step.place, one, false, counters);
    if (group) counters.erase("member");
    if (numbered) counters.erase("n");
    if (const auto* either = std::get_if<Either>(&step.statement)) {
      for (const auto& branch : either->branches) names_of(branch.steps, counters);
    } else if (const auto* burst = std::get_if<Burst>(&step.statement)) {
      names_of(burst->sends, counters);
    } else if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
      const bool added = !repeat->name.empty() && counters.insert(repeat->name).second;
      names_of(repeat->steps, counters);
      if (added) counters.erase(repeat->name);
    }
  }
}

void CaseCheck::names() {
  std::set<std::string> counters;
  for (std::size_t i = 0; i < case_.lets.size(); ++i) {
    const auto& let = case_.lets[i];
    std::set<std::string> numbers, payloads;
    NameVisitor{numbers, payloads}(let.payload);
    if (payloads.contains(let.name)) {
      report(let.place, fmt::format("'let {}' uses itself", let.name), {}, '$' + let.name);
      continue;
    }
    for (const auto& one : numbers) name(let.place, one, true, counters);
    for (const auto& one : payloads) name(let.place, one, false, counters);
  }
  names_of(case_.steps, counters);
}

// Statements

void CaseCheck::at_most(const Step& step, const std::optional<Number>& number, std::uint64_t most,
                        std::string_view what) {
  if (number && number->name.empty() && number->value > most) {
    report(step.place, fmt::format("{}={} is more than {}", what, number->value, most), {},
           fmt::format("{}=", what));
  }
}

void CaseCheck::fields(const Step& step, const FrameFields& f) {
  at_most(step, f.fin, 1, "fin");
  at_most(step, f.rsv, 7, "rsv");
  at_most(step, f.op, 15, "op");
  if (f.lenbits && f.lenbits->name.empty() && f.lenbits->value != 7 && f.lenbits->value != 16 &&
      f.lenbits->value != 64) {
    report(step.place, fmt::format("lenbits={} is none of 7, 16, 64", f.lenbits->value), {}, "lenbits=");
  }
  if (f.kind == FrameKind::frame && !f.op)
    report(step.place, "'frame' without 'op='", "name the opcode, or a kind of frame", "frame");
  if (f.kind != FrameKind::frame && f.op) {
    report(step.place, fmt::format("'{}' has its own opcode", print(f.kind)), "'op=' belongs to 'frame'",
           "op=");
  }
}

/// A STOMP frame has headers alone, an HTTP head no escapes.
void CaseCheck::edit(const Step& step, const Edit& edit, bool stomp) {
  using enum Edit::Kind;
  if (stomp && (edit.kind == method || edit.kind == path || edit.kind == version))
    report(step.place, "a STOMP frame has headers alone", "'set', 'add' and 'drop' edit them");
  if (!stomp && edit.raw)
    report(step.place, "a header of HTTP has no escapes", "'raw' belongs to STOMP", "raw");
}

void CaseCheck::layout(const Step& step, const Layout& l, bool frame, bool pieces) {
  for (const auto& [slot, word] : {std::pair{&l.split, "split="}, std::pair{&l.chop, "chop="}}) {
    if (*slot && (*slot)->name.empty() && (*slot)->value == 0)
      report(step.place, fmt::format("'{}0' cuts nothing", word), "the least is 1", word);
  }
  if (l.split && !frame) report(step.place, "only a frame can be split", "'chop=' cuts octets", "split=");
  if (l.gap && !l.split && !l.chop && !pieces)
    report(step.place, "'gap=' needs pieces to pause between", "add 'chop=' or 'split='", "gap=");
}

void CaseCheck::codes(const Step& step, const std::vector<Code>& codes, std::uint64_t least,
                      std::uint64_t most, std::string_view what) {
  for (const auto& code : codes) {
    if (code.none || !code.number.name.empty() || (code.number.value >= least && code.number.value <= most))
      continue;
    report(step.place, fmt::format("{} is no {}", code.number.value, what),
           fmt::format("{} to {}", least, most), print(code.number));
  }
}

void CaseCheck::argument(const Place& place, const Function& function, std::size_t index,
                         const Argument& argument) {
  const char shape = function.shape[index];
  const auto wrong = [&](std::string_view wanted) {
    report(place,
           fmt::format("argument {} of {}({}) is {}", index + 1, function.name, function.parameters, wanted),
           {}, std::string(function.name));
  };
  const auto* inner = std::get_if<Payload>(&argument.value);
  if (argument.open_end) {
    if (shape != 'e') wrong("not '-'");
  } else if (shape == 'n' || shape == 'e') {
    if (inner) wrong("a number");
  } else if (shape == 'w') {
    constexpr std::array<std::string_view, 5> kKinds = {"json", "bitmap", "german", "html", "pdf"};
    if (!inner) return wrong("a string");
    if (inner->parts.size() == 1 && inner->parts[0].kind == Part::Kind::text &&
        std::find(kKinds.begin(), kKinds.end(), inner->parts[0].bytes) == kKinds.end()) {
      report(place, fmt::format("unknown sample {}", quote(inner->parts[0].bytes)),
             "one of json, bitmap, german, html, pdf");
    }
  } else if (!inner && std::get<Number>(argument.value).name.empty()) {
    wrong("a payload");
  }
  if (inner) payload(place, *inner);
}

void CaseCheck::call(const Place& place, const Part& part) {
  const auto* function = find_function(part.name);
  if (!function) {
    std::vector<std::string_view> known;
    for (const auto& f : functions()) known.push_back(f.name);
    return report(place, fmt::format("unknown function '{}'", part.name), did_you_mean(part.name, known),
                  part.name);
  }
  const auto count = static_cast<int>(part.arguments.size());
  if (count < function->least || count > function->most) {
    const auto wanted = function->least == function->most
                            ? fmt::format("{}", function->least)
                            : fmt::format("{} or {}", function->least, function->most);
    return report(
        place,
        fmt::format("{}({}) takes {} arguments, not {}", part.name, function->parameters, wanted, count), {},
        part.name);
  }
  for (std::size_t i = 0; i < part.arguments.size(); ++i) argument(place, *function, i, part.arguments[i]);
}

void CaseCheck::payload(const Place& place, const Payload& payload) {
  std::uint64_t octets = 0;
  for (const auto& part : payload.parts) {
    if (part.kind == Part::Kind::call) call(place, part);
    std::uint64_t more = part.bytes.size();
    const auto* first = part.arguments.empty() ? nullptr : std::get_if<Number>(&part.arguments[0].value);
    const bool generator = part.name == "fill" || part.name == "noise" || part.name == "utf8";
    if (generator && first) more = first->value;
    if (part.times && __builtin_mul_overflow(more, part.times->value, &more)) more = kMaxPayload + 1;
    if (__builtin_add_overflow(octets, more, &octets)) octets = kMaxPayload + 1;
  }
  if (octets > kMaxPayload) report(place, fmt::format("a payload of more than {} MiB", kMaxPayload >> 20));
}

void CaseCheck::burst(const Burst& burst) {
  for (const auto& step : burst.sends) {
    const bool sends = (step.statement.index() <= Statement(SendResponse{}).index() ||
                        std::holds_alternative<Say>(step.statement)) &&
                       !std::holds_alternative<SendEof>(step.statement) &&
                       !std::holds_alternative<SendReset>(step.statement);
    if (!sends) report(step.place, "only octets can be sent in a burst", "put it after 'end'");
    walk(step.statement, [this, &step](const auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, Layout>) {
        if (x.chop || x.gap)
          report(step.place, "a burst is cut as a whole", "put 'chop=' and 'gap=' on the 'burst' line",
                 x.chop ? "chop=" : "gap=");
      }
    });
  }
}

/// TLS's facts go by these names in conditions.
void CaseCheck::tls_conditions(const Step& step, const std::vector<Condition>& conditions,
                               std::initializer_list<std::string_view> known) {
  for (const auto& one : conditions) {
    if (std::find(known.begin(), known.end(), one.header) == known.end())
      report(step.place, fmt::format("'{}' is nothing that TLS tells here", one.header),
             did_you_mean(one.header, {known.begin(), known.end()}), one.header);
  }
}

/// The connection is made before the first line is played, so its terms are constants and stand there.
void CaseCheck::connect(const Step& step, const Connect& connect) {
  if (connect.options.empty() && !connect.layout.chop) return;
  if (&step != &case_.steps.front() || cast_.size() > 1)
    report(step.place, "options of 'connect' hold for the whole connection", "put it first", "connect");
  if (const auto terms = read_connect_terms(connect, case_.target.value_or(Target::server)); !terms)
    report(step.place, terms.error().what, terms.error().hint, terms.error().where + '=');
}

namespace {

bool names_number_of(const Payload& payload) {
  return std::any_of(payload.parts.begin(), payload.parts.end(), [](const Part& part) {
    if (part.kind == Part::Kind::variable && part.name == "n") return true;
    if (part.times && part.times->name == "n") return true;
    return std::any_of(part.arguments.begin(), part.arguments.end(), [](const Argument& argument) {
      const auto* inner = std::get_if<Payload>(&argument.value);
      return inner ? names_number_of(*inner) : std::get<Number>(argument.value).name == "n";
    });
  });
}

}  // namespace

/// The messages of a series are told apart by their number.
void CaseCheck::series(const Step& step, const MessageSeries& series) {
  if (series.count.name.empty() && series.count.value > kMostOfSeries)
    report(step.place, fmt::format("a series of more than {} messages", +kMostOfSeries), {}, "count=");
  const bool single = series.count.name.empty() && series.count.value <= 1;
  if (!single && !names_number_of(series.payload))
    report(step.place, "the messages of a series are all the same",
           "write $n where their number stands, and call no 'each' n: 'series \"a \" $n count=20'", "series");
}

void CaseCheck::statement(const Step& step) {
  const auto& s = step.statement;
  const auto* stomp = std::get_if<SendStomp>(&s);
  const bool frame = std::holds_alternative<SendFrame>(s) || std::holds_alternative<Say>(s) || stomp;
  const bool edits_stomp = stomp || std::holds_alternative<Login>(s);
  if (const auto* numbered = series_of(s)) series(step, *numbered);
  walk(s, [&](const auto& x) {
    using T = std::decay_t<decltype(x)>;
    if constexpr (std::is_same_v<T, Payload>)
      payload(step.place, x);
    else if constexpr (std::is_same_v<T, Time>)
      time(step.place, x);
    else if constexpr (std::is_same_v<T, Layout>)
      layout(step, x, frame, stomp && stomp->pieces);
    else if constexpr (std::is_same_v<T, FrameFields>)
      fields(step, x);
    else if constexpr (std::is_same_v<T, std::vector<Edit>>) {
      for (const auto& edit : x) payload(step.place, edit.value), this->edit(step, edit, edits_stomp);
    } else if constexpr (std::is_same_v<T, std::vector<Condition>>) {
      for (const auto& one : x) {
        if (one.value) payload(step.place, *one.value);
      }
    }
  });
  const auto only_close = [&](const FrameFields& f, bool has_code) {
    if (has_code && f.kind != FrameKind::close) {
      report(step.place, fmt::format("a '{}' has no code", print(f.kind)),
             "only 'close' has one; a payload is a \"string\"");
    }
  };
  if (const auto* send = std::get_if<SendFrame>(&s)) {
    only_close(send->fields, send->code.has_value());
    if (send->code) codes(step, {{false, *send->code}}, 0, 65535, "code of a Close");
    if (send->layout.split && send->fields.len)
      report(step.place, "'split=' and 'len=' contradict each other", {}, "split=");
  } else if (const auto* frame_in = std::get_if<ExpectFrame>(&s)) {
    only_close(frame_in->fields, !frame_in->codes.empty());
    codes(step, frame_in->codes, 0, 65535, "code of a Close");
    if (frame_in->fields.mask && frame_in->fields.mask->kind == MaskField::Kind::key) {
      report(step.place, "the peer chooses its key", "expect mask=good or mask=bad", "mask=");
    }
  } else if (const auto* fail = std::get_if<ExpectFail>(&s)) {
    codes(step, fail->codes, 0, 65535, "code of a Close");
  } else if (const auto* refused = std::get_if<ExpectRefused>(&s)) {
    codes(step, refused->statuses, 100, 999, "HTTP status");
  } else if (const auto* response = std::get_if<SendResponse>(&s)) {
    codes(step, {{false, response->status}}, 100, 999, "HTTP status");
  } else if (const auto* finish = std::get_if<Finish>(&s); finish && finish->code) {
    codes(step, {{false, *finish->code}}, 0, 65535, "code of a Close");
  } else if (const auto* eof = std::get_if<ExpectEof>(&s)) {
    tls_conditions(step, eof->conditions, {"close_notify"});
  } else if (const auto* secured = std::get_if<ExpectSecured>(&s)) {
    if (case_.target == Target::client)
      tls_conditions(step, secured->conditions, {"version", "alpn", "name", "offers"});
    else
      tls_conditions(step, secured->conditions, {"version", "alpn"});
  } else if (const auto* connection = std::get_if<Connect>(&s)) {
    connect(step, *connection);
  } else if (stomp) {
    if (stomp->command.empty() && (!stomp->edits.empty() || stomp->body))
      report(step.place, "an end of a line has neither headers nor a body", "'> stomp' sends a frame",
             "beat");
    if (stomp->pieces && stomp->pieces->name.empty() && stomp->pieces->value == 0)
      report(step.place, "'pieces=0' cuts nothing", "the least is 1", "pieces=");
    if (stomp->pieces && (stomp->layout.split || stomp->layout.chop))
      report(step.place, "its messages are cut by 'pieces=' already", "leave out 'split=' and 'chop='",
             "pieces=");
  } else if (const auto* one = std::get_if<Burst>(&s)) {
    burst(*one);
  }
}

void CaseCheck::statements() {
  for (const auto& let : case_.lets) payload(let.place, let.payload);
  for_each_step(case_.steps, [this](const Step& step) { statement(step); });
}

// Order

namespace {

template <typename... T>
bool is(const Statement& s) {
  return (std::holds_alternative<T>(s) || ...);
}

bool is_handshake(const Statement& s) {
  return is<SendRequest, SendUpgrade, SendResponse, ExpectRequest, ExpectUpgrade, ExpectRefused>(s);
}
bool is_send(const Statement& s) {
  return s.index() <= Statement(SendResponse{}).index() || is<Join, Say, Login>(s);
}
bool is_expectation(const Statement& s) {
  return (s.index() >= Statement(ExpectFrame{}).index() && s.index() <= Statement(ExpectRequest{}).index()) ||
         is<Hear, HearSeries>(s);
}

}  // namespace

/// What must have happened before `step`.
void CaseCheck::order_before(const Step& step, const Progress& progress) {
  const auto& s = step.statement;
  if (!progress.begun && !is_handshake(s) && !is<SendHead, SendBytes, Mute, Note>(s)) {
    report(step.place, "there is no connection yet", "begin with 'open', 'connect' or '> request'");
  }
  if (progress.reset) {
    report(step.place, "nothing can be played behind '> reset'",
           "it ends the case; the next handshake shows whether the target still serves", "reset");
  } else if (is_send(s) && progress.ended) {
    report(step.place, "nothing can be sent any more: our side of the connection has ended");
  }
  if (is_handshake(s) && progress.opened) {
    report(step.place, "'open' has done the handshake already",
           "write 'connect' instead, or leave 'open' out");
  } else if (is<ExpectUpgrade, ExpectRefused>(s) && !progress.request) {
    report(step.place, "an answer is expected before anything was asked", "put '> request' before it");
  }
}

void CaseCheck::order_of(const Step& step, Course& course) {
  const auto& s = step.statement;
  if (const auto* repeat = std::get_if<Repeat>(&s)) return order_of_loop(step, *repeat, course);
  if (const auto* burst = std::get_if<Burst>(&s)) return order_of(burst->sends, course);
  if (const auto* either = std::get_if<Either>(&s)) return order_of_branches(step, *either, course);
  if (!connection_of(step)) return;
  if (is_about_coming(step)) return order_of_coming(step, course);
  if (makes_connection(step)) return order_of_connection(step, course);
  const bool several = cast_.size() > 1;
  if (several && is<Pause, Quiet>(s) && step.on.name.empty()) {  // About no connection, or about all.
    course.judged |= is<Quiet>(s);
    return;
  }
  if (is<Operate>(s)) return operation(step);
  Progress& progress = course.of[step.on.name];
  // The hop may have made another connection.
  if (case_.target == Target::hop && step.on.name == kFar && is<ExpectRequest>(s))
    progress = {true, false, true, false, false, progress.rounds};
  order_before(step, progress);
  progress.begun |= !is<Mute>(s);
  progress.request |= is_send(s);
  // What one of a group has ended the others have not.
  const bool all = !step.on.index;
  progress.ended |= all && is<SendEof, SendReset, Finish, Leave>(s);
  progress.reset |= all && is<SendReset>(s);
  // After a reset, the next case's connection shows whether the target still serves.
  course.judged |= is_expectation(s) || is<Finish, Quiet, SendReset>(s);
}

void CaseCheck::order_of_branches(const Step& step, const Either& either, Course& course) {
  Course after = course;
  for (const auto& branch : either.branches) {
    Course own = course;
    own.forked = true;
    order_of(branch.steps, own);
    after.judged |= own.judged;
    for (const auto& [name, progress] : own.of) {
      after.of[name].begun |= progress.begun;
      after.of[name].request |= progress.request;
    }
    const auto& first = branch.steps.front();
    if (!is_expectation(first.statement) && !is<Quiet, Pause, Again, Absence>(first.statement))
      report(first.place, "a branch begins with what it awaits: a '<' line, 'quiet' or 'pause'",
             "by this line it is found out which branch is taken");
    // What a hop does may show at either of our ends.
    if (case_.target != Target::hop && !(first.on == either.branches.front().steps.front().on))
      report(step.place, "the first lines of its branches are about different connections",
             "which branch is taken is found out by one of them", "either");
  }
  course = std::move(after);
}

/// Connections are made once each: an unnamed one stands before the first line, `connect` only says so.
void CaseCheck::order_of_connection(const Step& step, Course& course) {
  const bool opens = is<Open>(step.statement);
  Progress& progress = course.of[step.on.name];
  // More tunnels of a group.
  const bool grows = case_.target == Target::hop && cast_.made_by(step).first > 0;
  const bool again = grows   ? false
                     : opens ? progress.opened || progress.request || progress.ended
                             : progress.begun;
  const char* word = opens ? "open" : "connect";
  if (again || course.rounds != progress.rounds)
    report(step.place, "this would be a second connection",
           case_.target == Target::client
               ? "a client makes it: wait for it with 'again'"
               : "each has a name and is made once: 'b: open', or several as a group: 'c[40]: open'",
           word);
  if (course.forked && !step.on.name.empty())
    report(step.place, "whether there is a connection cannot depend on a branch", "put it before 'either'",
           word);
  progress.begun = true;
  progress.opened = opens;
}

/// It is about the hop and no connection.
void CaseCheck::operation(const Step& step) {
  if (case_.target != Target::hop)
    report(step.place, "only a hop has an operator here",
           "a case is about one when its lines name near and far", "operator");
  if (!step.on.name.empty())
    report(step.place, "'operator' is about the hop and no connection", "leave out the name", "operator");
}

/// Whatever became of the connection before: what follows is about another one.
void CaseCheck::order_of_coming(const Step& step, Course& course) {
  Progress& progress = course.of[step.on.name];
  const char* word = is<Again>(step.statement) ? "again" : is<Shut>(step.statement) ? "shut" : "none";
  if (!step.on.name.empty())
    report(step.place, fmt::format("'{}' is about the client and no connection", word),
           "the connections of such a case have no names", word);
  if (!progress.begun)
    report(step.place, "there is no connection yet", "begin with 'open', 'connect' or '< request'", word);
  course.judged |= !is<Shut>(step.statement);
  if (!is<Again>(step.statement)) return;
  course.comings += course.rounds;
  if (course.comings >= kMostMade && course.comings - course.rounds < kMostMade)
    report(step.place, fmt::format("a case may have {} connections at most", kMostMade), {}, word);
  progress = {};
  progress.begun = true;
  progress.rounds = course.rounds;
}

void CaseCheck::order_of_loop(const Step& step, const Repeat& repeat, Course& course) {
  constexpr std::uint64_t kMostRounds = 10'000'000;
  const auto outer = course.rounds;
  const auto times = repeat.times.name.empty() ? repeat.times.value : 2;  // A fact may be any number.
  course.rounds = times > kMostRounds / std::max<std::uint64_t>(outer, 1) ? kMostRounds + 1 : outer * times;
  if (course.rounds > kMostRounds && outer <= kMostRounds)
    report(step.place, fmt::format("its lines would be played more than {} times", kMostRounds),
           "the numbers of loops within each other multiply", "repeat");
  order_of(repeat.steps, course);
  course.rounds = outer;
}

void CaseCheck::order_of(const std::vector<Step>& steps, Course& course) {
  for (const auto& step : steps) order_of(step, course);
}

void CaseCheck::order() {
  Course course;
  if (case_.target == Target::hop) course.of[std::string(kFar)] = {true, false, true, false, false, 1};
  order_of(case_.steps, course);
  if (!course.judged) report(case_.place, "the case expects nothing", "add a '<' line, 'finish' or 'quiet'");
}

// Connections

/// False, and reported: the line names a connection that there is not.
bool CaseCheck::connection_of(const Step& step) {
  const Cast::Part* part = cast_.find(step.on.name);
  const bool unnamed = cast_.parts().front().name.empty();
  if (makes_connection(step) || (step.on.name.empty() && (part != nullptr || unnamed))) return true;
  if (step.on.name.empty()) {
    if (is<Pause, Quiet, Operate>(step.statement)) return true;
    report(step.place, "on which connection?",
           fmt::format("put its name before it, as in '{}:'", cast_.parts().front().name));
    return false;
  }
  const auto word = print(step.on);
  if (part == nullptr) {
    std::vector<std::string_view> known;
    for (const auto& one : cast_.parts()) known.push_back(one.name);
    const auto hint = did_you_mean(step.on.name, known);
    report(step.place, fmt::format("'{}' is not opened", step.on.name),
           hint.empty() ? fmt::format("begin with '{}: open' or '{}: connect'", step.on.name, step.on.name)
                        : hint,
           word);
    return false;
  }
  if (step.on.index && !part->group) {
    report(step.place, fmt::format("'{}' is one connection", part->name),
           fmt::format("a group is made by '{}[4]: open'", part->name), word);
    return false;
  }
  if (step.on.index && step.on.index->name.empty() && step.on.index->value >= part->count) {
    report(step.place, fmt::format("there is no {}: the group has {}", word, part->count),
           "they are counted from 0", word);
    return false;
  }
  return true;
}

void CaseCheck::connections() {
  std::set<std::string> used;
  std::size_t size = 0;
  for_each_step(case_.steps, [&](const Step& step) {
    if (!makes_connection(step)) {
      used.insert(step.on.name);
      return;
    }
    const auto& index = step.on.index;
    if (index && (!index->name.empty() || index->value == 0))
      report(step.place, fmt::format("how many connections is '{}'?", print(step.on)),
             "a number of at least 1 stands there", print(step.on));
    size += case_.target == Target::hop ? cast_.made_by(step).count : index ? index->value : 1;
    if (size > kMostMade)
      report(step.place, fmt::format("a case may have {} connections at most", kMostMade));
  });
  if (size <= kMostMade && cast_.at_once(case_.steps) > kMostConnections)
    report(case_.place, fmt::format("a case may have {} connections open at most", kMostConnections),
           "end some ('> eof', '> reset', 'finish') before more are made");
  if (case_.target == Target::hop) return;
  for (const auto& part : cast_.parts())
    if (!part.name.empty() && !used.contains(part.name))
      report(case_.place, fmt::format("'{}' is opened and never used", part.name), {}, part.name);
}

}  // namespace wsspec
