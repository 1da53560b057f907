#include "net/unread.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

namespace wsspec {
namespace {

// The other end's socket: our address is its peer's.
bool name_other_end(int fd, inet_diag_req_v2& request) {
  sockaddr_storage ours{}, theirs{};
  socklen_t size = sizeof ours, other_size = sizeof theirs;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&ours), &size) != 0 ||
      ::getpeername(fd, reinterpret_cast<sockaddr*>(&theirs), &other_size) != 0)
    return false;
  request.sdiag_family = static_cast<std::uint8_t>(ours.ss_family);
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_states = ~0U;
  request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  const auto put = [&](const auto& from, const auto& to, std::size_t octets, const void* a, const void* b) {
    request.id.idiag_sport = to;
    request.id.idiag_dport = from;
    std::memcpy(request.id.idiag_src, b, octets);
    std::memcpy(request.id.idiag_dst, a, octets);
  };
  if (ours.ss_family == AF_INET) {
    const auto& a = reinterpret_cast<const sockaddr_in&>(ours);
    const auto& b = reinterpret_cast<const sockaddr_in&>(theirs);
    put(a.sin_port, b.sin_port, sizeof a.sin_addr, &a.sin_addr, &b.sin_addr);
    return true;
  }
  if (ours.ss_family != AF_INET6) return false;
  const auto& a = reinterpret_cast<const sockaddr_in6&>(ours);
  const auto& b = reinterpret_cast<const sockaddr_in6&>(theirs);
  put(a.sin6_port, b.sin6_port, sizeof a.sin6_addr, &a.sin6_addr, &b.sin6_addr);
  return true;
}

int family_of(int fd) {
  int family = 0;
  socklen_t size = sizeof family;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 ? family : 0;
}

}  // namespace

Unread UnreadLook::look(int fd) {
  int waiting = 0;
  if (::ioctl(fd, SIOCOUTQ, &waiting) != 0) return Unread::unknown;
  if (waiting > 0) return Unread::some;  // It is not even there yet.
  // What a Unix socket was given leaves its queue when it is read.
  return family_of(fd) == AF_UNIX ? Unread::none : ask(fd);
}

// sock_diag(7).
Unread UnreadLook::ask(int fd) {
  if (!kernel_ && !refused_)
    kernel_ = Socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  refused_ = !kernel_;
  if (refused_) return Unread::unknown;
  struct {
    nlmsghdr header{};
    inet_diag_req_v2 request{};
  } question;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  if (!name_other_end(fd, question.request)) return Unread::unknown;
  if (::send(kernel_.fd(), &question, sizeof question, 0) != sizeof question) return Unread::unknown;
  alignas(nlmsghdr) char answer[4096];
  const auto size = ::recv(kernel_.fd(), answer, sizeof answer, 0);
  constexpr auto kWhole = NLMSG_LENGTH(sizeof(inet_diag_msg));
  const auto& header = reinterpret_cast<const nlmsghdr&>(answer);
  if (size < static_cast<ssize_t>(kWhole) || header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return Unread::unknown;
  inet_diag_msg about{};
  std::memcpy(&about, answer + NLMSG_HDRLEN, sizeof about);
  return about.idiag_rqueue == 0 ? Unread::none : Unread::some;
}

}  // namespace wsspec
