// Which end of a connection somebody is.
#pragma once

namespace wsspec {

enum class Role { client, server };

constexpr Role other(Role role) {
  return role == Role::client ? Role::server : Role::client;
}

}  // namespace wsspec
