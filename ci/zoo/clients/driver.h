/* What the drivers in C and C++ share: what they are asked for, and whether there is to be another round. */
#ifndef WSSPEC_ZOO_CLIENTS_DRIVER_H
#define WSSPEC_ZOO_CLIENTS_DRIVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { driver_limit = 64 * 1024 * 1024 };

struct driver_url {
  int secure;
  char host[256]; /* without brackets */
  char port[8];
  char authority[300]; /* host:port as the Host field has it */
  char target[4096];
};

/* 0, or -1 for what is no ws: or wss: URL. */
static inline int driver_parse(const char *text, struct driver_url *url) {
  const char *at, *end, *port;
  memset(url, 0, sizeof *url);
  url->secure = strncasecmp(text, "wss://", 6) == 0;
  if (!url->secure && strncasecmp(text, "ws://", 5) != 0) return -1;
  at = text + (url->secure ? 6 : 5);
  end = at + strcspn(at, "/?#");
  port = end;
  if (*at == '[') {
    const char *close = (const char *)memchr(at, ']', (size_t)(end - at));
    if (!close) return -1;
    snprintf(url->host, sizeof url->host, "%.*s", (int)(close - at - 1), at + 1);
    if (close[1] == ':') port = close + 1;
  } else {
    const char *colon = (const char *)memchr(at, ':', (size_t)(end - at));
    if (colon) port = colon;
    snprintf(url->host, sizeof url->host, "%.*s", (int)(port - at), at);
  }
  if (port < end) snprintf(url->port, sizeof url->port, "%.*s", (int)(end - port - 1), port + 1);
  else strcpy(url->port, url->secure ? "443" : "80");
  snprintf(url->authority, sizeof url->authority, "%.*s", (int)(end - at), at);
  snprintf(url->target, sizeof url->target, "%s%.*s", *end == '/' ? "" : "/", (int)strcspn(end, "#"), end);
  return url->host[0] ? 0 : -1;
}

static inline const char *driver_setting(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/* The next of the header fields asked for; call with *at = driver_setting("WSSPEC_HEADERS"). 0 when there is none. */
static inline int driver_header(const char **at, char *name, size_t name_size, char *value, size_t value_size) {
  while (*at && **at) {
    const char *line = *at, *end = line + strcspn(line, "\n");
    const char *colon = (const char *)memchr(line, ':', (size_t)(end - line));
    *at = *end ? end + 1 : end;
    if (!colon || colon == line) continue;
    snprintf(name, name_size, "%.*s", (int)(colon - line), line);
    for (++colon; colon < end && *colon == ' '; ++colon) continue;
    snprintf(value, value_size, "%.*s", (int)(end - colon), colon);
    return 1;
  }
  return 0;
}

/* Does nobody listen on that port? For libraries whose errors do not say it. Linux, loopback. */
static inline int driver_nobody_listens(const char *port) {
  static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
  for (size_t i = 0; i < 2; ++i) {
    char line[512], address[128];
    unsigned number, state;
    FILE *file = fopen(tables[i], "r");
    if (!file) continue;
    while (fgets(line, sizeof line, file))
      if (sscanf(line, " %*[^:]: %127[0-9A-Fa-f]:%x %*s %x", address, &number, &state) == 3 && state == 0x0A &&
          number == (unsigned)atoi(port)) {
        fclose(file);
        return 0;
      }
    fclose(file);
  }
  return 1;
}

/* After a connection: 1 for another round, at once or, where nobody listened, after 100 ms. */
static inline int driver_again(int opened, const char *port) {
  static int refused;
  const char *action = driver_setting("WSSPEC_ACTION");
  const struct timespec pause = {0, 100 * 1000 * 1000};
  if (!action || strcmp(action, "loop") != 0) return 0;
  refused = !opened && driver_nobody_listens(port) ? refused + 1 : 0;
  if (refused) nanosleep(&pause, NULL);
  return refused < 3;
}

#endif
