// UnreadLook: whether the program at the other end of a connection has read what was sent to it. Only the
// kernel that holds both ends can tell, so it is known on this machine (and within this network namespace)
// alone.
//
// What it is not: an acknowledgement of TCP, which a kernel gives before its program has read anything.
#pragma once

#include "net/socket.h"

namespace wsspec {

enum class Unread { none, some, unknown };

class UnreadLook {
 public:
  /// Of the connected socket `fd`: two system calls, some microseconds.
  Unread look(int fd);

 private:
  Unread ask(int fd);

  Socket kernel_;  ///< Opened by the first look.
  bool refused_ = false;
};

}  // namespace wsspec
