// Edits of heads and answers, and what is done to the frames and messages that a predicate names: shared by
// the tables of defects and liberties.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "peer/conduct.h"
#include "protocol/handshake.h"

namespace wsspec::edits {

inline constexpr bool kPlain = false, kSubtle = true;
inline constexpr bool kSound = false, kWeak = true;  ///< Of liberties: a SHOULD is followed, or not.

inline void drop(std::vector<Field>& fields, std::string_view name) {
  std::erase_if(fields, [&](const Field& f) { return same_text(f.name, name); });
}
/// One field of that name, at the place of the first or at the end.
inline void set(std::vector<Field>& fields, std::string_view name, std::string_view value) {
  const auto first = std::ranges::find_if(fields, [&](const Field& f) { return same_text(f.name, name); });
  if (first == fields.end()) {
    fields.push_back({std::string(name), std::string(value)});
    return;
  }
  first->value = value;
  const std::size_t keep = static_cast<std::size_t>(first - fields.begin());
  for (std::size_t i = fields.size(); --i > keep;) {
    if (same_text(fields[i].name, name)) fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
  }
}
/// Keeps only the first field of that name.
inline void keep_first(std::vector<Field>& fields, std::string_view name) {
  for (const Field& f : fields) {
    if (same_text(f.name, name)) return set(fields, name, std::string(f.value));
  }
}
inline std::string value_of(const Head& head, std::string_view name) {
  return head.joined(name).value_or("");
}
inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}
inline std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// Puts another method or version in the request line, however it is formed.
inline void set_method(Head& head, std::string_view method) {
  const std::size_t blank = head.start.find(' ');
  head.start = std::string(method) + (blank == head.start.npos ? " / HTTP/1.1" : head.start.substr(blank));
}
inline void set_version(Head& head, std::string_view version) {
  const std::size_t blank = head.start.rfind(' ');
  head.start = head.start.substr(0, blank) + ' ' + std::string(version);
}

/// Frames of that kind, for the defects that show with them alone.
template <Opcode opcode>
bool is(const FrameHeader& h, const Situation&) {
  return h.is(opcode);
}

/// What `member` of the Conduct stands for happens at that moment.
template <std::uint16_t Conduct::* member, Moment moment>
void at(Conduct& c) {
  c.*member = bit(moment);
}

/// Takes the legal frames that `when` names for a fault.
template <bool (*when)(const FrameHeader& h, const Situation& s)>
void refuse(Conduct& c) {
  c.refuses = when;
}

/// The echo of the messages that `when` names is lost.
template <bool (*when)(const Echo& e, const Situation& s)>
void lose(Conduct& c) {
  c.misechoes = [](Echo& e, Situation& s) { e.lost = when(e, s); };
}

/// Takes good compressed payloads for broken.
template <bool (*when)(BytesView payload, const Situation& s)>
void refuse_deflated(Conduct& c) {
  c.refuses_deflated = when;
}

/// Whether this is not where the client asked first.
inline bool is_sent_elsewhere(const Head& request, const Situation& s) {
  const std::string host = value_of(request, "Host");
  if (s.commons->octets.empty()) s.commons->octets = host;
  return host != s.commons->octets && !host.empty();
}

}  // namespace wsspec::edits
