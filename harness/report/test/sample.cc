#include "report/test/sample.h"

#include <fmt/format.h>

#include <chrono>

namespace wsspec::sample {
namespace {

using namespace std::chrono_literals;

FrameHeader frame(std::uint8_t opcode, std::uint64_t length, std::optional<MaskKey> mask,
                  std::uint8_t rsv = 0, bool fin = true) {
  return {fin, rsv, opcode, mask, length, minimal_form(length)};
}

Event sent(Duration at, std::string line, std::optional<FrameHeader> header = {}, std::string decoded = {}) {
  Event event;
  event.kind = Event::Kind::sent;
  event.at = at;
  event.line = std::move(line);
  event.frame = header;
  event.octets = header ? header->length + 6 : 0;
  event.decoded = std::move(decoded);
  return event;
}

Event got(Duration at, std::string line, std::optional<FrameHeader> header = {}, std::string decoded = {}) {
  Event event = sent(at, std::move(line), header, std::move(decoded));
  event.kind = Event::Kind::received;
  return event;
}

Event note(Duration at, std::string line) {
  Event event;
  event.at = at;
  event.line = std::move(line);
  return event;
}

Event failing(Event event, std::string comment) {
  event.failing = true;
  event.comment = std::move(comment);
  return event;
}

std::vector<Event> handshake() {
  auto request = sent(120us, R"(> request)", {},
                      "GET /chat HTTP/1.1\nHost: 127.0.0.1:9001\nUpgrade: websocket\nConnection: Upgrade\n"
                      "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  auto reply = got(700us, "< upgrade", {},
                   "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nServer: echo-x/2.4");
  request.octets = 214;
  reply.octets = 160;
  return {request, reply};
}

Transcript with_handshake(std::vector<Event> rest) {
  Transcript transcript;
  transcript.events = handshake();
  transcript.events.insert(transcript.events.end(), rest.begin(), rest.end());
  return transcript;
}

CaseResult judged(std::string id, std::string about, Verdict verdict, std::string reason,
                  std::string requirement, Level level, std::string clause) {
  CaseResult r = result(std::move(id), verdict, std::move(reason));
  r.about = std::move(about);
  r.covers = {std::move(requirement)};
  r.level = level;
  r.clause = std::move(clause);
  return r;
}

CaseResult reserved_bit() {
  auto r =
      judged("frame.rsv.set[4]", "A reserved bit without an extension that defines it fails the connection",
             Verdict::fail, "the message with RSV1 set was echoed", "rfc6455-5.2-3", Level::must,
             "RFC 6455 section 5.2");
  r.expected = "< fail 1002";
  r.actual = R"(< text "after")";
  r.script = "case frame.rsv.set[4]\n  open\n  > text rsv=4 \"after\"\n  < fail 1002\n";
  r.failing_line = 4;
  r.autobahn = {"3.1", "3.2"};
  r.tags = {"security"};
  r.sent_illegal = true;
  r.transcript = with_handshake(
      {sent(2ms, R"(> text rsv=4 mask=9c01aa40 "after")", frame(1, 5, 0x9c01aa40, 4),
            "Text, 5 octets, RSV1 set"),
       failing(got(2600us, R"(< text "after")", frame(1, 5, {}), "Text, 5 octets"), "expected: < fail 1002"),
       note(2700us, "the target still serves: a new connection echoed")});
  return r;
}

CaseResult invalid_text() {
  auto r = judged("utf8.invalid[surrogate]", "Text that is no UTF-8 fails the connection with 1007",
                  Verdict::fail, "closed with 1000 although the text was invalid", "rfc6455-8.1-1",
                  Level::must, "RFC 6455 section 8.1");
  r.expected = "< fail 1007";
  r.actual = "< close 1000";
  r.script = "case utf8.invalid[surrogate]\n  open\n  > text x\"ed a0 80\"\n  < fail 1007\n";
  r.failing_line = 4;
  r.autobahn = {"6.14.1"};
  r.close_code = 1000;
  r.sent_illegal = true;
  r.transcript = with_handshake(
      {sent(1100us, R"(> text mask=01020304 x"ed a0 80")", frame(1, 3, 0x01020304),
            "Text, 3 octets, not UTF-8"),
       failing(got(1500us, "< close 1000", frame(8, 2, {}), "Close 1000 normal"), "expected: < fail 1007"),
       got(1600us, "< eof")});
  return r;
}

CaseResult death() {
  auto r = judged("deflate.window.too-far", "A back reference beyond the window fails the connection",
                  Verdict::fail, "the target died: signal 11", "rfc7692-7.2.2-4", Level::must,
                  "RFC 7692 section 7.2.2");
  r.expected = "< fail 1002|1007";
  r.actual = "< reset";
  r.script =
      "case deflate.window.too-far\n  open offer=\"permessage-deflate\"\n  > text rsv=4 x\"f3 48 cd 00\"\n"
      "  < fail 1002|1007\n";
  r.failing_line = 4;
  r.tags = {"security", "deflate"};
  r.target_died = true;
  r.sent_illegal = true;
  r.target_log =
      "==4711==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011\n"
      "    #0 inflate_window src/deflate.c:212\n    #1 on_message src/server.c:88\n";
  r.cost = Cost{0.041, 18 << 20, 1, 0};
  r.transcript = with_handshake({sent(900us, R"(> text rsv=4 mask=aabbccdd x"f3 48 cd 00")",
                                      frame(1, 4, 0xaabbccdd, 4), "Text, compressed"),
                                 failing(got(5200us, "< reset"), "expected: < fail 1002|1007")});
  return r;
}

std::vector<CaseResult> others() {
  std::vector<CaseResult> out;
  out.push_back(judged("close.code.reserved[1005]", "A close code that may not be sent is answered with 1002",
                       Verdict::weak, "closed with 1000 instead of 1002", "rfc6455-7.4.1-3", Level::should,
                       "RFC 6455 section 7.4.1"));
  out.back().close_code = 1000;
  out.back().autobahn = {"7.9.4"};
  out.back().expected = "< fail 1002";
  out.back().actual = "< close 1000";
  out.push_back(judged("handshake.key.canonical", "A key that is no canonical base64", Verdict::info,
                       "accepted; the RFC contradicts itself here", "rfc6455-4.2.1-6", Level::may,
                       "RFC 6455 section 4.2.1"));
  out.push_back(judged("frame.size[text,16M]", "A message of this size is echoed", Verdict::inconclusive,
                       "closed with 1009: the target limits messages to 1048576 octets", "rfc6455-5.2-7",
                       Level::must, "RFC 6455 section 5.2"));
  out.back().tags = {"limit"};
  out.push_back(judged("origin.foreign", "A foreign Origin is refused", Verdict::skipped,
                       "needs origins: no allowed origin was declared", "rfc6455-10.2-1", Level::should,
                       "RFC 6455 section 10.2"));
  out.push_back(judged("ping.flood", "A burst of pings is survived", Verdict::error,
                       "could not connect: too many open files", "rfc6455-5.5.2-2", Level::must,
                       "RFC 6455 section 5.5.2"));
  out.push_back(judged("zz.last", "Never reached", Verdict::not_run, "the budget of 5 s was used up",
                       "rfc6455-5.4-1", Level::must, "RFC 6455 section 5.4"));
  out.push_back(judged("ping.order", "Pongs come in the order of the pings", Verdict::fail,
                       "the pong carried the payload of an older ping", "rfc6455-5.5.3-2", Level::must,
                       "RFC 6455 section 5.5.3"));
  out.back().baseline = "upstream issue 12, fixed in 2.5";
  out.push_back(judged("fragment.interleave", "A control frame between fragments is answered at once",
                       Verdict::fail, "no pong within 1s in 1 of 3 plays", "rfc6455-5.4-8", Level::must,
                       "RFC 6455 section 5.4"));
  out.back().flaky = true;
  out.back().repeats = {Verdict::pass, Verdict::fail, Verdict::pass};
  out.push_back(judged("handshake.header.case", "Field names are compared without regard to case",
                       Verdict::pass, "", "rfc6455-4.2.1-5", Level::must, "RFC 6455 section 4.2.1"));
  out.back().unexpected_pass = true;
  return out;
}

void add_sizes(RunResult& run) {
  static constexpr std::pair<const char*, int> kSizes[] = {
      {"0", 80}, {"125", 82}, {"126", 85}, {"4K", 110}, {"64K", 420}, {"256K", 1500}, {"1M", 6100}};
  for (const std::string_view kind : {"text", "binary"}) {
    for (const auto& [size, micros] : kSizes) {
      auto r = judged(fmt::format("frame.size[{},{}]", kind, size), "A message of this size is echoed",
                      Verdict::pass, "", "rfc6455-5.2-7", Level::must, "RFC 6455 section 5.2");
      r.tags = {"limit"};
      r.duration = std::chrono::microseconds(kind == "text" ? micros * 3 / 2 : micros);
      r.script = fmt::format("case {}\n  open\n  > {} fill({})\n  < {} fill({})\n  finish\n", r.id, kind,
                             size, kind, size);
      r.transcript = with_handshake(
          {sent(1ms, fmt::format("> {} mask=00112233 fill({})", kind, size)),
           got(1ms + r.duration, fmt::format("< {} fill({})", kind, size)),
           sent(2ms + r.duration, "> close 1000", frame(8, 2, 0x00112233), "Close 1000 normal"),
           got(3ms + r.duration, "< close 1000", frame(8, 2, {}), "Close 1000 normal"),
           got(3ms + r.duration, "< eof")});
      run.results.push_back(std::move(r));
    }
  }
}

void add_passes(RunResult& run, const char* family, const char* about, const char* requirement,
                const char* clause, int count) {
  for (int i = 0; i < count; ++i) {
    auto r =
        judged(fmt::format("{}[{}]", family, i), about, Verdict::pass, "", requirement, Level::must, clause);
    r.duration = std::chrono::microseconds(90 + i * 7);
    r.script = fmt::format("case {}\n  open\n  > ping \"{}\"\n  < pong \"{}\"\n  finish\n", r.id, i, i);
    r.transcript =
        with_handshake({sent(1ms, fmt::format("> ping mask=00112233 \"{}\"", i), frame(9, 1, 0x00112233)),
                        got(1200us, fmt::format("< pong \"{}\"", i), frame(10, 1, {}))});
    run.results.push_back(std::move(r));
  }
}

void add_requirements(RunResult& run) {
  const auto add = [&](const char* id, const char* spec, const char* section, Level level, bool negative,
                       const char* text) {
    Requirement r;
    r.id = id;
    r.spec = spec;
    r.section = section;
    r.level = level;
    r.negative = negative;
    r.role = "server";
    r.text = text;
    r.testable = "server-black-box";
    run.requirements.emplace(r.id, std::move(r));
  };
  using enum Level;
  add("stomp-1.2-Heart-beating-2", "stomp-1.2", "Heart-beating", may, false,
      "An end of line between two frames shows that the other side lives.");
  add("rfc6455-4.2.1-5", "rfc6455", "4.2.1", must, false,
      "The request carries an Upgrade field that names websocket, in any case.");
  add("rfc6455-4.2.1-6", "rfc6455", "4.2.1", must, false, "The key decodes from base64 to sixteen octets.");
  add("rfc6455-5.2-3", "rfc6455", "5.2", must, false,
      "A reserved bit that no negotiated extension defines fails the connection.");
  add("rfc6455-5.2-7", "rfc6455", "5.2", must, false,
      "The length is written in the shortest of the three forms.");
  add("rfc6455-5.4-1", "rfc6455", "5.4", must, false, "A continuation frame needs a message that was begun.");
  add("rfc6455-5.4-8", "rfc6455", "5.4", must, false,
      "Control frames may stand between fragments and are handled there.");
  add("rfc6455-5.5.2-2", "rfc6455", "5.5.2", must, false,
      "A ping is answered by a pong unless a Close frame came before.");
  add("rfc6455-5.5.3-2", "rfc6455", "5.5.3", must, false,
      "A pong carries the application data of the ping it answers.");
  add("rfc6455-7.4.1-3", "rfc6455", "7.4.1", must, true,
      "Code 1005 stands for an absent code and is never put on the wire.");
  add("rfc6455-8.1-1", "rfc6455", "8.1", must, false,
      "An endpoint that finds text not to be UTF-8 fails the connection.");
  add("rfc6455-10.2-1", "rfc6455", "10.2", should, false,
      "A server not meant for every page checks the Origin field.");
  add("rfc7692-7.2.2-4", "rfc7692", "7.2.2", must, true,
      "A back reference does not reach beyond the agreed window.");
}

void set_topics(RunResult& run) {
  int line = 1;
  for (auto& r : run.results) {
    r.topic = r.id.substr(0, r.id.find('.'));
    r.file = r.topic + ".wire";
    r.line = line += 9;
    if (r.duration == Duration{} && r.verdict != Verdict::skipped && r.verdict != Verdict::not_run)
      r.duration = 2700us;
  }
}

const char* const kNasty =
    "<script>window.owned=1</script></script><img src=x onerror=\"window.owned=2\">"
    "\xE2\x80\xAE"
    "gnp.exe\xE2\x80\xAC \x1b[31mred\x1b[0m \xff\xfe\x80 ]]> --> ${x} `id` \"'&amp;&lt; "
    "\xE2\x80\xA8\xE2\x80\xA9 ::error::x %0A \r\n\t\xEF\xBF\xBF \x01\x7f";

}  // namespace

CaseResult result(std::string id, Verdict verdict, std::string reason) {
  CaseResult r;
  r.id = std::move(id);
  r.topic = r.id.substr(0, r.id.find('.'));
  r.verdict = verdict;
  r.reason = std::move(reason);
  return r;
}

RunResult run() {
  RunResult run;
  run.tool_version = "0.1.0";
  run.caseset_version = "1.0.0";
  run.target_name = "echo-x";
  run.url = "ws://127.0.0.1:9001/chat";
  run.transport = "tcp";
  run.seed = 7;
  run.arguments = {"run", "ws://127.0.0.1:9001/chat", "--json", "report.json"};
  run.filter = "all cases that need no bulk data";
  run.fingerprint.emplace();
  run.fingerprint->server_field = "echo-x/2.4";
  run.fingerprint->extensions = "permessage-deflate";
  run.fingerprint->echoes = run.fingerprint->limits_messages = true;
  run.fingerprint->message_limit = 1048576;
  run.fingerprint->remarks = {"answers pings in the order of arrival"};
  run.results = {reserved_bit(), invalid_text(), death()};
  for (auto& r : others()) run.results.push_back(std::move(r));
  add_sizes(run);
  add_passes(run, "ping.echo", "A ping is answered with its payload", "rfc6455-5.5.2-2",
             "RFC 6455 section 5.5.2", 48);
  add_passes(run, "fragment.split", "A fragmented message arrives whole", "rfc6455-5.4-8",
             "RFC 6455 section 5.4", 60);
  add_passes(run, "handshake.accept", "A correct request is accepted", "rfc6455-4.2.1-5",
             "RFC 6455 section 4.2.1", 36);
  add_requirements(run);
  set_topics(run);
  run.stale_baseline = {"fail close.old \"mended long ago\": matches no case"};
  run.started = "2025-11-22T10:00:00Z";
  run.duration = 1234567us;
  run.own_cpu_seconds = 0.31;
  run.own_memory_peak = 21 << 20;
  run.target_cpu_seconds = 0.12;
  run.jobs = 4;
  return run;
}

RunResult known() {
  RunResult out = run();
  out.stale_baseline.clear();
  std::erase_if(out.results, [](const CaseResult& r) {
    return r.verdict == Verdict::error || r.flaky || r.target_died || r.unexpected_pass ||
           r.id == "utf8.invalid[surrogate]";
  });
  out.results.front().baseline = "upstream issue 4";
  return out;
}

RunResult hostile() {
  RunResult out = run();
  const std::string nasty(kNasty, std::char_traits<char>::length(kNasty));
  const std::string with_nul = nasty + std::string("\0tail", 5);
  for (std::string* field : {&out.target_name, &out.url, &out.transport, &out.filter, &out.tool_version})
    *field += with_nul;
  out.arguments.push_back(with_nul);
  out.fingerprint->server_field = with_nul;
  out.fingerprint->remarks.push_back(with_nul);
  out.stale_baseline.push_back(with_nul);
  for (auto& [id, requirement] : out.requirements) requirement.text += with_nul;
  int n = 0;
  for (auto& r : out.results) {
    for (std::string* field :
         {&r.about, &r.reason, &r.clause, &r.expected, &r.actual, &r.script, &r.target_log})
      *field += with_nul;
    r.notes.push_back(with_nul);
    r.tags.push_back("x" + nasty);
    r.see.push_back("javascript:window.owned=3");
    for (auto& event : r.transcript.events)
      event.line += nasty, event.comment += with_nul, event.decoded += with_nul;
    if (n++ == 1)
      r.transcript.events.push_back(got(9ms, "< text \"" + std::string(300'000, 'A') + nasty + "\""));
  }
  out.results[0].id = "evil.\"><svg onload=window.owned=4>[" + nasty + "]";
  out.results[0].topic = "evil\"><b>";
  return out;
}

FuzzCampaign campaign() {
  FuzzCampaign c;
  c.tool_version = "0.1.0";
  c.target_name = "echo-x";
  c.url = "ws://127.0.0.1:9001/chat";
  c.engine = "live, black box";
  c.seed = 7;
  c.started = "2025-11-22T10:00:00Z";
  c.duration = 600s;
  c.corpus = 418;
  for (int i = 0; i <= 60; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    c.samples.push_back({i * 10s, n * 41'000 + n % 7 * 900, 30 + n * 6 - n * n / 20, 0,
                         n < 4    ? 0U
                         : n < 30 ? 2U
                                  : 4U});
  }
  c.inputs = c.samples.back().inputs;
  c.connections = c.inputs / 12;
  c.findings = {
      {"5.5-2/open/data", "accepts-invalid", Verdict::fail, "RFC 6455 section 5.5", "rfc6455-5.5-2",
       "a fragmented ping was answered", "wire 1\ncase fuzz.1\n  open\n  > ping fin=0 \"a\"\n  < fail 1002\n",
       "findings/1.wire", true, 912, 38s},
      {"crash/open/eof", "crash", Verdict::fail, "", "", "the target died: signal 6",
       "wire 1\ncase fuzz.2\n  open\n  > text rsv=4 x\"00\"\n  < fail\n", "findings/2.wire", true, 3, 39s},
      {"7.4.1-3/closing/close", "vague-code", Verdict::weak, "RFC 6455 section 7.4.1", "rfc6455-7.4.1-3",
       "closed with 1000 after a reserved code", "wire 1\ncase fuzz.3\n  open\n  > close 1005\n  < close\n",
       "findings/3.wire", true, 77, 290s},
      {"5.4-8/message/none", "hang", Verdict::fail, "RFC 6455 section 5.4", "rfc6455-5.4-8",
       "no pong between fragments within 1s",
       "wire 1\ncase fuzz.4\n  open\n  > text fin=0 \"\"\n  > ping\n  < pong\n", "findings/4.wire", false, 2,
       300s}};
  return c;
}

std::vector<RunResult> targets() {
  static constexpr const char* kNames[] = {
      "echo-x",  "aurora", "basalt",  "cobalt",    "driftwood", "ember",    "fathom",    "granite",
      "harbour", "indigo", "juniper", "kelp",      "lantern",   "marigold", "nimbus",    "obsidian",
      "pumice",  "quarry", "russet",  "saltmarsh", "thistle",   "umber",    "verdigris", "willow"};
  std::vector<RunResult> out;
  std::size_t number = 0;
  for (const char* name : kNames) {
    RunResult one = run();
    one.target_name = name;
    one.fingerprint->server_field = std::string(name) + "/1." + std::to_string(number);
    for (std::size_t i = 0; i < one.results.size(); ++i) {
      auto& r = one.results[i];
      if (number > 0 && i < 12 && (i * 7 + number * 5) % 6 != 0 && r.verdict != Verdict::not_run)
        r.verdict = Verdict::pass, r.reason.clear();
      if (number > 0 && i % 23 == number)
        r.verdict = number % 3 == 0 ? Verdict::weak : Verdict::fail, r.reason = "something else came";
    }
    if (one.target_name == "juniper") {
      one.fatal = "the target died: signal 6 after 12 of 170 cases, and it cannot be restarted";
      for (std::size_t i = 12; i < one.results.size(); ++i)
        one.results[i].verdict = Verdict::not_run, one.results[i].reason = one.fatal;
    }
    out.push_back(std::move(one));
    ++number;
  }
  RunResult bad = hostile();
  for (auto& r : bad.results) r.id = r.id.substr(0, r.id.find('<'));
  out.push_back(std::move(bad));
  return out;
}

RunResult large(int count) {
  RunResult out = run();
  static constexpr const char* kTopics[] = {"close", "deflate", "fragment", "frame", "handshake", "limit",
                                            "mask",  "ping",    "timing",   "tls",   "utf8"};
  for (int i = static_cast<int>(out.results.size()); i < count; ++i) {
    const char* topic = kTopics[i % std::size(kTopics)];
    const bool bad = i % 17 == 0;
    auto r = judged(fmt::format("{}.made[{}]", topic, i), "A made-up case to fill the report",
                    bad ? Verdict::fail : Verdict::pass, bad ? "something else came" : "", "rfc6455-5.2-3",
                    Level::must, "RFC 6455 section 5.2");
    r.topic = topic;
    r.file = std::string(topic) + ".wire";
    r.line = i;
    r.duration = std::chrono::microseconds(50 + i % 997);
    r.script = fmt::format("case {}\n  open\n  > text \"{}\"\n  < text \"{}\"\n", r.id, i, i);
    if (bad) r.expected = fmt::format("< text \"{}\"", i), r.actual = "< close 1002", r.failing_line = 4;
    r.transcript =
        with_handshake({sent(1ms, fmt::format("> text \"{}\"", i), frame(1, 4, 0x01020304)),
                        got(2ms, bad ? "< close 1002" : fmt::format("< text \"{}\"", i), frame(1, 4, {}))});
    out.results.push_back(std::move(r));
  }
  return out;
}

}  // namespace wsspec::sample
