#include "run/schedule.h"

#include <algorithm>

#include "script/cast.h"

namespace wsspec {

Schedule schedule(const Selected& selected) {
  Schedule out;
  std::vector<std::size_t> destructive, stops;
  const auto stops_it = [](const Case& one) {
    return std::ranges::find(one.needs, "stop") != one.needs.end();
  };
  for (std::size_t i = 0; i < selected.cases.size(); ++i) {
    const auto& one = *selected.cases[i];
    if (has_tag(one, "operator") || acts(one))
      (stops_it(one) ? stops : out.operated).push_back(i);
    else if (has_tag(one, "destructive"))
      destructive.push_back(i);
    else if (has_tag(one, "timing"))
      out.alone.push_back(i);
    else if (has_tag(one, "limit"))
      out.large.push_back(i);
    else if (has_tag(one, "slow"))
      out.patient.push_back(i);
    else
      out.together.push_back(i);
  }
  out.alone.insert(out.alone.end(), destructive.begin(), destructive.end());
  out.operated.insert(out.operated.end(), stops.begin(), stops.end());
  return out;
}

}  // namespace wsspec
