#include "cli/secrecy.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "protocol/http.h"

namespace wsspec {
namespace {

// "Name: value"; a colon that was forgotten does not make the value public.
void learn_field(Secrets& secrets, std::string_view field) {
  const auto end = std::min(field.find_first_of(": "), field.size());
  secrets.add_field(field.substr(0, end), field.substr(std::min(end + 1, field.size())));
}

// Of what is declared of STOMP only this is secret.
void learn_stomp(Secrets& secrets, std::string_view word) {
  constexpr std::string_view kPasscode = "passcode=";
  if (word.starts_with(kPasscode)) secrets.add(word.substr(kPasscode.size()));
}

struct SecretOption {
  std::string_view key;  ///< Of wsspec.toml; as a flag with `--` and dashes.
  void (*learn)(Secrets&, std::string_view);
};
constexpr SecretOption kSources[] = {
    {"header", learn_field},
    {"secret", [](Secrets& secrets, std::string_view text) { secrets.add(text); }},
    {"proxy", [](Secrets& secrets, std::string_view url) { secrets.add_proxy(url); }},
    {"start_env", [](Secrets& secrets, std::string_view variable) { secrets.add_variable(variable); }},
    {"start", [](Secrets& secrets, std::string_view command) { secrets.scan(command); }},
    {"exec", [](Secrets& secrets, std::string_view command) { secrets.scan(command); }},
    {"connect", [](Secrets& secrets, std::string_view url) { secrets.add_url(url); }},
    {"server", [](Secrets& secrets, std::string_view url) { secrets.add_url(url); }},
    {"preamble", [](Secrets& secrets, std::string_view steps) { secrets.scan(steps, true); }},
    {"stomp", learn_stomp},
    {"subprotocol", [](Secrets& secrets, std::string_view name) { secrets.scan(name); }},
    {"url", [](Secrets& secrets, std::string_view url) { secrets.add_url(url); }},
};

const SecretOption* source_of(std::string_view option) {
  if (!option.starts_with("--")) return nullptr;
  std::string key(option.substr(2));
  std::ranges::replace(key, '-', '_');
  const auto* found = std::ranges::find(kSources, key, &SecretOption::key);
  return found == std::end(kSources) ? nullptr : found;
}

std::string variable_of(std::string_view key) {
  std::string name = "WSSPEC_";
  for (const char c : key) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return name;
}

bool is_url(std::string_view word) {
  return word.find("://") != word.npos;
}

/// The words one by one, each with the option whose value it is (or null); `--name=value` counts as one.
template <typename Visit>
void each_word(const std::vector<std::string>& words, const Visit& visit) {
  const SecretOption* pending = nullptr;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const auto* own = source_of(std::string_view(word).substr(0, equals));
    if (own != nullptr && equals != word.npos) {
      visit(word, equals + 1, own);
    } else if (own != nullptr && pending == nullptr) {
      visit(word, word.size(), nullptr);
      pending = own;
      continue;
    } else {
      visit(word, std::size_t{0}, pending != nullptr ? pending : is_url(word) ? source_of("--url") : nullptr);
    }
    pending = nullptr;
  }
}

/// Whether anything of `value` would be masked when it is shown.
bool holds_secret(const SecretOption& source, const std::string& value) {
  Secrets own;
  source.learn(own, value);
  return !own.empty() || known_secrets().mask(value) != value || shown_url(value) != value;
}

}  // namespace

Secrets& known_secrets() {
  static Secrets secrets;
  return secrets;
}

void learn_secrets(int argc, char** argv) {
  each_word({argv, argv + argc}, [](const std::string& word, std::size_t value, const SecretOption* source) {
    if (source != nullptr) source->learn(known_secrets(), std::string_view(word).substr(value));
  });
  for (const auto& source : kSources)
    if (const char* value = std::getenv(variable_of(source.key).c_str()))
      source.learn(known_secrets(), value);
}

std::vector<std::string> shown_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  std::map<std::string, int> uses;
  each_word(words, [&](const std::string& word, std::size_t value, const SecretOption* source) {
    if (source == nullptr || !holds_secret(*source, word.substr(value))) return out.push_back(word);
    auto name = variable_of(source->key);
    const int use = ++uses[name];
    if (use > 1) name += "_" + std::to_string(use);
    if (value > 0) out.push_back(word.substr(0, value - 1));  // `--header=x` becomes two words.
    out.push_back("$" + name);
  });
  return out;
}

}  // namespace wsspec
