/* Shares a server's coverage counters with `wsspec` through shared memory. C, no dependencies.
 *
 * Build the server with clang and link this file into it, itself without instrumentation:
 *   clang -fsanitize-coverage=inline-8bit-counters -c server.c
 *   clang -O2 -c runtime.c
 *   clang server.o runtime.o -o server
 * With WSSPEC_COVERAGE=/NAME in its environment the server adds its counters to shared memory of that name
 * (harness/fuzzer/coverage_map.h) whenever it is about to wait for input in epoll_wait, epoll_pwait, poll or
 * select, and says that it is idle while it waits. Without the variable nothing happens.
 *
 * The four calls are defined here and so take the place of libc's in the whole program, also for shared
 * libraries; they end in the same system calls. What it is not: for servers that wait otherwise (io_uring,
 * blocking reads), nor for several processes that serve at once. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most_counters = 1 << 20, most_modules = 64 };

struct shared { /* as harness/fuzzer/coverage_map.cc has it */
  char magic[8];
  atomic_uint counters, wakes, idle;
  unsigned spare[11];
  uint8_t counts[most_counters];
};

static struct {
  uint8_t *begin, *end;
} modules[most_modules];
static int module_count;
static struct shared* map;

/* Called by a constructor of each instrumented module. */
void __sanitizer_cov_8bit_counters_init(char* begin, char* end) {
  for (int i = 0; i < module_count; ++i)
    if (modules[i].begin == (uint8_t*)begin) return;
  if (begin == end || module_count == most_modules) return;
  modules[module_count].begin = (uint8_t*)begin;
  modules[module_count].end = (uint8_t*)end;
  ++module_count;
}

__attribute__((constructor(65535))) static void attach(void) {
  const char* name = getenv("WSSPEC_COVERAGE");
  if (name == NULL || name[0] != '/') return;
  int file = shm_open(name, O_RDWR, 0);
  if (file < 0) return;
  void* memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return;
  map = memory;
  memcpy(map->magic, "wsspec1", 8);
}

/* Adds what was counted since the last wait, eight counters at a time, most of which are zero. */
static void publish(void) {
  size_t at = 0;
  for (int i = 0; i < module_count; ++i) {
    uint8_t* from = modules[i].begin;
    size_t n = (size_t)(modules[i].end - from);
    if (n > most_counters - at) n = most_counters - at;
    for (size_t k = 0; k < n;) {
      uint64_t eight;
      if (n - k >= 8 && (memcpy(&eight, from + k, 8), eight == 0)) {
        k += 8;
        continue;
      }
      if (from[k] != 0) {
        unsigned sum = map->counts[at + k] + from[k];
        map->counts[at + k] = sum > 255 ? 255 : (uint8_t)sum;
        from[k] = 0;
      }
      ++k;
    }
    at += n;
  }
  atomic_store(&map->counters, (unsigned)at);
}

static void begin_wait(void) {
  if (map == NULL) return;
  publish();
  atomic_store(&map->idle, 1);
}
static void end_wait(void) {
  if (map == NULL) return;
  atomic_store(&map->idle, 0);
  atomic_fetch_add(&map->wakes, 1);
}

int epoll_pwait(int fd, struct epoll_event* events, int most, int timeout, const sigset_t* mask) {
  begin_wait();
  const int n = (int)syscall(SYS_epoll_pwait, fd, events, most, timeout, mask, 8);
  end_wait();
  return n;
}
int epoll_wait(int fd, struct epoll_event* events, int most, int timeout) {
  return epoll_pwait(fd, events, most, timeout, NULL);
}
int poll(struct pollfd* all, nfds_t count, int timeout) {
  struct timespec t = {timeout / 1000, (long)(timeout % 1000) * 1000000};
  begin_wait();
  const int n = (int)syscall(SYS_ppoll, all, count, timeout < 0 ? NULL : &t, NULL, 8);
  end_wait();
  return n;
}
int select(int count, fd_set* in, fd_set* out, fd_set* except, struct timeval* timeout) {
  struct timespec t = {0, 0};
  if (timeout != NULL) {
    t.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
    t.tv_nsec = timeout->tv_usec % 1000000 * 1000;
  }
  begin_wait();
  const int n = (int)syscall(SYS_pselect6, count, in, out, except, timeout == NULL ? NULL : &t, NULL);
  end_wait();
  return n;
}
