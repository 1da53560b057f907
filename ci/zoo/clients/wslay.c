/* wslay's event API. wslay knows frames only: socket and opening handshake are this driver's. No TLS. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "driver.h"

enum { max_head = 64 * 1024 };

struct peer {
  int fd;
  char head[max_head]; /* the reply, then what came after it */
  size_t early_pos, early_len;
};

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t *buf, size_t len, int flags, void *user) {
  struct peer *p = user;
  ssize_t n;
  (void)flags;
  if (p->early_len > 0) {
    size_t some = p->early_len < len ? p->early_len : len;
    memcpy(buf, p->head + p->early_pos, some);
    p->early_pos += some;
    p->early_len -= some;
    return (ssize_t)some;
  }
  n = recv(p->fd, buf, len, 0);
  if (n > 0) return n;
  wslay_event_set_error(ws, n < 0 && errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t *buf, size_t len, int flags, void *user) {
  struct peer *p = user;
  ssize_t n = send(p->fd, buf, len, MSG_NOSIGNAL);
  (void)flags;
  if (n >= 0) return n;
  wslay_event_set_error(ws, errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static int on_mask(wslay_event_context_ptr ws, uint8_t *buf, size_t len, void *user) {
  (void)ws, (void)user;
  return RAND_bytes(buf, (int)len) == 1 ? 0 : -1;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *arg, void *user) {
  (void)user;
  if (wslay_is_ctrl_frame(arg->opcode)) return; /* wslay answers ping and close */
  struct wslay_event_msg echo = {arg->opcode, arg->msg, arg->msg_length};
  wslay_event_queue_msg(ws, &echo);
}

static const struct wslay_event_callbacks callbacks = {on_recv, on_send, on_mask, NULL, NULL, NULL, on_message};

static int dial(const struct driver_url *url) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
  int fd = -1, one = 1;
  if (getaddrinfo(url->host, url->port, &hints, &all) != 0) return -1;
  for (struct addrinfo *at = all; at && fd < 0; at = at->ai_next) {
    fd = socket(at->ai_family, at->ai_socktype, 0);
    if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(all);
  if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

/* The value of the one field of that name, trimmed, or NULL for none, and for more than one. */
static char *field(const char *head, const char *name, char *out, size_t size) {
  int count = 0;
  size_t len = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    const char *at = line + 2, *end = strstr(at, "\r\n");
    if (strncasecmp(at, name, len) != 0 || at[len] != ':') continue;
    at += len + 1;
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) end--;
    snprintf(out, size, "%.*s", (int)(end - at), at);
    count++;
  }
  return count == 1 ? out : NULL;
}

static int is_asked_for(const char *protocol) {
  const char *list = driver_setting("WSSPEC_PROTOCOLS");
  size_t len = strlen(protocol);
  while (list && *list) {
    size_t word = strcspn(list, ",");
    if (word == len && strncmp(list, protocol, len) == 0) return 1;
    list += word + (list[word] == ',');
  }
  return 0;
}

static int has_token(const char *list, const char *token) {
  size_t len = strlen(token);
  while (*list) {
    list += strspn(list, ", \t");
    size_t word = strcspn(list, ", \t");
    if (word == len && strncasecmp(list, token, len) == 0) return 1;
    list += word;
  }
  return 0;
}

/* RFC 6455 section 4.1. NULL when all is right, else what is not. */
static const char *handshake(struct peer *p, const struct driver_url *url) {
  unsigned char nonce[16], digest[SHA_DIGEST_LENGTH];
  char key[64], accept[32], request[max_head], name[256], value[4096];
  const char *next = driver_setting("WSSPEC_HEADERS"), *protocols = driver_setting("WSSPEC_PROTOCOLS");
  size_t used = 0;
  char *end = NULL;
  int len;
  if (RAND_bytes(nonce, sizeof nonce) != 1) return "no random numbers";
  EVP_EncodeBlock((unsigned char *)key, nonce, sizeof nonce);
  len = snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s%s%s",
                 url->target, url->authority, key, protocols ? "Sec-WebSocket-Protocol: " : "", protocols ? protocols : "",
                 protocols ? "\r\n" : "");
  while (driver_header(&next, name, sizeof name, value, sizeof value) && len < max_head - 8192)
    len += snprintf(request + len, sizeof request - (size_t)len, "%s: %s\r\n", name, value);
  len += snprintf(request + len, sizeof request - (size_t)len, "\r\n");
  if (send(p->fd, request, (size_t)len, MSG_NOSIGNAL) != len) return "the request does not go out";
  while (!end) {
    ssize_t n = recv(p->fd, p->head + used, max_head - 1 - used, 0);
    if (n <= 0) return "no whole reply";
    used += (size_t)n;
    p->head[used] = '\0';
    end = memmem(p->head, used, "\r\n\r\n", 4);
  }
  if (memchr(p->head, '\0', (size_t)(end - p->head))) return "NUL in the reply";
  p->early_pos = (size_t)(end + 4 - p->head);
  p->early_len = used - p->early_pos;
  if (strncmp(p->head, "HTTP/1.1 101", 12) != 0 || (p->head[12] != ' ' && p->head[12] != '\r')) return "status is not 101";
  if (!field(p->head, "Upgrade", value, sizeof value) || strcasecmp(value, "websocket") != 0) return "Upgrade";
  if (!field(p->head, "Connection", value, sizeof value) || !has_token(value, "upgrade")) return "Connection";
  strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  SHA1((const unsigned char *)key, strlen(key), digest);
  EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
  if (!field(p->head, "Sec-WebSocket-Accept", value, sizeof value) || strcmp(value, accept) != 0) return "Sec-WebSocket-Accept";
  if (strcasestr(p->head, "\nSec-WebSocket-Extensions:") && strcasestr(p->head, "\nSec-WebSocket-Extensions:") < end)
    return "Sec-WebSocket-Extensions";
  value[0] = '\0';
  const char *chosen = strcasestr(p->head, "\nSec-WebSocket-Protocol:");
  if (chosen && chosen < end && !(field(p->head, "Sec-WebSocket-Protocol", value, sizeof value) && is_asked_for(value)))
    return "Sec-WebSocket-Protocol";
  return NULL;
}

static void talk(struct peer *p) {
  wslay_event_context_ptr ws;
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
  if (wslay_event_context_client_init(&ws, &callbacks, p) != 0) return;
  wslay_event_config_set_max_recv_msg_length(ws, driver_limit);
  while (wslay_event_want_read(ws) || wslay_event_want_write(ws)) {
    struct pollfd poll_it = {.fd = p->fd};
    if (wslay_event_want_read(ws)) poll_it.events |= POLLIN;
    if (wslay_event_want_write(ws)) poll_it.events |= POLLOUT;
    if (p->early_len == 0 && poll(&poll_it, 1, -1) < 0) break;
    if ((p->early_len > 0 || poll_it.revents & (POLLIN | POLLHUP | POLLERR)) && wslay_event_want_read(ws) &&
        wslay_event_recv(ws) != 0)
      break;
    if (wslay_event_want_write(ws) && wslay_event_send(ws) != 0) break;
  }
  wslay_event_context_free(ws);
}

static int connect_to_it(const struct driver_url *url) {
  static struct peer p;
  const char *fault = "not connected";
  memset(&p, 0, sizeof p);
  p.fd = dial(url);
  if (p.fd >= 0) fault = handshake(&p, url);
  if (fault) fprintf(stderr, "%s\n", fault);
  else talk(&p);
  if (p.fd >= 0) close(p.fd);
  return !fault;
}

int main(int argc, char **argv) {
  struct driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url)) return 2;
  if (url.secure) return 127;
  while (driver_again(connect_to_it(&url), url.port)) continue;
  return 0;
}
