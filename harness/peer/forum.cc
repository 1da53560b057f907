#include "peer/forum.h"

#include <algorithm>

namespace wsspec {

void Forum::enter(std::uint64_t member, const std::string& room, unsigned node) {
  announce(room, "* somebody has come");
  Member& one = members_[member];
  one = {room, node, {}, {}, 0, 0};
  const std::size_t most = std::max(history_, conduct_.room_history);
  const auto& old = said_[room];
  const std::size_t count = std::min(most, old.size());
  one.queue.assign(old.end() - static_cast<std::ptrdiff_t>(count), old.end());
  for (const Parcel& parcel : one.queue) one.queued += parcel.payload.size();
}

void Forum::leave(std::uint64_t member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  const std::string room = found->second.room;
  members_.erase(found);
  announce(room, "* somebody has gone");
  const bool empty = std::ranges::none_of(members_, [&](const auto& one) { return one.second.room == room; });
  if (empty) said_.erase(room), counts_.erase(room);
}

void Forum::put(Member& to, Parcel parcel) {
  to.queued += parcel.payload.size();
  to.queue.push_back(std::move(parcel));
}

void Forum::announce(const std::string& room, std::string_view words) {
  if (!conduct_.room_announces) return;
  for (auto& [number, member] : members_)
    if (member.room == room) put(member, {1, Bytes(words)});
}

bool Forum::hears(const Member& to, const std::string& room, unsigned from) const {
  const bool afar = to.node != from;
  if (afar && stopped_) return false;
  if (conduct_.crosses_rooms || (afar && conduct_.broker_crosses_rooms)) return true;
  return to.room == room || (conduct_.crosses_alike_rooms && to.room.starts_with(room));
}

void Forum::say(std::uint64_t member, std::uint8_t opcode, BytesView payload) {
  const auto speaker = members_.find(member);
  if (speaker == members_.end()) return;
  const std::string room = speaker->second.room;
  Hearing hearing;
  hearing.message = counts_[room]++;
  hearing.members = static_cast<std::size_t>(
      std::ranges::count_if(members_, [&](const auto& one) { return one.second.room == room; }));
  hearing.buffer = &buffer_;
  hearing.from = speaker->second.node;
  hearing.past = &past_;
  const bool comes_back = conduct_.broker_echoes && std::ranges::any_of(members_, [&](const auto& one) {
                            return one.second.node != hearing.from;
                          });
  for (auto& [number, to] : members_) {
    if (!hears(to, room, hearing.from)) continue;
    if (number == member && !itself_ && !conduct_.hears_itself && !comes_back) continue;
    hearing.to = to.node;
    hearing.unread = to.unread + to.queued;
    deliver(to, hearing, {opcode, Bytes(payload)});
    ++hearing.receiver;
  }
  buffer_ = Bytes(payload);
  auto& old = said_[room];
  old.push_back({opcode, Bytes(payload)});
  if (old.size() > std::max(history_, conduct_.room_history)) old.pop_front();
}

void Forum::deliver(Member& to, Hearing hearing, Parcel delivery) {
  if (conduct_.misdelivers != nullptr) conduct_.misdelivers(delivery, hearing);
  if (delivery.lost) return;
  if (delivery.behind_next && !to.held) {
    to.held = std::move(delivery);
    return;
  }
  if (delivery.overtakes && !to.queue.empty()) {
    to.queued += delivery.payload.size();
    to.queue.insert(to.queue.end() - 1, std::move(delivery));
    return;
  }
  for (unsigned copy = 0; copy < delivery.copies; ++copy) put(to, delivery);
  if (!to.held) return;
  put(to, std::move(*to.held));
  to.held.reset();
}

std::optional<Parcel> Forum::take(std::uint64_t member) {
  const auto found = members_.find(member);
  if (found == members_.end() || found->second.queue.empty()) return std::nullopt;
  Parcel next = std::move(found->second.queue.front());
  found->second.queue.pop_front();
  found->second.queued -= next.payload.size();
  return next;
}

void Forum::owes(std::uint64_t member, std::size_t octets) {
  if (const auto found = members_.find(member); found != members_.end()) found->second.unread = octets;
}

bool Forum::waits_for_other(std::uint64_t member, std::size_t octets) const {
  return std::ranges::any_of(members_, [&](const auto& one) {
    return one.first != member && one.second.unread + one.second.queued >= octets;
  });
}

}  // namespace wsspec
