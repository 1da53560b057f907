// HTTP/1.1 heads (RFC 9112) as far as the opening handshake needs them: parsed with all their faults, never
// repaired.
//
// What it is not: an HTTP client. No bodies: response_body() says how one is delimited, protocol/chunked.h
// where a chunked one ends. Invariants: bounded by HeadLimits; how the octets are cut never matters; fields
// keep order, case and count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace wsspec {

struct Field {
  std::string name;
  std::string value;  ///< Without the blanks around it; obs-fold joined by one space.
  bool operator==(const Field&) const = default;
};

bool same_text(std::string_view a, std::string_view b);  ///< Equal but for ASCII case.
std::string_view trim_blanks(std::string_view text);     ///< Without SP and HTAB at both ends.
bool is_token(std::string_view text);                    ///< RFC 9110 5.6.2, not empty.

struct Head {
  std::string start;  ///< The first line without its line end.
  std::vector<Field> fields;
  bool bare_lf = false;  ///< Some line ended in LF alone.
  bool folded = false;   ///< Some field was continued on a second line (obs-fold).
  bool blank_before_colon = false;
  bool control_octet = false;  ///< NUL, CR or another control octet inside a line.
  bool malformed = false;      ///< A line without a colon, or with a name that is no token.
  std::size_t empty_lines =
      0;  ///< Empty lines before the start line, which a server should ignore (RFC 9112 2.2).

  std::size_t count(std::string_view name) const;
  /// The first field of that name, any case; nullptr when absent.
  const std::string* find(std::string_view name) const;
  /// All values of that name joined by ", "; nothing when absent.
  std::optional<std::string> joined(std::string_view name) const;
  /// True when some element of the comma list in all fields of that name equals `token`, without regard to
  /// case.
  bool has_token(std::string_view name, std::string_view token) const;
};

struct HeadLimits {
  std::size_t octets = 64 * 1024;
  std::size_t fields = 500;
};

/// The elements of a comma list without the blanks around them; empty ones are left out (RFC 9110 5.6.1).
std::vector<std::string> split_list(std::string_view list);
/// Of a URL: "%41" is "A"; what is no such escape stays.
std::string percent_decoded(std::string_view text);

/// Incremental: feed octets until done() or failed(); `bytes` loses what belonged to the head.
class HeadParser {
 public:
  explicit HeadParser(HeadLimits limits = {}) : limits_(limits) {}
  /// Returns true when the head is complete. After that, or past a limit, nothing more is taken.
  bool feed(BytesView& bytes);
  bool done() const { return done_; }
  /// Set when a limit was passed; the head so far stays readable.
  bool too_large() const { return too_large_; }
  const Head& head() const { return head_; }
  /// The octets of the head as they came, line ends included.
  const Bytes& raw() const { return raw_; }

 private:
  void take_line(std::string_view line, bool bare_lf);
  HeadLimits limits_;
  Head head_;
  Bytes raw_;
  std::size_t line_begin_ = 0;
  bool done_ = false, too_large_ = false;
};

struct RequestLine {
  std::string method, target, version;  ///< version: "HTTP/1.1".
};
std::optional<RequestLine> parse_request_line(std::string_view line);

struct StatusLine {
  std::string version;
  int status = 0;  ///< 100 to 999.
  std::string reason;
};
std::optional<StatusLine> parse_status_line(std::string_view line);

/// How the body behind a response head is delimited.
struct BodyLength {
  enum class Kind { none, counted, chunked, until_end } kind = Kind::none;
  std::uint64_t octets = 0;
};
BodyLength response_body(const Head& head, int status, bool to_head_request = false);

/// Renders start line and fields, each ended by CR LF, and the empty line.
Bytes render_head(std::string_view start, const std::vector<Field>& fields);
inline Bytes render_head(const Head& head) {
  return render_head(head.start, head.fields);
}

}  // namespace wsspec
