// Defects of those who say how they keep a connection alive, and do not keep to it (keep_alive.h). No RFC
// obliges anybody: what they break is what is declared of them.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr const char *kInterval = "declared-ping_interval-1", *kGivesUp = "declared-ping_timeout-1",
                     *kStays = "declared-ping_timeout-2", *kIdle = "declared-idle_limit-1",
                     *kBusy = "declared-idle_limit-2";

template <void (*change)(KeepAliveConduct& k)>
void keep(Conduct& c) {
  change(c.keep_alive);
}

const Defect kLiveness[] = {
    {"liveness.pings-never", "It never pings, though a ping interval is declared", kInterval, kPlain,
     keep<[](KeepAliveConduct& k) { k.never_pings = true; }>, "ping_interval"},
    {"liveness.pings-once", "It pings once, and never again", kInterval, kSubtle,
     keep<[](KeepAliveConduct& k) { k.pings_once = true; }>, "ping_interval"},
    {"liveness.pings-late", "It pings half as often as declared", kInterval, kPlain,
     keep<[](KeepAliveConduct& k) { k.interval_percent = 200; }>, "ping_interval"},
    {"liveness.pings-early", "It pings twice as often as declared", kInterval, kSubtle,
     keep<[](KeepAliveConduct& k) { k.interval_percent = 50; }>, "ping_interval"},
    {"liveness.stays-without-pong", "Nobody looks whether its pings are answered", kGivesUp, kPlain,
     keep<[](KeepAliveConduct& k) { k.never_leaves = true; }>, "ping_timeout"},
    {"liveness.leaves-late", "It waits for a pong twice as long as declared", kGivesUp, kSubtle,
     keep<[](KeepAliveConduct& k) { k.timeout_percent = 200; }>, "ping_timeout"},
    {"liveness.leaves-early", "It waits for a pong half as long as declared", kStays, kPlain,
     keep<[](KeepAliveConduct& k) { k.timeout_percent = 50; }>, "ping_timeout"},
    {"liveness.wants-each-pong", "The pong to its newest ping does not answer those before it", kStays,
     kSubtle, keep<[](KeepAliveConduct& k) { k.wants_each_pong = true; }>, "ping_timeout"},
    {"liveness.stranger-ends", "A pong with other data than its ping's ends the connection", kStays, kSubtle,
     keep<[](KeepAliveConduct& k) { k.hates_strangers = true; }>, "ping_timeout"},
    {"liveness.pong-behind-data-lost", "A pong behind a megabyte of data is overlooked", kStays, kSubtle,
     keep<[](KeepAliveConduct& k) { k.most_ahead_of_pong = 1 << 20; }>, "ping_timeout"},
    {"liveness.no-pong-crash", "The process ends when a pong does not come", "rfc6455-10.1-1", kSubtle,
     [](Conduct& c) { c.crashes_on |= bit(Moment::no_pong); }, "ping_timeout"},
    {"liveness.idle-for-ever", "However long nothing comes, it does not end the connection", kIdle, kPlain,
     keep<[](KeepAliveConduct& k) { k.never_idle = true; }>, "idle_limit"},
    {"liveness.idle-late", "It waits twice as long as its idle limit", kIdle, kSubtle,
     keep<[](KeepAliveConduct& k) { k.idle_percent = 200; }>, "idle_limit"},
    {"liveness.idle-early", "It waits half as long as its idle limit", kBusy, kPlain,
     keep<[](KeepAliveConduct& k) { k.idle_percent = 50; }>, "idle_limit"},
    {"liveness.idle-early-with-1001", "It waits half as long as its idle limit, and says that it goes away",
     kBusy, kSubtle, keep<[](KeepAliveConduct& k) { k.idle_percent = 50, k.code = 1001; }>, "idle_limit"},
    {"liveness.idle-counts-messages", "Pings do not keep a connection from being idle", kBusy, kSubtle,
     keep<[](KeepAliveConduct& k) { k.counts_messages_only = true; }>, "idle_limit"},
    {"liveness.idle-from-opening", "The idle limit is counted from the opening, not from the last frame",
     kBusy, kSubtle, keep<[](KeepAliveConduct& k) { k.counts_from_opening = true; }>, "idle_limit"},
};

}  // namespace

std::span<const Defect> liveness_defects() {
  return kLiveness;
}

}  // namespace wsspec
