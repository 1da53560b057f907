// Defects in answering the opening handshake (RFC 6455 4.2.2, 4.3, 4.4, 11.3) and in selecting a subprotocol.
#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/reply.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kAccept = "Sec-WebSocket-Accept", kProtocol = "Sec-WebSocket-Protocol";

/// Sets misanswers to a change of accepting answers only.
template <void (*change)(Answer& answer, const std::string& key)>
void on_accept(Conduct& c) {
  c.misanswers = [](Answer& a, const Head& request) {
    if (a.accepted) change(a, value_of(request, "Sec-WebSocket-Key"));
  };
}
template <void (*change)(Answer& answer)>
void on_refusal(Conduct& c) {
  c.misanswers = [](Answer& a, const Head&) {
    if (!a.accepted) change(a);
  };
}
void set_accept(Answer& a, std::string_view value) {
  set(a.fields, kAccept, value);
}

const Defect kReplies[] = {
    {"reply.status-200", "The handshake is answered with 200", "rfc6455-4.2.2-17", kPlain,
     on_accept<[](Answer& a, const std::string&) { a.status = 200, a.reason = "OK"; }>},
    {"reply.status-102", "The handshake is answered with 102", "rfc6455-4.2.2-17", kSubtle,
     on_accept<[](Answer& a, const std::string&) { a.status = 102; }>},
    {"reply.http-1.0", "The reply's status line says HTTP/1.0", "rfc6455-4.2.2-16", kSubtle,
     on_accept<[](Answer& a, const std::string&) { a.version = "HTTP/1.0"; }>},
    {"reply.no-upgrade", "The reply has no Upgrade field", "rfc6455-4.2.2-18", kPlain,
     on_accept<[](Answer& a, const std::string&) { drop(a.fields, "Upgrade"); }>},
    {"reply.upgrade-misspelt", "The reply's Upgrade field says \"websockets\"", "rfc6455-4.2.2-18", kSubtle,
     on_accept<[](Answer& a, const std::string&) { set(a.fields, "Upgrade", "websockets"); }>},
    {"reply.no-connection", "The reply has no Connection field", "rfc6455-4.2.2-19", kPlain,
     on_accept<[](Answer& a, const std::string&) { drop(a.fields, "Connection"); }>},
    {"reply.connection-keep-alive", "The reply's Connection field says \"keep-alive\"", "rfc6455-4.2.2-19",
     kPlain, on_accept<[](Answer& a, const std::string&) { set(a.fields, "Connection", "keep-alive"); }>},
    {"reply.no-accept", "The reply has no Sec-WebSocket-Accept", "rfc6455-4.2.2-20", kPlain,
     on_accept<[](Answer& a, const std::string&) { drop(a.fields, kAccept); }>},
    {"reply.accept-constant", "Sec-WebSocket-Accept is the one of the RFC's example", "rfc6455-4.2.2-20",
     kPlain, on_accept<[](Answer& a, const std::string&) { set_accept(a, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }>},
    {"reply.accept-is-the-key", "Sec-WebSocket-Accept repeats the key", "rfc6455-4.2.2-20", kPlain,
     on_accept<[](Answer& a, const std::string& key) { set_accept(a, key); }>},
    {"reply.accept-of-decoded-key", "The accept value is computed over the decoded key", "rfc6455-4.2.2-8",
     kPlain, on_accept<[](Answer& a, const std::string& key) {
       set_accept(a, accept_for(base64_decode(key).value_or("")));
     }>},
    {"reply.accept-of-canonical-key",
     "The key is decoded and encoded again before it enters the accept value", "rfc6455-4.2.2-8", kSubtle,
     on_accept<[](Answer& a, const std::string& key) {
       set_accept(a, accept_for(base64_encode(base64_decode(key).value_or(""))));
     }>},
    {"reply.accept-of-lower-case-key", "The key enters the accept value in lower case", "rfc6455-4.2.2-20",
     kSubtle, on_accept<[](Answer& a, const std::string& key) { set_accept(a, accept_for(lower(key))); }>},
    {"reply.accept-of-unescaped-key", "A plus sign in the key is read as a blank", "rfc6455-4.2.2-20",
     kSubtle, on_accept<[](Answer& a, const std::string& key) {
       std::string read = key;
       std::ranges::replace(read, '+', ' ');
       set_accept(a, accept_for(read));
     }>},
    {"reply.accept-without-padding", "The accept value lacks its padding", "rfc6455-4.2.2-20", kSubtle,
     on_accept<[](Answer& a, const std::string& key) { set_accept(a, accept_for(key).substr(0, 27)); }>},
    {"reply.accept-url-safe", "The accept value is written in the URL-safe alphabet", "rfc6455-4.2.2-20",
     kSubtle, on_accept<[](Answer& a, const std::string& key) {
       std::string accept = accept_for(key);
       std::ranges::replace(accept, '+', '-');
       std::ranges::replace(accept, '/', '_');
       set_accept(a, accept);
     }>},
    {"reply.accept-in-hexadecimal", "The accept value is written in hexadecimal", "rfc6455-4.2.2-20", kPlain,
     on_accept<[](Answer& a, const std::string& key) {
       set_accept(a, to_hex(base64_decode(accept_for(key)).value_or(""), ""));
     }>},
    {"reply.accept-twice", "The reply has two Sec-WebSocket-Accept fields", "rfc6455-11.3.3-1", kPlain,
     on_accept<[](Answer& a, const std::string& key) {
       a.fields.push_back({std::string(kAccept), accept_for(key)});
     }>},
    {"reply.body", "A body follows the 101 reply", "rfc6455-4.2.2-16", kPlain,
     on_accept<[](Answer& a, const std::string&) { a.body = "welcome"; }>},
    {"reply.body-announced", "The 101 reply announces a body of no octets", "rfc6455-4.2.2-16", kSubtle,
     on_accept<[](Answer& a, const std::string&) { a.fields.push_back({"Content-Length", "0"}); }>},
    {"reply.twice", "The 101 reply is sent twice", "rfc6455-4.2.2-16", kPlain,
     on_accept<[](Answer& a, const std::string&) {
       Answer again = a;
       a.body = render_answer(again);
     }>},
    {"reply.folded", "A field of the 101 reply is folded over two lines", "rfc6455-4.2.2-16", kSubtle,
     on_accept<[](Answer& a, const std::string& key) { set_accept(a, "\r\n " + accept_for(key)); }>},
    {"reply.control-octet", "A field of the 101 reply holds a NUL", "rfc6455-4.2.2-16", kSubtle,
     on_accept<[](Answer& a, const std::string&) {
       a.fields.push_back({"Server", std::string("echo\0", 5)});
     }>},
    {"reply.reflects-fields", "Unknown request fields come back in the reply", "rfc6455-4.2.2-13", kSubtle,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head& request) {
         if (a.accepted && request.count(kProtocol) > 0)
           set(a.fields, kProtocol, value_of(request, kProtocol));
       };
     }},
    {"reply.version-list-missing", "A refusal for the version does not say which are spoken", "rfc6455-4.4-1",
     kPlain, on_refusal<[](Answer& a) { drop(a.fields, "Sec-WebSocket-Version"); }>},
    {"reply.version-list-wrong", "A refusal for the version names the refused draft's own range",
     "rfc6455-4.4-1", kSubtle, on_refusal<[](Answer& a) { set(a.fields, "Sec-WebSocket-Version", "0-12"); }>},
    {"reply.refusal-cut", "A refusal announces more octets than it has", "rfc6455-10.7-4", kSubtle,
     on_refusal<[](Answer& a) { set(a.fields, "Content-Length", "1000"); }>},
    {"reply.refusal-is-101", "A bad request is refused by closing behind a 101", "rfc6455-4.2.1-1", kPlain,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head& request) {
         if (a.accepted) return;
         a = {};
         a.fields = {{"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {std::string(kAccept), accept_for(value_of(request, "Sec-WebSocket-Key"))}};
       };
     }},
};

std::optional<std::string> first_offered(const Head& request) {
  auto offered = split_list(value_of(request, kProtocol));
  return offered.empty() ? std::nullopt : std::optional(offered.front());
}

const Defect kSubprotocols[] = {
    {"subprotocol.reflects-first", "The first offered subprotocol is accepted, known or not",
     "rfc6455-4.2.2-12", kPlain,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>&) {
         return first_offered(request);
       };
     }},
    {"subprotocol.unoffered", "A subprotocol is named that was not offered", "rfc6455-4.2.2-11", kPlain,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head&,
                                const std::vector<std::string>& supported) -> std::optional<std::string> {
         return supported.front();
       };
     }},
    {"subprotocol.own-favourite",
     "When subprotocols are offered the server names its favourite, offered or not", "rfc6455-4.2.2-11",
     kSubtle,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>& supported) {
         return request.count(kProtocol) > 0 ? std::optional(supported.front()) : std::nullopt;
       };
     }},
    {"subprotocol.empty", "When none suits the reply has an empty subprotocol", "rfc6455-4.2.2-13", kPlain,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>& supported) {
         const auto picked = pick_subprotocol(request, supported);
         return picked || request.count(kProtocol) == 0 ? picked : std::optional<std::string>("");
       };
     }},
    {"subprotocol.whole-list", "The reply repeats the list of subprotocols", "rfc6455-4.3-3", kPlain,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>&) {
         return request.joined(kProtocol);
       };
     }},
    {"subprotocol.any-case", "\"CHAT\" is taken for chat and answered so", "rfc6455-11.5-1", kSubtle,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>& supported) {
         for (const std::string& offered : split_list(value_of(request, kProtocol))) {
           for (const std::string& known : supported) {
             if (same_text(offered, known)) return std::optional(known);
           }
         }
         return std::optional<std::string>();
       };
     }},
    {"subprotocol.case-lost", "The selected name is answered in upper case", "rfc6455-11.5-1", kSubtle,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>& supported) {
         auto picked = pick_subprotocol(request, supported);
         if (picked && !picked->empty() && (*picked)[0] >= 'a')
           (*picked)[0] = static_cast<char>((*picked)[0] - 32);
         return picked;
       };
     }},
    {"subprotocol.by-prefix", "An offered name that begins like a supported one counts as that one",
     "rfc6455-4.2.2-11", kSubtle,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head& request, const std::vector<std::string>& supported) {
         for (const std::string& offered : split_list(value_of(request, kProtocol))) {
           for (const std::string& known : supported) {
             if (offered.starts_with(known)) return std::optional(known);
           }
         }
         return std::optional<std::string>();
       };
     }},
    {"subprotocol.second-field-lost", "Of two subprotocol fields only the first is read", "rfc6455-11.3.4-1",
     kSubtle, [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, kProtocol); }; }},
    {"subprotocol.field-twice", "The selected subprotocol is named in two fields", "rfc6455-11.3.4-2", kPlain,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         const auto found = std::ranges::find(a.fields, kProtocol, &Field::name);
         if (found != a.fields.end()) a.fields.push_back(Field(*found));
       };
     }},
    {"subprotocol.none-selected", "A supported subprotocol is offered and not selected", "rfc6455-4.2.2-11",
     kPlain,
     [](Conduct& c) {
       c.picks_subprotocol = [](const Head&, const std::vector<std::string>&) {
         return std::optional<std::string>();
       };
     }},
};

}  // namespace

std::span<const Defect> reply_defects() {
  static const std::vector<Defect> all = join({kReplies, kSubprotocols});
  return all;
}

}  // namespace wsspec
