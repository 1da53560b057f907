// The frames of a STOMP stream do not depend on how it is cut, keep to the limits, and read as the same
// frames when they are written anew, also with lines that end in CR LF.
//
// Input: one octet of choices (version, limits), one for the cuts, then the stream.
#include <vector>

#include "fuzz/property.h"
#include "protocol/stomp_reader.h"

namespace {

using namespace wsspec;

struct Read {
  std::vector<StompFrame> frames;
  std::optional<StompFault> fault;
  std::string begun;
};

Read read(BytesView octets, ChunkCutter cutter, StompVersion version, StompLimits limits) {
  StompReader reader(limits);
  reader.set_version(version);
  Read out;
  while (!octets.empty()) {
    const std::size_t size = cutter.next(octets.size());
    reader.feed(octets.substr(0, size), [&](StompFrame&& frame) { out.frames.push_back(std::move(frame)); });
    octets.remove_prefix(size);
  }
  out.fault = reader.fault();
  if (!out.fault) out.begun = reader.begun();
  return out;
}

void check_limits(const StompFrame& frame, StompLimits limits) {
  require(frame.headers.size() <= limits.headers, "a frame keeps to its limit of headers");
  require(frame.body.size() <= limits.body, "a body keeps to its limit");
  for (const StompHeader& header : frame.headers)
    require(header.name.size() + header.value.size() < limits.line, "a header keeps to its limit");
}

void check_writing(const StompFrame& frame, StompForm form) {
  const Read again = read(render_stomp(frame, form), ChunkCutter(0), form.version, {});
  require(!again.fault && again.frames.size() == 1 && again.begun.empty(),
          "a frame written anew is one frame", again.fault ? again.fault->what : "");
  const StompFrame& back = again.frames.front();
  require(back.command == frame.command && back.headers == frame.headers && back.body == frame.body,
          "a frame written anew reads as the same");
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  const std::uint8_t choices = in.octet();
  const ChunkCutter cutter(in.octet());
  const auto version = static_cast<StompVersion>(choices % 3);
  const StompLimits limits =
      choices >= 128 ? StompLimits{.line = 16, .headers = 3, .body = 8} : StompLimits{};

  const Read whole = read(in.rest(), ChunkCutter(0), version, limits);
  const Read cut = read(in.rest(), cutter, version, limits);
  require(whole.frames == cut.frames && whole.begun == cut.begun, "frames do not depend on the cuts");
  require(whole.fault.has_value() == cut.fault.has_value() &&
              (!whole.fault || whole.fault->what == cut.fault->what),
          "a fault does not depend on the cuts");
  for (const StompFrame& frame : whole.frames) {
    check_limits(frame, limits);
    check_writing(frame, {.version = version});
    if (version == StompVersion::v1_2) check_writing(frame, {.version = version, .crlf = true});
  }
}
