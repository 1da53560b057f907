/* An echo server with wslay's event API. wslay knows frames only, so the
 * opening handshake of RFC 6455 section 4.2 is done here. One thread, poll(). */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { max_peers = 1024, max_head = 64 * 1024, max_message = 64 * 1024 * 1024 };

struct peer {
  int fd;
  wslay_event_context_ptr ws; /* NULL until the handshake is done */
  char *head;                 /* request so far, then what came after it */
  size_t head_len, early_pos, early_len;
  char answer[512];
  size_t answer_pos, answer_len;
  int end_after_answer;
};

static struct peer peers[max_peers];
static struct pollfd polls[max_peers + 1];
static int peer_count;

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t *buf, size_t len, int flags, void *user) {
  struct peer *p = user;
  (void)flags;
  if (p->early_len > 0) { /* octets that arrived together with the request */
    size_t n = p->early_len < len ? p->early_len : len;
    memcpy(buf, p->head + p->early_pos, n);
    p->early_pos += n;
    p->early_len -= n;
    return (ssize_t)n;
  }
  ssize_t n;
  do {
    n = recv(p->fd, buf, len, 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return n;
  int again = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  wslay_event_set_error(ws, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t *buf, size_t len, int flags, void *user) {
  struct peer *p = user;
  (void)flags;
  ssize_t n;
  do {
    n = send(p->fd, buf, len, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return n;
  int again = errno == EAGAIN || errno == EWOULDBLOCK;
  wslay_event_set_error(ws, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *arg, void *user) {
  (void)user;
  if (wslay_is_ctrl_frame(arg->opcode)) return; /* wslay answers ping and close */
  struct wslay_event_msg echo = {arg->opcode, arg->msg, arg->msg_length};
  wslay_event_queue_msg(ws, &echo);
}

static const struct wslay_event_callbacks callbacks = {on_recv, on_send, NULL, NULL, NULL, NULL, on_message};

/* The value of a header, trimmed; repeated headers are joined by ", ". Returns how often it stands there. */
static int header(const char *head, const char *name, char *out, size_t size) {
  int count = 0;
  size_t used = 0, name_len = strlen(name);
  out[0] = '\0';
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    const char *at = line + 2;
    if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':') continue;
    const char *from = at + name_len + 1, *to = strstr(from, "\r\n");
    while (from < to && (*from == ' ' || *from == '\t')) from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
    int n = snprintf(out + used, size - used, "%s%.*s", count ? ", " : "", (int)(to - from), from);
    if (n < 0 || used + (size_t)n >= size) return -1;
    used += (size_t)n;
    count++;
  }
  return count;
}

/* Each line after the first is `name: value`: no blank before the colon, no line that goes on with the one before. */
static int is_sound(const char *head) {
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    size_t name = strcspn(line + 2, ": \t\r\n");
    if (name == 0 || line[2 + name] != ':') return 0;
  }
  return 1;
}

static int has_token(const char *list, const char *token) {
  size_t len = strlen(token);
  while (*list) {
    while (*list == ',' || *list == ' ' || *list == '\t') list++;
    const char *end = list + strcspn(list, ",");
    const char *last = end;
    while (last > list && (last[-1] == ' ' || last[-1] == '\t')) last--;
    if ((size_t)(last - list) == len && strncasecmp(list, token, len) == 0) return 1;
    list = end;
  }
  return 0;
}

static int is_key(const char *key) {
  unsigned char raw[18];
  if (strlen(key) != 24 || strcmp(key + 22, "==") != 0) return 0;
  return EVP_DecodeBlock(raw, (const unsigned char *)key, 24) == 18;
}

static void refuse(struct peer *p, const char *status, const char *more) {
  p->answer_len = (size_t)snprintf(p->answer, sizeof p->answer,
                                   "HTTP/1.1 %s\r\n%sConnection: close\r\nContent-Length: 0\r\n\r\n", status, more);
  p->end_after_answer = 1;
}

/* Parses the request in p->head (NUL-terminated, complete) and fills p->answer. */
static void handshake(struct peer *p) {
  char value[1024], key[1024];
  const char *head = p->head, *eol = strstr(head, "\r\n");
  const char *version = " HTTP/1.1";
  size_t line = (size_t)(eol - head);
  if (strncmp(head, "GET ", 4) != 0) return refuse(p, "405 Method Not Allowed", "Allow: GET\r\n");
  if (line < 5 + strlen(version) || strncmp(eol - strlen(version), version, strlen(version)) != 0)
    return refuse(p, "400 Bad Request", "");
  if (!is_sound(head) || header(head, "Host", value, sizeof value) != 1 || header(head, "Upgrade", value, sizeof value) < 1 ||
      !has_token(value, "websocket") || header(head, "Connection", value, sizeof value) < 1 ||
      !has_token(value, "upgrade"))
    return refuse(p, "400 Bad Request", "");
  if (header(head, "Transfer-Encoding", value, sizeof value) != 0 ||
      (header(head, "Content-Length", value, sizeof value) != 0 && strcmp(value, "0") != 0))
    return refuse(p, "400 Bad Request", ""); /* a body would be read as frames */
  if (header(head, "Sec-WebSocket-Version", value, sizeof value) != 1 || strcmp(value, "13") != 0)
    return refuse(p, "426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  if (header(head, "Sec-WebSocket-Key", key, sizeof key) != 1 || !is_key(key))
    return refuse(p, "400 Bad Request", "");

  unsigned char digest[SHA_DIGEST_LENGTH], accept[32];
  strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  SHA1((const unsigned char *)key, strlen(key), digest);
  EVP_EncodeBlock(accept, digest, sizeof digest);
  p->answer_len = (size_t)snprintf(p->answer, sizeof p->answer,
                                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                   "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                                   accept);
  if (wslay_event_context_server_init(&p->ws, &callbacks, p) != 0) return refuse(p, "500 Internal Server Error", "");
  wslay_event_config_set_max_recv_msg_length(p->ws, max_message);
}

/* Each step returns 0 to go on, -1 to drop the connection. */
static int read_head(struct peer *p) {
  ssize_t n = recv(p->fd, p->head + p->head_len, max_head - 1 - p->head_len, 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  if (n == 0) return -1;
  p->head_len += (size_t)n;
  p->head[p->head_len] = '\0';
  char *end = strstr(p->head, "\r\n\r\n");
  if (!end) {
    if (p->head_len == max_head - 1) refuse(p, "431 Request Header Fields Too Large", "");
    else if (strlen(p->head) != p->head_len) refuse(p, "400 Bad Request", "");
    return 0;
  }
  p->early_pos = (size_t)(end + 4 - p->head);
  p->early_len = p->head_len - p->early_pos;
  char first = end[4];
  end[4] = '\0';
  handshake(p);
  end[4] = first;
  return 0;
}

static int write_answer(struct peer *p) {
  ssize_t n = send(p->fd, p->answer + p->answer_pos, p->answer_len - p->answer_pos, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  p->answer_pos += (size_t)n;
  return p->answer_pos == p->answer_len && p->end_after_answer ? -1 : 0;
}

static int step(struct peer *p, short events) {
  if (p->answer_len == 0) return events & (POLLIN | POLLHUP | POLLERR) ? read_head(p) : 0;
  if (p->answer_pos < p->answer_len && write_answer(p) != 0) return -1;
  if (p->answer_pos < p->answer_len) return 0;
  if ((events & (POLLIN | POLLHUP | POLLERR) || p->early_len > 0) && wslay_event_want_read(p->ws) &&
      wslay_event_recv(p->ws) != 0)
    return -1;
  if (wslay_event_want_write(p->ws) && wslay_event_send(p->ws) != 0) return -1;
  return wslay_event_want_read(p->ws) || wslay_event_want_write(p->ws) ? 0 : -1;
}

static void add_peer(int fd) {
  int one = 1;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  for (int i = 0; i < max_peers; i++) {
    if (peers[i].head) continue;
    peers[i] = (struct peer){.fd = fd, .head = malloc(max_head)};
    if (!peers[i].head) break;
    peer_count++;
    return;
  }
  close(fd);
}

static void drop_peer(struct peer *p) {
  if (p->ws) wslay_event_context_free(p->ws);
  close(p->fd);
  free(p->head);
  memset(p, 0, sizeof *p);
  peer_count--;
}

static void wait_for_events(int listener) {
  polls[max_peers] = (struct pollfd){.fd = peer_count < max_peers ? listener : -1, .events = POLLIN};
  for (int i = 0; i < max_peers; i++) {
    struct peer *p = &peers[i];
    polls[i] = (struct pollfd){.fd = p->head ? p->fd : -1};
    if (!p->head) continue;
    if (p->answer_pos < p->answer_len) polls[i].events = POLLOUT;
    else if (!p->ws) polls[i].events = POLLIN;
    else
      polls[i].events = (short)((wslay_event_want_read(p->ws) ? POLLIN : 0) |
                                (wslay_event_want_write(p->ws) ? POLLOUT : 0));
  }
  if (poll(polls, max_peers + 1, -1) < 0 && errno != EINTR) exit(1);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)atoi(argv[1])),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1024) != 0) {
    perror("listen");
    return 1;
  }
  fcntl(listener, F_SETFL, O_NONBLOCK);
  for (;;) {
    wait_for_events(listener);
    for (int i = 0; i < max_peers; i++)
      if (peers[i].head && polls[i].fd >= 0 && polls[i].revents && step(&peers[i], polls[i].revents) != 0)
        drop_peer(&peers[i]);
    if (polls[max_peers].revents & POLLIN) {
      int fd = accept(listener, NULL, NULL);
      if (fd >= 0) add_peer(fd);
    }
  }
}
