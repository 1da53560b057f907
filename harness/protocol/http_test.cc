#include "protocol/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace wsspec::http_test {
namespace {

using ::testing::ElementsAre;

Head parse(BytesView bytes) {
  HeadParser parser;
  EXPECT_TRUE(parser.feed(bytes));
  EXPECT_TRUE(bytes.empty());
  return parser.head();
}

std::string describe(const HeadParser& parser) {
  const Head& h = parser.head();
  std::string out = h.start + "|";
  for (const Field& f : h.fields) out += f.name + "=" + f.value + "|";
  for (const bool flag : {h.bare_lf, h.folded, h.blank_before_colon, h.control_octet, h.malformed,
                          parser.done(), parser.too_large()}) {
    out += flag ? '1' : '0';
  }
  return out + std::to_string(h.empty_lines) + "|" + parser.raw();
}

// A second parser: splits the whole text first, so it shares neither the state machine nor the scanning.
std::vector<Field> fields_by_splitting(std::string text) {
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos; ++at) text.erase(at, 1);
  std::vector<std::string> lines;
  for (std::size_t at; (at = text.find('\n')) != std::string::npos; text.erase(0, at + 1))
    lines.push_back(text.substr(0, at));
  while (!lines.empty() && lines.front().empty()) lines.erase(lines.begin());
  std::vector<Field> fields;
  for (std::size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
    std::string line = lines[i];
    while (i + 1 < lines.size() && (lines[i + 1].starts_with(' ') || lines[i + 1].starts_with('\t'))) {
      const std::string more(trim_blanks(lines[++i]));
      line = std::string(line.erase(line.find_last_not_of(" \t") + 1)) +
             (line.ends_with(':') || more.empty() ? "" : " ") + more;
    }
    const std::size_t colon = line.find(':');
    const std::string name = line.substr(0, colon);
    fields.push_back({std::string(trim_blanks(name)),
                      colon == std::string::npos ? "" : std::string(trim_blanks(line.substr(colon + 1)))});
  }
  return fields;
}

TEST(Http, ParsesAHeadAndLeavesWhatFollows) {
  BytesView bytes = "GET / HTTP/1.1\r\nHost: a\r\nX:\t b c \r\nx:d\r\n\r\n\x81\x00";
  HeadParser parser;
  ASSERT_TRUE(parser.feed(bytes));
  EXPECT_EQ(bytes, "\x81");
  EXPECT_EQ(parser.head().start, "GET / HTTP/1.1");
  EXPECT_THAT(parser.head().fields, ElementsAre(Field{"Host", "a"}, Field{"X", "b c"}, Field{"x", "d"}));
  EXPECT_EQ(parser.head().count("X"), 2u);
  EXPECT_EQ(*parser.head().find("HOST"), "a");
  EXPECT_EQ(parser.head().find("none"), nullptr);
  EXPECT_EQ(parser.head().joined("x"), "b c, d");
  EXPECT_FALSE(parser.head().joined("none"));
  EXPECT_FALSE(parser.feed(bytes) && bytes.empty()) << "nothing is taken after the end";
}

TEST(Http, RecordsFaultsWithoutRepair) {
  struct Row {
    const char* name;
    BytesView text;
    bool Head::* flag;
  };
  const Row rows[] = {
      {"bare LF", "A\nX: y\r\n\r\n", &Head::bare_lf},
      {"bare LF at the end", "A\r\nX: y\r\n\n", &Head::bare_lf},
      {"fold", "A\r\nX: y\r\n z\r\n\r\n", &Head::folded},
      {"blank before colon", "A\r\nX : y\r\n\r\n", &Head::blank_before_colon},
      {"NUL", BytesView("A\r\nX: \0y\r\n\r\n", 12), &Head::control_octet},
      {"bare CR", "A\r\nX: y\rz\r\n\r\n", &Head::control_octet},
      {"DEL in the start line", "A\x7f\r\n\r\n", &Head::control_octet},
      {"no colon", "A\r\nX\r\n\r\n", &Head::malformed},
      {"no name", "A\r\n: y\r\n\r\n", &Head::malformed},
      {"name is no token", "A\r\nX(: y\r\n\r\n", &Head::malformed},
      {"blank inside the name", "A\r\nX Z: y\r\n\r\n", &Head::malformed},
      {"first field begins with a blank", "A\r\n X: y\r\n\r\n", &Head::malformed},
  };
  static constexpr bool Head::* kFlags[] = {&Head::bare_lf, &Head::folded, &Head::blank_before_colon,
                                            &Head::control_octet, &Head::malformed};
  for (const Row& row : rows) {
    const Head head = parse(row.text);
    for (const auto flag : kFlags) EXPECT_EQ(head.*flag, flag == row.flag) << row.name;
  }
  EXPECT_THAT(parse("A\r\nX: y\r\n\t z \r\n  \r\n w\r\n\r\n").fields, ElementsAre(Field{"X", "y z w"}));
  EXPECT_EQ(parse("\r\n\nA\r\n\r\n").empty_lines, 2u);
  EXPECT_EQ(parse("\r\nA\r\n\r\n").start, "A");
}

TEST(Http, CuttingNeverMatters) {
  std::mt19937 random(7);
  static constexpr std::string_view kPieces[] = {"\r\n", "\n",  "\r", " ",        "\t",       ":",   "X",
                                                 "abc",  ": v", ",",  "X: y\r\n", "\r\n\r\n", "\x7f"};
  for (int round = 0; round < 20000; ++round) {
    Bytes text = "GET / HTTP/1.1\r\n";
    for (unsigned n = random() % 12; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    text += "\r\n\r\n";
    const HeadLimits limits = random() % 4 == 0 ? HeadLimits{random() % 40, 3} : HeadLimits{};
    HeadParser whole(limits), pieces(limits);
    BytesView rest = text;
    whole.feed(rest);
    std::size_t taken = 0;
    for (std::size_t at = 0; at < text.size() && !pieces.done() && !pieces.too_large(); ++at) {
      BytesView one = BytesView(text).substr(at, 1);
      pieces.feed(one);
      taken += 1 - one.size();
    }
    ASSERT_EQ(describe(pieces), describe(whole)) << to_hex(text);
    ASSERT_EQ(taken, text.size() - rest.size());
    if (whole.done() && !whole.head().folded) {
      ASSERT_EQ(whole.head().fields, fields_by_splitting(text)) << to_hex(text);
    }
  }
}

TEST(Http, StopsAtTheLimits) {
  HeadParser parser({.octets = 100, .fields = 500});
  const Bytes endless(200, 'a');
  BytesView bytes = endless;
  EXPECT_FALSE(parser.feed(bytes));
  EXPECT_TRUE(parser.too_large());
  EXPECT_EQ(parser.raw().size(), 100u);
  EXPECT_EQ(bytes.size(), 100u);

  HeadParser few({.octets = 1000, .fields = 2});
  bytes = "A\r\na:\r\nb:\r\nc:\r\n\r\n";
  EXPECT_FALSE(few.feed(bytes));
  EXPECT_TRUE(few.too_large());
  EXPECT_EQ(few.head().fields.size(), 2u);
}

TEST(Http, TakesLinearTimeEvenOctetByOctet) {
  const auto seconds = [](std::size_t size) {
    HeadParser parser({.octets = 1u << 30, .fields = 1u << 30});
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < size; ++i) {
      BytesView one = "a";
      parser.feed(one);
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double small = seconds(200'000), large = seconds(3'200'000);
  EXPECT_LT(large, 16 * small * 6 + 0.5) << "sixteen times the input may take about sixteen times as long";
}

TEST(Http, FindsTokensInLists) {
  const Head head =
      parse("A\r\nConnection: keep-alive ,\tUpGrade\r\nConnection: x,,y\r\nUpgrade: websocketx\r\n\r\n");
  EXPECT_TRUE(head.has_token("connection", "upgrade"));
  EXPECT_TRUE(head.has_token("connection", "y"));
  EXPECT_TRUE(head.has_token("connection", "KEEP-ALIVE"));
  EXPECT_FALSE(head.has_token("connection", "keep"));
  EXPECT_FALSE(head.has_token("upgrade", "websocket"));
}

TEST(Http, ParsesRequestLines) {
  const auto line = parse_request_line("GET /chat?x=1 HTTP/1.1");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->method, "GET");
  EXPECT_EQ(line->target, "/chat?x=1");
  EXPECT_EQ(line->version, "HTTP/1.1");
  for (const char* bad :
       {"", "GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1", "GET / HTTP/11",
        "G(T / HTTP/1.1", " GET / HTTP/1.1", "GET / / HTTP/1.1", "GET /\ta HTTP/1.1"}) {
    EXPECT_FALSE(parse_request_line(bad)) << bad;
  }
}

TEST(Http, ParsesStatusLines) {
  const auto line = parse_status_line("HTTP/1.1 101 Switching Protocols");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->status, 101);
  EXPECT_EQ(line->reason, "Switching Protocols");
  EXPECT_EQ(parse_status_line("HTTP/1.0 999")->status, 999);
  EXPECT_EQ(parse_status_line("HTTP/1.1 200 ")->reason, "");
  for (const char* bad : {"", "HTTP/1.1", "HTTP/1.1 99", "HTTP/1.1 1010", "HTTP/1.1 099 x", "HTTP/1.1  101",
                          "HTTP/1.1 1x1 x", "ICY 200 OK", "HTTP/1.1\t101 x"}) {
    EXPECT_FALSE(parse_status_line(bad)) << bad;
  }
}

TEST(Http, TellsHowABodyEnds) {
  using Kind = BodyLength::Kind;
  struct Row {
    const char* fields;
    int status;
    Kind kind;
    std::uint64_t octets;
  };
  const Row rows[] = {
      {"Content-Length: 5\r\n", 200, Kind::counted, 5},
      {"Content-Length: 5\r\n", 101, Kind::none, 0},
      {"Content-Length: 5\r\n", 204, Kind::none, 0},
      {"Content-Length: 5, 5\r\n", 400, Kind::counted, 5},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400, Kind::until_end, 0},
      {"Content-Length: -5\r\n", 400, Kind::until_end, 0},
      {"Content-Length: 99999999999999999999\r\n", 400, Kind::until_end, 0},
      {"Transfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\n", 400, Kind::chunked, 0},
      {"Transfer-Encoding: chunked, gzip\r\n", 400, Kind::until_end, 0},
      {"", 400, Kind::until_end, 0},
  };
  for (const Row& row : rows) {
    const Bytes text = std::string("A\r\n") + row.fields + "\r\n";
    const BodyLength length = response_body(parse(text), row.status);
    EXPECT_EQ(length.kind, row.kind) << row.fields;
    EXPECT_EQ(length.octets, row.octets) << row.fields;
  }
  EXPECT_EQ(response_body(parse("A\r\nContent-Length: 5\r\n\r\n"), 200, true).kind, Kind::none);
}

TEST(Http, RendersWhatItParses) {
  const Bytes text = render_head("GET / HTTP/1.1", {{"Host", "a"}, {"X", ""}});
  EXPECT_EQ(text, "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");
  EXPECT_THAT(parse(text).fields, ElementsAre(Field{"Host", "a"}, Field{"X", ""}));
}

TEST(Http, KnowsTokens) {
  static constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={} \t";
  for (int c = 0; c < 256; ++c) {
    const bool expected =
        c > 0x20 && c < 0x7f && kSeparators.find(static_cast<char>(c)) == std::string_view::npos;
    EXPECT_EQ(is_token(std::string(1, static_cast<char>(c))), expected) << c;
  }
  EXPECT_FALSE(is_token(""));
}

}  // namespace
}  // namespace wsspec::http_test
