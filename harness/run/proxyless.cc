#include "run/proxyless.h"

#include <algorithm>

namespace wsspec {
namespace {

bool is_about_proxy(const CaseResult& result) {
  return was_judged(result) && result.script.find("connect proxy=") != std::string::npos;
}

bool asks_for_tunnel(const CaseResult& result) {
  return std::ranges::any_of(result.transcript.events, [](const Event& event) {
    return event.kind == Event::Kind::received && event.decoded.starts_with("CONNECT ");
  });
}

}  // namespace

void tell_proxyless_once(std::vector<CaseResult>& results) {
  std::vector<CaseResult*> about;
  for (CaseResult& one : results)
    if (is_about_proxy(one)) about.push_back(&one);
  if (std::ranges::any_of(about, [](const auto* one) { return asks_for_tunnel(*one); })) return;
  std::erase_if(about, [](const auto* one) { return one->verdict != Verdict::info; });
  for (std::size_t i = 0; i < about.size(); ++i) {
    if (i == 0) {
      about[i]->reason = "the client minds no proxy, or none for this machine";
      continue;
    }
    about[i]->verdict = Verdict::skipped;
    about[i]->reason = "the client minds no proxy, as " + about.front()->id + " says";
  }
}

}  // namespace wsspec
