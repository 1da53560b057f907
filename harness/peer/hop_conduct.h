// HopConduct: every point at which the hop can be made to behave other than it should or needs to.
//
// A default HopConduct is the conforming hop: all hooks are empty, all settings are the exemplary ones. Rows
// of defects and liberties (defects_hop.cc, liberties_hop.cc) change one or two members, as those of servers
// and clients do in Conduct. Up is from the client to the server, down the other way.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "protocol/endpoint.h"
#include "protocol/frame.h"
#include "protocol/http.h"
#include "protocol/proxy_header.h"

namespace wsspec {

class HopLeg;

/// What all tunnels of one hop have in common. A conforming hop shares at most connections that are at rest.
struct HopCommons {
  std::vector<HopLeg*> pool;  ///< To the server, for whoever asks next.
  std::uint64_t owner = 0;    ///< The client whose octets are kept; 0: none.
  Bytes octets;
};

/// What has happened on one client's connection so far, for hooks that depend on it.
struct HopSituation {
  HopCommons* commons = nullptr;  ///< Never null in a hop.
  std::uint64_t client = 0;       ///< Number of the client's connection, from 1.
  std::uint64_t seed = 1;
  ConnectionName name;      ///< Whose connection it is,
  bool tells = false;       ///< and whether the server is told.
  unsigned requests = 0;    ///< On that connection, the present one included.
  unsigned interims = 0;    ///< Interim answers to the present request.
  unsigned attempts = 0;    ///< Connections to the server made for it.
  unsigned closes = 0;      ///< Close frames of either side, where a hook counts them.
  bool upgrades = false;    ///< It asks for an upgrade that is passed on.
  bool extensions = false;  ///< Some are agreed in the 101.
  Head request;             ///< As it came.
};

/// What the hop does about the head of an answer, or about the end that came instead.
enum class HopStep : std::uint8_t {
  interim,  ///< Passes it on and waits for the next one.
  pass,     ///< Passes it on with its body.
  tunnel,   ///< Passes it on; from here on octets.
  refuse,   ///< Makes an answer of its own.
  drop,     ///< Forgets it and waits for the next one.
  hang,     ///< The client waits for ever.
  again,    ///< Sends the request once more, on a fresh connection.
  part,     ///< Ends the client's connection without an answer.
};

/// One direction of one tunnel.
struct HopFlow {
  HopSituation* s = nullptr;  ///< Never null in a hop.
  std::uint64_t octets = 0;   ///< Passed on before the present chunk; those behind a head count from it.
  std::uint64_t chunks = 0;   ///< The present one included.
  // Counted only where frames are looked at, the present one included.
  std::uint64_t frames = 0;
  bool in_frame = false;   ///< One has begun and is not complete.
  std::uint64_t memo = 0;  ///< For one hook to remember something.
  Bytes kept;              ///< Likewise.
};

/// A piece of a frame on its way; a control frame is one piece.
struct HopPiece {
  FrameHeader header;
  Bytes payload;                     ///< Unmasked.
  bool first = false, last = false;  ///< Of the frame.
  bool lost = false;                 ///< To be said of all pieces of a frame.
  std::size_t cut = 0;      ///< Payload octets for which a frame of their own is made; 0: the frame stays.
  Bytes ahead{}, behind{};  ///< Octets around it.
  Bytes reply{};            ///< Octets for who sent it.
  bool ends = false;        ///< Behind it both sides end.
};

/// The end of one direction.
struct HopParting {
  End::Way how = End::fin;
  bool passed = true;
  bool both = false;  ///< The other direction ends as well.
  Bytes ahead;        ///< Octets before the end.
};

/// How one direction of a tunnel is dealt with.
struct HopFlowConduct {
  void (*mispasses)(Bytes& chunk, HopFlow& flow) = nullptr;
  void (*misframes)(HopPiece& piece, HopFlow& flow) = nullptr;  ///< Frames are looked at if there is one.
  void (*misparts)(HopParting& parting, HopFlow& flow) = nullptr;
  std::size_t holds_octets = 0;  ///< Nothing is passed on before so many wait.
  std::size_t holds_tail = 0;    ///< The last octets of all wait.
  Duration holds_for = kNever;   ///< How long they do at most.
  bool holds_frame = false;      ///< A frame is passed on when the next one is complete.
  bool end_drops_held = false;
  bool always_reads = false;  ///< However much waits for the other side.
};

/// What a graceful command of its operator does to tunnels that are open, and to who comes behind it.
struct HopDrain {
  enum class Leave : std::uint8_t {
    stays,
    ends,    ///< FIN to both sides,
    resets,  ///< or an abort,
    away,    ///< or a Close of 1001 ahead of the FIN,
    normal,  ///< or one of 1000,
    bare,    ///< or one of 1001 that is not masked.
  };
  Leave leave = Leave::stays;
  Duration after{};         ///< So long they go on.
  bool loses_once = false;  ///< What comes next upwards is lost.
  bool turns_away = false;  ///< Connections of clients end at once.
};

struct HopConduct {
  // Requests.
  /// Changes the status with which a request is refused; 0: it is passed on.
  int (*misjudges)(int status, const Head& request, const HopSituation& s) = nullptr;
  /// Changes whether it is taken for one that asks for an upgrade.
  bool (*misreads_upgrade)(bool upgrades, const Head& request) = nullptr;
  void (*misforwards)(Head& forwarded, const Head& received, const HopSituation& s) = nullptr;
  void (*mispasses_body)(Bytes& piece, std::uint64_t offset) = nullptr;
  bool overlooks_body = false;  ///< Octets of a body are taken for those behind the request.
  /// Changes the octets behind the request when the tunnel opens.
  void (*misholds)(Bytes& early, const HopSituation& s) = nullptr;
  bool refuses_early = false;      ///< Such octets are refused before the server has answered.
  bool tunnels_on_intent = false;  ///< Octets are passed on as soon as the request is.

  // Answers.
  HopStep (*missteps)(HopStep right, const Head& answer, int status, const HopSituation& s) = nullptr;
  void (*misreturns)(Head& returned, const Head& received, int status, const HopSituation& s) = nullptr;
  /// Changes the octets that came along with the head of a 101.
  void (*misfollows)(Bytes& behind, const HopSituation& s) = nullptr;
  void (*mispasses_answer)(Bytes& piece, std::uint64_t offset) = nullptr;  ///< Its body.
  bool chunks_answers = false;  ///< A body is passed on in chunks, however it was delimited.

  // Answers of its own; status 0: none.
  int when_refused = 502;  ///< No connection to the server.
  int when_lost = 502;     ///< It ended before an answer.
  int when_bad = 502;      ///< The answer cannot be passed on.
  int when_late = 504;
  Duration patience = std::chrono::seconds(60);
  bool only_parts = false;  ///< Instead of any of them the client's connection ends.
  HeadLimits head;          ///< Of requests and answers.

  // Connections.
  bool parts_behind_refusal = false;  ///< The client's connection ends behind each answer that is no 101.
  bool keeps_back = false;            ///< The server's connection is used for the next request,
  bool pools_back = false;            ///< whoever sends that.
  bool (*reopens)(const HopFlow& down) = nullptr;  ///< The server ended a tunnel: a new one is asked for.
  Duration idle{};              ///< A tunnel in which nothing was passed on for so long ends; zero: none.
  bool idle_tells_one = false;  ///< And only the server is told.
  Duration pings{};             ///< So often each side is sent a ping of the hop's own; zero: never.

  /// Makes what the server is told ahead of a connection, where it is; null: a line of version 1.
  Bytes (*introduces)(const ConnectionName& name) = nullptr;
  bool introduces_late = false;  ///< Behind the request.

  HopDrain reload, stop{.turns_away = true};

  HopFlowConduct up, down;
};

}  // namespace wsspec
