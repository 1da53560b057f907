#include "net/unread.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace wsspec::unread_test {
namespace {

struct Ends {
  Socket ours, theirs;
};

// A listener for both families, dialed by IPv4: its end has an IPv6 socket with a mapped address.
Ends by_tcp(bool mapped) {
  const Socket listener(::socket(mapped ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* at = mapped ? reinterpret_cast<sockaddr*>(&any) : reinterpret_cast<sockaddr*>(&loopback);
  EXPECT_EQ(::bind(listener.fd(), at, mapped ? sizeof any : sizeof loopback), 0);
  EXPECT_EQ(::listen(listener.fd(), 1), 0);
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  EXPECT_EQ(::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
  loopback.sin_port = bound.sin6_port;  // At the same place in both.
  Ends ends{Socket(::socket(AF_INET, SOCK_STREAM, 0)), {}};
  EXPECT_EQ(::connect(ends.ours.fd(), reinterpret_cast<sockaddr*>(&loopback), sizeof loopback), 0);
  ends.theirs = Socket(::accept(listener.fd(), nullptr, nullptr));
  return ends;
}

Ends by_unix() {
  std::array<int, 2> both{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, both.data()), 0);
  return {Socket(both[0]), Socket(both[1])};
}

void sees_what_is_read(const Ends& ends) {
  UnreadLook look;
  std::array<char, 8> room{};
  EXPECT_EQ(look.look(ends.ours.fd()), Unread::none);
  ASSERT_EQ(::write(ends.ours.fd(), "ab", 2), 2);
  EXPECT_EQ(look.look(ends.ours.fd()), Unread::some);
  ASSERT_EQ(::read(ends.theirs.fd(), room.data(), 1), 1);
  EXPECT_EQ(look.look(ends.ours.fd()), Unread::some);
  ASSERT_EQ(::read(ends.theirs.fd(), room.data(), 1), 1);
  EXPECT_EQ(look.look(ends.ours.fd()), Unread::none);
}

TEST(UnreadLook, SeesWhatTheOtherEndHasRead) {
  for (const auto& ends : {by_tcp(false), by_tcp(true), by_unix()}) sees_what_is_read(ends);
}

TEST(UnreadLook, KnowsNothingOfAnEndThatIsGone) {
  auto ends = by_tcp(false);
  ends.theirs.reset();
  EXPECT_EQ(UnreadLook().look(ends.ours.fd()), Unread::unknown);
  EXPECT_EQ(UnreadLook().look(-1), Unread::unknown);
}

}  // namespace
}  // namespace wsspec::unread_test
