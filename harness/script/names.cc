// Which variables a payload, step or case names.
#include "script/substitute.h"
#include "script/walk.h"

namespace wsspec {
namespace {

struct Names {
  std::set<std::string>& out;

  void operator()(const Number& n) {
    if (!n.name.empty()) out.insert(n.name);
  }
  void operator()(const std::optional<Number>& n) {
    if (n) (*this)(*n);
  }
  void operator()(const Time& time) {
    if (!time.fact.empty()) out.insert(time.fact);
  }
  void operator()(const Payload& payload) {
    for (const auto& part : payload.parts) {
      if (part.kind == Part::Kind::variable) out.insert(part.name);
      (*this)(part.times);
      for (const auto& argument : part.arguments) {
        std::visit([this](const auto& value) { (*this)(value); }, argument.value);
      }
    }
  }
  void operator()(const FrameFields& f) {
    for (const auto* slot : {&f.fin, &f.rsv, &f.op, &f.len, &f.lenbits}) (*this)(*slot);
  }
  void operator()(const Layout& l) { (*this)(l.split), (*this)(l.chop); }
  void operator()(const std::vector<Code>& codes) {
    for (const auto& code : codes) (*this)(code.number);
  }
  void operator()(const std::vector<Edit>& edits) {
    for (const auto& edit : edits) (*this)(edit.value);
  }
  void operator()(const std::vector<Condition>& conditions) {
    for (const auto& one : conditions) {
      if (one.value) (*this)(*one.value);
    }
  }
  void operator()(const std::vector<Step>& steps) {
    for (const auto& step : steps) walk(step.statement, *this);
  }
};

}  // namespace

std::set<std::string> names_in(const Payload& payload) {
  std::set<std::string> out;
  Names{out}(payload);
  return out;
}

std::set<std::string> names_in(const Statement& statement) {
  std::set<std::string> out;
  walk(statement, Names{out});
  return out;
}

std::set<std::string> names_in(const Case& one) {
  std::set<std::string> out;
  Names names{out};
  for (const auto& let : one.lets) names(let.payload);
  names(one.steps);
  return out;
}

}  // namespace wsspec
