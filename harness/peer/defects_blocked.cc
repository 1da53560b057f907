// Defects of a server that is owed attention while its client does not read: more waits than the kernels
// hold, and a write of its own blocks (RFC 6455 5.4, 5.5.2, 6.1, 10.1).
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

template <WhenBlocked how>
void go_wrong(Conduct& c) {
  c.when_blocked = how;
}
template <Moment moment>
void die_at(Conduct& c) {
  c.crashes_on = bit(moment);
}

const Defect kBlocked[] = {
    {"blocked.pong-inside-echo", "A pong is written into an echo that the client is slow to read",
     "rfc6455-6.1-9", kSubtle, go_wrong<WhenBlocked::pong_cuts_in>},
    {"blocked.close-inside-echo", "A Close is written into an echo that the client is slow to read",
     "rfc6455-6.1-9", kSubtle, go_wrong<WhenBlocked::close_cuts_in>},
    {"blocked.ping-unanswered", "A ping that comes while a write blocks gets no pong", "rfc6455-5.5.2-2",
     kSubtle, go_wrong<WhenBlocked::pong_lost>},
    {"blocked.echo-dropped", "An echo is dropped while others wait for the client", "rfc6455-6.1-9", kSubtle,
     go_wrong<WhenBlocked::message_lost>},
    {"blocked.order-changed", "A short echo is written ahead of the long one that waits", "rfc6455-5.4-6",
     kSubtle, go_wrong<WhenBlocked::short_overtakes>},
    {"blocked.octets-again", "A write that blocked goes on a thousand octets too early", "rfc6455-6.1-9",
     kSubtle, go_wrong<WhenBlocked::piece_again>},
    {"blocked.rest-lost", "What the first write of an echo does not take is never written", "rfc6455-6.1-9",
     kSubtle, go_wrong<WhenBlocked::rest_lost>},
    {"blocked.close-unanswered", "A Close that comes while a write blocks is never answered",
     "rfc6455-5.5.1-7", kSubtle, go_wrong<WhenBlocked::close_unanswered>},
    {"blocked.dies-of-end", "The server dies of a client that ends TCP while it is owed much",
     "rfc6455-10.1-1", kSubtle, die_at<Moment::blocked_fin>},
    {"blocked.dies-of-reset", "The server dies of a reset while a write of its own blocks", "rfc6455-10.1-1",
     kSubtle, die_at<Moment::blocked_reset>},
};

}  // namespace

std::span<const Defect> blocked_defects() {
  return kBlocked;
}

}  // namespace wsspec
