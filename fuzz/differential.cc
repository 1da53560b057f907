// The parser behind adapter.h reads every stream as the reference model allows.
//
// Each disagreement has a signature, "kind/rule". A signature that the file named by WSSPEC_KNOWN lists is
// passed over; with WSSPEC_FINDINGS=FOLDER each other one is written there as a case file, the smallest
// stream wins; otherwise the target aborts, as fuzz engines want it.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include "fuzz/adapter.h"
#include "fuzz/stream.h"
#include "script/assemble.h"
#include "script/print.h"

namespace {

using namespace wsspec;

constexpr std::uint8_t kIrregularCut = 16;  ///< ChunkCutter.

struct Seen {
  wsspec_event_kind kind;
  unsigned code;
  Bytes data;
};

struct Disagreement {
  std::string kind, requirement, text;
  std::string signature() const { return kind + "/" + requirement; }
};

/// Compares step by step; keeps the first disagreement only, since whatever follows may follow from it.
class Comparison {
 public:
  explicit Comparison(const StreamInput& stream) : model_(agreement(stream)) {}
  const std::optional<Disagreement>& found() const { return found_; }
  const std::vector<Seen>& seen() const { return seen_; }
  bool over() const { return ended_ || found_.has_value() || model_.now().ruling == Ruling::unknown; }

  void model_sent(BytesView chunk) { model_.sent(chunk); }
  void take(const wsspec_event& event) {
    if (ended_) disagree("goes-on", "rfc6455-7.1.7-7", "something comes out behind the failure or the Close");
    seen_.push_back({event.kind, event.code, Bytes(event.data == nullptr ? "" : event.data, event.size)});
    ended_ = event.kind == WSSPEC_FAIL || event.kind == WSSPEC_CLOSE;
  }
  /// After each chunk.
  void check() {
    const Expectation& now = model_.now();
    if (found_ || now.ruling == Ruling::unknown) return;
    const bool failed = ended_ && seen_.back().kind == WSSPEC_FAIL;
    const bool closed = ended_ && !failed;
    if (failed && !now.may_fail()) {
      // The rule named is that of the ledger for what must be accepted.
      return disagree("rejects-legal", now.close ? "rfc6455-5.5.1-7" : "rfc6455-5.4-8",
                      "the stream is legal, and the parser fails");
    }
    compare(now.echoes, false, failed);
    compare(now.pings, true, failed);
    if (closed) return check_close(now);
    if (now.must_fail() && !failed && judges(now.requirement))
      disagree("accepts-illegal", now.requirement, "not failed in spite of " + now.what);
    else if (now.close && !now.may_fail() && !ended_)
      disagree("misses-close", "rfc6455-5.5.1-7", "a legal Close is not noticed");
  }

 private:
  static Agreement agreement(const StreamInput& stream) {
    Agreement a = stream.agreement();
    // Windows other than the default are the business of the negotiation, which adapters leave out.
    if (a.deflate) a.deflate->client_max_window_bits = a.deflate->server_max_window_bits = 15;
    a.limits = {1u << 20, 1u << 20};
    return a;
  }
  static bool judges(const std::string& requirement) {
    const bool text = requirement == "rfc6455-8.1-1";
    const bool close = requirement.starts_with("rfc6455-7.4") || requirement.starts_with("rfc6455-5.5.1");
    return (!text || (wsspec_adapter.abilities & WSSPEC_JUDGES_TEXT) != 0) &&
           (!close || (wsspec_adapter.abilities & WSSPEC_JUDGES_CLOSE) != 0);
  }
  void compare(const std::deque<Stimulus>& sent, bool pings, bool failed) {
    std::size_t at = 0;
    for (const Seen& one : seen_) {
      if (one.kind > WSSPEC_PING || one.kind == WSSPEC_CLOSE || (one.kind == WSSPEC_PING) != pings) continue;
      if (at == sent.size()) return unexpected(one);
      const Stimulus& wanted = sent[at++];
      if (wanted.opcode != one.kind || wanted.payload != one.data)
        return disagree("changes", pings ? "rfc6455-5.5.3-1" : "rfc6455-5.4-2",
                        "a message comes out changed");
    }
    if (at < sent.size() && !ended_ && !failed)
      disagree("misses", pings ? "rfc6455-5.5.2-2" : "rfc6455-5.4-2", "a whole message does not come out");
  }
  void unexpected(const Seen& one) {
    const Expectation& now = model_.now();
    if (now.must_fail() || now.may_fail()) {
      if (judges(now.requirement))
        disagree("accepts-illegal", now.requirement, "a message comes out in spite of " + now.what);
      return;
    }
    disagree("invents", "rfc6455-5.4-2",
             "a message of " + std::to_string(one.data.size()) + " octets was not sent");
  }
  void check_close(const Expectation& now) {
    const Seen& close = seen_.back();
    if (!now.close) {
      if (now.must_fail() && judges(now.requirement))
        disagree("accepts-illegal", now.requirement, "an orderly close in spite of " + now.what);
      else if (!now.may_fail())
        disagree("invents-close", "rfc6455-5.4-2", "no Close was sent");
      return;
    }
    if (now.must_fail()) {
      if (judges(now.requirement))
        disagree("accepts-illegal", now.requirement, "an orderly close in spite of " + now.what);
      return;
    }
    if (close.code != now.close->body.code.value_or(0) || close.data != now.close->body.reason)
      disagree("changes-close", "rfc6455-5.5.1-2", "the Close comes out with another code or reason");
  }
  void disagree(std::string kind, std::string requirement, std::string text) {
    if (!found_) found_ = Disagreement{std::move(kind), std::move(requirement), std::move(text)};
  }

  Model model_;
  std::vector<Seen> seen_;
  bool ended_ = false;
  std::optional<Disagreement> found_;
};

// As a case file: what was sent, what the parser did, what is expected.
std::string case_of(const StreamInput& stream, const Comparison& comparison) {
  const Disagreement& what = *comparison.found();
  const Role sender = stream.reader() == Role::server ? Role::client : Role::server;
  std::string text = "wire 1\n# finding:  " + what.kind + ", requirement " + what.requirement +
                     "\n# library:  " + wsspec_adapter.name + "\n# seen:     " + what.text +
                     "\n\ncase finding." + what.kind + "\n  about " + quote(what.text) + "\n  covers " +
                     what.requirement + "\n  open" +
                     (stream.deflate() ? " offer=\"permessage-deflate\"" : "") + "\n";
  // How the stream was cut may be what matters.
  const bool regular = stream.cut > 0 && stream.cut < kIrregularCut;
  if (stream.cut >= kIrregularCut)
    text += "  # Cut irregularly, by choice " + std::to_string(stream.cut) + ".\n";
  if (regular) text += "  burst chop=" + std::to_string(stream.cut) + "\n";
  for (const Step& step : disassemble(stream.octets, sender)) text += print(step, regular ? 4 : 2) + "\n";
  if (regular) text += "  end\n";
  text += "  # The parser's events:\n";
  for (const Seen& one : comparison.seen()) {
    const char* name = one.kind == WSSPEC_TEXT     ? "text"
                       : one.kind == WSSPEC_BINARY ? "binary"
                       : one.kind == WSSPEC_PING   ? "ping"
                       : one.kind == WSSPEC_CLOSE  ? "close"
                                                   : "fail";
    text += std::string("  # ") + name + (one.code != 0 ? " " + std::to_string(one.code) : "") + " " +
            print_payload(one.data, 200) + "\n";
  }
  if (what.kind == "rejects-legal") return text + "  < fail 1002|1007|1009|1011\n";
  return text + "  > ping \"alive\"\n  either\n    < pong \"alive\"\n  or\n    < close\n  end\n";
}

const std::set<std::string>& known() {
  static const std::set<std::string> all = [] {
    std::set<std::string> read;
    const char* path = std::getenv("WSSPEC_KNOWN");
    if (path == nullptr) return read;
    std::ifstream in(path);
    require(in.good(), "the list of known disagreements can be read", path);
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line[0] != '#') read.insert(line.substr(0, line.find(' ')));
    return read;
  }();
  return all;
}

void report(const StreamInput& stream, const Comparison& comparison) {
  const std::string signature = comparison.found()->signature();
  const char* folder = std::getenv("WSSPEC_FINDINGS");
  if (folder == nullptr) {
    if (known().contains(signature)) return;
    property_broken("the parser reads as the reference model allows",
                    signature + "\n" + case_of(stream, comparison));
  }
  static std::map<std::string, std::size_t> smallest;
  // Plain streams first: what needs cuts, or irregular ones, is the larger finding.
  const std::size_t size =
      2 * stream.octets.size() + (stream.cut > 0) + (stream.cut >= kIrregularCut ? 1000 : 0);
  const auto [at, first] = smallest.try_emplace(signature, size);
  if (!first && at->second <= size) return;
  at->second = size;
  std::string name = signature;
  std::ranges::replace(name, '/', '_');
  std::filesystem::create_directories(folder);
  std::ofstream(std::filesystem::path(folder) / (name + ".wire")) << case_of(stream, comparison);
  if (first) std::fprintf(stderr, "finding: %s (%s)\n", signature.c_str(), comparison.found()->text.c_str());
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  const StreamInput stream(input);
  if (stream.reader() == Role::client && (wsspec_adapter.abilities & WSSPEC_IS_CLIENT) == 0) return;
  if (stream.deflate() && (wsspec_adapter.abilities & WSSPEC_INFLATES) == 0) return;
  const wsspec_setting setting{stream.reader() == Role::client, stream.deflate().has_value(),
                               (stream.choices & 4) != 0, (stream.choices & 8) != 0, 1u << 20};
  Comparison comparison(stream);
  const auto sink = [](void* user, const wsspec_event* event) {
    static_cast<Comparison*>(user)->take(*event);
  };
  void* parser = wsspec_adapter.create(&setting, sink, &comparison);
  if (parser == nullptr) return;
  ChunkCutter cutter = stream.cutter();
  Bytes copy(stream.octets);
  for (std::size_t at = 0; at < copy.size() && !comparison.over();) {
    const std::size_t size = cutter.next(copy.size() - at);
    comparison.model_sent(stream.octets.substr(at, size));
    wsspec_adapter.feed(parser, copy.data() + at, size);
    comparison.check();
    at += size;
  }
  wsspec_adapter.destroy(parser);
  if (comparison.found()) report(stream, comparison);
}
