#include "autobahn/autobahn_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "autobahn/autobahn_words.h"
#include "report/text.h"

namespace wsspec {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>WebSocket conformance</title>
<style>
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5b6675; --line: #dde2e9;
  --link: #1d5fbf; --ok: #1a7f4b; --ok-bg: #e7f5ed; --bad: #fff; --bad-bg: #c0322f; --bad-ink: #b3261e;
  --weak: #7a5200; --weak-bg: #fff2d1; --info: #22588f; --info-bg: #e4effb; --none: #596273; --none-bg: #eceff3 }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2028; --ink: #e6eaf0; --soft: #9aa6b5;
  --line: #2d3642; --link: #7db3ff; --ok: #6fd39c; --ok-bg: #173526; --bad: #fff; --bad-bg: #a92b29; --bad-ink: #ff8f87;
  --weak: #f0c870; --weak-bg: #3d3114; --info: #8fc1f5; --info-bg: #182f47; --none: #a6b0be; --none-bg: #262e38 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 1200px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
h1 { margin: 0; font-size: 1.7rem; letter-spacing: -.01em } h2 { margin: 2.4rem 0 .8rem; font-size: 1.15rem }
p { margin: .4rem 0; color: var(--soft) } code { font: .86em ui-monospace, "SF Mono", Menlo, Consolas, monospace }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); margin-top: 1.4rem }
.card, details, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.card { padding: 1rem 1.1rem; overflow-wrap: anywhere } .card h3 { margin: 0; font-size: 1.05rem }
.card .big { margin: .5rem 0 .1rem; font-size: 1.45rem; font-weight: 650; color: var(--ok) } .card .big.sad { color: var(--bad-ink) }
.bar { display: flex; height: 8px; margin: .6rem 0; border-radius: 4px; overflow: hidden; background: var(--none-bg) }
.bar i { display: block; min-width: 3px } .key { display: flex; flex-wrap: wrap; gap: .15rem .9rem; font-size: .85rem; color: var(--soft) }
.key i { display: inline-block; width: .7em; height: .7em; margin-right: .35em; border-radius: 2px }
i.k0 { background: var(--ok) } i.k1 { background: #d99a1c } i.k2 { background: #4d8fd6 } i.k3 { background: #98a2b0 } i.k4 { background: #d23c38 }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: separate; border-spacing: 0 }
th, td { padding: .4rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
tr:last-child > th, tr:last-child > td { border-bottom: 0 }
thead th { font-size: .85rem; color: var(--soft); font-weight: 600; overflow-wrap: anywhere }
tbody th { font-weight: 400; position: sticky; left: 0; background: var(--card); min-width: 9.5rem }
.case { display: grid; grid-template-columns: 4.2rem 1fr; gap: 0 .5rem } .case b { font-variant-numeric: tabular-nums }
.case small, td small { display: block; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere } .case small a { white-space: nowrap }
td { white-space: nowrap; min-width: 7.5rem } td small { color: inherit; white-space: normal }
.cases td { font-size: .85rem; font-weight: 600; width: 11rem } .cases td a { color: inherit }
td.case_ok { color: var(--ok) } td.case_non_strict { color: var(--weak); background: var(--weak-bg) }
td.case_info { color: var(--info); background: var(--info-bg) } td.case_unimplemented { color: var(--none); background: var(--none-bg) }
td.case_failed { background: var(--bad-bg) } td.case_failed, td small.on { color: var(--bad) }
td.good::before { content: "✓ "; color: var(--ok) } td.none { color: var(--none) } td.sad { color: var(--bad-ink); font-weight: 600 } td.sad::before { content: "✗ " }
.causes { margin: 0; padding: 0; list-style: none } .causes li { padding: .7rem 1.1rem; border-bottom: 1px solid var(--line) }
.causes li:last-child { border: 0 } .causes p { margin: .1rem 0; overflow-wrap: anywhere } .causes p.why { color: var(--ink) }
details { margin: .7rem 0; overflow: hidden } summary { padding: .7rem 1.1rem; cursor: pointer; font-weight: 600 }
summary span { float: right; font-weight: 400; color: var(--soft); font-size: .9rem } summary span.sad { color: var(--bad-ink); font-weight: 600 }
details .scroll { border: 0; border-top: 1px solid var(--line); border-radius: 0 }
.only { display: block; margin: .5rem 0; color: var(--soft) } body:has(#only:checked) tr.good { display: none }
@media (max-width: 640px) { body { padding: 1.2rem .7rem 3rem } .case { grid-template-columns: 1fr } tbody th { max-width: 46vw }
  th, td { padding: .4rem .5rem } td { min-width: 6.6rem } summary span { float: none; display: block } }
</style></head><body>
)";

struct Kind {
  std::string_view word, css, plural;
};
constexpr std::array<Kind, 5> kKinds = {{{"OK", "case_ok", "OK"},
                                         {"NON-STRICT", "case_non_strict", "non-strict"},
                                         {"INFORMATIONAL", "case_info", "informational"},
                                         {"UNIMPLEMENTED", "case_unimplemented", "unimplemented"},
                                         {"", "case_failed", "failed"}}};
constexpr std::size_t kFailed = 4;

struct Title {
  std::string_view number, words;
};
constexpr Title kTitles[] = {{"1", "Messages of every length form"},
                             {"2", "Pings and pongs"},
                             {"3", "Reserved bits"},
                             {"4", "Reserved opcodes"},
                             {"5", "Fragments"},
                             {"6", "Text is UTF-8"},
                             {"7", "Closing"},
                             {"9", "Large messages and many messages"},
                             {"10", "Many small fragments"},
                             {"12", "Compression of many kinds of data"},
                             {"13", "Compression with every parameter"}};

/// Whatever is not known to be good is bad.
std::size_t kind_of(const AutobahnEntry& entry) {
  if (entry.bad()) return kFailed;
  const auto found = std::ranges::find(kKinds, std::string_view(entry.behavior), &Kind::word);
  return static_cast<std::size_t>(found - kKinds.begin());
}

using Counts = std::array<std::size_t, kKinds.size()>;

std::string section_of(const std::string& number) {
  return number.substr(0, number.find('.'));
}

struct NumericOrder {
  bool operator()(const std::string& a, const std::string& b) const { return autobahn_before(a, b); }
};

/// Everything by number; an agent that has no such case has a null pointer there.
struct Grid {
  std::span<const AutobahnAgent> agents;
  std::map<std::string, std::vector<const AutobahnEntry*>, NumericOrder> rows;
  std::map<std::string, std::vector<Counts>, NumericOrder> sections;

  explicit Grid(std::span<const AutobahnAgent> all) : agents(all) {
    for (std::size_t i = 0; i < agents.size(); ++i) {
      for (const AutobahnEntry& entry : agents[i].entries) {
        auto& row = rows[entry.number];
        row.resize(agents.size());
        row[i] = &entry;
      }
    }
    for (const auto& [number, row] : rows) {
      auto& section = sections[section_of(number)];
      section.resize(agents.size());
      for (std::size_t i = 0; i < row.size(); ++i)
        if (row[i]) ++section[i][kind_of(*row[i])];
    }
  }
};

std::size_t sum(const Counts& counts) {
  std::size_t all = 0;
  for (const std::size_t one : counts) all += one;
  return all;
}

/// The clause's text at its publisher.
std::string clause_link(const AutobahnClause& clause) {
  if (clause.link.empty()) return html_text(clause.name);
  return fmt::format("<a href=\"{}\">{}</a>", html_text(clause.link), html_text(clause.name));
}

std::string links(const std::vector<AutobahnClause>& clauses, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, clauses.size()); ++i)
    out += (i == 0 ? "" : ", ") + clause_link(clauses[i]);
  return out;
}

void add_card(std::string& out, const AutobahnAgent& agent) {
  Counts counts{};
  for (const AutobahnEntry& entry : agent.entries) ++counts[kind_of(entry)];
  const std::size_t all = sum(counts);
  out += fmt::format("<div class=\"card\"><h3>{}</h3>", html_text(agent.name));
  if (!agent.server_field.empty() && agent.server_field != agent.name)
    out += fmt::format("<p>{}</p>", html_text(one_line(agent.server_field, 80)));
  out += counts[kFailed] == 0
             ? fmt::format("<div class=\"big\">✓ {} of {}</div>", all, all)
             : fmt::format("<div class=\"big sad\">✗ {} of {} failed</div>", counts[kFailed], all);
  std::string bar, key;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (counts[i] == 0) continue;
    bar += fmt::format("<i class=\"k{}\" style=\"flex:{}\"></i>", i, counts[i]);
    key += fmt::format("<span><i class=\"k{}\"></i>{} {}</span>", i, counts[i], kKinds[i].plural);
  }
  out += fmt::format("<div class=\"bar\">{}</div><div class=\"key\">{}</div></div>\n", bar, key);
}

std::string_view title_of_section(const std::string& section) {
  const auto* found = std::ranges::find(kTitles, std::string_view(section), &Title::number);
  return found == std::end(kTitles) ? std::string_view("Section") : found->words;
}

std::string agent_headings(const Grid& grid) {
  std::string out;
  for (const AutobahnAgent& agent : grid.agents) out += fmt::format("<th>{}</th>", html_text(agent.name));
  return out;
}

/// "145", and in small print how many of them are more than OK: "4 informational".
std::string counted(const Counts& counts) {
  const std::size_t all = sum(counts);
  std::string small;
  for (std::size_t i = 1; i < kFailed; ++i) {
    if (counts[i] == 0) continue;
    if (counts[i] == all) return fmt::format("{} {}", all, kKinds[i].plural);
    small += fmt::format("<small>{} {}</small>", counts[i], kKinds[i].plural);
  }
  return std::to_string(all) + small;
}

void add_overview(std::string& out, const Grid& grid) {
  out += "<h2>By section</h2><div class=\"scroll\"><table><thead><tr><th>section</th>" +
         agent_headings(grid) + "</tr></thead><tbody>\n";
  for (const auto& [section, counts] : grid.sections) {
    out += fmt::format("<tr><th><div class=\"case\"><b>{0}</b><a href=\"#s{0}\">{1}</a></div></th>",
                       html_text(section), title_of_section(section));
    for (const Counts& one : counts) {
      const std::size_t all = sum(one);
      if (all == 0)
        out += "<td>not played</td>";
      else if (one[kFailed] > 0)
        out += fmt::format("<td class=\"sad\">{} of {} failed</td>", one[kFailed], all);
      else
        out += fmt::format("<td class=\"{}\">{}</td>", one[3] == all ? "none" : "good", counted(one));
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

/// Bad cases of one agent with one reason.
void add_causes(std::string& out, const AutobahnAgent& agent) {
  std::vector<std::pair<std::string, std::vector<const AutobahnEntry*>>> causes;
  for (const AutobahnEntry& entry : agent.entries) {
    if (!entry.bad()) continue;
    auto found = std::ranges::find(causes, entry.reason, &decltype(causes)::value_type::first);
    if (found == causes.end()) found = causes.insert(causes.end(), {entry.reason, {}});
    found->second.push_back(&entry);
  }
  constexpr std::size_t kNamed = 24;
  for (const auto& [reason, entries] : causes) {
    const AutobahnEntry& first = *entries.front();
    out += fmt::format("<li><b>{}</b>{}<p class=\"why\">{}</p><p>", html_text(agent.name),
                       entries.size() == 1 ? "" : fmt::format(", {} cases", entries.size()),
                       html_text(one_line(reason.empty() ? "no reason was recorded" : reason, 500)));
    for (std::size_t i = 0; i < std::min(kNamed, entries.size()); ++i)
      out +=
          fmt::format("<a href=\"{}\">{}</a> ", html_text(entries[i]->file), html_text(entries[i]->number));
    if (entries.size() > kNamed) out += fmt::format("and {} more ", entries.size() - kNamed);
    out += fmt::format("· {} / {}", html_text(first.behavior), html_text(first.close));
    if (!first.clauses.empty()) out += " · " + links(first.clauses, 2);
    out += "</p></li>\n";
  }
}

std::string cell_of(const AutobahnEntry* entry) {
  if (!entry) return "<td>not played</td>";
  const std::size_t kind = kind_of(*entry);
  const std::string code = entry->code ? fmt::format("code {}", *entry->code) : std::string("no code");
  std::string close;
  if (entry->close != "OK" && entry->close != entry->behavior)
    close = fmt::format("<small{}>close: {}, {}</small>", kind == kFailed ? " class=\"on\"" : "",
                        html_text(entry->close), code);
  return fmt::format("<td class=\"{}\" title=\"close {}, {}, {} ms\"><a href=\"{}\">{}</a>{}</td>",
                     kKinds[kind].css, html_text(entry->close), code, entry->duration, html_text(entry->file),
                     html_text(entry->behavior), close);
}

void add_row(std::string& out, const std::string& number, const std::vector<const AutobahnEntry*>& row) {
  const auto first = std::ranges::find_if(row, [](const AutobahnEntry* one) { return one != nullptr; });
  const AutobahnEntry& some = **first;
  const bool good = std::ranges::none_of(row, [](const AutobahnEntry* one) { return one && one->bad(); });
  out += fmt::format(
      "<tr{}><th><div class=\"case\"><b>{}</b><div>{}<small><code>{}</code> {}</small></div></div></th>",
      good ? " class=\"good\"" : "", html_text(number), html_text(one_line(some.about, 200)),
      html_text(some.id), links(some.clauses, 2));
  for (const AutobahnEntry* one : row) out += cell_of(one);
  out += "</tr>\n";
}

void add_section(std::string& out, const Grid& grid, const std::string& section,
                 const std::vector<Counts>& counts) {
  std::size_t bad = 0, cases = 0;
  std::string rows;
  for (const Counts& one : counts) bad += one[kFailed];
  for (const auto& [number, row] : grid.rows) {
    if (section_of(number) != section) continue;
    ++cases;
    add_row(rows, number, row);
  }
  out += fmt::format("<details id=\"s{}\"{}><summary>{} {} <span{}>{}</span></summary>", html_text(section),
                     bad > 0 ? " open" : "", html_text(section), title_of_section(section),
                     bad > 0 ? " class=\"sad\"" : "",
                     bad > 0 ? fmt::format("✗ {} failed", bad)
                             : fmt::format("✓ {} {}", cases, cases == 1 ? "case" : "cases"));
  out += "<div class=\"scroll\"><table class=\"cases\"><thead><tr><th>case</th>" + agent_headings(grid) +
         "</tr></thead><tbody>\n" + rows + "</tbody></table></div></details>\n";
}

}  // namespace

std::string autobahn_page(std::span<const AutobahnAgent> agents) {
  const Grid grid(agents);
  std::string out(kHead);
  out += fmt::format("<h1>WebSocket conformance</h1><p>{} {} by the numbers of the Autobahn test suite",
                     grid.rows.size(), grid.rows.size() == 1 ? "case" : "cases");
  if (!agents.empty())
    out += fmt::format(", played by wsspec {} on {}", html_text(agents.front().tool_version),
                       html_text(agents.front().started.substr(0, 10)));
  out += ".</p><div class=\"cards\">\n";
  for (const AutobahnAgent& agent : agents) add_card(out, agent);
  out += "</div>\n";
  add_overview(out, grid);
  std::string causes;
  for (const AutobahnAgent& agent : agents) add_causes(causes, agent);
  if (!causes.empty())
    out += "<h2>What is not good</h2><div class=\"card\" style=\"padding:0\"><ul class=\"causes\">\n" +
           causes + "</ul></div>\n";
  out += "<h2>Case by case</h2>";
  if (!causes.empty())
    out +=
        "<label class=\"only\"><input type=\"checkbox\" id=\"only\"> only cases that are not good</label>\n";
  for (const auto& [section, counts] : grid.sections) add_section(out, grid, section, counts);
  return out +
         "<p>Each word leads to the record of its case. <code>wsspec explain autobahn/5.18</code> tells what "
         "a case sends "
         "and demands.</p></body></html>\n";
}

}  // namespace wsspec
