#include "peer/hop_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "peer/edits.h"

namespace wsspec {
namespace {

constexpr std::string_view kUpgradeField = "Upgrade", kConnectionField = "Connection";
constexpr std::string_view kWebSocketToken = "websocket";

bool is_well_formed(const Head& head) {
  return !head.malformed && !head.control_octet && !head.folded && !head.bare_lf;
}

// Several lengths are a way to make two parties see two messages (RFC 9112 6.3).
bool has_one_length(const Head& head) {
  const auto lengths = head.joined("Content-Length");
  if (!lengths) return true;
  const auto elements = split_list(*lengths);
  const bool equal = std::ranges::all_of(elements, [&](const std::string& e) { return e == elements[0]; });
  const bool number = !elements.empty() && elements[0].find_first_not_of("0123456789") == std::string::npos;
  return equal && number && !head.find("Transfer-Encoding");
}

// Fields for the next recipient alone (RFC 9110 7.6.1). A Host that is named there is still needed.
void drop_hop_fields(Head& head, bool keeps_coding) {
  auto names = split_list(head.joined(kConnectionField).value_or(""));
  for (const char* name : {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade"})
    names.emplace_back(name);
  if (!keeps_coding) names.emplace_back("Transfer-Encoding");
  for (const std::string& name : names) {
    const bool needed = same_text(name, "Host") || (keeps_coding && same_text(name, "Transfer-Encoding"));
    if (!needed) edits::drop(head.fields, name);
  }
}

// As the client wrote it.
std::string websocket_token(const Head& head) {
  for (const std::string& token : split_list(head.joined(kUpgradeField).value_or(""))) {
    if (same_text(token, kWebSocketToken)) return token;
  }
  return {};
}

// The host of an absolute target counts, whatever Host says (RFC 9112 3.2.2).
void correct_host(Head& head) {
  const auto line = parse_request_line(head.start);
  const std::size_t scheme = line ? line->target.find("://") : std::string::npos;
  if (scheme == std::string::npos || line->target.starts_with('/')) return;
  const std::size_t begin = scheme + 3;
  edits::set(head.fields, "Host",
             line->target.substr(begin, line->target.find_first_of("/?", begin) - begin));
}

struct StatusText {
  int status;
  std::string_view reason;
};
constexpr std::array kReasons{StatusText{400, "Bad Request"},
                              StatusText{408, "Request Timeout"},
                              StatusText{411, "Length Required"},
                              StatusText{431, "Request Header Fields Too Large"},
                              StatusText{501, "Not Implemented"},
                              StatusText{502, "Bad Gateway"},
                              StatusText{503, "Service Unavailable"},
                              StatusText{504, "Gateway Timeout"},
                              StatusText{505, "HTTP Version Not Supported"}};

}  // namespace

int judge_request(const Head& request) {
  const auto line = parse_request_line(request.start);
  if (!line || !is_well_formed(request) || request.blank_before_colon || !has_one_length(request)) return 400;
  if (!line->version.starts_with("HTTP/1.")) return 505;
  const bool needs_host = line->version != "HTTP/1.0";
  if (request.count("Host") > 1 || (needs_host && request.count("Host") == 0)) return 400;
  const auto coding = request.joined("Transfer-Encoding");
  if (coding && !same_text(*coding, "chunked")) return 501;
  if (coding && line->version == "HTTP/1.0") return 400;
  return line->method == "CONNECT" ? 501 : 0;
}

// A blank before a colon is taken out instead (RFC 9112 5.1).
bool is_sound_answer(const Head& answer) {
  const auto line = parse_status_line(answer.start);
  return line && line->version.starts_with("HTTP/1.") && is_well_formed(answer) && has_one_length(answer);
}

bool is_http10(const Head& request) {
  return request.start.ends_with(" HTTP/1.0");
}

bool asks_for_upgrade(const Head& request) {
  return !is_http10(request) && request.has_token(kConnectionField, "upgrade") &&
         !websocket_token(request).empty();
}

bool ends_connection(const Head& message, bool http10) {
  return http10 || message.has_token(kConnectionField, "close");
}

Head request_for_server(const Head& request, bool upgrades, bool keeps) {
  Head out = request;
  drop_hop_fields(out, true);
  const std::string version = is_http10(request) ? "1.0" : "1.1";
  edits::set_version(out, "HTTP/1.1");
  if (out.count("Host") == 0) out.fields.insert(out.fields.begin(), {"Host", ""});
  correct_host(out);
  if (upgrades) {
    out.fields.push_back({"Connection", "Upgrade"});
    out.fields.push_back({"Upgrade", websocket_token(request)});
  } else if (!keeps) {
    out.fields.push_back({"Connection", "close"});
  }
  out.fields.push_back({"Via", version + " hop"});
  return out;
}

Head answer_for_client(const Head& answer, int status, bool ends) {
  Head out = answer;
  drop_hop_fields(out, status >= 200);
  if (status < 200) edits::drop(out.fields, "Content-Length");
  const std::size_t blank = out.start.find(' ');
  out.start = "HTTP/1.1" + out.start.substr(blank);
  const auto upgrade = answer.joined(kUpgradeField);
  const bool tells = upgrade && (status == 101 || status == 426);
  if (tells) out.fields.push_back({"Upgrade", *upgrade});
  if (tells || ends)
    out.fields.push_back({"Connection", !tells ? "close" : !ends ? "Upgrade" : "Upgrade, close"});
  return out;
}

bool switches_to_websocket(const Head& answer) {
  return answer.start.starts_with("HTTP/1.1 ") && !websocket_token(answer).empty();
}

Bytes own_answer(int status, bool ends, bool to_head_request) {
  const auto* known = std::ranges::find(kReasons, status, &StatusText::status);
  const std::string_view reason = known == kReasons.end() ? "Error" : known->reason;
  const Bytes body = fmt::format("{} {}\n", status, reason);
  std::vector<Field> fields{{"Content-Type", "text/plain"},
                            {"Content-Length", fmt::format("{}", body.size())}};
  if (ends) fields.push_back({"Connection", "close"});
  return render_head(fmt::format("HTTP/1.1 {} {}", status, reason), fields) + (to_head_request ? "" : body);
}

}  // namespace wsspec
