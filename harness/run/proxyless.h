// Proxyless: a client that minds no proxy says the same in every case about one.
#pragma once

#include <vector>

#include "play/result.h"

namespace wsspec {

/// Where no case about a proxy has seen CONNECT, the first that is info says so for all of them; the others
/// are skipped for that reason.
void tell_proxyless_once(std::vector<CaseResult>& results);

}  // namespace wsspec
