#include "protocol/close.h"

namespace wsspec {

CloseCodeClass classify(std::uint16_t code) {
  using enum CloseCodeClass;
  if (code < 1000 || code > 4999) return invalid;
  if (code >= 4000) return application;
  if (code >= 3000) return library;
  switch (code) {
    case 1004: return reserved;
    case 1005:
    case 1006:
    case 1015: return forbidden;
    case 1012:
    case 1013:
    case 1014: return registered;
    default: return code <= 1011 ? defined : unassigned;
  }
}

std::string_view close_code_name(std::uint16_t code) {
  switch (code) {
    case 1000: return "normal closure";
    case 1001: return "going away";
    case 1002: return "protocol error";
    case 1003: return "unsupported data";
    case 1005: return "no status received";
    case 1006: return "abnormal closure";
    case 1007: return "invalid payload data";
    case 1008: return "policy violation";
    case 1009: return "message too big";
    case 1010: return "mandatory extension";
    case 1011: return "internal error";
    case 1012: return "service restart";
    case 1013: return "try again later";
    case 1014: return "bad gateway";
    case 1015: return "TLS handshake failure";
    default: return {};
  }
}

CloseBody parse_close(BytesView payload) {
  CloseBody body;
  if (payload.size() < 2) {
    body.stray_octet = payload.size() == 1;
    return body;
  }
  body.code = static_cast<std::uint16_t>(read_big_endian(payload.substr(0, 2)));
  body.reason = payload.substr(2);
  return body;
}

Bytes make_close(std::optional<std::uint16_t> code, BytesView reason) {
  Bytes payload;
  if (code) append_big_endian(payload, *code, 2);
  payload += reason;
  return payload;
}

}  // namespace wsspec
