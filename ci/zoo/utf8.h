/* The check of text that the libraries of CivetWeb, POCO and RESTinio leave to the application (RFC 6455 8.1, RFC 3629). */
#ifndef WSSPEC_ZOO_UTF8_H
#define WSSPEC_ZOO_UTF8_H

#include <stddef.h>

static inline int is_utf8(const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text, *end = p + len;
  while (p < end) {
    unsigned lead = *p++, low = 0x80, high = 0xbf, more;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    for (; more; --more, low = 0x80, high = 0xbf)
      if (p == end || *p < low || *p++ > high) return 0;
  }
  return 1;
}

#endif
