// Writes seeds for every fuzz target from the case files: what the player sends and the reference peer
// answers in each case, in the form that each target reads.
//
//   fuzz_seeds OUT FILE.wire...     writes OUT/TARGET/HASH; fuzz/minimize-corpus.sh then keeps what covers
//   more
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "fuzz/stream.h"
#include "net/memory.h"
#include "peer/peer.h"
#include "play/player.h"
#include "protocol/handshake.h"
#include "protocol/relay.h"
#include "script/check.h"
#include "script/expand.h"
#include "script/parse.h"
#include "script/print.h"

namespace {

using namespace wsspec;
namespace fs = std::filesystem;

constexpr std::size_t kMostOctets = 3000;
constexpr unsigned kMostPerCase = 4;  ///< Seeds of one target; some cases send a thousand messages.

class SeedWriter {
 public:
  explicit SeedWriter(fs::path folder) : folder_(std::move(folder)) {}
  void write(const std::string& target, BytesView octets) {
    if (octets.size() > kMostOctets || ++of_case_[target] > kMostPerCase) return;
    const auto digest = sha1(octets);
    const std::string name = to_hex({reinterpret_cast<const char*>(digest.data()), 8}, "");
    if (!known_.insert(target + name).second) return;
    fs::create_directories(folder_ / target);
    std::ofstream(folder_ / target / name, std::ios::binary) << octets;
  }
  void begin_case() { of_case_.clear(); }
  std::size_t written() const { return known_.size(); }

 private:
  fs::path folder_;
  std::set<std::string> known_;
  std::map<std::string, unsigned> of_case_;
};

/// Passes everything on and keeps what was sent.
class Tap final : public Relay {
 public:
  using Relay::Relay;
  Action next(Instant now) override {
    const Action action = Relay::next(now);
    if (action.kind == Action::Kind::send) sent_ += action.bytes;
    return action;
  }
  const Bytes& sent() const { return sent_; }

 private:
  Bytes sent_;
};

struct Conversation {
  HeadParser request, reply;
  BytesView sent, answered;  ///< Behind the heads.
};

std::uint8_t stream_choices(const Conversation& talk) {
  Reply reply;
  check_reply(talk.reply.head(), talk.request.head(), reply);
  if (reply.extensions.empty()) return 0;
  const auto offers = parse_extensions(talk.request.head().joined("Sec-WebSocket-Extensions").value_or(""));
  if (!offers) return 0;
  const auto deflate = read_deflate_reply(reply.extensions.front(), *offers);
  if (!deflate) return 0;
  const int window = 16 - std::max(9, deflate->client_max_window_bits);
  return static_cast<std::uint8_t>(2 | (deflate->client_no_context_takeover ? 4 : 0) |
                                   (deflate->server_no_context_takeover ? 8 : 0) | window << 5);
}

Bytes joined(std::initializer_list<std::uint8_t> choices, BytesView octets) {
  Bytes out;
  for (const std::uint8_t c : choices) out += static_cast<char>(c);
  return out += octets;
}

void write_frames(SeedWriter& out, const Conversation& talk) {
  const std::uint8_t choices = stream_choices(talk), cut = static_cast<std::uint8_t>(talk.sent.size());
  for (const char* target : {"frame_chunks", "messages", "differential"})
    out.write(target, joined({choices, cut}, talk.sent));
  // The server's side of the conversation, as a client reads it.
  out.write("messages", joined({static_cast<std::uint8_t>(choices | 1), cut}, talk.answered));
  out.write("peer", joined({static_cast<std::uint8_t>((choices & 2) | 1), cut}, talk.sent));
  out.write("peer", joined({static_cast<std::uint8_t>((choices & 2) | 33), cut}, talk.sent));
  out.write("player", joined({static_cast<std::uint8_t>(cut % 10), 3, cut}, talk.answered));
  out.write("notation_octets", talk.sent);
  BytesView rest = talk.sent;
  for (FrameHeader header; const std::size_t size = decode_header(rest, header);) {
    if (header.length > rest.size() - size) break;
    Bytes payload(rest.substr(size, static_cast<std::size_t>(header.length)));
    rest.remove_prefix(size + payload.size());
    if (header.mask) apply_mask(payload, *header.mask);
    out.write("frame_roundtrip",
              joined({static_cast<std::uint8_t>(header.opcode | 0x80), 0x84, cut, 1, 2, 3, 4},
                     payload.substr(0, 40)));
    if (header.is(Opcode::text)) out.write("utf8", joined({cut}, payload));
    if ((header.rsv & 4) != 0) out.write("deflate", joined({cut, 0}, payload));
  }
}

void play(SeedWriter& out, const Case& one) {
  const Profile profile;
  out.begin_case();
  if (!Player::reason_to_skip(one, profile).empty()) return;
  Player player(one, profile, {.seed = 1, .keep_transcript = false});
  Peer peer(PeerWorld::make({}).value());
  Tap client(player.end()), server(peer);
  couple(client, server, {.steps = 2'000, .until_first_done = true});
  Conversation talk;
  talk.sent = client.sent();
  talk.answered = server.sent();
  talk.request.feed(talk.sent);
  talk.reply.feed(talk.answered);
  out.write("peer", joined({32, 0}, client.sent()));
  out.write("handshake", joined({2, 0}, talk.request.raw() + talk.reply.raw()));
  out.write("handshake", joined({3, 7}, talk.request.raw() + talk.reply.raw()));
  out.write("extension", talk.reply.head().joined("Sec-WebSocket-Extensions").value_or("") + "\n" +
                             talk.request.head().joined("Sec-WebSocket-Extensions").value_or(""));
  if (talk.request.done() && talk.reply.done() && !talk.sent.empty()) write_frames(out, talk);
}

// What no case provokes the reference peer to: replies that break a rule, and answers with a body.
void write_replies(SeedWriter& out) {
  constexpr const char* kExtensions[] = {
      "permessage-deflate; client_max_window_bits=10\npermessage-deflate",
      "permessage-deflate\npermessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_max_window_bits=12\npermessage-deflate; server_max_window_bits=10"};
  constexpr const char* kReplies[] = {"101 Switching Protocols\r\nSec-WebSocket-Protocol: other",
                                      "101 Switching Protocols\r\nSec-WebSocket-Extensions: "
                                      "permessage-deflate, permessage-deflate",
                                      "200 OK\r\nTransfer-Encoding: gzip, chunked",
                                      "400 Bad Request\r\nTransfer-Encoding: gzip",
                                      "404 Not Found\r\nContent-Length: 1, 2",
                                      "426 Upgrade Required\r\nContent-Length: 5, 5",
                                      "500 Internal Server Error\r\nConnection: close"};
  const Bytes request = render_head(
      "GET / HTTP/1.1", request_fields({.key = "dGhlIHNhbXBsZSBub25jZQ==",
                                        .extra = {{"Sec-WebSocket-Protocol", "chat"},
                                                  {"Sec-WebSocket-Extensions", "permessage-deflate"}}}));
  for (const char* pair : kExtensions) {
    out.begin_case();
    out.write("extension", pair);
  }
  for (const std::string reply : kReplies) {
    out.begin_case();
    out.write("handshake", joined({2, 0}, request + "HTTP/1.1 " + reply + "\r\n\r\n"));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return std::fputs("usage: fuzz_seeds OUT FILE.wire...\n", stderr), 2;
  SeedWriter out(arguments[1]);
  write_replies(out);
  for (int i = 2; i < count; ++i) {
    std::ifstream in(arguments[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const Parsed parsed = parse(text, arguments[i]);
    if (!in || !parsed.errors.empty()) return std::fprintf(stderr, "cannot use %s\n", arguments[i]), 2;
    for (const Case& one : parsed.file.cases) {
      out.begin_case();
      out.write("notation_text", print(File{parsed.file.lets, {one}}));
    }
    const Source source{arguments[i], text};
    for (const Case& one : load({&source, 1}).cases) play(out, one);
  }
  std::printf("%zu seeds\n", out.written());
  return 0;
}
