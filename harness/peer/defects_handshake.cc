// Defects in reading the opening handshake (RFC 6455 4.2.1, RFC 9112) and in what is made of Origin and the
// path.
//
// Most are written as a misreading: the request is changed as the faulty server sees it, then judged rightly.
#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/reply.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kKey = "Sec-WebSocket-Key", kVersion = "Sec-WebSocket-Version";
constexpr std::string_view kAnyKey = "AAAAAAAAAAAAAAAAAAAAAA==";

void make_refused(Head& h) {
  drop(h.fields, "Upgrade"), drop(h.fields, kKey);
}

// A body that nobody announces is taken for frames.
void forget_body(Head& h) {
  drop(h.fields, "Content-Length"), drop(h.fields, "Transfer-Encoding");
}

bool any_field(const Head& h, bool (*holds)(const Field& f)) {
  return std::ranges::any_of(h.fields, holds);
}

std::size_t position(const Head& h, std::string_view name) {
  const auto at = std::ranges::find_if(h.fields, [&](const Field& f) { return same_text(f.name, name); });
  return static_cast<std::size_t>(at - h.fields.begin());
}

// The line of `raw` that begins with `name:`, without its line end.
BytesView raw_line(BytesView raw, std::string_view name) {
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = std::min(raw.find('\n', at), raw.size());
    BytesView line = raw.substr(at, end - at);
    if (line.size() > name.size() && same_text(line.substr(0, name.size()), name)) return line;
    at = end + 1;
  }
  return {};
}

const Defect kRequestLine[] = {
    {"handshake.accepts-post", "POST opens a WebSocket", "rfc6455-4.2.1-2", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.start.starts_with("POST ")) set_method(h, "GET");
       };
     }},
    {"handshake.accepts-any-method", "The method is not looked at", "rfc6455-4.2.1-2", kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { set_method(h, "GET"); }; }},
    {"handshake.method-in-any-case", "\"get\" is taken for GET", "rfc6455-4.2.1-2", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (same_text(h.start.substr(0, 4), "get ")) set_method(h, "GET");
       };
     }},
    {"handshake.method-by-prefix", "A method that begins with GET is taken for GET", "rfc6455-4.2.1-2",
     kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.start.starts_with("GET")) set_method(h, "GET");
       };
     }},
    {"handshake.accepts-http-1.0", "HTTP/1.0 opens a WebSocket", "rfc6455-4.2.1-3", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.start.ends_with(" HTTP/1.0")) set_version(h, "HTTP/1.1");
       };
     }},
    {"handshake.accepts-any-http-version", "The HTTP version is not looked at", "rfc6455-4.2.1-3", kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { set_version(h, "HTTP/1.1"); }; }},
    {"handshake.http-name-in-any-case", "\"http/1.1\" is taken for HTTP/1.1", "rfc6455-4.2.1-3", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (lower(h.start).ends_with(" http/1.1")) set_version(h, "HTTP/1.1");
       };
     }},
    {"handshake.absolute-form-refused", "A target in absolute form is refused", "rfc6455-4.2.1-4", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.start.starts_with("GET http")) make_refused(h);
       };
     }},
    {"handshake.query-refused", "A target with a query is refused", "rfc6455-4.2.1-4", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (contains(h.start, "?")) make_refused(h);
       };
     }},
};

const Defect kRequiredFields[] = {
    {"handshake.no-host-accepted", "Host may be missing", "rfc6455-4.2.1-5", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Host") == 0) set(h.fields, "Host", "localhost");
       };
     }},
    {"handshake.two-hosts-accepted", "Of two Host fields the first counts", "rfc6455-4.2.1-5", kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, "Host"); }; }},
    {"handshake.empty-host-accepted", "Host may be empty", "rfc6455-4.2.1-5", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Host") == 1 && h.find("Host")->empty()) set(h.fields, "Host", "localhost");
       };
     }},
    {"handshake.no-upgrade-accepted", "Upgrade may be missing", "rfc6455-4.2.1-6", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Upgrade") == 0) set(h.fields, "Upgrade", "websocket");
       };
     }},
    {"handshake.upgrade-unread", "Any value of Upgrade will do", "rfc6455-4.2.1-6", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Upgrade") > 0) set(h.fields, "Upgrade", "websocket");
       };
     }},
    {"handshake.upgrade-by-substring", "\"websocketx\" is taken for websocket", "rfc6455-4.2.1-6", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (contains(lower(value_of(h, "Upgrade")), "websocket")) set(h.fields, "Upgrade", "websocket");
       };
     }},
    {"handshake.upgrade-case-sensitive", "\"WebSocket\" in Upgrade is refused", "rfc6455-4.2.1-6", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (!contains(value_of(h, "Upgrade"), "websocket")) make_refused(h);
       };
     }},
    {"handshake.no-connection-accepted", "Connection may be missing", "rfc6455-4.2.1-7", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Connection") == 0) set(h.fields, "Connection", "Upgrade");
       };
     }},
    {"handshake.connection-unread", "Any value of Connection will do", "rfc6455-4.2.1-7", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Connection") > 0) set(h.fields, "Connection", "Upgrade");
       };
     }},
    {"handshake.connection-by-substring", "\"Upgraded\" is taken for Upgrade", "rfc6455-4.2.1-7", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (contains(lower(value_of(h, "Connection")), "upgrade")) set(h.fields, "Connection", "Upgrade");
       };
     }},
    {"handshake.connection-case-sensitive", "\"UPGRADE\" in Connection is refused", "rfc6455-4.2.1-7", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (!contains(value_of(h, "Connection"), "pgrade")) make_refused(h);
       };
     }},
    {"handshake.connection-list-unread", "Connection must be Upgrade alone, not a list", "rfc6455-4.2.1-7",
     kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (contains(value_of(h, "Connection"), ",")) make_refused(h);
       };
     }},
    {"handshake.connection-second-field-lost", "Of several Connection fields only the first is read",
     "rfc6455-4.2.1-7", kSubtle,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, "Connection"); }; }},
    {"handshake.connection-list-needs-blank", "A list in Connection is split at comma and blank only",
     "rfc6455-4.2.1-7", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string value = value_of(h, "Connection");
         const std::size_t comma = value.find(',');
         if (comma != value.npos && comma + 1 < value.size() && value[comma + 1] != ' ') make_refused(h);
       };
     }},
    {"handshake.no-key-accepted", "Sec-WebSocket-Key may be missing", "rfc6455-4.2.1-8", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count(kKey) == 0) set(h.fields, kKey, kAnyKey);
       };
     }},
    {"handshake.empty-key-accepted", "Sec-WebSocket-Key may be empty", "rfc6455-4.2.1-8", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count(kKey) == 1 && h.find(kKey)->empty()) set(h.fields, kKey, kAnyKey);
       };
     }},
    {"handshake.key-size-unchecked", "A key of any number of octets will do if it is base64",
     "rfc6455-4.2.1-8", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string key = value_of(h, kKey);
         if (!key.empty() && base64_decode(key)) set(h.fields, kKey, kAnyKey);
       };
     }},
    {"handshake.key-alphabet-unchecked", "Any 24 characters are taken for a key", "rfc6455-4.2.1-8", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (value_of(h, kKey).size() == 24) set(h.fields, kKey, kAnyKey);
       };
     }},
    {"handshake.key-padding-unchecked", "A key without its padding is taken", "rfc6455-4.2.1-8", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (value_of(h, kKey).size() == 22) set(h.fields, kKey, kAnyKey);
       };
     }},
    {"handshake.key-twice-accepted", "Of two keys the first counts", "rfc6455-4.2.1-1", kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, kKey); }; }},
    {"handshake.no-version-accepted", "Sec-WebSocket-Version may be missing", "rfc6455-4.2.1-9", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count(kVersion) == 0) set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-unread", "Any version will do", "rfc6455-4.2.1-9", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count(kVersion) > 0) set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-at-least", "Versions above 13 are taken as well", "rfc6455-4.2.1-9", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string version = value_of(h, kVersion);
         if (version.size() > 2 || (version.size() == 2 && version > "13")) set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-by-prefix", "\"13a\" is taken for 13", "rfc6455-4.3-2", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (value_of(h, kVersion).starts_with("13")) set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-leading-zero", "\"013\" is taken for 13", "rfc6455-4.3-2", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         std::string version = value_of(h, kVersion);
         version.erase(0, version.find_first_not_of('0'));
         if (version == "13") set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-sign", "\"+13\" and \"-13\" are taken for 13", "rfc6455-4.3-2", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string version = value_of(h, kVersion);
         if (version == "-13" || version == "+13") set(h.fields, kVersion, "13");
       };
     }},
    {"handshake.version-list", "A list of versions with 13 in it is taken", "rfc6455-4.3-2", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         for (const std::string& version : split_list(value_of(h, kVersion))) {
           if (version == "13") return set(h.fields, kVersion, "13");
         }
       };
     }},
};

const Defect kFieldLines[] = {
    {"handshake.names-case-sensitive", "Field names must be written as in the RFC", "rfc6455-4.1-46", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         std::erase_if(h.fields, [](const Field& f) { return same_text(f.name, kKey) && f.name != kKey; });
       };
     }},
    {"handshake.host-must-be-first", "Host must be the first field", "rfc6455-4.2.1-13", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (position(h, "Host") != 0) make_refused(h);
       };
     }},
    {"handshake.key-before-version", "The version must follow the key", "rfc6455-4.2.1-13", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (position(h, kVersion) < position(h, kKey)) make_refused(h);
       };
     }},
    {"handshake.cookies-refused", "A request with cookies is refused", "rfc6455-4.2.1-12", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Cookie") > 0) make_refused(h);
       };
     }},
    {"handshake.at-most-20-fields", "More than 20 fields are refused", "rfc6455-4.2.1-12", kSubtle,
     [](Conduct& c) { c.most_fields = 20; }},
    {"handshake.values-up-to-64-octets", "A field with a longer value ends the head", "rfc6455-4.2.1-12",
     kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (any_field(h, [](const Field& f) { return f.value.size() > 64; })) make_refused(h);
       };
     }},
    {"handshake.origin-needed", "A request without Origin is refused", "rfc6455-4.2.1-11", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Origin") == 0) make_refused(h);
       };
     }},
    {"handshake.extensions-needed", "A request that offers no extension is refused", "rfc6455-4.2.1-11",
     kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.count("Sec-WebSocket-Extensions") == 0) make_refused(h);
       };
     }},
    {"handshake.blanks-kept", "Blanks around the key enter its value", "rfc6455-4.2.2-20", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView raw) {
         BytesView line = raw_line(raw, "Sec-WebSocket-Key:");
         line.remove_suffix(line.ends_with('\r') ? 1 : 0);
         if (line.ends_with(' ') || line.ends_with('\t')) set(h.fields, kKey, value_of(h, kKey) + " ");
       };
     }},
    {"handshake.blank-after-colon-needed", "A colon without a blank behind it is refused", "rfc6455-4.2.1-1",
     kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView raw) {
         const BytesView line = raw_line(raw, "Sec-WebSocket-Key:");
         if (line.size() > 18 && line[18] != ' ') make_refused(h);
       };
     }},
    {"handshake.blank-before-colon-accepted", "A blank before a colon is passed over", "rfc6455-4.2.1-1",
     kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { h.blank_before_colon = h.malformed = false; }; }},
    {"handshake.control-octets-accepted", "NUL and other control octets in a field are passed over",
     "rfc6455-4.2.1-1", kSubtle,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { h.control_octet = false; }; }},
    {"handshake.malformed-lines-accepted", "Lines without a colon are passed over", "rfc6455-4.2.1-1", kPlain,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { h.malformed = false; }; }},
    {"handshake.content-length-ignored", "A body is not read, and its octets are taken for frames",
     "rfc6455-4.2.1-1", kPlain, [](Conduct& c) { c.misreads = [](Head& h, BytesView) { forget_body(h); }; }},
    {"handshake.chunked-ignored", "A chunked body is not read, and its octets are taken for frames",
     "rfc6455-4.2.1-1", kSubtle,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { drop(h.fields, "Transfer-Encoding"); }; }},
};

const Defect kReading[] = {
    {"handshake.split-head-lost", "A head in more than one segment is never answered", "rfc6455-4.2.2-1",
     kPlain,
     [](Conduct& c) {
       c.mishears = [](MutableBytes chunk, Situation& s) {
         return !s.open && s.chunks > 1 ? chunk.first(0) : chunk;
       };
     }},
    {"handshake.split-line-end-lost", "A segment that begins between CR and LF loses the LF",
     "rfc6455-4.2.2-1", kSubtle,
     [](Conduct& c) {
       c.mishears = [](MutableBytes chunk, Situation& s) {
         const bool between = !s.open && s.memo == '\r' && !chunk.empty() && chunk[0] == '\n';
         if (!chunk.empty()) s.memo = octet(chunk.back());
         return between ? chunk.subspan(1) : chunk;
       };
     }},
    {"handshake.at-most-40-segments", "A head in more than 40 segments is never answered", "rfc6455-4.2.2-1",
     kSubtle,
     [](Conduct& c) {
       c.mishears = [](MutableBytes chunk, Situation& s) {
         return !s.open && s.chunks > 40 ? chunk.first(0) : chunk;
       };
     }},
    {"handshake.pipelined-request-answered", "A second request behind the handshake gets an HTTP answer",
     "rfc6455-6.2-1", kSubtle, [](Conduct& c) { c.answers_pipelined_request = true; }},
    {"handshake.endless-head-read", "A head without an end is read for ever", "rfc6455-10.4-1", kPlain,
     [](Conduct& c) { c.unlimited_head = true; }},
    {"handshake.never-times-out", "A client that says nothing is waited for for ever", "rfc6455-10.1-1",
     kPlain, [](Conduct& c) { c.never_times_out = true; }, "handshake_timeout"},
    {"handshake.bad-request-unanswered", "A bad request is neither answered nor dropped", "rfc6455-4.2.1-1",
     kPlain,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (!a.accepted) a.silent = a.stays_open = true;
       };
     }},
    {"handshake.open-after-refusal", "The connection stays open behind a refusal and serves nothing",
     "rfc6455-7.2.2-1", kPlain,
     [](Conduct& c) { c.misanswers = [](Answer& a, const Head&) { a.stays_open = !a.accepted; }; }},
    {"handshake.frames-after-refusal", "Frames are served behind a refusal", "rfc6455-4.2.1-1", kSubtle,
     [](Conduct& c) { c.misanswers = [](Answer& a, const Head&) { a.accepted = true; }; }},
    {"handshake.served-behind-close", "Behind a refusal with 'Connection: close' the next request is served",
     "rfc6455-7.2.2-1", kSubtle,
     [](Conduct& c) { c.misanswers = [](Answer& a, const Head&) { a.serves_next = !a.accepted; }; }},
    {"handshake.fields-behind-64th-lost", "What stands behind the 64th field of a head is lost",
     "rfc6455-4.2.1-12", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         if (h.fields.size() > 64) h.fields.resize(64);
       };
     }},
    {"handshake.missing-path-served", "A path that does not exist is served", "rfc6455-4.2.2-10", kPlain,
     [](Conduct& c) { c.serves_every_path = true; }, "paths"},
};

}  // namespace

std::span<const Defect> handshake_defects() {
  static const std::vector<Defect> all = join({kRequestLine, kRequiredFields, kFieldLines, kReading});
  return all;
}

}  // namespace wsspec
