// Defects of a hop that its operator has reloaded or stopped, gracefully.
#include "peer/defects.h"

namespace wsspec {
namespace {

using Leave = HopDrain::Leave;

constexpr const char *kRelaysAll = "rfc9110-3.7-1", *kEndsTunnel = "rfc9110-9.3.6-1",
                     *kNeverNormal = "rfc6455-7.1.5-1";

const Defect kHopDrains[] = {
    {"hop.reload-resets", "A reload resets open tunnels", kEndsTunnel, false,
     [](Conduct& c) { c.hop.reload.leave = Leave::resets; }},
    {"hop.reload-ends", "A reload ends open tunnels without a word", kEndsTunnel, true,
     [](Conduct& c) { c.hop.reload.leave = Leave::ends; }},
    {"hop.reload-loses-octets", "What a client says next behind a reload is lost", kRelaysAll, true,
     [](Conduct& c) { c.hop.reload.loses_once = true; }},
    {"hop.reload-turns-away", "Behind a reload no client is served", kEndsTunnel, false,
     [](Conduct& c) { c.hop.reload.turns_away = true; }},
    {"hop.reload-says-normal", "A reload ends open tunnels with a Close of 1000", kNeverNormal, true,
     [](Conduct& c) { c.hop.reload.leave = Leave::normal; }},
    {"hop.stop-resets", "A graceful stop resets open tunnels", kEndsTunnel, false,
     [](Conduct& c) { c.hop.stop.leave = Leave::resets; }},
    {"hop.stop-masks-nothing", "The Close that tells the server of a stop is not masked", "rfc6455-5.1-1",
     true, [](Conduct& c) { c.hop.stop.leave = Leave::bare; }},
    {"hop.stop-says-normal", "A stop ends open tunnels with a Close of 1000 after a while", kNeverNormal,
     true,
     [](Conduct& c) {
       c.hop.stop.leave = Leave::normal;
       c.hop.stop.after = std::chrono::seconds(1);
     }},
};

}  // namespace

std::span<const Defect> hop_drain_defects() {
  return kHopDrains;
}

}  // namespace wsspec
