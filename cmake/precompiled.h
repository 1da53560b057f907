// What nearly every file includes: parsed once per module. A file still names what it uses; a build with
// -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON shows where one does not.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
