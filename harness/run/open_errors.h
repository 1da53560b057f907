// A STOMP broker that sends ERROR and keeps the connection breaks one rule, in every case that has it refuse
// something.
#pragma once

#include <vector>

#include "play/result.h"

namespace wsspec {

/// Where `stomp.error.closes` has failed, the other cases that failed for that alone are `weak`.
void tell_open_errors_once(std::vector<CaseResult>& results);

}  // namespace wsspec
