#include "protocol/stomp_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "protocol/utf8.h"

namespace wsspec {
namespace {

// Digits alone: a sign, a blank or a list is no octet count.
std::optional<std::uint64_t> octet_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

void StompReader::feed(BytesView bytes, const Sink& sink) {
  while (!bytes.empty() && !fault_) {
    switch (stage_) {
      case Stage::command:
      case Stage::headers: read_line(bytes); break;
      case Stage::body: read_body(bytes); break;
      case Stage::end: read_end(bytes, sink); break;
    }
  }
}

void StompReader::read_line(BytesView& bytes) {
  using namespace std::string_view_literals;
  const std::size_t stop = bytes.find_first_of(stage_ == Stage::command ? "\n\0"sv : "\n"sv);
  const bool ended = stop != BytesView::npos;
  line_ += bytes.substr(0, std::min(stop, limits_.line + 2));
  if (ended && bytes[stop] == '\n' && version_ == StompVersion::v1_2 && line_.ends_with('\r'))
    line_.pop_back();
  // Before the end of a line one octet more may be the CR of it.
  if (line_.size() > limits_.line + (ended ? 0 : 1))
    return fail(StompFault::Kind::limit, fmt::format("a line above {} octets", limits_.line));
  if (ended && bytes[stop] == '\0')
    return fail(StompFault::Kind::command, "a NUL before the end of the command's line");
  bytes.remove_prefix(ended ? stop + 1 : bytes.size());
  if (!ended) return;
  if (stage_ == Stage::headers)
    line_.empty() ? begin_body() : take_header();
  else if (!line_.empty())
    take_command();
}

void StompReader::take_command() {
  if (line_.find('\r') != line_.npos) return fail(StompFault::Kind::command, "a CR in the command's line");
  if (!is_utf8(line_)) return fail(StompFault::Kind::command, "a command that is no UTF-8");
  frame_.command = std::exchange(line_, {});
  length_.reset();
  stage_ = Stage::headers;
}

void StompReader::take_header() {
  using enum StompFault::Kind;
  const std::string line = std::exchange(line_, {});
  if (frame_.headers.size() == limits_.headers)
    return fail(limit, fmt::format("more than {} headers", limits_.headers));
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return fail(header, "a header without a colon");
  if (colon == 0) return fail(header, "a header without a name");
  if (!is_utf8(line)) return fail(header, "a header that is no UTF-8");
  // Before 1.2 a CR is an octet as any other.
  if (version_ == StompVersion::v1_2 && line.find('\r') != line.npos)
    return fail(header, "a CR inside a header");
  StompHeader read{line.substr(0, colon), line.substr(colon + 1)};
  if (has_stomp_escapes(frame_.command, version_)) {
    frame_.bare_colon |= read.value.find(':') != read.value.npos;
    auto name = stomp_unescaped(read.name, version_), value = stomp_unescaped(read.value, version_);
    if (!name || !value)
      return fail(escape, fmt::format("an escape in header {} that STOMP {} does not define", read.name,
                                      wsspec::name(version_)));
    read = {*std::move(name), *std::move(value)};
  }
  frame_.headers.push_back(std::move(read));
}

void StompReader::begin_body() {
  stage_ = Stage::body;
  const std::string* told = frame_.find("content-length");
  if (!told) return;
  length_ = octet_count(*told);
  if (!length_ && !is_digits(*told))
    return fail(StompFault::Kind::length,
                fmt::format("content-length \"{}\" is no number", told->substr(0, 40)));
  // More digits than a number of 64 bits holds are above every limit.
  if (!length_ || *length_ > limits_.body)
    return fail(StompFault::Kind::limit, fmt::format("a body above {} octets", limits_.body));
  if (*length_ == 0) stage_ = Stage::end;
}

void StompReader::read_body(BytesView& bytes) {
  const std::uint64_t room = (length_ ? *length_ : limits_.body) - frame_.body.size();
  const std::size_t nul = length_ ? BytesView::npos : bytes.find('\0');
  const std::size_t size = std::min(nul, bytes.size());
  if (!length_ && size > room)
    return fail(StompFault::Kind::limit, fmt::format("a body above {} octets", limits_.body));
  const BytesView part = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size, room)));
  frame_.body += part;
  bytes.remove_prefix(part.size());
  if (length_ ? frame_.body.size() == *length_ : nul != BytesView::npos) stage_ = Stage::end;
}

void StompReader::read_end(BytesView& bytes, const Sink& sink) {
  if (bytes.front() != '\0')
    return fail(StompFault::Kind::end,
                fmt::format("no NUL behind the {} octets of the body", frame_.body.size()));
  bytes.remove_prefix(1);
  stage_ = Stage::command;
  sink(std::exchange(frame_, {}));
}

void StompReader::fail(StompFault::Kind kind, std::string what) {
  fault_ = {kind, std::move(what)};
  frame_ = {};
  line_.clear();
}

}  // namespace wsspec
