#include "play/kept.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/message.h"
#include "script/print.h"

namespace wsspec {
namespace {

/// Octets read as frames, as far as they are whole ones.
struct Traffic {
  struct Unit {
    std::uint8_t opcode = 0, rsv = 0;
    bool fin = true, masked = false;
    LengthForm form = LengthForm::bits7;
    std::uint64_t length = 0;
    Bytes payload;  ///< Not masked.
    bool operator==(const Unit&) const = default;

    /// The same frame as far as it has come.
    bool begins(const Unit& whole) const {
      Unit same = whole;
      same.payload.resize(std::min(payload.size(), whole.payload.size()));
      return *this == same;
    }
  };
  std::vector<Unit> frames;
  std::optional<Unit> begun;      ///< Its header has come whole, it itself has not.
  std::vector<std::size_t> ends;  ///< Of `frames`, in octets.
  std::vector<MaskKey> keys;      ///< Of `frames`.
  std::size_t rest = 0;           ///< Octets behind the last of them.
  bool legal = true;              ///< Nothing in a header that needs an extension or breaks a rule.
};

bool is_legal(const FrameHeader& header) {
  return header.rsv == 0 && !is_reserved(header.opcode) && header.form == minimal_form(header.length) &&
         (!is_control(header.opcode) || (header.fin && header.length < 126));
}

Traffic read_traffic(BytesView octets) {
  Traffic out;
  Bytes copy(octets);
  MutableBytes left{copy.data(), copy.size()};
  FrameDecoder decoder;
  out.rest = left.size();
  while (const auto piece = decoder.next(left)) {
    const FrameHeader& header = piece->header;
    if (piece->first)
      out.begun = {header.opcode, header.rsv,    header.fin, header.mask.has_value(),
                   header.form,   header.length, {}};
    out.begun->payload += view(piece->payload);
    if (!piece->last) continue;
    out.rest = left.size();
    out.legal &= is_legal(header);
    if (header.mask) out.keys.push_back(*header.mask);
    out.frames.push_back(*std::exchange(out.begun, std::nullopt));
    out.ends.push_back(octets.size() - left.size());
  }
  return out;
}

/// A hop may ping either side by itself (RFC 6455 5.5.2); such pings are no part of what was sent.
void leave_out_own_pings(Traffic& came, const Traffic& sent) {
  std::erase_if(came.frames, [&](const Traffic::Unit& frame) {
    const bool ping = frame.opcode == static_cast<std::uint8_t>(Opcode::ping);
    return ping && std::ranges::none_of(sent.frames, [&](const Traffic::Unit& one) {
             return one.opcode == frame.opcode && one.payload == frame.payload;
           });
  });
}

/// Nothing but such pings.
bool are_own_pings(BytesView octets) {
  Traffic traffic = read_traffic(octets);
  if (traffic.rest > 0) return false;
  leave_out_own_pings(traffic, {});
  return traffic.frames.empty();
}

/// Several frames with one key, and nobody has sent them so: each frame has a key of its own (RFC 6455 5.3).
bool has_one_key(const Traffic& came, const Traffic& sent) {
  constexpr std::size_t kEnough = 3;
  const auto same = [](const std::vector<MaskKey>& keys) {
    return std::ranges::all_of(keys, [&](MaskKey key) { return key == keys.front(); });
  };
  return came.keys.size() >= kEnough && same(came.keys) && !same(sent.keys);
}

/// Whole messages and control frames in the order in which they end.
std::vector<Traffic::Unit> messages_of(const std::vector<Traffic::Unit>& frames) {
  std::vector<Traffic::Unit> out;
  std::optional<Traffic::Unit> open;
  for (const Traffic::Unit& frame : frames) {
    if (is_control(frame.opcode)) {
      out.push_back(frame);
      continue;
    }
    if (open)
      open->payload += frame.payload;
    else
      open = frame;
    if (!frame.fin) continue;
    open->fin = true;
    open->length = open->payload.size();
    open->form = minimal_form(open->length);
    out.push_back(*std::exchange(open, std::nullopt));
  }
  return out;
}

/// What came is what was sent, or its begin.
bool begins(const std::vector<Traffic::Unit>& sent, const std::vector<Traffic::Unit>& came) {
  return came.size() <= sent.size() && std::equal(came.begin(), came.end(), sent.begin());
}

/// So is the frame behind them that has not come whole.
bool begins_next(const Traffic& sent, const Traffic& came) {
  if (!came.begun) return true;
  if (came.frames.size() < sent.frames.size()) return came.begun->begins(sent.frames[came.frames.size()]);
  return sent.begun && came.begun->begins(*sent.begun);
}

bool is_close(const Traffic::Unit& frame) {
  return frame.opcode == static_cast<std::uint8_t>(Opcode::close);
}

/// Says that something went wrong, or that the hop goes away: no code says that all is well (RFC 6455 7.4.1).
bool is_farewell(const Traffic::Unit& frame) {
  if (!is_close(frame)) return false;
  const auto code = parse_close(frame.payload).code;
  return !code || (*code > 1000 && *code <= 1014 && classify(*code) != CloseCodeClass::forbidden);
}

/// The hop's answer to the receiver's Close: its code, or none.
bool is_answer(const Traffic::Unit& frame, const Way& way) {
  if (!is_close(frame) || !way.closed) return false;
  const auto code = parse_close(frame.payload).code;
  return !code || code == *way.closed;
}

/// A single Close of the hop's own.
bool is_own_close(BytesView octets, const Way& way) {
  const Traffic traffic = read_traffic(octets);
  if (traffic.frames.size() != 1 || traffic.rest > 0 || !traffic.legal) return false;
  return is_farewell(traffic.frames.front()) || is_answer(traffic.frames.front(), way);
}

/// Whether the frame of that number, or those ahead of it, are what no endpoint may send.
bool is_forbidden(BytesView sent, const Traffic& traffic, std::size_t number, const Way& way) {
  const Traffic::Unit& frame = traffic.frames[number];
  if (frame.form != minimal_form(frame.length)) return true;
  Bytes copy(sent.substr(0, traffic.ends[number]));
  MessageDecoder reader(other(way.sender), std::nullopt);
  reader.feed({copy.data(), copy.size()}, [](Incoming&&) {});
  return reader.failed();
}

/// What came ends with a Close of the hop's own, where a frame was sent in whose place it may stand.
std::optional<Kept> closed_by_hop(BytesView sent, const Traffic& before, Traffic after, const Way& way) {
  if (way.extended || after.frames.empty() || after.rest > 0) return std::nullopt;
  const Traffic::Unit last = std::move(after.frames.back());
  after.frames.pop_back();
  const auto count = after.frames.size();
  if (!begins(before.frames, after.frames)) return std::nullopt;
  const bool whole = count < before.frames.size();
  if (whole && count + 1 == before.frames.size() && is_close(before.frames[count]) && is_answer(last, way))
    return Kept{Kept::Level::closed, {}, 0};
  if (!is_farewell(last)) return std::nullopt;
  if (!whole) return Kept{Kept::Level::closed, {}, 0};
  if (!is_forbidden(sent, before, count, way)) return std::nullopt;
  return Kept{Kept::Level::refused, "a Close of the hop came in place of a frame that no endpoint may send",
              0};
}

constexpr std::size_t kOctetsShown = 12;

std::string contrast(BytesView sent, BytesView came, std::size_t at) {
  if (at == sent.size())
    return fmt::format("{} octets came that were not sent, behind the {} that were: {}", came.size() - at, at,
                       print_payload(came.substr(at, kOctetsShown), 80));
  return fmt::format("from octet {} on {} came in place of {}", at,
                     print_payload(came.substr(at, kOctetsShown), 80),
                     print_payload(sent.substr(at, kOctetsShown), 80));
}

}  // namespace

std::size_t agreement(BytesView sent, BytesView came, std::size_t agreed) {
  const auto end = std::ranges::mismatch(sent.substr(agreed), came.substr(agreed)).in1;
  return static_cast<std::size_t>(end - sent.begin());
}

Kept compare_kept(BytesView sent, BytesView came, const Way& way, std::size_t agreed) {
  using enum Kept::Level;
  agreed = agreement(sent, came, agreed);
  if (agreed == came.size()) return {agreed == sent.size() ? octets : part, {}, 0};
  if (way.leaves && is_own_close(came.substr(agreed), way))
    return {agreed == sent.size() ? octets : part, {}, came.size() - agreed};
  Kept differs = {changed, contrast(sent, came, agreed), 0};
  if (agreed == sent.size() && is_own_close(came.substr(agreed), way))
    return {octets, {}, came.size() - agreed};
  if (agreed == sent.size() && are_own_pings(came.substr(agreed))) return {octets, {}, 0};
  if (agreed == sent.size()) return differs;
  const Traffic before = read_traffic(sent);
  Traffic after = read_traffic(came);
  leave_out_own_pings(after, before);
  if (has_one_key(after, before))
    return {changed, fmt::format("{} frames came with one mask", after.keys.size()), 0};
  const auto level = [&](const auto& first, const auto& second, Kept::Level whole) {
    return Kept{first.size() == second.size() && before.rest == after.rest ? whole : part, {}, 0};
  };
  const bool framed = !before.frames.empty() || before.begun;
  if (framed && begins(before.frames, after.frames) && begins_next(before, after))
    return level(before.frames, after.frames, frames);
  if (const auto closed = closed_by_hop(sent, before, after, way)) return *closed;
  if (way.extended || !before.legal || !after.legal) return differs;
  const auto first = messages_of(before.frames), second = messages_of(after.frames);
  return framed && begins(first, second) ? level(first, second, messages) : differs;
}

namespace {

std::optional<std::string> line_part(const std::string& name, const Head& head) {
  const auto request = parse_request_line(head.start);
  const auto status = parse_status_line(head.start);
  if (name == "method") return request ? std::optional(request->method) : std::nullopt;
  if (name == "request-target") return request ? std::optional(request->target) : std::nullopt;
  if (name == "status") return status ? std::optional(std::to_string(status->status)) : std::nullopt;
  return request ? std::optional(request->version) : status ? std::optional(status->version) : std::nullopt;
}

bool is_of_line(const std::string& name) {
  return name == "method" || name == "request-target" || name == "version" || name == "status";
}

std::string shown(const std::optional<std::string>& value) {
  return value ? print_payload(*value, 80) : "nothing";
}

/// The values of a field, line by line.
std::vector<std::string> values_of(const std::string& name, const Head& head) {
  std::vector<std::string> out;
  for (const Field& field : head.fields)
    if (same_text(field.name, name)) out.push_back(field.value);
  return out;
}

}  // namespace

std::string changed_field(const std::string& name, const Head& sent, const Head& came) {
  if (name == "octets")
    return render_head(sent) == render_head(came) ? "" : "the head did not come octet by octet";
  const bool of_line = is_of_line(name);
  const auto before = of_line ? line_part(name, sent) : sent.joined(name);
  const auto after = of_line ? line_part(name, came) : came.joined(name);
  const auto lines = values_of(name, sent).size(), now = values_of(name, came).size();
  if (before == after && same_text(name, "Set-Cookie") && lines != now)
    return fmt::format("{} lines of Set-Cookie came as {}", lines, now);
  if (before == after) return "";
  return fmt::format("{}: {} was sent, {} came", name, shown(before), shown(after));
}

}  // namespace wsspec
