// Every octet string can be written in the notation: what is printed for it parses and assembles to the same
// octets, for either role.
#include "fuzz/property.h"
#include "script/assemble.h"
#include "script/parse.h"
#include "script/print.h"

namespace {

using namespace wsspec;

void check_role(BytesView octets, Role role) {
  std::string text;
  for (const Step& step : disassemble(octets, role)) text += print(step) + "\n";
  const ParsedSteps parsed = parse_steps(text);
  require(parsed.errors.empty(), "what is printed for octets parses", text);
  Environment environment;
  Bytes again;
  for (const Step& step : parsed.steps) {
    const auto assembled = assemble(step.statement, environment, role);
    require(assembled.has_value(), "what is printed for octets can be sent", text);
    again += assembled->bytes;
  }
  require(again == octets, "what is printed for octets assembles to them", text);
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  check_role(input, Role::client);
  check_role(input, Role::server);
  const auto payload = parse_payload(print_payload(input));
  Environment environment;
  require(payload.has_value(), "a printed payload parses");
  const auto octets = evaluate(*payload, environment);
  require(octets && *octets == input, "a printed payload stands for its octets");
}
