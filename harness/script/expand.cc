#include "script/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "protocol/spec.h"
#include "script/print.h"
#include "script/substitute.h"

namespace wsspec {
namespace {

std::string row_name(const Each::Row& row) {
  if (!row.label.empty()) return row.label;
  if (row.values.empty()) return {};
  if (const auto* number = std::get_if<Number>(&row.values[0])) return print(*number);
  if (const auto* word = std::get_if<std::string>(&row.values[0])) return *word;
  return {};
}

class Expansion {
 public:
  Expansion(const File& file, Expanded& out) : file_(file), out_(out) {}

  void family(const Case& one) {
    if (!sound(one)) return;
    std::size_t count = 1;
    for (const auto& each : one.each) count = std::min(count * each.rows.size(), kMaxInstances + 1);
    if (out_.cases.size() + count > kMaxInstances) {
      report(one.place, fmt::format("the file expands to more than {} cases", kMaxInstances), "", one.id);
      return;
    }
    std::vector<std::size_t> rows(one.each.size(), 0);
    for (std::size_t i = 0; i < count; ++i) {
      instance(one, rows);
      for (std::size_t each = rows.size(); each-- > 0;) {  // the last one turns fastest
        if (++rows[each] < one.each[each].rows.size()) break;
        rows[each] = 0;
      }
      if (out_.errors.size() > 20) return;  // the same mistake in every row
    }
  }

 private:
  void report(const Place& place, std::string message, std::string hint = {}, std::string word = {}) {
    Diagnostic d;
    d.place = place;
    d.message = std::move(message);
    d.hint = std::move(hint);
    d.word = std::move(word);
    add_once(out_.errors, std::move(d));
  }

  /// Names given once, rows with as many values as columns, labels that tell the rows apart.
  bool sound(const Case& one) {
    const auto before = out_.errors.size();
    std::set<std::string> names;
    for (const auto& each : one.each) {
      const auto place = each.rows.empty() ? one.place : each.rows[0].place;
      for (const auto& name : each.names) {
        if (!names.insert(name).second) report(place, fmt::format("a second 'each {}'", name));
      }
      std::set<std::string> labels;
      for (const auto& row : each.rows) {
        if (row.values.size() != each.names.size()) {
          report(row.place, fmt::format("{} values for {} names", row.values.size(), each.names.size()));
        }
        const auto name = row_name(row);
        if (name.empty())
          report(row.place, "the row needs a label", "write 'label: value'");
        else if (!labels.insert(name).second)
          report(row.place, fmt::format("a second row '{}'", name), "give it a label", name);
      }
    }
    for (const auto& let : one.lets) {
      if (names.contains(let.name))
        report(let.place, fmt::format("'{}' is the name of an 'each' too", let.name), "", let.name);
    }
    return out_.errors.size() == before;
  }

  void instance(const Case& family, const std::vector<std::size_t>& rows) {
    Case one = family;
    one.each.clear();
    Substitution values([this](const Place& place, std::string message, std::string word) {
      report(place, std::move(message), {}, std::move(word));
    });
    std::string names;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& row = family.each[i].rows[rows[i]];
      names += (names.empty() ? "" : ",") + row_name(row);
      for (std::size_t column = 0; column < row.values.size(); ++column) {
        values.bind(family.each[i].names[column], row.values[column], row_name(row), row.place);
      }
    }
    if (!names.empty()) one.id += '[' + names + ']';
    for (const auto& let : file_.lets) values.know_let(let.name);
    for (const auto& let : one.lets) values.know_let(let.name);
    values.apply(one);
    for (auto& id : one.covers) id = current_id(id);
    add_file_lets(one);
    out_.cases.push_back(std::move(one));
  }

  /// Prepends those file lets that the case uses, directly or through another let, and does not define
  /// itself.
  void add_file_lets(Case& one) const {
    if (file_.lets.empty()) return;
    std::set<std::string> own;
    for (const auto& let : one.lets) own.insert(let.name);
    auto used = names_in(one);
    std::vector<Let> chosen;
    for (std::size_t i = file_.lets.size(); i-- > 0;) {  // a let may use earlier ones
      const auto& let = file_.lets[i];
      if (own.contains(let.name) || !used.contains(let.name)) continue;
      own.insert(let.name);
      for (const auto& name : names_in(let.payload)) used.insert(name);
      chosen.insert(chosen.begin(), let);
    }
    one.lets.insert(one.lets.begin(), std::make_move_iterator(chosen.begin()),
                    std::make_move_iterator(chosen.end()));
  }

  const File& file_;
  Expanded& out_;
};

}  // namespace

Expanded expand(const File& file) {
  Expanded out;
  Expansion expansion(file, out);
  for (const auto& one : file.cases) expansion.family(one);
  return out;
}

}  // namespace wsspec
