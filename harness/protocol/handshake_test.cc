#include "protocol/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace wsspec::handshake_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

Head parse(Bytes text) {
  HeadParser parser;
  BytesView rest = text;
  EXPECT_TRUE(parser.feed(rest)) << text;
  return parser.head();
}

// A head under edit: text in, so that the faults of the grammar can be made too.
struct Draft {
  std::string start;
  std::vector<Field> fields;
  Draft& set(std::string_view name, std::string value) {
    for (Field& f : fields) {
      if (f.name == name) return f.value = std::move(value), *this;
    }
    return add(name, std::move(value));
  }
  Draft& add(std::string_view name, std::string value) {
    fields.push_back({std::string(name), std::move(value)});
    return *this;
  }
  Draft& drop(std::string_view name) {
    std::erase_if(fields, [&](const Field& f) { return f.name == name; });
    return *this;
  }
  Head head() const { return parse(render_head(start, fields)); }
};

Draft good_request() {
  return {"GET / HTTP/1.1", request_fields({.key = std::string(kKey)})};
}
Draft good_reply() {
  return {"HTTP/1.1 101 Switching Protocols",
          {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_for(kKey)}}};
}

std::vector<std::string> ids(const std::vector<Violation>& violations) {
  std::vector<std::string> out;
  for (const Violation& v : violations) out.push_back(v.requirement);
  return out;
}

// FIPS 180-4's examples.
TEST(Handshake, Sha1IsThatOfTheStandard) {
  const auto hex = [](BytesView text) {
    const auto digest = sha1(text);
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}, "");
  };
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

// RFC 4648 10, and what is encoded decodes to itself.
TEST(Handshake, Base64IsThatOfTheStandard) {
  constexpr std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                              {"f", "Zg=="},
                                                              {"fo", "Zm8="},
                                                              {"foo", "Zm9v"},
                                                              {"foob", "Zm9vYg=="},
                                                              {"fooba", "Zm9vYmE="},
                                                              {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : kVectors) EXPECT_EQ(base64_encode(plain), coded);
  std::mt19937 random(9);
  for (std::size_t size = 0; size < 100; ++size) {
    Bytes bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(Handshake, Base64RefusesWhatIsNone) {
  for (const char* bad :
       {"A", "AA", "AAA", "A===", "====", "AA=A", "=AAA", "AA==AAAA", "AA-_", "AA A", "AAAA\n"}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_EQ(base64_decode("AQIDBAUGBwgJCgsMDQ4PEC==")->size(), 16u) << "the RFC's own nonce has spare bits";
}

TEST(Handshake, ComputesTheAcceptOfTheRfc) {
  EXPECT_EQ(accept_for(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, JudgesRequests) {
  using Edit = std::function<Draft&(Draft&)>;
  struct Row {
    const char* name;
    Edit edit;
    std::vector<std::string> broken;
  };
  const auto start = [](std::string line) {
    return [line](Draft& d) -> Draft& { return d.start = line, d; };
  };
  const auto set = [](std::string n, std::string v) {
    return [=](Draft& d) -> Draft& { return d.set(n, v); };
  };
  const auto add = [](std::string n, std::string v) {
    return [=](Draft& d) -> Draft& { return d.add(n, v); };
  };
  const auto drop = [](std::string n) { return [=](Draft& d) -> Draft& { return d.drop(n); }; };
  const Row rows[] = {
      {"correct", [](Draft& d) -> Draft& { return d; }, {}},
      {"absolute form", start("GET http://127.0.0.1/ HTTP/1.1"), {}},
      {"HTTP/1.2", start("GET / HTTP/1.2"), {}},
      {"case of the values", set("Upgrade", "WebSocket"), {}},
      {"Connection as a list", set("Connection", "keep-alive,\tUPGRADE,,"), {}},
      {"Upgrade as a list", set("Upgrade", "foo, websocket"), {}},
      {"two Connection fields", add("Connection", "keep-alive"), {}},
      {"nonce with spare bits", set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEC=="), {}},
      {"offers", add("Sec-WebSocket-Protocol", "chat, superchat"), {}},
      {"extensions in two fields",
       add("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
       {}},
      {"empty body", add("Content-Length", "0"), {}},
      {"POST", start("POST / HTTP/1.1"), {"rfc6455-4.2.1-2"}},
      {"get", start("get / HTTP/1.1"), {"rfc6455-4.2.1-2"}},
      {"HTTP/1.0", start("GET / HTTP/1.0"), {"rfc6455-4.2.1-3"}},
      {"HTTP/0.9", start("GET / HTTP/0.9"), {"rfc6455-4.2.1-3"}},
      {"HTTP/2.0", start("GET / HTTP/2.0"), {""}},
      {"no version", start("GET /"), {"rfc6455-4.2.1-1"}},
      {"target *", start("GET * HTTP/1.1"), {"rfc6455-4.2.1-4"}},
      {"target of another scheme", start("GET ftp://a/ HTTP/1.1"), {"rfc6455-4.2.1-4"}},
      {"fragment", start("GET /#x HTTP/1.1"), {"rfc6455-4.2.1-4"}},
      {"no Host", drop("Host"), {"rfc6455-4.2.1-5"}},
      {"two Hosts", add("host", "127.0.0.1"), {"rfc6455-4.2.1-5"}},
      {"empty Host", set("Host", ""), {"rfc6455-4.2.1-5"}},
      {"no Upgrade", drop("Upgrade"), {"rfc6455-4.2.1-6"}},
      {"h2c", set("Upgrade", "h2c"), {"rfc6455-4.2.1-6"}},
      {"websocketx", set("Upgrade", "websocketx"), {"rfc6455-4.2.1-6"}},
      {"no Connection", drop("Connection"), {"rfc6455-4.2.1-7"}},
      {"Upgraded", set("Connection", "Upgraded"), {"rfc6455-4.2.1-7"}},
      {"no key", drop("Sec-WebSocket-Key"), {"rfc6455-4.2.1-8"}},
      {"empty key", set("Sec-WebSocket-Key", ""), {"rfc6455-4.2.1-8"}},
      {"key of 15", set("Sec-WebSocket-Key", base64_encode(Bytes(15, 'a'))), {"rfc6455-4.2.1-8"}},
      {"key of 17", set("Sec-WebSocket-Key", base64_encode(Bytes(17, 'a'))), {"rfc6455-4.2.1-8"}},
      {"key without padding", set("Sec-WebSocket-Key", std::string(kKey.substr(0, 22))), {"rfc6455-4.2.1-8"}},
      {"two keys", add("Sec-WebSocket-Key", std::string(kKey)), {"rfc6455-11.3.1-1"}},
      {"no version field", drop("Sec-WebSocket-Version"), {"rfc6455-4.2.1-9"}},
      {"version 8", set("Sec-WebSocket-Version", "8"), {"rfc6455-4.2.1-9"}},
      {"version 255", set("Sec-WebSocket-Version", "255"), {"rfc6455-4.2.1-9"}},
      {"version 256", set("Sec-WebSocket-Version", "256"), {"rfc6455-4.3-2"}},
      {"version 013", set("Sec-WebSocket-Version", "013"), {"rfc6455-4.3-2"}},
      {"version 13a", set("Sec-WebSocket-Version", "13a"), {"rfc6455-4.3-2"}},
      {"version -13", set("Sec-WebSocket-Version", "-13"), {"rfc6455-4.3-2"}},
      {"version list", set("Sec-WebSocket-Version", "13, 8"), {"rfc6455-4.3-2"}},
      {"version empty", set("Sec-WebSocket-Version", ""), {"rfc6455-4.3-2"}},
      {"two versions", add("Sec-WebSocket-Version", "13"), {"rfc6455-11.3.5-2"}},
      {"subprotocol with a blank", add("Sec-WebSocket-Protocol", "ch at"), {"rfc6455-4.1-33"}},
      {"subprotocol empty", add("Sec-WebSocket-Protocol", ""), {"rfc6455-4.1-33"}},
      {"subprotocol twice", add("Sec-WebSocket-Protocol", "a, b, a"), {"rfc6455-4.1-34"}},
      {"extension grammar", add("Sec-WebSocket-Extensions", "permessage-deflate;"), {"rfc6455-9.1-1"}},
      {"blank before the colon", add("X ", "y"), {"rfc6455-4.2.1-1"}},
      {"name is no token", add("X(", "y"), {"rfc6455-4.2.1-1"}},
      {"NUL", add("X", std::string("a\0b", 3)), {"rfc6455-4.2.1-1"}},
      {"body", add("Content-Length", "5"), {""}},
      {"chunked body", add("Transfer-Encoding", "chunked"), {""}},
  };
  for (const Row& row : rows) {
    Draft draft = good_request();
    EXPECT_EQ(ids(check_request(row.edit(draft).head())), row.broken) << row.name;
  }
}

TEST(Handshake, JudgesAClientByTheClausesThatBindIt) {
  const auto broken = [](Draft draft) { return ids(check_request_of_client(draft.head())); };
  using Ids = std::vector<std::string>;
  const auto offering = [&](const char* parameter) {
    return broken(
        good_request().set("Sec-WebSocket-Extensions", std::string("permessage-deflate; ") + parameter));
  };
  EXPECT_EQ(broken(good_request()), Ids{});
  EXPECT_EQ(broken(good_request().drop("Sec-WebSocket-Key")), Ids{"rfc6455-4.1-26"});
  EXPECT_EQ(broken(good_request().set("Sec-WebSocket-Key", "")), Ids{"rfc6455-4.1-27"});
  EXPECT_EQ(broken(good_request().set("Sec-WebSocket-Version", "013")), Ids{"rfc6455-4.1-31"});
  EXPECT_EQ(broken(good_request().set("Content-Length", "5")), Ids{"rfc6455-4.1-19"});
  EXPECT_EQ(broken(good_request().set("Sec-WebSocket-Protocol", "a, a")), Ids{"rfc6455-4.1-34"});
  EXPECT_EQ(offering("client_max_window_bits"), Ids{});
  EXPECT_EQ(offering("client_max_window_bits=16"), Ids{"rfc7692-7.1.2.2-2"});
  EXPECT_EQ(offering("server_max_window_bits=08"), Ids{"rfc7692-7.1.2.1-2"});
}

TEST(Handshake, JudgesRepliesToAPlainRequest) {
  struct Row {
    const char* name;
    std::function<void(Draft&)> edit;
    std::vector<std::string> broken;
  };
  const Row rows[] = {
      {"correct", [](Draft&) {}, {}},
      {"case", [](Draft& d) { d.set("Upgrade", "WebSocket").set("Connection", "keep-alive, upgrade"); }, {}},
      {"200", [](Draft& d) { d.start = "HTTP/1.1 200 OK"; }, {"rfc6455-4.2.2-17"}},
      {"HTTP/1.0", [](Draft& d) { d.start = "HTTP/1.0 101 x"; }, {"rfc6455-4.2.2-16"}},
      {"no status line", [](Draft& d) { d.start = "101"; }, {"rfc6455-4.2.2-16"}},
      {"no Upgrade", [](Draft& d) { d.drop("Upgrade"); }, {"rfc6455-4.2.2-18"}},
      {"Upgrade list", [](Draft& d) { d.set("Upgrade", "websocket, foo"); }, {"rfc6455-4.2.2-18"}},
      {"no Connection", [](Draft& d) { d.drop("Connection"); }, {"rfc6455-4.2.2-19"}},
      {"no accept", [](Draft& d) { d.drop("Sec-WebSocket-Accept"); }, {"rfc6455-4.2.2-20"}},
      {"wrong accept",
       [](Draft& d) { d.set("Sec-WebSocket-Accept", accept_for("x")); },
       {"rfc6455-4.2.2-20"}},
      {"accept in another case",
       [](Draft& d) { d.set("Sec-WebSocket-Accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="); },
       {"rfc6455-4.2.2-20"}},
      {"two accepts",
       [](Draft& d) { d.add("Sec-WebSocket-Accept", accept_for(kKey)); },
       {"rfc6455-11.3.3-1"}},
      {"unasked extension",
       [](Draft& d) { d.add("Sec-WebSocket-Extensions", "permessage-deflate"); },
       {"rfc6455-4.2.2-15"}},
      {"unasked subprotocol",
       [](Draft& d) { d.add("Sec-WebSocket-Protocol", "chat"); },
       {"rfc6455-4.2.2-11"}},
      {"empty subprotocol", [](Draft& d) { d.add("Sec-WebSocket-Protocol", ""); }, {"rfc6455-4.2.2-13"}},
      {"Content-Length", [](Draft& d) { d.add("Content-Length", "0"); }, {""}},
      {"folded", [](Draft& d) { d.add("X", "a\r\n b"); }, {"rfc6455-4.2.2-16"}},
      {"NUL", [](Draft& d) { d.add("X", std::string(1, '\0')); }, {"rfc6455-4.2.2-16"}},
  };
  for (const Row& row : rows) {
    Draft draft = good_reply();
    row.edit(draft);
    Reply reply;
    EXPECT_EQ(ids(check_reply(draft.head(), good_request().head(), reply)), row.broken) << row.name;
  }
}

TEST(Handshake, JudgesWhatIsGranted) {
  const Head request = good_request()
                           .add("Sec-WebSocket-Protocol", "chat")
                           .add("Sec-WebSocket-Protocol", "super")
                           .add("Sec-WebSocket-Extensions", "permessage-deflate, x-other")
                           .head();
  struct Row {
    const char *name, *field, *value;
    std::vector<std::string> broken;
  };
  const Row rows[] = {
      {"one of them", "Sec-WebSocket-Protocol", "super", {}},
      {"another case", "Sec-WebSocket-Protocol", "Chat", {"rfc6455-4.2.2-11"}},
      {"a list", "Sec-WebSocket-Protocol", "chat, super", {"rfc6455-4.3-3"}},
      {"extension", "Sec-WebSocket-Extensions", "permessage-deflate", {}},
      {"both", "Sec-WebSocket-Extensions", "x-other, permessage-deflate", {}},
      {"twice", "Sec-WebSocket-Extensions", "permessage-deflate, permessage-deflate", {"rfc7692-5-10"}},
      {"grammar", "Sec-WebSocket-Extensions", "permessage-deflate;", {"rfc6455-9.1-1"}},
      {"undefined", "Sec-WebSocket-Extensions", "permessage-deflate; x", {"rfc7692-7-5"}},
      {"unasked limit",
       "Sec-WebSocket-Extensions",
       "permessage-deflate; client_max_window_bits=10",
       {"rfc7692-7.1.2.2-6"}},
  };
  for (const Row& row : rows) {
    Reply reply;
    EXPECT_EQ(ids(check_reply(good_reply().add(row.field, row.value).head(), request, reply)), row.broken)
        << row.name;
  }
  Reply reply;
  EXPECT_THAT(check_reply(good_reply()
                              .add("Sec-WebSocket-Protocol", "super")
                              .add("Sec-WebSocket-Extensions", "x-other")
                              .add("Sec-WebSocket-Extensions", "permessage-deflate")
                              .head(),
                          request, reply),
              IsEmpty())
      << "several fields: the RFC contradicts itself";
  EXPECT_EQ(reply.subprotocol, "super");
  EXPECT_THAT(reply.extensions,
              ElementsAre(ExtensionOffer{"x-other", {}}, ExtensionOffer{"permessage-deflate", {}}));
}

}  // namespace
}  // namespace wsspec::handshake_test
