#include "play/hop_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "play/units.h"
#include "protocol/http.h"

namespace wsspec {
namespace {

using Holds = FactKind::Holds;

/// Stands ahead of what a case has measured without the hop.
constexpr std::string_view kWithoutHop = "without the hop, ";

/// And this ahead of what came to our server and no case had asked for.
constexpr std::string_view kOwnAccord = "of its own accord";

/// Parts between blanks.
std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// The results of a family of cases.
std::vector<const CaseResult*> results_of(const RunResult& run, std::string_view family) {
  std::vector<const CaseResult*> out;
  for (const CaseResult& one : run.results)
    if (family_of(one.id) == family) out.push_back(&one);
  return out;
}

/// "LABEL: value" among the notes.
std::optional<std::string> noted(const CaseResult& result, const std::string& label) {
  for (const std::string& note : result.notes)
    if (note.starts_with(label) && note.substr(label.size()).starts_with(": "))
      return note.substr(label.size() + 2);
  return std::nullopt;
}
std::optional<std::string> noted(const RunResult& run, std::string_view family, const std::string& label) {
  for (const CaseResult* one : results_of(run, family))
    if (auto value = noted(*one, label)) return value;
  return std::nullopt;
}
std::string without_hop(const std::string& label) {
  return std::string(kWithoutHop) + label;
}

std::optional<double> time_in(const std::optional<std::string>& text) {
  const auto time = text ? read_time(*text) : std::nullopt;
  return time ? std::optional(static_cast<double>(time->count())) : std::nullopt;
}
std::optional<double> octets_in(const std::optional<std::string>& text) {
  const auto octets = text ? read_octets_in_words(*text) : std::nullopt;
  return octets ? std::optional(static_cast<double>(*octets)) : std::nullopt;
}
std::string spoken_time(double nanoseconds) {
  return in_words(Duration(std::llround(nanoseconds)));
}
std::string spoken_octets(double octets) {
  return octets_in_words(static_cast<std::uint64_t>(std::llround(octets)));
}

/// As far as anybody knows.
HopFact known(std::string sentence, std::optional<double> least, std::optional<double> most,
              std::string word = {}) {
  HopFact out;
  out.sentence = std::move(sentence);
  out.measured = true;
  out.least = least;
  out.most = most;
  out.word = std::move(word);
  return out;
}
HopFact known_word(std::string sentence, std::string word) {
  return known(std::move(sentence), {}, {}, std::move(word));
}

constexpr const char* kSilent = "hop-facts.idle.silent";

/// "FIN to the client, FIN to the server".
std::string ends_in_words(const RunResult& run) {
  return fmt::format("{} to the client, {} to the server",
                     noted(run, kSilent, "the client saw").value_or("nothing"),
                     noted(run, kSilent, "the server saw").value_or("nothing"));
}

HopFact idle(const RunResult& run) {
  if (const auto limit = time_in(noted(run, kSilent, "idle limit")))
    return known(fmt::format("idle limit {}: {}", spoken_time(*limit), ends_in_words(run)), limit, limit);
  if (const auto watched = time_in(noted(run, kSilent, "no idle limit within")))
    return known(fmt::format("no idle limit within {}", spoken_time(*watched)), watched, {});
  return {};
}

std::string both_ways(bool up, bool down) {
  return up && down ? "both" : up ? "client" : down ? "server" : "none";
}

HopFact pings(const RunResult& run) {
  constexpr const char *kUp = "hop-facts.idle.pings.up", *kDown = "hop-facts.idle.pings.down";
  const bool up = noted(run, kUp, "kept for").has_value(), down = noted(run, kDown, "kept for").has_value();
  if (!up && !noted(run, kUp, "ended after")) return {};
  if (!down && !noted(run, kDown, "ended after")) return {};
  if (noted(run, kSilent, "no idle limit within"))
    return known_word("pings: nobody needs them to keep a tunnel for so long", both_ways(up, down));
  const auto says = [](bool kept) { return kept ? "count" : "do not count"; };
  return known_word(fmt::format("pings of the client {}, pings of the server {}", says(up), says(down)),
                    both_ways(up, down));
}

HopFact data(const RunResult& run) {
  constexpr const char* kData = "hop-facts.idle.data";
  if (const auto kept = noted(run, kData, "kept for"))
    return known_word("messages each way keep a tunnel for " + *kept + " and more", "yes");
  if (const auto ended = noted(run, kData, "ended after"))
    return known_word("a tunnel ends after " + *ended + ", though messages go each way", "no");
  return {};
}

HopFact unanswered(const RunResult& run) {
  constexpr const char* kCase = "hop-facts.unanswered";
  if (const auto after = time_in(noted(run, kCase, "given up after")))
    return known(fmt::format("an upgrade that the server does not answer is given up after {}, with {}",
                             spoken_time(*after), noted(run, kCase, "with").value_or("?")),
                 after, after);
  if (const auto watched = time_in(noted(run, kCase, "not given up within")))
    return known(fmt::format("an upgrade that the server does not answer is not given up within {}",
                             spoken_time(*watched)),
                 watched, {});
  return {};
}

/// The largest of a family that was passed on, and the smallest that was not.
struct Passed {
  std::optional<double> most, refused;
  std::string with;  ///< How that was refused.
};
Passed passed_of(const RunResult& run, std::string_view family, bool octets) {
  Passed out;
  const auto value = [&](const std::optional<std::string>& text) {
    return octets || !text ? octets_in(text) : std::optional(std::atof(text->c_str()));
  };
  for (const CaseResult* one : results_of(run, family)) {
    if (const auto refused = value(noted(*one, "refused")); refused && refused < out.refused.value_or(1e18)) {
      out.refused = refused;
      out.with = noted(*one, "with").value_or("?");
    }
  }
  for (const CaseResult* one : results_of(run, family))
    if (const auto passed = value(noted(*one, "passed on")); passed && passed < out.refused.value_or(1e18))
      out.most = std::max(passed, out.most);
  return out;
}

template <bool octets>
HopFact limit_of(const RunResult& run, std::string_view family, const char* of_what) {
  const auto passed = passed_of(run, family, octets);
  const auto spoken = [](double value) {
    return octets ? spoken_octets(value) : fmt::format("{:.0f}", value);
  };
  if (!passed.most && !passed.refused) return {};
  const double least = passed.most.value_or(0);
  std::string sentence =
      least > 0 ? fmt::format("{} up to {}{}", of_what, spoken(least), passed.refused ? "" : " and more")
                : fmt::format("no {}", of_what);
  if (passed.refused)
    sentence += fmt::format("; {} is refused with {}", spoken(*passed.refused), passed.with);
  return known(std::move(sentence), least, passed.refused);
}

HopFact head(const RunResult& run) {
  return limit_of<true>(run, "hop-facts.head", "heads of a request");
}
HopFact fields(const RunResult& run) {
  return limit_of<false>(run, "hop-facts.fields", "fields of a request");
}
HopFact target(const RunResult& run) {
  return limit_of<true>(run, "hop-facts.target", "targets of a request");
}
HopFact message(const RunResult& run) {
  return limit_of<true>(run, "hop-facts.message", "messages");
}
HopFact tunnels(const RunResult& run) {
  return limit_of<false>(run, "hop-facts.tunnels", "tunnels at once");
}

/// One direction of one size: what the hop adds to what the machine itself takes.
struct Added {
  double p50 = 0, p99 = 0;
};
std::optional<double> quantile_in(const std::optional<std::string>& text, std::string_view name) {
  const auto at = text ? text->find(name) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  const auto begin = at + name.size() + 1;
  const auto end = std::min(text->find(name == "p50" ? "," : " of", begin), text->size());
  return time_in(text->substr(begin, end - begin));
}
std::optional<Added> added_by(const CaseResult& result, const char* way) {
  const auto through = noted(result, way), direct = noted(result, without_hop(way));
  const auto p50 = quantile_in(through, "p50"), p99 = quantile_in(through, "p99");
  if (!p50 || !p99) return std::nullopt;
  return Added{std::max(0.0, *p50 - quantile_in(direct, "p50").value_or(0)),
               std::max(0.0, *p99 - quantile_in(direct, "p99").value_or(0))};
}
/// The worst of all sizes and both ways.
std::optional<Added> most_added(const RunResult& run) {
  std::optional<Added> worst;
  for (const CaseResult* one : results_of(run, "hop-facts.latency"))
    for (const char* way : {"up", "down"})
      if (const auto added = added_by(*one, way))
        worst = worst ? Added{std::max(worst->p50, added->p50), std::max(worst->p99, added->p99)} : *added;
  return worst;
}

HopFact latency(const RunResult& run) {
  constexpr double kStep = 40e6,
                   kNear = 6e6;  // The delayed acknowledgement that Nagle's algorithm waits for.
  const auto added = most_added(run);
  if (!added) return {};
  std::string sentence = "latency added " + spoken_time(added->p50);
  const double steps = std::round(added->p50 / kStep);
  if (steps >= 1 && std::abs(added->p50 - steps * kStep) < kNear)
    sentence += fmt::format(": messages are held back by {:.0f} x 40 ms, as by Nagle's algorithm", steps);
  return known(std::move(sentence), added->p50, added->p50);
}
HopFact latency_p99(const RunResult& run) {
  const auto added = most_added(run);
  return added ? known(fmt::format("of 100 messages 99 take no more than {} longer", spoken_time(added->p99)),
                       added->p99, added->p99)
               : HopFact{};
}

constexpr double kUnbounded = 64.0 * (1 << 20);

/// What the hop itself takes for an end that is not read, one way; sizes of sockets move, so each time.
struct Held {
  double least = 0, most = 0;
};
std::optional<Held> held_on_way(const RunResult& run, std::string_view family) {
  std::optional<Held> out;
  for (const CaseResult* one : results_of(run, family)) {
    const auto taken = octets_in(noted(*one, "taken"));
    if (!taken) return std::nullopt;
    const auto own = octets_in(noted(*one, without_hop("taken"))).value_or(0);
    const double held = *taken > kUnbounded ? *taken : std::max(0.0, *taken - own);
    out = out ? Held{std::min(out->least, held), std::max(out->most, held)} : Held{held, held};
  }
  return out;
}
std::string spoken_range(const Held& held) {
  const auto least = spoken_octets(held.least), most = spoken_octets(held.most);
  return least == most ? most : least + " to " + most;
}

HopFact buffer(const RunResult& run) {
  const auto up = held_on_way(run, "hop-facts.stalled.up"), down = held_on_way(run, "hop-facts.stalled.down");
  if (!up || !down) return {};
  const double least = std::max(up->least, down->least), most = std::max(up->most, down->most);
  const bool unbounded = most > kUnbounded;
  return known(
      fmt::format(
          "back pressure: of an end that is not read the hop takes {} of the client, {} of the server{}",
          spoken_range(*up), spoken_range(*down), unbounded ? ", and more" : ""),
      least, unbounded ? std::nullopt : std::optional(most));
}

HopFact half_close(const RunResult& run) {
  const auto up = noted(run, "hop-end.half.up", "behind the end"),
             down = noted(run, "hop-end.half.down", "behind the end");
  if (!up || !down) return {};
  const auto says = [](const std::string& how) { return how == "delivered" ? "goes on" : "ends as well"; };
  return known_word(
      fmt::format("half-close: the way down {} when the client has ended, the way up {} when the server has",
                  says(*up), says(*down)),
      both_ways(*up == "delivered", *down == "delivered"));
}

HopFact reset(const RunResult& run) {
  const auto up = noted(run, "hop-end.reset.up", "an abort comes as"),
             down = noted(run, "hop-end.reset.down", "an abort comes as");
  if (!up || !down) return {};
  return known_word(
      fmt::format("an abort of the client comes to the server as {}, one of the server to the client as {}",
                  *up, *down),
      *up == *down ? *up : "mixed");
}

HopFact closing(const RunResult& run) {
  constexpr const char* kCase = "hop-facts.closed";
  const auto near = noted(run, kCase, "the client saw"), far = noted(run, kCase, "the server saw");
  if (!near || !far) return {};
  const bool waits = *near == "nothing" && *far == "nothing";
  return known_word(
      waits ? "behind both Closes the hop waits for an end of TCP"
            : fmt::format("behind both Closes the hop ends TCP by itself: {} to the client, {} to the server",
                          *near, *far),
      waits ? "ends" : "hop");
}

struct Row : FactKind {
  HopFact (*measure)(const RunResult& run);
};

constexpr double kSet = 0.02;
const Row kRows[] = {
    {{"idle", Holds::time, kSilent, "how long a silent tunnel lives", "", kSet}, idle},
    {{"pings", Holds::word, "hop-facts.idle.silent hop-facts.idle.pings.up hop-facts.idle.pings.down",
      "whose pings keep a tunnel beyond that", "client server both none", 0},
     pings},
    {{"data", Holds::word, "hop-facts.idle.data", "whether messages each way do", "yes no", 0}, data},
    {{"unanswered", Holds::time, "hop-facts.unanswered",
      "when an upgrade that the server does not answer is given up", "", kSet},
     unanswered},
    {{"head", Holds::octets, "hop-facts.head", "the largest head of a request that passes", "", 0}, head},
    {{"fields", Holds::count, "hop-facts.fields", "the most fields of a request that pass", "", 0}, fields},
    {{"target", Holds::octets, "hop-facts.target", "the longest target of a request that passes", "", 0},
     target},
    {{"message", Holds::octets, "hop-facts.message", "the largest message that passes, each way", "", 0},
     message},
    {{"tunnels", Holds::count, "hop-facts.tunnels", "how many tunnels live beside each other", "", 0},
     tunnels},
    {{"latency", Holds::time, "hop-facts.latency",
      "what is added to half of the messages, at the worst size and way", "", 0},
     latency},
    {{"latency-p99", Holds::time, "hop-facts.latency", "what is added to 99 of 100", "", 0}, latency_p99},
    {{"buffer", Holds::octets, "hop-facts.stalled.up hop-facts.stalled.down",
      "what is taken for an end that reads nothing", "", 0},
     buffer},
    {{"half-close", Holds::word, "hop-end.half.up hop-end.half.down",
      "behind whose end of TCP the other way goes on", "client server both none", 0},
     half_close},
    {{"reset", Holds::word, "hop-end.reset.up hop-end.reset.down", "as what an abort is passed on",
      "RST FIN mixed", 0},
     reset},
    {{"closing", Holds::word, "hop-facts.closed",
      "who ends TCP behind both Closes: the hop, or it waits for the ends", "hop ends", 0},
     closing},
};

constexpr std::size_t kKinds = std::size(kRows);

/// Why there is nothing to be said: nobody has asked, or the case has not come so far.
std::string why_not(const RunResult& run, const FactKind& kind) {
  for (const std::string_view family : words_in(kind.cases)) {
    const auto results = results_of(run, family);
    if (results.empty())
      return fmt::format("not measured: --filter {} does", family.substr(0, family.find('.')));
    for (const CaseResult* one : results) {
      if (one->verdict == Verdict::skipped && one->id.starts_with("hop-facts."))
        return "not measured: --idle-max 75s watches for that long";
      if (one->verdict != Verdict::pass && one->verdict != Verdict::info)
        return fmt::format("not measured: {} is {}", one->id, verdict_name(one->verdict));
    }
  }
  return "not measured";
}

/// The value, in its quotes, of a field in a list of added ones; empty: it is not there.
std::string field_in(const std::string& added, std::string_view name) {
  for (std::size_t at = 0; (at = added.find(" \"", at)) != std::string::npos; ++at) {
    const auto begin = at < name.size() ? std::string::npos : at - name.size();
    const bool first = begin == 0 || (begin != std::string::npos && added[begin - 1] == ' ');
    if (!first || !same_text(std::string_view(added).substr(begin, name.size()), name)) continue;
    const auto end = added.find('"', at + 2);
    return added.substr(at + 1, end == std::string::npos ? end : end - at);
  }
  return {};
}

}  // namespace

std::span<const FactKind> fact_kinds() {
  static const std::vector<FactKind> kinds(std::begin(kRows), std::begin(kRows) + kKinds);
  return kinds;
}

const FactKind* find_fact_kind(std::string_view name) {
  const auto kinds = fact_kinds();
  const auto found = std::ranges::find(kinds, name, &FactKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<HopFact> facts_of(const RunResult& run) {
  std::vector<HopFact> out;
  if (run.tested != "hop" || !run.server.empty()) return out;
  for (const Row& row : kRows) {
    HopFact fact = row.measure(run);
    fact.name = row.name;
    if (!fact.measured) fact.sentence = why_not(run, row);
    out.push_back(std::move(fact));
  }
  return out;
}

void add_direct(const RunResult& direct, RunResult& run) {
  for (CaseResult& result : run.results) {
    const auto family = family_of(result.id);
    if (family != "hop-facts.latency" && !family.starts_with("hop-facts.stalled.")) continue;
    const auto same = std::ranges::find(direct.results, result.id, &CaseResult::id);
    if (same == direct.results.end()) continue;
    for (const std::string& note : same->notes)
      if (note.find(": ") != note.npos) result.notes.push_back(without_hop(note));
  }
}

bool watches(const Case& one) {
  return std::ranges::find(one.needs, "idle-max") != one.needs.end();
}

void add_own_accord(const std::string& what, RunResult& run) {
  for (CaseResult& result : run.results)
    if (result.id == "hop-facts.names" && was_judged(result))
      result.notes.push_back(fmt::format("{}: {}", kOwnAccord, what));
}

std::vector<std::string> introduction_of(const RunResult& run) {
  constexpr const char* kCase = "hop-facts.names";
  std::vector<std::string> out;
  const auto up = noted(run, kCase, "added to the request"), down = noted(run, kCase, "added to the answer");
  if (!up || !down) return out;
  std::string names;
  for (const auto& [name, text] :
       {std::pair("Server", &*down), std::pair("Via", &*up), std::pair("Via", &*down)})
    if (const auto said = field_in(*text, name); !said.empty() && names.find(said) == std::string::npos)
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", name, said);
  out.push_back("it calls itself " + (names.empty() ? "nothing: neither Server nor Via" : names));
  out.push_back("it adds to the request " + *up);
  out.push_back("it adds to the answer " + *down);
  if (const auto asked = noted(run, kCase, std::string(kOwnAccord)))
    out.push_back("of its own accord it sends its server " + *asked);
  return out;
}

}  // namespace wsspec
