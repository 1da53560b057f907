// What a hop between a client and a server may do otherwise than the conforming one.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "peer/edits.h"
#include "peer/hop_frame.h"
#include "peer/hop_head.h"
#include "peer/liberties.h"
#include "protocol/close.h"
#include "protocol/mix.h"

namespace wsspec {
namespace {

using namespace edits;

/// What a hop makes of every head that it passes on.
template <void (*change)(Head& head)>
void on_heads(Conduct& c) {
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) { change(forwarded); };
  c.hop.misreturns = [](Head& returned, const Head&, int, const HopSituation&) { change(returned); };
}
template <void (*change)(Head& head)>
void on_requests(Conduct& c) {
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) { change(forwarded); };
}
template <void (*change)(Head& head)>
void on_answers(Conduct& c) {
  c.hop.misreturns = [](Head& returned, const Head&, int, const HopSituation&) { change(returned); };
}

/// The lines of one name stay in their order.
void move_names(Head& head) {
  std::vector<Field> moved;
  for (std::size_t i = head.fields.size(); i-- > 0;) {
    const std::string& name = head.fields[i].name;
    if (std::ranges::any_of(moved, [&](const Field& f) { return same_text(f.name, name); })) continue;
    for (const Field& f : head.fields) {
      if (same_text(f.name, name)) moved.push_back(f);
    }
  }
  head.fields = std::move(moved);
}
// As above, for all but cookies, which stay ahead.
void move_others(Head& head) {
  std::ranges::stable_partition(head.fields, [](const Field& f) { return same_text(f.name, "Set-Cookie"); });
}
void join_lists(Head& head) {
  for (const char* name : {"Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Sec-WebSocket-Version"}) {
    if (const auto joined = head.joined(name)) set(head.fields, name, *joined);
  }
}
void tell_of_client(Head& head) {
  const std::string host = value_of(head, "Host");
  for (const Field& f : {Field{"X-Forwarded-For", "192.0.2.1"}, Field{"X-Forwarded-Host", host},
                         Field{"X-Forwarded-Proto", "http"}, Field{"X-Real-IP", "192.0.2.1"},
                         Field{"Forwarded", "for=192.0.2.1"}, Field{"X-Request-Id", "7"}})
    head.fields.push_back(f);
}
void replace_host(Head& head) {
  head.fields.push_back({"X-Forwarded-Host", value_of(head, "Host")});
  set(head.fields, "Host", "backend.example:8080");
}
void make_up_reason(Head& head) {
  head.start = head.start.substr(0, 12) + " Whatever";
}
void add_fields(Head& head) {
  for (const Field& f : {Field{"Date", "Sun, 01 Feb 2026 10:00:00 GMT"}, Field{"Server", "hop/1.0"},
                         Field{"X-Cache", "MISS"}, Field{"Strict-Transport-Security", "max-age=1"}})
    head.fields.push_back(f);
}

// Of data alone, and where no extension is agreed, which might make something of it.
void remask_data(HopPiece& piece, HopFlow& flow) {
  if (piece.header.mask && !is_control(piece.header.opcode) && !flow.s->extensions)
    piece.header.mask = static_cast<MaskKey>(mix(flow.s->seed ^ mix(flow.s->client << 32 | flow.frames)));
}
// RFC 6455 5.4: where no extension is agreed, no reserved bit set, and never a control frame.
void refragment(HopPiece& piece, HopFlow& flow) {
  const FrameHeader& h = piece.header;
  const bool free = !flow.s->extensions && h.rsv == 0 && !is_control(h.opcode) && !is_reserved(h.opcode);
  if (free && h.length > 100) piece.cut = 100;
}
template <bool up>
void refuse_illegal(HopPiece& piece, HopFlow& flow) {
  if (is_illegal_frame(piece, flow, up)) close_both(piece, 1002, up);
}
template <bool up>
void answer_close_alike(HopPiece& piece, HopFlow& flow) {
  answer_close(piece, flow, up);
}
// Pongs to the hop's own pings are not for the other side.
void keep_own_pongs(HopPiece& piece, HopFlow&) {
  piece.lost = piece.header.is(Opcode::pong) && piece.payload == "hop";
}
void end_both(HopParting& parting, HopFlow&) {
  parting.both = true;
}
void end_orderly(HopParting& parting, HopFlow&) {
  parting.how = End::fin;
}
void note_closing(HopPiece& piece, HopFlow& flow) {
  if (piece.header.is(Opcode::close)) flow.memo = 1;
}
void close_with_1001(HopParting& parting, HopFlow& flow) {
  if (parting.how != End::fin) return;
  if (flow.memo == 0 && !flow.in_frame)
    parting.ahead = make_frame(Opcode::close, make_close(1001), std::nullopt);
  parting.both = true;
}

bool wants_protocol(const Head& request) {
  return request.start.ends_with("HTTP/1.1") && request.has_token("Connection", "upgrade") &&
         request.find("Upgrade");
}
// Whether it is one that was asked for (RFC 9110 7.8).
bool is_asked_for(const Head& answer, const Head& request) {
  const auto protocols = split_list(value_of(answer, "Upgrade"));
  return !protocols.empty() && request.has_token("Upgrade", protocols.front());
}
void pass_every_upgrade(Conduct& c) {
  c.hop.misreads_upgrade = [](bool, const Head& request) { return wants_protocol(request); };
  c.hop.misforwards = [](Head& forwarded, const Head& received, const HopSituation& s) {
    if (s.upgrades) set(forwarded.fields, "Upgrade", value_of(received, "Upgrade"));
  };
  c.hop.missteps = [](HopStep right, const Head& answer, int status, const HopSituation& s) {
    const bool asked = status == 101 && s.upgrades && answer.start.starts_with("HTTP/1.1");
    return asked && is_asked_for(answer, s.request) ? HopStep::tunnel : right;
  };
}
HopStep pass_bare_101(HopStep right, const Head& answer, int status, const HopSituation& s) {
  return status == 101 && s.upgrades && !answer.find("Upgrade") ? HopStep::tunnel : right;
}
HopStep drop_interim(HopStep right, const Head&, int, const HopSituation&) {
  return right == HopStep::interim ? HopStep::drop : right;
}
HopStep retry_get(HopStep right, const Head&, int status, const HopSituation& s) {
  return status == 0 && s.attempts == 1 && s.request.start.starts_with("GET ") ? HopStep::again : right;
}
// NUL and its like become blanks (RFC 9110 5.5).
void replace_controls(Conduct& c) {
  c.hop.misjudges = [](int status, const Head& request, const HopSituation&) {
    Head clean = request;
    clean.control_octet = false;
    const bool in_line = std::ranges::any_of(request.start, [](char o) { return octet(o) < 0x20; });
    return in_line ? status : judge_request(clean);
  };
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) {
    for (Field& f : forwarded.fields)
      std::ranges::replace_if(f.value, [](char o) { return octet(o) < 0x20 && o != '\t'; }, ' ');
  };
}
int refuse_http10(int status, const Head& request, const HopSituation&) {
  return request.start.ends_with("HTTP/1.0") ? 505 : status;
}
int refuse_posted_upgrade(int status, const Head& request, const HopSituation&) {
  return wants_protocol(request) && !request.start.starts_with("GET ") ? 400 : status;
}

const Liberty kHopHeads[] = {
    {"hop-names-in-lower-case", "Field names are passed on in lower case", "RFC 9110 5.1", kSound, "",
     on_heads<[](Head& h) {
       for (Field& f : h.fields) f.name = lower(f.name);
     }>},
    {"hop-other-order", "Fields of different names come in another order", "RFC 9110 5.3", kSound, "",
     on_heads<move_names>},
    {"hop-cookies-ahead", "Cookies of an answer come ahead of its other fields", "RFC 9110 5.3", kSound, "",
     on_answers<move_others>},
    {"hop-blanks-around-values", "There are blanks around values", "RFC 9112 5", kSound, "",
     on_heads<[](Head& h) {
       for (Field& f : h.fields) f.value = "\t " + f.value + " \t";
     }>},
    {"hop-joins-lists", "Lines of one list are joined in their order", "RFC 9110 5.3", kSound, "",
     on_heads<join_lists>},
    {"hop-tells-of-client", "Requests say who the client is", "RFC 9110 7.6", kSound, "",
     on_requests<tell_of_client>},
    {"hop-via-in-answers", "Answers have Via, too", "RFC 9110 7.6.3", kSound, "",
     on_answers<[](Head& h) { h.fields.push_back({"Via", "1.1 hop"}); }>},
    {"hop-host-replaced", "The server is asked for by its own name", "RFC 9110 7.2", kSound, "",
     on_requests<replace_host>, nullptr, "hop-request.host"},
    {"hop-other-reason", "The reason phrase is made up", "RFC 9112 4", kSound, "",
     on_answers<make_up_reason>},
    {"hop-more-fields", "Answers have Date, Server and others", "RFC 9110 6.6.1", kSound, "",
     on_answers<add_fields>},
    {"hop-connection-list", "Connection is a list in lower case with upgrade in it", "RFC 9110 7.6.1", kSound,
     "", on_heads<[](Head& h) {
       if (h.has_token("Connection", "upgrade")) set(h.fields, "Connection", "keep-alive, upgrade");
     }>},
    {"hop-strips-offers", "Extensions are not offered to the server", "RFC 6455 5.4", kSound, "",
     on_requests<[](Head& h) { drop(h.fields, "Sec-WebSocket-Extensions"); }>, nullptr,
     "hop-tunnel.deflate.* hop-tunnel.extension.*"},
    {"hop-strips-underscores", "Fields with an underscore in their name are not passed on", "RFC 9110 5.1",
     kWeak, "", on_requests<[](Head& h) {
       std::erase_if(h.fields, [](const Field& f) { return contains(f.name, "_"); });
     }>,
     nullptr, "hop-request.field.underscore"},
    {"hop-blanks-for-controls", "Control octets in values become blanks", "RFC 9110 5.5", kSound, "",
     replace_controls},
    {"hop-small-heads", "A head of 16 KiB is refused with 431", "RFC 9110 5.4", kSound, "",
     [](Conduct& c) { c.hop.head = {16 * 1024, 100}; }},
    {"hop-refuses-http10", "A request in HTTP/1.0 is refused with 505", "RFC 9110 15.6.6", kSound, "",
     [](Conduct& c) { c.hop.misjudges = refuse_http10; }},
    {"hop-refuses-posted-upgrade", "An upgrade that is no GET is refused with 400", "rfc6455-4.2.1-2", kSound,
     "", [](Conduct& c) { c.hop.misjudges = refuse_posted_upgrade; }},
    {"hop-refuses-early-octets", "Octets behind an upgrade are refused with 400", "rfc6455-4.1-37", kSound,
     "", [](Conduct& c) { c.hop.refuses_early = true; }},
    {"hop-passes-every-upgrade", "Upgrades to other protocols are passed on", "RFC 9110 7.8", kSound, "",
     pass_every_upgrade},
    {"hop-passes-bare-101", "A 101 without Upgrade is passed on: the client looks at it", "RFC 9110 7.8",
     kSound, "", [](Conduct& c) { c.hop.missteps = pass_bare_101; }},
    {"hop-drops-interim", "Interim answers are not passed on", "RFC 9110 15.2", kWeak, "",
     [](Conduct& c) { c.hop.missteps = drop_interim; }},
    {"hop-rechunks", "Bodies of answers are passed on in chunks", "RFC 9112 7.1", kSound, "",
     [](Conduct& c) { c.hop.chunks_answers = true; }},
};

const Liberty kHopConnections[] = {
    {"hop-parts-behind-refusal", "The client's connection ends behind an answer that is no 101",
     "RFC 9112 9.6", kSound, "", [](Conduct& c) { c.hop.parts_behind_refusal = true; }},
    {"hop-keeps-back", "The server's connection serves the next request", "RFC 9112 9.3", kSound, "",
     [](Conduct& c) { c.hop.keeps_back = true; }},
    {"hop-pools-back", "The server's connection serves the next request of any client", "RFC 9112 9.3",
     kSound, "", [](Conduct& c) { c.hop.keeps_back = c.hop.pools_back = true; }},
    {"hop-retries-get", "A GET of which the answer is lost is sent once more", "RFC 9110 9.2.2", kSound, "",
     [](Conduct& c) { c.hop.missteps = retry_get; }},
    {"hop-503", "A server that cannot be reached is told of with 503", "RFC 9110 15.6.4", kSound, "",
     [](Conduct& c) { c.hop.when_refused = c.hop.when_lost = 503; }},
    {"hop-504-early", "A server has 20 s for its answer", "RFC 9110 15.6.5", kSound, "",
     [](Conduct& c) { c.hop.patience = std::chrono::seconds(20); }},
    {"hop-parts-without-status", "What goes wrong ends the client's connection without an answer",
     "RFC 9112 9.5", kWeak, "", [](Conduct& c) { c.hop.only_parts = true; }, nullptr,
     "hop-reply.none* hop-reply.broken hop-reply.silent"},
    {"hop-remasks", "Data frames get another mask", "rfc6455-5.3-2", kSound, "",
     [](Conduct& c) { c.hop.up.misframes = remask_data; }},
    {"hop-refragments", "Frames of more than 100 octets are cut, but for those of extensions", "RFC 6455 5.4",
     kSound, "", [](Conduct& c) { c.hop.up.misframes = c.hop.down.misframes = refragment; }},
    {"hop-refuses-illegal-frames",
     "A frame that no endpoint may send ends the tunnel with a Close to both sides", "rfc6455-7.1.7-1",
     kSound, "",
     [](Conduct& c) {
       c.hop.up.misframes = refuse_illegal<true>, c.hop.down.misframes = refuse_illegal<false>;
     }},
    {"hop-answers-close", "A Close is passed on and answered; what the other side answers goes no further",
     "rfc6455-5.5.1-7", kSound, "",
     [](Conduct& c) {
       c.hop.up.misframes = answer_close_alike<true>, c.hop.down.misframes = answer_close_alike<false>;
     }},
    {"hop-collects", "Octets wait 5 ms for others", "RFC 9110 3.7", kSound, "",
     [](Conduct& c) {
       for (HopFlowConduct* flow : {&c.hop.up, &c.hop.down})
         flow->holds_octets = 1400, flow->holds_for = std::chrono::milliseconds(5);
     }},
    {"hop-pings", "Both sides are sent pings of the hop's own", "rfc6455-5.5.2-4", kSound, "",
     [](Conduct& c) {
       c.hop.pings = std::chrono::seconds(15);
       c.hop.up.misframes = c.hop.down.misframes = keep_own_pongs;
     }},
    {"hop-idle-limit", "A tunnel that is silent for 50 s ends", "RFC 9112 9.5", kSound, "",
     [](Conduct& c) { c.hop.idle = std::chrono::seconds(50); }},
    {"hop-ends-both", "One side's end ends both", "RFC 9110 9.3.6", kSound, "",
     [](Conduct& c) { c.hop.up.misparts = c.hop.down.misparts = end_both; }},
    {"hop-fin-for-reset", "A reset is passed on as an end", "RFC 9110 9.3.6", kSound, "",
     [](Conduct& c) { c.hop.up.misparts = c.hop.down.misparts = end_orderly; }},
    {"hop-closes-with-1001", "A server's end without a Close becomes a Close with 1001", "rfc6455-7.4.1-5",
     kSound, "",
     [](Conduct& c) {
       c.hop.down.misframes = note_closing;
       c.hop.down.misparts = close_with_1001;
     }},
    {"hop-tells-binary", "The server is told of the client in version 2 of the PROXY protocol",
     "proxy-protocol-2.2-1", kSound, "",
     [](Conduct& c) { c.hop.introduces = [](const ConnectionName& name) { return proxy_header_2(name); }; }},
    {"hop-tells-more", "TLVs stand in it, and a checksum", "proxy-protocol-2.2.3-1", kSound, "",
     [](Conduct& c) {
       c.hop.introduces = [](const ConnectionName& name) {
         return proxy_header_2(name, BytesView("\x02\x00\x01h\xe0\x00\x00", 7), true);
       };
     }},
    {"hop-tells-local", "The header says that the connection is the hop's own", "proxy-protocol-2.2-1",
     kSound, "",
     [](Conduct& c) {
       c.hop.introduces = [](const ConnectionName& name) {
         Bytes header = proxy_header_2(name);
         header[12] = '\x20';
         return header;
       };
     }},
    {"hop-tells-unspecified", "The header says nothing of the client", "proxy-protocol-2.2-1", kSound, "",
     [](Conduct& c) {
       c.hop.introduces = [](const ConnectionName& name) {
         Bytes header = proxy_header_2(name);
         header[13] = '\0';
         return header;
       };
     }},
    {"hop-tells-unknown", "The line says that the client is not known", "proxy-protocol-2.1-1", kSound, "",
     [](Conduct& c) { c.hop.introduces = [](const ConnectionName&) { return Bytes("PROXY UNKNOWN\r\n"); }; }},
    {"hop-stop-goes-away", "A stop ends open tunnels with a Close of 1001", "rfc6455-7.4.1-5", kSound, "",
     [](Conduct& c) { c.hop.stop.leave = HopDrain::Leave::away; }},
    {"hop-stop-ends-later", "A stop ends open tunnels after 2 s", "RFC 9110 9.3.6", kSound, "",
     [](Conduct& c) {
       c.hop.stop.leave = HopDrain::Leave::ends;
       c.hop.stop.after = std::chrono::seconds(2);
     },
     nullptr, "hop-drain.stop"},
    {"hop-reload-goes-away", "A reload ends open tunnels with a Close of 1001", "rfc6455-7.4.1-5", kSound, "",
     [](Conduct& c) { c.hop.reload.leave = HopDrain::Leave::away; }, nullptr, "hop-drain.reload"},
};

std::vector<Liberty> join_hop_tables() {
  std::vector<Liberty> all(std::begin(kHopHeads), std::end(kHopHeads));
  all.insert(all.end(), std::begin(kHopConnections), std::end(kHopConnections));
  return all;
}

}  // namespace

std::span<const Liberty> hop_liberties() {
  static const std::vector<Liberty> all = join_hop_tables();
  return all;
}

}  // namespace wsspec
