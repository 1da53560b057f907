#include "target/preamble.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "script/parse.h"

namespace wsspec {
namespace {

Result<std::vector<Step>> steps_of_case(const std::string& text, const std::string& file) {
  auto parsed = parse(text, file);
  if (!parsed.errors.empty()) return fail_with(file, render(parsed.errors.front()));
  if (parsed.file.cases.size() != 1 || !parsed.file.lets.empty() || !parsed.file.cases[0].lets.empty() ||
      !parsed.file.cases[0].each.empty())
    return fail_with(file, "is no preamble", "steps, or one case without 'let' and 'each'");
  auto steps = std::move(parsed.file.cases[0].steps);
  std::erase_if(steps, [](const Step& step) {
    return std::holds_alternative<Open>(step.statement) || std::holds_alternative<Finish>(step.statement);
  });
  return steps;
}

Result<std::vector<Step>> steps_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) return fail_with(file, "cannot be read", "a file with the steps");
  auto parsed = parse_steps(text, file);
  if (parsed.errors.empty()) return std::move(parsed.steps);
  if (text.find("wire 1") != text.npos) return steps_of_case(text, file);
  return fail_with(file, render(parsed.errors.front()));
}

}  // namespace

Result<std::vector<Step>> read_preamble(const std::string& given) {
  std::error_code error;
  if (given.ends_with(".wire") || std::filesystem::is_regular_file(given, error)) return steps_of_file(given);
  auto parsed = parse_steps(given, "preamble");
  if (parsed.errors.empty()) return std::move(parsed.steps);
  return fail_with("preamble", render(parsed.errors.front()), "steps, or a file of them");
}

}  // namespace wsspec
