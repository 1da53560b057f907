// Defects in closing and failing a connection (RFC 6455 5.5.1, 7) and in ending TCP.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;
using Tcp = Farewell::Tcp;

/// Changes the answer to a client's Close.
template <void (*change)(Farewell& f, const CloseBody& body, Situation& s)>
void on_answer(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody& body, Situation& s) {
    if (f.cause == Farewell::Cause::answer) change(f, body, s);
  };
}
/// Changes what is done about a fault.
template <void (*change)(Farewell& f, Situation& s)>
void on_fault(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
    if (f.cause == Farewell::Cause::fault) change(f, s);
  };
}
template <std::uint16_t code>
void answer_with(Farewell& f, const CloseBody&, Situation&) {
  f.body = make_close(code);
}
/// Closes with a code of this range are answered with the same.
template <std::uint16_t first, std::uint16_t last = first>
void tolerate(Conduct& c) {
  c.overlooks = [](Rule rule, const FrameHeader&, const Situation& s) {
    return rule == Rule::close_code && s.close_code >= first && s.close_code <= last;
  };
}
template <std::uint16_t first, std::uint16_t last = first>
void refuse_codes(Conduct& c) {
  c.refuses_code = [](std::uint16_t code) { return code >= first && code <= last; };
}
template <Rule rule>
void overlook(Conduct& c) {
  c.overlooks = [](Rule broken, const FrameHeader&, const Situation&) { return broken == rule; };
}
Bytes text(BytesView payload) {
  return make_frame(Opcode::text, payload, std::nullopt);
}

const Defect kAnswers[] = {
    {"close.unanswered", "A Close is not answered, and TCP stays open", "rfc6455-5.5.1-7", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.sends_close = false, f.tcp = Tcp::stays; }>},
    {"close.tcp-ended-unanswered", "A Close is answered by ending TCP only", "rfc6455-5.5.1-7", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.sends_close = false; }>},
    {"close.tcp-stays", "TCP is not ended after the Close exchange", "rfc6455-5.5.1-12", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.tcp = Tcp::stays; }>},
    {"close.tcp-stays-with-code", "TCP is not ended after a Close with a code of an application",
     "rfc6455-5.5.1-12", kSubtle, on_answer<[](Farewell& f, const CloseBody& body, Situation&) {
       if (body.code.value_or(0) >= 3000) f.tcp = Tcp::stays;
     }>},
    {"close.empty-answered-with-1005", "An empty Close is answered with 1005", "rfc6455-7.4.1-3", kPlain,
     on_answer<[](Farewell& f, const CloseBody& body, Situation&) {
       if (!body.code) f.body = make_close(1005);
     }>},
    {"close.answered-with-1006", "Each Close is answered with 1006", "rfc6455-7.4.1-4", kPlain,
     on_answer<answer_with<1006>>},
    {"close.answered-with-1015", "Each Close is answered with 1015", "rfc6455-7.4.1-8", kPlain,
     on_answer<answer_with<1015>>},
    {"close.answered-with-0", "Each Close is answered with the code 0", "rfc6455-7.4.2-1", kPlain,
     on_answer<answer_with<0>>},
    {"close.answered-with-1002", "Each Close is answered with 1002", "rfc6455-7.4.1-5", kPlain,
     on_answer<answer_with<1002>>},
    {"close.code-octets-swapped", "The code of the answer has its octets swapped", "rfc6455-5.5.1-2", kSubtle,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) {
       if (f.body.size() >= 2) std::swap(f.body[0], f.body[1]);
     }>},
    {"close.answered-with-one-octet", "The answer's body is one octet", "rfc6455-5.5.1-2", kSubtle,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) {
       f.body.resize(std::min<std::size_t>(f.body.size(), 1));
     }>},
    {"close.answered-with-text-only", "The answer's body is a reason without a code", "rfc6455-5.5.1-2",
     kSubtle, on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.body = "bye"; }>},
    {"close.reason-not-utf8", "The answer's reason is not UTF-8", "rfc6455-8.1-1", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.body = make_close(1000, "bye \xff"); }>},
    {"close.reason-cut-in-character", "A long reason is repeated and cut in the middle of a character",
     "rfc6455-8.1-1", kSubtle, on_answer<[](Farewell& f, const CloseBody& body, Situation&) {
       if (body.code)
         f.body =
             make_close(body.code, BytesView(body.reason + "\xe2\x82\xac").substr(0, body.reason.size() + 2));
       f.body.resize(std::min<std::size_t>(f.body.size(), 125));
     }>},
    {"close.reason-too-long", "The answer's reason makes the frame longer than 125 octets", "rfc6455-5.5-1",
     kPlain, on_answer<[](Farewell& f, const CloseBody&, Situation&) {
       f.body = make_close(1000, Bytes(124, 'x'));
     }>},
    {"close.text-behind", "A text follows the answering Close", "rfc6455-5.5.1-6", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.behind = text("one more thing"); }>},
    {"close.empty-text-behind", "An empty text follows the answering Close", "rfc6455-5.5.1-6", kSubtle,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.behind = text(""); }>},
    {"close.second-close", "The answering Close is sent twice", "rfc6455-5.5.1-7", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) {
       f.behind = make_frame(Opcode::close, f.body, std::nullopt);
     }>},
    {"close.goes-on", "Input behind a Close is still processed", "rfc6455-5.5.1-17", kPlain,
     on_answer<[](Farewell& f, const CloseBody&, Situation&) { f.goes_on = true; }>},
    {"close.pings-behind-answered", "Pings in the same segment behind a Close are answered",
     "rfc6455-5.5.1-17", kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         f.goes_on = f.cause == Farewell::Cause::answer;
       };
       c.skips_frame = [](const FrameHeader& h, const Situation& s) {
         return s.last_header.is(Opcode::close) && !h.is(Opcode::ping);
       };
     }},
    {"close.inside-message-unanswered", "A Close inside a message is not answered", "rfc6455-5.5.1-7",
     kSubtle, on_answer<[](Farewell& f, const CloseBody&, Situation& s) {
       if (s.in_message()) f.sends_close = false, f.tcp = Tcp::stays;
     }>},
    {"close.with-reason-unanswered", "A Close with a reason of more than 100 octets is not answered",
     "rfc6455-5.5.1-7", kSubtle, on_answer<[](Farewell& f, const CloseBody& body, Situation&) {
       if (100 < body.reason.size()) f.sends_close = false, f.tcp = Tcp::stays;
     }>},
    {"close.after-messages-unanswered", "Behind ten messages a Close is not answered", "rfc6455-5.5.1-7",
     kSubtle, on_answer<[](Farewell& f, const CloseBody&, Situation& s) {
       if (s.messages >= 10) f.sends_close = false, f.tcp = Tcp::stays;
     }>},
};

const Defect kCodes[] = {
    {"close.echoes-below-1000", "Codes below 1000 are echoed", "rfc6455-7.4.2-1", kPlain, tolerate<0, 999>},
    {"close.echoes-999", "999 is echoed", "rfc6455-7.4.2-1", kSubtle, tolerate<999>},
    {"close.echoes-0", "The code 0 is echoed", "rfc6455-7.4.2-1", kSubtle, tolerate<0>},
    {"close.echoes-1004", "1004 is echoed", "rfc6455-7.4.2-2", kSubtle, tolerate<1004>},
    {"close.echoes-1005", "1005 is echoed", "rfc6455-7.4.1-3", kSubtle, tolerate<1005>},
    {"close.echoes-1006", "1006 is echoed", "rfc6455-7.4.1-4", kSubtle, tolerate<1006>},
    {"close.echoes-1015", "1015 is echoed", "rfc6455-7.4.1-8", kSubtle, tolerate<1015>},
    {"close.echoes-any-code", "Whatever code comes is echoed", "rfc6455-7.4.2-1", kPlain, tolerate<0, 65535>},
    {"close.refuses-1001", "1001 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1001>},
    {"close.refuses-1003", "1003 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1003>},
    {"close.refuses-1007", "1007 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1007>},
    {"close.refuses-1008", "1008 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1008>},
    {"close.refuses-1009", "1009 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1009>},
    {"close.refuses-1010", "1010 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1010>},
    {"close.refuses-1011", "1011 is taken for a fault", "rfc6455-7.4.1-1", kSubtle, refuse_codes<1011>},
    {"close.refuses-3000", "3000 is taken for a fault", "rfc6455-7.4.2-3", kSubtle, refuse_codes<3000>},
    {"close.refuses-3999", "3999 is taken for a fault", "rfc6455-7.4.2-3", kSubtle, refuse_codes<3999>},
    {"close.refuses-3000-to-3999", "Codes of libraries are taken for a fault", "rfc6455-7.4.2-3", kPlain,
     refuse_codes<3000, 3999>},
    {"close.refuses-4000-to-4999", "Codes of applications are taken for a fault", "rfc6455-7.4.2-4", kPlain,
     refuse_codes<4000, 4999>},
    {"close.refuses-4999", "4999 is taken for a fault", "rfc6455-7.4.2-4", kSubtle, refuse_codes<4999>},
    {"close.empty-refused", "An empty Close is taken for a fault", "rfc6455-5.5.1-1", kPlain,
     on_answer<[](Farewell& f, const CloseBody& body, Situation&) {
       if (!body.code) f.body = make_close(1002);
     }>},
    {"close.one-octet-echoed", "A body of one octet is sent back", "rfc6455-5.5.1-2", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation&) {
         return rule == Rule::close_length;
       };
       c.farewells = [](Farewell& f, const CloseBody& body, Situation&) {
         if (body.stray_octet) f.body = "a";
       };
     }},
    {"close.one-octet-answered-with-1000", "A body of one octet is taken for a good Close", "rfc6455-5.5.1-2",
     kSubtle,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation&) {
         return rule == Rule::close_length;
       };
       c.farewells = [](Farewell& f, const CloseBody& body, Situation&) {
         if (body.stray_octet) f.body = make_close(1000);
       };
     }},
    {"close.code-inside-text-checked", "A Close inside a text is checked for UTF-8, its code included",
     "rfc6455-5.5.1-7", kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody& body, Situation& s) {
         const auto code = body.code.value_or(1000);
         if (f.cause == Farewell::Cause::answer && s.in_message() && (code & 0x80) != 0)
           f.body = make_close(1007);
       };
     }},
    {"close.reason-unchecked", "A reason that is not UTF-8 passes", "rfc6455-8.1-1", kPlain,
     overlook<Rule::close_reason>},
    {"close.long-reason-refused", "A reason of 123 octets is refused", "rfc6455-5.5.1-3", kSubtle,
     [](Conduct& c) {
       c.refuses = [](const FrameHeader& h, const Situation&) {
         return h.is(Opcode::close) && h.length == 125;
       };
     }},
};

const Defect kFaults[] = {
    {"fault.ignored", "A fault has no consequence: the frame is dropped and the connection goes on",
     "rfc6455-7.1.7-3", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.sends_close = false, f.goes_on = true; }>},
    {"fault.goes-on", "Behind the Close for a fault, input is still processed", "rfc6455-7.1.7-7", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.goes_on = true; }>},
    {"fault.silence", "Behind a fault nothing is sent and TCP stays open", "rfc6455-7.1.7-3", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.sends_close = false, f.tcp = Tcp::stays; }>},
    {"fault.tcp-stays", "Behind the Close for a fault TCP stays open", "rfc6455-7.1.7-3", kSubtle,
     on_fault<[](Farewell& f, Situation&) { f.tcp = Tcp::stays; }>},
    {"fault.code-1000", "A fault is closed with 1000", "rfc6455-7.4.1-5", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.body = make_close(1000); }>},
    {"fault.code-1005", "A fault is closed with 1005", "rfc6455-7.4.1-3", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.body = make_close(1005); }>},
    {"fault.code-1006", "A fault is closed with 1006", "rfc6455-7.4.1-4", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.body = make_close(1006); }>},
    {"fault.bad-text-code-1002", "Invalid UTF-8 is closed with 1002", "rfc6455-7.4.1-5", kSubtle,
     on_fault<[](Farewell& f, Situation&) {
       if (parse_close(f.body).code == 1007) f.body = make_close(1002);
     }>},
    {"fault.reason-not-utf8", "The reason of a Close for a fault is not UTF-8", "rfc6455-8.1-1", kSubtle,
     on_fault<[](Farewell& f, Situation&) { f.body += "\xc3"; }>},
    {"fault.reason-too-long", "The Close for a fault has 126 octets", "rfc6455-5.5-1", kSubtle,
     on_fault<[](Farewell& f, Situation&) { f.body.resize(126, '.'); }>},
    {"fault.text-behind", "A text explains the fault behind the Close", "rfc6455-5.5.1-6", kPlain,
     on_fault<[](Farewell& f, Situation&) { f.behind = text("protocol error"); }>},
    {"fault.second-close", "The Close for a fault is sent twice", "rfc6455-5.5.1-16", kSubtle,
     on_fault<[](Farewell& f, Situation&) { f.behind = make_frame(Opcode::close, f.body, std::nullopt); }>},
    {"fault.pong-behind", "A ping behind a fault is still answered", "rfc6455-7.1.7-7", kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         f.goes_on = f.cause == Farewell::Cause::fault;
       };
       c.skips_frame = [](const FrameHeader& h, const Situation& s) {
         return s.faults > 0 && !h.is(Opcode::ping);
       };
     }},
    {"tcp.fin-ignored", "TCP is never ended when the client ends it", "rfc6455-7.1.1-2", kPlain,
     [](Conduct& c) { c.ignores_fin = true; }},
    {"tcp.unfinished-message-delivered", "At the client's FIN an unfinished message is echoed",
     "rfc6455-6.2-4", kSubtle, [](Conduct& c) { c.delivers_unfinished = true; }},
};

}  // namespace

std::span<const Defect> close_defects() {
  static const std::vector<Defect> all = join({kAnswers, kCodes, kFaults});
  return all;
}

}  // namespace wsspec
