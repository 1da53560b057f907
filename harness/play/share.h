// Share: the part of a time that the target declares which a case asks for (`$ping-timeout*0.9`).
#pragma once

#include "protocol/endpoint.h"
#include "script/ast.h"

namespace wsspec {

/// Of `declared`; `time.fixed` is not in it.
inline Duration share_of(Duration declared, const Time& time) {
  return Duration(declared.count() / 1000 * time.permille);
}

}  // namespace wsspec
