// What a client has to make of a reply, reply by reply.
#include "fuzzer/reply_oracle.h"

#include <gtest/gtest.h>

#include "protocol/handshake.h"

namespace wsspec::reply_oracle_test {
namespace {

using Kind = ReplyDemand::Kind;

const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";

Head request_with(std::vector<Field> extra) {
  Head head;
  head.start = "GET / HTTP/1.1";
  head.fields = request_fields({"127.0.0.1", "/", kKey, std::move(extra)});
  return head;
}

struct ReplyRow {
  const char* what;
  std::string start = "HTTP/1.1 101 Switching Protocols";
  std::vector<Field> instead{};  ///< Of the necessary ones; an empty name drops them all.
  std::vector<Field> beside{};
  Kind kind = Kind::refuse;
  std::string requirement{};
};

ReplyDemand demand(const ReplyRow& row, const Head& request) {
  std::vector<Field> fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_for(kKey)}};
  for (const Field& field : row.instead)
    for (Field& one : fields)
      if (same_text(one.name, field.name)) one.value = field.value;
  fields.insert(fields.end(), row.beside.begin(), row.beside.end());
  return demand_of_reply({}, request, render_head(row.start, fields));
}

void expect_demands(const Head& request, std::initializer_list<ReplyRow> rows) {
  for (const ReplyRow& row : rows) {
    const ReplyDemand got = demand(row, request);
    EXPECT_EQ(got.kind, row.kind) << row.what << ": " << got.what;
    if (row.kind == Kind::refuse) {
      EXPECT_EQ(got.requirement, row.requirement) << row.what;
    }
  }
}

TEST(ReplyOracle, OfStatusLineAndNecessaryFields) {
  const std::string other = accept_for("AAAAAAAAAAAAAAAAAAAAAA==");
  expect_demands(
      request_with({}),
      {{.what = "correct", .kind = Kind::take},
       {.what = "capitals",
        .instead = {{"Upgrade", "WEBSOCKET"}, {"Connection", "uPGRADE"}},
        .kind = Kind::take},
       {.what = "reason", .start = "HTTP/1.1 101 404", .kind = Kind::take},
       {.what = "no reason", .start = "HTTP/1.1 101", .kind = Kind::open},
       {.what = "version 1.0", .start = "HTTP/1.0 101 Switching", .kind = Kind::open},
       {.what = "tab", .start = "HTTP/1.1\t101 Switching", .kind = Kind::open},
       {.what = "version 2", .start = "HTTP/2.0 101 Switching", .requirement = "rfc6455-4.1-45"},
       {.what = "letter", .start = "HTTP/1.1 101x Switching", .requirement = "rfc6455-4.1-45"},
       {.what = "200", .start = "HTTP/1.1 200 OK", .requirement = "rfc6455-4.1-39"},
       {.what = "upgrade", .instead = {{"Upgrade", "h2c"}}, .requirement = "rfc6455-4.1-40"},
       {.what = "upgrade list", .instead = {{"Upgrade", "websocket, h2c"}}, .kind = Kind::open},
       {.what = "connection", .instead = {{"Connection", "close"}}, .requirement = "rfc6455-4.1-41"},
       {.what = "in a word",
        .instead = {{"Connection", "Upgrade-Insecure"}},
        .requirement = "rfc6455-4.1-41"},
       {.what = "connection list", .instead = {{"Connection", "keep-alive, Upgrade"}}, .kind = Kind::open},
       {.what = "no comma", .instead = {{"Connection", "keep-alive Upgrade"}}, .kind = Kind::open},
       {.what = "accept", .instead = {{"Sec-WebSocket-Accept", other}}, .requirement = "rfc6455-4.1-42"},
       {.what = "accept empty", .instead = {{"Sec-WebSocket-Accept", ""}}, .requirement = "rfc6455-4.1-42"},
       {.what = "one of two", .beside = {{"Sec-WebSocket-Accept", other}}, .requirement = "rfc6455-4.1-42"},
       {.what = "twice", .beside = {{"Sec-WebSocket-Accept", accept_for(kKey)}}, .kind = Kind::open},
       {.what = "length", .beside = {{"Content-Length", "0"}}, .kind = Kind::open},
       {.what = "foreign", .beside = {{"Set-Cookie", "a=b"}}, .kind = Kind::take},
       {.what = "large", .beside = {{"X-Long", std::string(5000, 'f')}}, .kind = Kind::open}});
}

TEST(ReplyOracle, OfSubprotocols) {
  const auto chosen = [](std::string value) { return std::vector<Field>{{"Sec-WebSocket-Protocol", value}}; };
  expect_demands(request_with({}),
                 {{.what = "unasked", .beside = chosen("chat"), .requirement = "rfc6455-4.1-44"},
                  {.what = "empty", .beside = chosen(""), .kind = Kind::open}});
  expect_demands(request_with({{"Sec-WebSocket-Protocol", "chat, superchat"}}),
                 {{.what = "last", .beside = chosen("superchat"), .kind = Kind::take},
                  {.what = "none", .kind = Kind::open},
                  {.what = "case", .beside = chosen("Chat"), .requirement = "rfc6455-4.1-44"},
                  {.what = "list", .beside = chosen("chat, superchat"), .requirement = "rfc6455-4.1-44"},
                  {.what = "twice", .beside = chosen("chat, chat"), .kind = Kind::open}});
}

TEST(ReplyOracle, OfExtensions) {
  const auto granted = [](std::string value) {
    return std::vector<Field>{{"Sec-WebSocket-Extensions", "permessage-deflate" + value}};
  };
  expect_demands(request_with({}),
                 {{.what = "unasked", .beside = granted(""), .requirement = "rfc6455-4.1-43"}});
  expect_demands(
      request_with({{"Sec-WebSocket-Extensions", "permessage-deflate"}}),
      {{.what = "plain", .beside = granted(""), .kind = Kind::take},
       {.what = "takeover", .beside = granted("; client_no_context_takeover"), .kind = Kind::take},
       {.what = "window", .beside = granted("; server_max_window_bits=\"10\""), .kind = Kind::take},
       {.what = "client window",
        .beside = granted("; client_max_window_bits=10"),
        .requirement = "rfc7692-7-8"},
       {.what = "unknown", .beside = granted("; foo"), .requirement = "rfc7692-7-5"},
       {.what = "value", .beside = granted("; server_max_window_bits=7"), .requirement = "rfc7692-7-6"},
       {.what = "repeated",
        .beside = granted("; server_no_context_takeover; server_no_context_takeover"),
        .requirement = "rfc7692-7-7"},
       {.what = "granted twice", .beside = granted(", permessage-deflate"), .requirement = "rfc7692-5-16"},
       {.what = "beside", .beside = granted(", foo"), .requirement = "rfc6455-4.1-43"},
       {.what = "grammar", .beside = granted(";"), .requirement = "rfc6455-9.1-1"}});
}

TEST(ReplyOracle, OnlyWhatHttpLetsWaitMayWait) {
  const Head request = request_with({});
  EXPECT_TRUE(demand({.what = "404", .start = "HTTP/1.1 404 Not Found"}, request).may_wait);
  EXPECT_TRUE(demand({.what = "letter", .start = "HTTP/1.1 101x Switching"}, request).may_wait);
  EXPECT_FALSE(demand({.what = "upgrade", .instead = {{"Upgrade", "h2c"}}}, request).may_wait);
}

TEST(ReplyOracle, AnInterimReplyAheadIsPoorToRefuse) {
  const Bytes head = render_head(
      "HTTP/1.1 101 Switching Protocols",
      {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_for(kKey)}});
  const auto got = demand_of_reply({}, request_with({}), "HTTP/1.1 100 Continue\r\n\r\n" + head);
  EXPECT_EQ(got.kind, Kind::take);
  EXPECT_EQ(got.severity, Severity::weak);
}

TEST(ReplyOracle, AGrantIsWhatTheOfferAllows) {
  const Head plain = request_with({{"Sec-WebSocket-Extensions", "permessage-deflate"}}),
             hinted = request_with(
                 {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=10"}});
  EXPECT_EQ(fitting_grant("permessage-deflate", request_with({})), "");
  EXPECT_EQ(fitting_grant("permessage-deflate; client_max_window_bits=9", plain), "permessage-deflate");
  EXPECT_EQ(fitting_grant("permessage-deflate; client_max_window_bits=9", hinted),
            "permessage-deflate; client_max_window_bits=9");
  EXPECT_EQ(fitting_grant("permessage-deflate; client_max_window_bits=12", hinted), "permessage-deflate");
}

}  // namespace
}  // namespace wsspec::reply_oracle_test
