#include "net/driver.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <deque>
#include <thread>
#include <vector>

#include "net/asio.h"
#include "net/connection.h"
#include "net/dialer_details.h"
#include "net/unread.h"
#include "protocol/http.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;
using Phase = Connection::Phase;

constexpr std::size_t kBuffer = 256 * 1024;
constexpr int kTurns = 64;  // Steps of one connection before the others have theirs.
constexpr Duration kLinger = 1s;
constexpr std::size_t kMostLingering = 64;
constexpr std::uint64_t kDialsBeforeRotation = 2000;
constexpr Duration kRetry = 1ms;  // A Unix socket whose backlog is full.
constexpr int kSlotBits = 24;
constexpr const char* kNoQueue = "no queue for events: too many open files?";

Failure failure_from(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED: return Failure::refused;
    case ETIMEDOUT: return Failure::timeout;
    case EMFILE:
    case ENFILE:
    case EADDRNOTAVAIL:
    case ENOBUFS:
    case ENOMEM: return Failure::local;
    default: return Failure::unreachable;
  }
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 120));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

Instant later(Instant base, Duration by) {
  return by >= kNever - base ? kNever : base + by;
}

}  // namespace

std::string_view failure_name(Failure failure) {
  constexpr std::string_view kNames[] = {"none", "refused", "unreachable", "timeout",
                                         "tls",  "proxy",   "local",       "dropped"};
  return kNames[static_cast<int>(failure)];
}

struct Driver::State {
  struct Listener {
    explicit Listener(asio::io_context& io) : socket(io.get_executor()) {}
    Descriptor socket;
    std::optional<TlsContext> tls;
    Welcome welcome;
    int most = 0, open = 0;
    bool paused = false, waits = false, closed = false;
    std::uint16_t port = 0;
    Timer retry;  // When there were no descriptors for the next one.
    std::string unix_path;
  };

  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::optional<asio::io_context> io;  // None when the system had no descriptor for it.
  std::optional<Alarm> timer_alarm, limit_alarm;
  Instant timer_armed = kNever, limit = kNever;
  std::optional<Descriptor> wake_out;
  Socket wake_in;
  char woken[64];
  std::vector<std::unique_ptr<Connection>> slots;
  std::vector<std::size_t> free_slots;
  std::vector<std::unique_ptr<Connection>> graveyard;
  std::deque<Id> stranded;  // Want a turn, but there is no io.
  std::size_t queued = 0;   // Turns to come.
  std::deque<Id> lingering;
  std::shared_ptr<Timers> timers = std::make_shared<Timers>();
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<char> buffer = std::vector<char>(kBuffer);
  UnreadLook unread_look;
  std::uint64_t generation = 0, dials = 0;
  std::size_t open = 0;  // Without those lingering.
  bool stopped = false, closing = false;

  Instant now() const { return std::chrono::steady_clock::now() - start; }

  // --- Bookkeeping ---

  Connection& add() {
    std::size_t slot;
    if (free_slots.empty()) {
      slot = slots.size();
      slots.emplace_back();
    } else {
      slot = free_slots.back();
      free_slots.pop_back();
    }
    slots[slot] = std::make_unique<Connection>();
    slots[slot]->id = (++generation << kSlotBits) | slot;
    ++open;
    return *slots[slot];
  }

  Connection* find(Id id) {
    const auto slot = id & ((1U << kSlotBits) - 1);
    if (slot >= slots.size() || !slots[slot] || slots[slot]->id != id) return nullptr;
    return slots[slot].get();
  }

  void enqueue(Connection& c) {
    if (c.queued) return;
    c.queued = true;
    ++queued;
    if (!io) {
      stranded.push_back(c.id);
      return;
    }
    asio::post(*io, [this, id = c.id] {
      --queued;
      round([&] {
        if (auto* one = find(id)) {
          one->queued = false;
          turn(*one);
        }
      });
    });
  }

  /// Forgets the connection; the object lives until the loop's next round, for callers up the stack.
  void bury(Connection& c) {
    const auto slot = c.id & ((1U << kSlotBits) - 1);
    graveyard.push_back(std::move(slots[slot]));
    free_slots.push_back(slot);
  }

  void conclude(Connection& c) {
    --open;
    c.endpoint = nullptr;
    if (auto finished = std::move(c.guest_finished)) finished(c.ending);
    c.owned.reset();
    if (auto finished = std::move(c.finished)) finished(c.ending);
  }

  void fail(Connection& c, Failure failure, std::string detail) {
    c.ending.failure = failure;
    c.ending.detail = std::move(detail);
    c.ending.connecting = now() - c.dialed;
    c.link.reset();
    bury(c);
    conclude(c);
  }

  void end_with_reset(Connection& c) {
    c.ending.duration = now() - c.base;
    c.link.reset();
    bury(c);
    conclude(c);
  }

  void end_orderly(Connection& c) {
    c.ending.duration = now() - c.base;
    if (c.told_end || c.write_dead) {
      c.link.close();
      bury(c);
      conclude(c);
      return;
    }
    c.link.half_close();
    c.phase = Phase::lingering;
    conclude(c);
    c.give_up = later(now(), kLinger);
    set_deadline(c, c.give_up);
    lingering.push_back(c.id);
    while (lingering.size() > kMostLingering) {
      if (auto* oldest = find(lingering.front()); oldest != nullptr && oldest != &c) {
        oldest->link.close();
        bury(*oldest);
      }
      lingering.pop_front();
    }
    c.readable ? enqueue(c) : want(c, Stream::wait_read);
  }

  // --- Making a connection ---

  /// The address that answered last comes first. One that swallows what we send must leave time for the rest.
  bool begin_attempt(Connection& c) {
    const auto& details = c.dialer->details();
    const auto count = details.addresses.size();
    if (c.attempts == 0) c.first_address = details.good.load();
    c.address = (c.first_address + c.attempts) % count;
    const auto left = static_cast<Duration::rep>(count - c.attempts);
    c.attempt_until = left == 1 ? c.give_up : now() + (c.give_up - now()) / left;
    const auto& to = details.addresses[c.address];
    const bool rotate =
        details.options.rotate_source && dials > kDialsBeforeRotation && to.is_ipv4_loopback();
    auto socket = open_stream(to, rotate ? 2 + static_cast<int>(dials % 249) : 0);
    if (!socket) {
      fail(c, Failure::local, errno_text(errno));
      return false;
    }
    return attach(c, std::move(socket));
  }

  bool try_next_address(Connection& c) {
    if (c.attempts + 1 >= c.dialer->details().addresses.size()) return false;
    ++c.attempts;
    c.link.reset();
    c.waits = {};
    advance_connecting(c);
    return true;
  }

  void advance_connecting(Connection& c) {
    if (!c.link && !begin_attempt(c)) return;
    const auto& details = c.dialer->details();
    const auto result = connect_to(c.link.fd(), details.addresses[c.address]);
    if (result.progress == Progress::again) {
      if (result.error == EAGAIN) {
        set_deadline(c, std::min(c.attempt_until, now() + kRetry));
      } else {
        want(c, Stream::wait_write);
        set_deadline(c, c.attempt_until);
      }
      return;
    }
    if (result.progress == Progress::failed) {
      if (try_next_address(c)) return;
      fail(c, failure_from(result.error), errno_text(result.error));
      return;
    }
    details.good.store(c.address);
    if (!details.connect_request.empty()) {
      c.phase = Phase::asking_proxy;
      write_to(c.link.fd(), details.connect_request);  // A fresh socket takes so little at once.
      advance_proxy(c);
      return;
    }
    after_stream(c);
  }

  /// False when the connection has failed for want of it: unwatched it would wait for ever.
  bool attach(Connection& c, Socket socket) {
    error_code error = asio::error::no_descriptors;
    if (io && c.link.attach(*io, std::move(socket), error)) return true;
    fail(c, Failure::local, "it cannot be watched: " + errno_text(error.value()));
    return false;
  }

  /// A turn for the connection as soon as its socket can be read, or written; asked once until it comes.
  void want(Connection& c, Stream::wait_type what) {
    if (std::exchange(c.waits[what], true)) return;
    c.link.stream().async_wait(what, [this, what, id = c.id](const error_code& error) {
      auto* one = error ? nullptr : find(id);  // An error: the socket was closed.
      if (one == nullptr) return;
      one->waits[what] = false;
      one->readable |= what == Stream::wait_read;
      if (!one->queued && one->wants_turn()) round([&] { turn(*one); });
    });
  }
  void want_input(Connection& c) {
    const bool inverted = c.link.tls() != nullptr && c.link.tls()->wants_write();
    want(c, inverted ? Stream::wait_write : Stream::wait_read);
  }

  /// Its next turn is at that instant at the latest. The alarm is moved only when it would come too late, so
  /// that a deadline which only moves on costs nothing.
  void set_deadline(Connection& c, Instant when) {
    c.deadline = when;
    if (when < c.armed && io) arm(c);
  }

  void arm(Connection& c) {
    if (!c.alarm) c.alarm.emplace(io->get_executor());
    c.armed = soon(c.deadline);
    c.alarm->expires_at(start + c.armed);
    c.alarm->async_wait([this, id = c.id](const error_code& error) {
      auto* one = error ? nullptr : find(id);  // An error: it was moved.
      if (one == nullptr) return;
      one->armed = kNever;
      if (one->deadline == kNever) return;
      if (one->deadline > now()) return arm(*one);
      one->deadline = kNever;
      round([&] { turn(*one); });
    });
  }
  /// What an alarm is set to: far instants are beyond the system's clock, so it looks again in between.
  Instant soon(Instant when) const { return std::min(when, now() + std::chrono::hours(1)); }

  /// Takes exactly the head of the proxy's answer from the socket; what follows belongs to the target.
  void advance_proxy(Connection& c) {
    const auto seen = peek_from(c.link.fd(), buffer.data(), buffer.size());
    if (seen.progress == Progress::again) {
      want(c, Stream::wait_read);
      set_deadline(c, c.give_up);
      return;
    }
    if (seen.progress != Progress::done) {
      fail(c, Failure::proxy, "the proxy hung up without an answer");
      return;
    }
    HeadParser parser;
    BytesView rest(buffer.data(), seen.octets);
    if (!parser.feed(rest)) {
      if (parser.too_large() || seen.octets >= 64 * 1024) {
        fail(c, Failure::proxy, "the proxy's answer has no end");
      } else {
        // The head is not whole; what is there stays in the socket, so only more octets wake us.
        set_deadline(c, std::min(c.give_up, now() + 2ms));
      }
      return;
    }
    read_from(c.link.fd(), buffer.data(), seen.octets - rest.size());
    const auto status = parse_status_line(parser.head().start);
    if (!status || status->status / 100 != 2) {
      fail(c, Failure::proxy, fmt::format("the proxy answered '{}'", printable(parser.head().start)));
      return;
    }
    after_stream(c);
  }

  void after_stream(Connection& c) {
    if (c.tls == nullptr) return begin_playing(c);
    c.phase = Phase::securing;
    c.link.begin_tls(*c.tls);
    advance_tls(c);
  }

  void advance_tls(Connection& c) {
    const auto result = c.link.tls()->handshake();
    if (result.progress == Progress::again) {
      want_input(c);
      set_deadline(c, c.give_up);
      return;
    }
    if (result.progress != Progress::done) {
      fail(c, Failure::tls, printable(c.link.tls()->error()));
      return;
    }
    c.ending.tls_version = c.link.tls()->version();
    c.ending.alpn = printable(c.link.tls()->alpn());
    begin_playing(c);
  }

  void begin_playing(Connection& c) {
    if (c.welcome) {
      Guest guest = c.welcome();
      c.owned = std::move(guest.endpoint);
      c.endpoint = c.owned.get();
      c.guest_finished = std::move(guest.finished);
      if (guest.id != nullptr) *guest.id = c.id;
    }
    c.phase = Phase::playing;
    c.base = now();
    c.ending.connecting = c.base - c.dialed;
    // Octets may have come along with what went before; on a fresh plain connection the loop tells, perhaps
    // with the very event that told of the connection.
    c.readable |= c.tls != nullptr || !c.dialer || !c.dialer->details().connect_request.empty();
    play(c);
  }

  // --- Playing ---

  void kill_writing(Connection& c) {
    c.write_dead = true;
    c.pending.clear();
    c.pending_at = 0;
  }

  /// Writes as much as goes; the rest becomes `pending`.
  void write(Connection& c, BytesView bytes) {
    if (c.write_shut) return;
    c.ending.sent += bytes.size();
    if (c.has_pending()) {
      c.pending.append(bytes);
      return;
    }
    while (!bytes.empty() && !c.write_dead) {
      const auto result = c.link.write(bytes);
      if (result.progress == Progress::done) {
        bytes.remove_prefix(result.octets);
        // On a near network the answer is often there before anything waits for it: one read instead of three
        // calls.
        c.readable |= c.link.short_read_means_empty();
      } else if (result.progress == Progress::again) {
        c.pending.assign(bytes);
        c.pending_at = 0;
        c.progress = now();
        return;
      } else {
        kill_writing(c);
      }
    }
  }

  /// True when nothing is owed any more.
  bool flush(Connection& c) {
    while (c.has_pending()) {
      const auto result = c.link.write(BytesView(c.pending).substr(c.pending_at));
      if (result.progress == Progress::done) {
        c.pending_at += result.octets;
        c.progress = now();
      } else if (result.progress != Progress::again) {
        kill_writing(c);
      } else if (now() - c.progress >= c.patience && c.endpoint->reading()) {
        c.ending.write_given_up = true;
        kill_writing(c);
      } else {
        return false;
      }
    }
    if (c.pending.capacity() > kBuffer) Bytes().swap(c.pending);
    c.pending.clear();
    c.pending_at = 0;
    if (std::exchange(c.shut_due, false)) shut(c);
    return true;
  }

  /// The end of our stream, behind all that is owed.
  void shut(Connection& c) {
    c.write_shut = true;
    if (c.has_pending()) {
      c.shut_due = true;
      return;
    }
    c.link.half_close();
  }

  /// Hands over what one read gives; false when there was nothing.
  bool read_once(Connection& c) {
    if (c.told_end || !c.readable) return false;
    const auto result = c.link.read(buffer.data(), buffer.size());
    if (result.progress == Progress::again) {
      c.readable = false;
      return false;
    }
    const auto at = now() - c.base;
    if (result.progress == Progress::done) {
      c.ending.received += result.octets;
      // A plain socket that fills less than the buffer is empty; the next octets come with an event.
      if (result.octets < buffer.size() && c.link.short_read_means_empty() && !c.draining) c.readable = false;
      c.endpoint->received({buffer.data(), result.octets}, at);
      return true;
    }
    c.told_end = true;
    const bool given_up = c.ending.write_given_up;
    const bool broken = result.progress == Progress::failed || (c.write_dead && !given_up);
    c.endpoint->ended(broken ? End::reset : c.link.truncated() ? End::truncated : End::fin, at);
    return true;
  }

  /// Whether the endpoint could be told of what the other end has read.
  bool tell_read(Connection& c) {
    const auto unread = c.has_pending() ? Unread::some : unread_look.look(c.link.fd());
    if (unread == Unread::some) return false;
    c.look_again = {};
    c.endpoint->was_read(unread == Unread::none, now() - c.base);
    return true;
  }

  /// Soon at first: a reader that waits has it within a context switch.
  static Duration look_again(Connection& c) {
    constexpr Duration kFirst = 40us, kLast = 5ms;
    c.look_again = c.look_again == Duration{} ? kFirst : std::min(2 * c.look_again, kLast);
    return c.look_again;
  }

  void play(Connection& c) {
    for (int turn = 0; turn < kTurns; ++turn) {
      if (!flush(c)) {
        want(c, Stream::wait_write);
        c.reading = c.endpoint->reading();
        if (c.reading) {
          if (read_once(c)) continue;
          if (!c.told_end) want(c, Stream::wait_read);
          set_deadline(c, later(c.progress, c.patience));
          return;
        }
        // Who does not read cannot expect to be read: he goes on, and what he says waits.
      }
      if (c.write_dead && !c.ending.write_given_up && !c.told_end) {
        c.readable = c.draining = true;  // A broken connection: take what is left, up to the end.
        if (read_once(c)) continue;
      }
      const auto action = c.endpoint->next(now() - c.base);
      switch (action.kind) {
        case Action::Kind::send: write(c, action.bytes); break;
        case Action::Kind::half_close: shut(c); break;
        case Action::Kind::close: return end_orderly(c);
        case Action::Kind::reset: return end_with_reset(c);
        case Action::Kind::wait:
          c.reading = action.reading;
          if (c.reading && read_once(c)) break;
          if (action.until_read && tell_read(c)) break;
          if (c.reading && !c.told_end) want_input(c);
          set_deadline(
              c, std::min(later(c.base, action.until), action.until_read ? now() + look_again(c) : kNever));
          return;
      }
    }
    enqueue(c);
  }

  void linger(Connection& c) {
    for (int turn = 0; turn < 4; ++turn) {
      const auto result = c.link.read(buffer.data(), buffer.size());
      if (result.progress == Progress::again) return want_input(c);
      if (result.progress == Progress::done) continue;
      c.link.close();
      std::erase(lingering, c.id);
      bury(c);
      return;
    }
    enqueue(c);
  }

  void turn(Connection& c) {
    if (c.hang_up) {
      if (c.phase != Phase::playing) return fail(c, Failure::dropped, "given up");
      c.ending.hung_up = true;
      return end_with_reset(c);
    }
    if (c.phase == Phase::connecting && now() >= c.attempt_until && try_next_address(c)) return;
    const bool late = c.phase != Phase::playing && now() >= c.give_up;
    if (late && c.phase == Phase::lingering) {
      c.link.close();
      std::erase(lingering, c.id);
      bury(c);
      return;
    }
    if (late) {
      const auto* what = c.phase == Phase::connecting     ? "no connection in time"
                         : c.phase == Phase::asking_proxy ? "no answer from the proxy in time"
                                                          : "no TLS handshake in time";
      return fail(c, Failure::timeout, what);
    }
    switch (c.phase) {
      case Phase::connecting: return advance_connecting(c);
      case Phase::accepted: return after_stream(c);
      case Phase::asking_proxy: return advance_proxy(c);
      case Phase::securing: return advance_tls(c);
      case Phase::playing: return play(c);
      case Phase::lingering: return linger(c);
    }
  }

  // --- Accepting ---

  void accept(Listener& listener) {
    if (listener.closed) return;
    listener.paused = listener.open >= listener.most;
    while (listener.open < listener.most) {
      auto socket = accept_from(listener.socket.native_handle());
      if (!socket) {
        if (errno == ECONNABORTED || errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return want_accept(listener);
        // No descriptors, no memory: try again when some may have become free.
        listener.retry = timers->add(now() + 10ms, {}, [this, &listener] { accept(listener); });
        return;
      }
      auto& c = add();
      c.welcome = listener.welcome;
      c.dialed = now();
      c.give_up = c.dialed + 10s;
      c.tls = listener.tls ? &*listener.tls : nullptr;
      ++listener.open;
      c.finished = [this, &listener](const Ending&) {
        --listener.open;
        if (listener.paused && !closing) accept(listener);
      };
      c.phase = Phase::accepted;
      if (attach(c, std::move(socket))) enqueue(c);
      listener.paused = listener.open >= listener.most;
    }
  }

  void want_accept(Listener& listener) {
    if (std::exchange(listener.waits, true)) return;
    listener.socket.async_wait(Descriptor::wait_read, [this, &listener](const error_code& error) {
      if (error) return;
      listener.waits = false;
      round([&] { accept(listener); });
    });
  }

  // --- The loop ---

  /// What each handler of Asio's does, and what has to be done after it.
  template <typename What>
  void round(What what) {
    graveyard.clear();
    what();
    settle();
  }

  bool listens() const {
    return std::ranges::any_of(listeners, [](const auto& listener) { return !listener->closed; });
  }
  bool nothing_to_do() const { return open == 0 && timers->empty() && !listens() && queued == 0; }

  void settle() {
    if (stopped || nothing_to_do()) return io->stop();
    const auto next = timers->next();
    if (next >= timer_armed) return;
    timer_armed = soon(next);
    timer_alarm->expires_at(start + timer_armed);
    timer_alarm->async_wait([this](const error_code& error) {
      if (error) return;
      timer_armed = kNever;
      round([this] { call_timers(); });
    });
  }

  void call_timers() {
    const auto time = now();
    while (!stopped && timers->call_due(time)) {
    }
  }

  void stop_at(Instant when) {
    limit_alarm->expires_at(start + soon(when));
    limit_alarm->async_wait([this, when](const error_code& error) {
      if (error || when != limit) return;  // It may have gone off as an earlier run ended.
      if (when > now()) return stop_at(when);
      stopped = true;
      io->stop();
    });
  }

  void await_wake() {
    wake_out->async_read_some(asio::buffer(woken), [this](const error_code& error, std::size_t) {
      if (error) return;
      stopped = true;
      io->stop();
      await_wake();
    });
  }

  /// `io` stays empty when the system has no descriptors for it.
  void open_io() try {
    io.emplace(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE);  // No locks: one thread, and wake() goes through a pipe.
    timer_alarm.emplace(io->get_executor());
    limit_alarm.emplace(io->get_executor());
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return;
    wake_in = Socket(ends[1]);
    wake_out.emplace(io->get_executor(), ends[0]);
    await_wake();
  } catch (const boost::system::system_error&) {
    wake_out.reset();
    timer_alarm.reset();
    limit_alarm.reset();
    io.reset();
  }

  /// Nothing can come; whoever has only timers must not spin.
  void run_without_io() {
    while (!stopped && now() < limit && !nothing_to_do()) {
      for (; !stranded.empty(); stranded.pop_front()) {
        --queued;
        if (auto* c = find(stranded.front())) fail(*c, Failure::local, kNoQueue);
      }
      call_timers();
      if (!stopped && !nothing_to_do()) std::this_thread::sleep_for(2ms);
    }
  }

  void run(Instant until) {
    stopped = false;
    limit = until;
    if (!io) return run_without_io();
    io->restart();
    if (limit != kNever) stop_at(limit);
    round([] {});  // There may be nothing to do.
    io->run();
    limit_alarm->cancel();
  }
};

Driver::Driver() : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
  state_->open_io();
}

Driver::~Driver() {
  state_->closing = true;
  for (std::size_t slot = 0; slot < state_->slots.size(); ++slot) {
    auto* c = state_->slots[slot].get();
    if (c == nullptr) continue;
    if (c->phase == Phase::lingering) {
      c->link.close();
      state_->bury(*c);
    } else if (c->phase == Phase::playing) {
      c->ending.hung_up = true;
      state_->end_with_reset(*c);
    } else {
      state_->fail(*c, Failure::dropped, "given up");
    }
  }
  for (const auto& listener : state_->listeners)
    if (!listener->unix_path.empty()) ::unlink(listener->unix_path.c_str());
}

Driver::Id Driver::dial(const Dialer& dialer, Endpoint& endpoint, Finished finished) {
  if (state_->closing) return 0;
  auto& c = state_->add();
  ++state_->dials;
  c.dialer = dialer;
  const auto& details = dialer.details();
  c.tls = details.tls ? &*details.tls : nullptr;
  c.endpoint = &endpoint;
  c.finished = std::move(finished);
  c.dialed = state_->now();
  c.give_up = later(c.dialed, details.options.connect_timeout);
  c.patience = details.options.write_patience;
  const auto id = c.id;
  state_->enqueue(c);
  return id;
}

void Driver::hang_up(Id id) {
  auto* c = state_->find(id);
  if (c == nullptr || c->phase == Phase::lingering) return;
  c->hang_up = true;
  state_->enqueue(*c);
}

ConnectionName Driver::name_of(Id id) const {
  auto* c = state_->find(id);
  return c == nullptr ? ConnectionName{} : name_of_stream(c->link.fd());
}

void Driver::prod(Id id) {
  auto* c = state_->find(id);
  if (c == nullptr || c->phase != Phase::playing) return;
  if (!c->reading) c->progress = now();
  state_->enqueue(*c);
}

Result<std::uint16_t> Driver::listen(const ListenOptions& options, Welcome welcome) {
  if (!state_->io) return fail_with(options.address.endpoint(), kNoQueue, "raise the limit of open files");
  auto listener = std::make_unique<State::Listener>(*state_->io);
  if (options.address.tls) {
    auto context = TlsContext::make(TlsContext::Side::server, options.tls, {});
    if (!context) return std::unexpected(context.error());
    listener->tls = std::move(*context);
  }
  std::uint16_t port = 0;
  auto socket = open_listener(options.address, options.backlog, port);
  if (!socket) return std::unexpected(socket.error());
  error_code error;
  listener->socket.assign(socket->fd(), error);
  if (error)
    return fail_with(options.address.endpoint(), "it cannot be watched: " + errno_text(error.value()));
  (void)socket->release();
  listener->welcome = std::move(welcome);
  listener->most = options.most;
  listener->unix_path = options.address.unix_path;
  listener->port = port;
  state_->want_accept(*listener);
  state_->listeners.push_back(std::move(listener));
  return port;
}

// It stays in its place, since its connections count themselves there.
void Driver::stop_listening(std::uint16_t port) {
  for (const auto& listener : state_->listeners) {
    if (listener->port != port || std::exchange(listener->closed, true)) continue;
    error_code ignored;
    listener->socket.close(ignored);
    listener->retry = {};
    listener->welcome = {};
  }
}

Timer Driver::at(Instant when, std::function<void()> what) {
  return state_->timers->add(when, {}, std::move(what));
}
Timer Driver::every(Duration period, std::function<void()> what) {
  return state_->timers->add(now() + period, period, std::move(what));
}
void Driver::run(Instant limit) {
  state_->run(limit);
}
void Driver::rest(Duration time) {
  const auto end = at(now() + time, [this] { stop(); });
  run();
}
void Driver::stop() {
  state_->stopped = true;
}

void Driver::wake() {
  const char one = 1;
  [[maybe_unused]] const auto written = ::write(state_->wake_in.fd(), &one, 1);
}

Instant Driver::now() const {
  return state_->now();
}
std::size_t Driver::open_connections() const {
  return state_->open;
}

}  // namespace wsspec
