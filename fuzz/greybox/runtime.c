/* Shares a server's coverage counters with `wsspec` through shared memory. C, no dependencies.
 *
 * Build the server with clang and link this file into it, itself without instrumentation:
 *   clang -fsanitize-coverage=inline-8bit-counters -c server.c
 *   clang -O2 -c runtime.c
 *   clang server.o runtime.o -o server
 * With WSSPEC_COVERAGE=/NAME in its environment the server's counters lie in shared memory of that name
 * (harness/fuzzer/coverage_map.h): its pages take the place of the server's own, so that counting costs what
 * it costs anyway. Only the first and the last page of a module, which hold other data too, are copied,
 * whenever the server is about to wait for input in epoll_wait, epoll_pwait, poll or select; it says that it
 * is idle while it waits. Without the variable nothing happens.
 *
 * The four calls are defined here and so take the place of libc's in the whole program, also for shared
 * libraries; they end in the same system calls. What it is not: for servers that wait otherwise (io_uring,
 * blocking reads), nor for several processes that serve at once. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Any page size divides the head's. */
enum { head_size = 1 << 16, most_counters = 1 << 20, most_modules = 64 };

struct shared { /* as harness/fuzzer/coverage_map.cc has it */
  char magic[8];
  atomic_uint counters, idle;
  uint8_t spare[head_size - 16];
  uint8_t counts[most_counters];
};

/* In the section of the counters, so that these begin at a page, and end at one when this file is linked
 * last: then none are left to be copied. */
enum { usual_page = 4096 };
__attribute__((section("__sancov_cntrs"), aligned(usual_page), used)) static uint8_t padding[usual_page];

/* A range of counters that is copied to its place. */
struct edge {
  uint8_t *begin, *end, *shared;
};

static struct {
  uint8_t *begin, *end;
} modules[most_modules];
static struct edge edges[2 * most_modules];
static int module_count, edge_count;
static struct shared* map;
static int map_file = -1;

static void add_edge(uint8_t* begin, uint8_t* end, uint8_t* shared) {
  if (begin < end) edges[edge_count++] = (struct edge){begin, end, shared};
}

/* Gives a module a range of the shared counters that begins as far into a page as the module's own do. */
static void place(uint8_t* begin, uint8_t* end) {
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), mask = ~(page - 1);
  uint8_t *const first = (uint8_t*)((uintptr_t)begin & mask),
                 *const inner = first + (begin == first ? 0 : page),
                 *const inner_end = (uint8_t*)((uintptr_t)end & mask),
                 *const last = (uint8_t*)(((uintptr_t)end + page - 1) & mask);
  const size_t used = atomic_load(&map->counters), span = (size_t)(last - first);
  if (span > most_counters - used) return;
  uint8_t* const shared = map->counts + used;
  if (inner >= inner_end) {
    add_edge(begin, end, shared + (begin - first));
  } else {
    uint8_t* const middle = shared + (inner - first);
    const size_t size = (size_t)(inner_end - inner);
    memcpy(middle, inner, size);
    const off_t offset = middle - (uint8_t*)map;
    if (mmap(inner, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, map_file, offset) == MAP_FAILED)
      return;
    add_edge(begin, inner, shared + (begin - first));
    add_edge(inner_end, end, shared + (inner_end - first));
  }
  atomic_store(&map->counters, (unsigned)(used + span));
}

/* Called by a constructor of each instrumented module. */
void __sanitizer_cov_8bit_counters_init(char* begin, char* end) {
  for (int i = 0; i < module_count; ++i)
    if (modules[i].begin == (uint8_t*)begin) return;
  if (begin == end || module_count == most_modules) return;
  modules[module_count].begin = (uint8_t*)begin;
  modules[module_count].end = (uint8_t*)end;
  ++module_count;
  if (map != NULL) place((uint8_t*)begin, (uint8_t*)end);
}

__attribute__((constructor(65535))) static void attach(void) {
  const char* name = getenv("WSSPEC_COVERAGE");
  if (name == NULL || name[0] != '/') return;
  map_file = shm_open(name, O_RDWR | O_CLOEXEC, 0);
  if (map_file < 0) return;
  void* memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, map_file, 0);
  if (memory == MAP_FAILED) return;
  map = memory;
  memcpy(map->magic, "wsspec2", 8);
  atomic_store(&map->counters, 0);
  for (int i = 0; i < module_count; ++i) place(modules[i].begin, modules[i].end);
}

enum { word = sizeof(uint64_t) };

static void add(uint8_t* to, uint8_t* from, ptrdiff_t count) {
  for (ptrdiff_t k = 0; k < count; ++k) {
    const unsigned sum = to[k] + from[k];
    to[k] = sum > 255 ? 255 : (uint8_t)sum;
    from[k] = 0;
  }
}

/* Adds what the edges counted since the last wait: nothing, for most words. */
static void publish(void) {
  for (const struct edge* e = edges; e < edges + edge_count; ++e) {
    const ptrdiff_t size = e->end - e->begin, words = size - size % word;
    for (ptrdiff_t k = 0; k < words; k += word) {
      uint64_t counts;
      memcpy(&counts, e->begin + k, word);
      if (counts != 0) add(e->shared + k, e->begin + k, word);
    }
    add(e->shared + words, e->begin + words, size - words);
  }
}

static void begin_wait(void) {
  if (map == NULL) return;
  publish();
  atomic_store(&map->idle, 1);
}
static void end_wait(void) {
  if (map == NULL) return;
  atomic_store(&map->idle, 0);
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
