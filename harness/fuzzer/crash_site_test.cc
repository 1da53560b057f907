// Crash sites of what real runtimes print: equal for one fault however it is told, different for two.
#include "fuzzer/crash_site.h"

#include <gtest/gtest.h>

namespace wsspec::crash_site_test {
namespace {

const std::string kNode = R"(listening
/srv/app/server.js:6
  if (data.length === 0) { const a = undefined; a.length; }
                                                  ^

TypeError: Cannot read properties of undefined (reading 'length')
    at onText (/srv/app/server.js:6:51)
    at WebSocket.<anonymous> (/srv/app/server.js:14:38)
    at WebSocket.emit (node:events:517:28)

Node.js v18.19.0
)";
const std::string kOtherNode = R"(listening
/home/me/server.js:10
  if (code === 3000) throw new RangeError('no such code');
                     ^

RangeError: no such code 3000 0.2345
    at onClose (/home/me/server.js:10:28)
    at WebSocket.emit (node:events:517:28)

Node.js v18.19.0
)";
const std::string kAsan = R"(=================================================================
==4242==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x55d0c3 bp 0x7ffd sp 0x7ffc
READ of size 1 at 0x602000000014 thread T0
    #0 0x55d0c3 in parse_frame(char const*) /src/frame.c:42:9
    #1 0x55d1a1 in on_read /src/server.c:77:3
    #2 0x55d2b2 in main /src/server.c:120

0x602000000014 is located 0 bytes after 4-byte region
allocated by thread T0 here:
    #0 0x4c3b20 in malloc
    #1 0x55d0a0 in make_buffer /src/frame.c:12:20
)";

TEST(CrashSite, NamesErrorAndFrames) {
  EXPECT_EQ(crash_site(kNode),
            "TypeError at onText (server.js:6:51) < WebSocket.<anonymous> (server.js:14:38) < "
            "WebSocket.emit (node:events:517:28)");
  EXPECT_EQ(crash_site(kOtherNode),
            "RangeError at onClose (server.js:10:28) < WebSocket.emit (node:events:517:28)");
  EXPECT_EQ(crash_site(kAsan),
            "at parse_frame(char const*) frame.c:42:9 < on_read server.c:77:3 < main server.c:120")
      << "the first stack of a report, not the one that says who allocated";
  EXPECT_EQ(
      crash_site("Traceback (most recent call last):\n"
                 "  File \"/usr/lib/python3/asyncio/events.py\", line 80, in _run\n    self._context.run()\n"
                 "  File \"/srv/echo.py\", line 12, in handler\n    x = data[3]\n"
                 "IndexError: index out of range\n"),
      "IndexError at File \"echo.py\", line 12, in handler < File \"events.py\", line 80, in _run");
  EXPECT_EQ(
      crash_site("panic: runtime error: index out of range [5] with length 5\n\ngoroutine 7 [running]:\n"
                 "main.echo(0xc000012080, {0xc00001c0a8, 0x5, 0x8})\n\t/srv/main.go:31 +0x1b\n"
                 "main.main.func1()\n\t/srv/main.go:20 +0x2c\n\ngoroutine 1 [IO wait]:\n"
                 "net.x()\n\t/usr/lib/go/net.go:1 +0x1\n"),
      "panic at main.go:31 < main.go:20");
  EXPECT_EQ(
      crash_site("Exception in thread \"main\" java.lang.NullPointerException: boo\n"
                 "\tat org.example.Echo.onText(Echo.java:33)\n\tat org.example.Main.run(Main.java:9)\n"),
      "java.lang.NullPointerException at org.example.Echo.onText(Echo.java:33) < "
      "org.example.Main.run(Main.java:9)");
  EXPECT_EQ(crash_site("thread 'main' panicked at src/main.rs:10:5:\nindex out of bounds: the len is 3\n"
                       "note: run with `RUST_BACKTRACE=1`\n"),
            "panicked at main.rs:10:5:");
}

TEST(CrashSite, TakesTheLastLineWhereThereIsNoStack) {
  EXPECT_EQ(crash_site("ready\nserver: assertion failed: length 17 < 16, pid 4711\n"),
            crash_site("ready\nserver: assertion failed: length 99 < 16, pid 12\n"));
  EXPECT_NE(crash_site("server: assertion failed: a\n"), crash_site("server: double free\n"));
  EXPECT_EQ(crash_site("bad message \"abc\" from client\n"), crash_site("bad message \"x\" from client\n"));
  EXPECT_EQ(crash_site(""), "");
  EXPECT_EQ(crash_site("\n \n"), "");
}

TEST(CrashSite, LeavesOutWhatChanges) {
  std::string elsewhere = kAsan;
  for (auto at = elsewhere.find("0x"); at != elsewhere.npos; at = elsewhere.find("0x", at + 2))
    elsewhere.replace(at + 2, 2, "9f");
  EXPECT_EQ(crash_site(elsewhere), crash_site(kAsan));
  EXPECT_EQ(sanitizer_kind("==4242==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602"),
            "AddressSanitizer: heap-buffer-overflow");
}

TEST(CrashSite, IsBoundedForAnyLog) {
  std::string log;
  for (int i = 0; i < 100'000; ++i)
    log += "\tat \xff" + std::string(static_cast<std::size_t>(i % 50), '(') + "\n";
  EXPECT_LT(crash_site(log).size(), 400u);
  EXPECT_LT(last_words(log).size(), 8193u);
  EXPECT_EQ(last_words("a\nb\n"), "a\nb\n");
}

}  // namespace
}  // namespace wsspec::crash_site_test
