#include "target/company.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "net/driver.h"
#include "play/opening.h"
#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/http.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 5ms;
constexpr MaskKey kGuestMask = 0x37fa213d;

/// Asks for the upgrade and then stays until it is told to leave, with a Close.
class Guest final : public Endpoint {
 public:
  explicit Guest(const Profile& profile) {
    Environment environment;
    environment.seed = 0x636f6d70616e79;
    if (const auto request = make_request(profile, {}, {}, environment)) out_ = render_head(*request);
  }
  Action next(Instant now) override {
    if (!std::exchange(asked_, true)) return Action::send(out_);
    if (gone || (leave && left_)) return Action::close();
    if (!leave) return Action::wait(now + kLook);
    left_ = true;
    if (!welcome) return Action::close();
    out_ = make_frame(Opcode::close, make_close(static_cast<std::uint16_t>(1000)), kGuestMask);
    return Action::send(out_);
  }
  void received(MutableBytes bytes, Instant) override {
    BytesView rest(bytes.data(), bytes.size());
    if (!parser_.feed(rest)) return;
    const auto line = parse_status_line(parser_.head().start);
    welcome = line && line->status == 101;
    gone = gone || !welcome;
  }
  void ended(End, Instant) override { gone = true; }

  bool leave = false;    ///< Set from outside.
  bool welcome = false;  ///< Its upgrade was granted.
  bool gone = false;     ///< It was refused, or the target has ended the connection.

 private:
  Bytes out_;
  HeadParser parser_;
  bool asked_ = false, left_ = false;
};

/// The guest on a wire of its own.
struct Visit {
  Visit(Driver& driver, const Dialer& dialer, const Profile& profile) : guest(profile) {
    driver.dial(dialer, guest, [this, &driver](const Ending&) {
      guest.gone = over = true;
      driver.stop();
    });
  }
  /// Until it is welcome or gone.
  bool is_welcome(Driver& driver, Duration patience) {
    const auto end = driver.now() + patience;
    while (!guest.welcome && !guest.gone && driver.now() < end) driver.rest(kLook);
    return guest.welcome && !guest.gone;
  }
  void leave(Driver& driver) {
    guest.leave = true;
    for (int looks = 0; !over && looks < 40; ++looks) driver.rest(kLook);
  }
  Guest guest;
  bool over = false;
};

}  // namespace

bool serves_one_at_a_time(const Dialer& dialer, const Profile& profile, Duration patience) {
  const Duration most = scaled(patience, profile.time_scale);
  std::optional<Visit> first, second, third;
  Driver driver;
  first.emplace(driver, dialer, profile);
  if (!first->is_welcome(driver, most)) return false;
  second.emplace(driver, dialer, profile);
  const bool both = second->is_welcome(driver, most);
  const bool first_stayed = !first->guest.gone;
  first->leave(driver);
  if (both) {
    second->leave(driver);
    return !first_stayed;  // The second may have thrown out the first.
  }
  // It waited, or was sent away: alone it must be served, or the target has another reason.
  bool alone = second->is_welcome(driver, most);
  second->leave(driver);
  if (!alone) {
    third.emplace(driver, dialer, profile);
    alone = third->is_welcome(driver, most);
    third->leave(driver);
  }
  return alone;
}

}  // namespace wsspec
