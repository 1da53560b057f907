#include "model/rules_close.h"

#include <fmt/format.h>

#include <utility>

namespace wsspec {
namespace {

using enum BreachKind;
using enum Severity;

std::string_view reason_for(std::uint16_t code) {
  switch (classify(code)) {
    case CloseCodeClass::library: return "rfc6455-7.4.2-3";
    case CloseCodeClass::application: return "rfc6455-7.4.2-4";
    default: return "rfc6455-7.4.1-1";
  }
}

}  // namespace

bool is_fault_code(std::optional<std::uint16_t> code) {
  switch (code.value_or(0)) {
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
    case 1011: return true;
    default: return false;
  }
}

std::string_view requirement_of(const CloseBody& body) {
  if (body.stray_octet) return "rfc6455-5.5.1-2";
  const std::uint16_t code = body.code.value_or(1000);
  switch (code) {
    case 1005: return "rfc6455-7.4.1-3";
    case 1006: return "rfc6455-7.4.1-4";
    case 1010: return "rfc6455-7.4.1-7";
    case 1015: return "rfc6455-7.4.1-8";
    default: return code < 1000 ? "rfc6455-7.4.2-1" : code < 5000 ? "rfc6455-7.4.2-2" : "rfc6455-11.7-1";
  }
}

SentClose::Demand demand_of(const CloseBody& body, Role sender) {
  using enum SentClose::Demand;
  if (body.stray_octet) return refuse;
  if (!is_utf8(body.reason)) return refuse_text;
  if (!body.code) return orderly;
  if (body.code == 1010 && sender == Role::server) return open;  // "Not used by the server" (7.4.1).
  switch (classify(*body.code)) {
    case CloseCodeClass::defined:
    case CloseCodeClass::library:
    case CloseCodeClass::application: return orderly;
    case CloseCodeClass::registered: return registered;
    case CloseCodeClass::unassigned: return open;
    case CloseCodeClass::reserved: return reserved;
    case CloseCodeClass::forbidden: return refuse;
    case CloseCodeClass::invalid: break;
  }
  return *body.code < 1000 ? refuse : open;
}

std::optional<Breach> judge_close_answer(const SentClose& sent, const CloseBody& answer) {
  using enum SentClose::Demand;
  const bool same_code = answer.code && answer.code == sent.body.code;
  const bool plain = !answer.code || answer.code == 1000;
  const bool protocol_error = answer.code == 1002;
  const std::string text =
      fmt::format("a Close with {} is answered by a Close with {}",
                  sent.body.stray_octet ? "one octet" : code_text(sent.body.code), code_text(answer.code));
  const auto weak_code = [&](std::string_view requirement) {
    return breach(wrong_code, weak, requirement, text);
  };
  switch (sent.demand) {
    case orderly:
      if (same_code || plain || (protocol_error && sent.inside_message)) return std::nullopt;
      if (protocol_error || answer.code == 1007)
        return breach(rejects_legal, fail, reason_for(sent.body.code.value_or(1000)), text);
      return weak_code("rfc6455-5.5.1-8");
    case registered: return same_code || plain ? std::nullopt : std::optional(weak_code("rfc6455-7.4.2-2"));
    case open: return std::nullopt;
    case reserved: return same_code ? std::optional(weak_code("rfc6455-7.4.2-2")) : std::nullopt;
    case refuse: {
      // A forbidden code that is sent back is a fault of form.
      const bool no_code_for_stray = sent.body.stray_octet && !answer.code;
      return is_fault_code(answer.code) || no_code_for_stray || same_code
                 ? std::nullopt
                 : std::optional(weak_code("rfc6455-7.4.1-5"));
    }
    case refuse_text:
      if (is_fault_code(answer.code)) return std::nullopt;
      if (answer.code)
        return breach(accepts_illegal, fail, "rfc6455-8.1-1", text + " although its reason is not UTF-8");
      return weak_code("rfc6455-7.4.1-5");
  }
  return std::nullopt;
}

std::optional<Breach> judge_close_form(Role sender, const CloseBody& body, bool one_octet,
                                       std::optional<std::uint16_t> echoed) {
  const auto bad = [](Severity severity, std::string_view requirement, std::string text) {
    return breach(malformed_output, severity, requirement, std::move(text));
  };
  if (one_octet) return bad(fail, "rfc6455-5.5.1-2", "a Close body has one octet");
  if (!is_utf8(body.reason)) return bad(fail, "rfc6455-8.1-1", "a close reason is not UTF-8");
  if (!body.code) return std::nullopt;
  const std::uint16_t code = *body.code;
  const std::string text = fmt::format("the close code {} is sent", code);
  switch (classify(code)) {
    case CloseCodeClass::forbidden:
      return bad(fail,
                 code == 1005   ? "rfc6455-7.4.1-3"
                 : code == 1006 ? "rfc6455-7.4.1-4"
                                : "rfc6455-7.4.1-8",
                 text);
    case CloseCodeClass::invalid:
      if (code < 1000) return bad(fail, "rfc6455-7.4.2-1", text);
      if (code == echoed) return std::nullopt;
      return bad(fail, "rfc6455-11.7-1", text);
    case CloseCodeClass::reserved:
    case CloseCodeClass::unassigned:
      if (code == echoed) return std::nullopt;
      return bad(weak, "rfc6455-7.4.2-2", text);
    default: break;
  }
  if (code == 1010 && sender == Role::server && echoed != 1010)
    return bad(weak, "rfc6455-7.4.1-7", text + " by a server");
  return std::nullopt;
}

std::string code_text(std::optional<std::uint16_t> code) {
  return code ? std::to_string(*code) : "no code";
}

}  // namespace wsspec
