#include "script/check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "script/parse.h"
#include "script/print.h"

namespace wsspec::check_test {
namespace {

const std::set<std::string, std::less<>> kRequirements = {"rfc6455-5.2-1", "rfc6455-5.5.1-7"};

/// The first diagnostic for a case of these steps, its line counted from the first step.
std::string complaint(std::string_view steps, std::string_view meta = "") {
  const Source source{"t", "wire 1\ncase a " + std::string("\n") + std::string(meta) +
                               (meta.empty() ? "" : "\n") + std::string(steps) + "\n"};
  const auto loaded = load({&source, 1}, &kRequirements);
  if (loaded.errors.empty()) return "";
  auto text = render(loaded.errors[0]);
  return text.substr(text.find(' ') + 1, text.find('\n') - text.find(' ') - 1);
}

Case checked(std::string_view steps) {
  const Source source{"t", "wire 1\ncase a\n" + std::string(steps) + "\n"};
  auto loaded = load({&source, 1});
  EXPECT_TRUE(loaded.errors.empty()) << render(loaded.errors[0]);
  return loaded.cases.at(0);
}

TEST(Check, PointsAtTheWord) {
  const Source source{"t.wire", "wire 1\ncase a\n  open\n  > text rsv=9 \"a\"\n  finish\n"};
  const auto loaded = load({&source, 1});
  ASSERT_EQ(loaded.errors.size(), 1U);
  EXPECT_EQ(render(loaded.errors[0]),
            "t.wire:4:10: rsv=9 is more than 7\n    > text rsv=9 \"a\"\n           ^^^^\n");
}

TEST(Check, Identity) {
  EXPECT_EQ(complaint("open\nfinish", "covers rfc6455-5.2-2"),
            "unknown requirement 'rfc6455-5.2-2'; did you mean 'rfc6455-5.2-1'?");
  EXPECT_EQ(complaint("open\nfinish", "covers rfc6455-5.2-1"), "");
  EXPECT_EQ(complaint("open\nfinish", "needs ehco"), "unknown feature 'ehco'; did you mean 'echo'?");
  EXPECT_EQ(complaint("open\nfinish", "let x = \"\"\nlet x = \"\""), "a second 'let x'");
  EXPECT_EQ(complaint("open\nfinish\ncase a\nopen\nfinish"), "a second case 'a'; the first is at t:2:1");
}

TEST(Check, TheNodesOfAServer) {
  const auto case_of =
      checked("a: open node=\"2\"\nb: open node=\"balancer\"\nact kill-2\na: > ping\na: < pong\nb: > ping");
  EXPECT_EQ(case_of.needs, (std::vector<std::string>{"nodes", "balancer", "act.kill-2", "company"}));
  EXPECT_EQ(complaint("a: open node=\"3\"\nb: open\na: > ping\na: < pong\nb: > ping"),
            "there is no such node; node=\"1\", node=\"2\" or node=\"balancer\"");
  EXPECT_EQ(complaint("a: open\nb: open\na: act kill-2\na: > ping\na: < pong\nb: > ping"),
            "'act' is about no connection; leave out the name");
  EXPECT_EQ(complaint("open\nfinish", "needs act.kill-2"), "");
}

TEST(Check, TheOperatorOfAHop) {
  const auto case_of =
      checked("near[2]: open\noperator reload\nnear[3]: open\nnear[2]: > ping\nfar[2]: < kept");
  EXPECT_EQ(case_of.needs, std::vector<std::string>{"reload"});
  EXPECT_EQ(complaint("open\noperator stop\nfinish"),
            "only a hop has an operator here; a case is about one when its lines name near and far");
  EXPECT_EQ(complaint("near: open\nnear: operator stop\nfar: < kept"),
            "'operator' is about the hop and no connection; leave out the name");
  for (const char* again :
       {"near[3]: open\nnear[3]: open\nfar: < kept", "near[3]: open\nnear[2]: open\nfar: < kept"})
    EXPECT_TRUE(complaint(again).starts_with("this would be a second connection")) << again;
}

TEST(Check, DuplicatesShowOverFiles) {
  const Source sources[] = {{"a.wire", "wire 1\ncase x\nopen\nfinish\n"},
                            {"b.wire", "wire 1\ncase x\nopen\nfinish\n"}};
  const auto loaded = load(sources);
  ASSERT_EQ(loaded.errors.size(), 1U);
  EXPECT_EQ(render(loaded.errors[0]),
            "b.wire:2:1: a second case 'x'; the first is at a.wire:2:1\n  case x\n  ^\n");
}

TEST(Check, Names) {
  EXPECT_EQ(complaint("open\n> text $bdoy\nfinish", "let body = \"\""),
            "unknown variable '$bdoy'; did you mean 'body'?");
  EXPECT_EQ(complaint("open\nrepeat 3 as i\n> text fill($i)\nend\nfinish"), "");
  EXPECT_EQ(complaint("open\nrepeat 3 as i\n> text \"a\"\nend\n> text $i\nfinish"), "unknown variable '$i'");
  EXPECT_EQ(complaint("open\n> text fill($x)\nfinish", "let x = \"3\""), "'$x' is no number");
  EXPECT_EQ(complaint("open\n> text $x\nfinish", "let x = $x"), "'let x' uses itself");
  EXPECT_EQ(complaint("open protocol=$subprotocol\nfinish"),
            "'$subprotocol' is a fact that not every target declares; add 'needs subprotocol'");
  EXPECT_EQ(complaint("open protocol=$subprotocol\nfinish", "needs subprotocol"), "");
  EXPECT_EQ(complaint("open\n> text fill($limit)\nfinish", "needs message-limit"), "");
}

TEST(Check, TimesAreSharesOfDeclaredTimes) {
  EXPECT_EQ(complaint("open\n< ping by $ping-interval*2\nfinish", "needs ping-interval"), "");
  EXPECT_EQ(complaint("open\n< ping by $ping-interval\nfinish"),
            "'$ping-interval' is a fact that not every target declares; add 'needs ping-interval'");
  EXPECT_EQ(complaint("open\nquiet $ping-intervall\nfinish"),
            "'$ping-intervall' is no time; did you mean 'ping-interval'?");
  EXPECT_EQ(complaint("open\npause $limit\nfinish", "needs message-limit"),
            "'$limit' is no time; times are declared as $handshake-timeout, $ping-interval, $ping-timeout, "
            "$idle-limit, $idle-max, $beat, $own-beat");
  EXPECT_EQ(complaint("open\neither\n< ping by 1s\nor info\npause 1s\nend"), "");
}

TEST(Check, FrameFields) {
  EXPECT_EQ(complaint("open\n> text fin=2\nfinish"), "fin=2 is more than 1");
  EXPECT_EQ(complaint("open\n> frame op=16\nfinish"), "op=16 is more than 15");
  EXPECT_EQ(complaint("open\n> text lenbits=8\nfinish"), "lenbits=8 is none of 7, 16, 64");
  EXPECT_EQ(complaint("open\n> frame \"a\"\nfinish"),
            "'frame' without 'op='; name the opcode, or a kind of frame");
  EXPECT_EQ(complaint("open\n> text op=3\nfinish"), "'text' has its own opcode; 'op=' belongs to 'frame'");
  EXPECT_EQ(complaint("open\n> text 1000 \"a\"\nfinish"),
            "a 'text' has no code; only 'close' has one; a payload is a \"string\"");
  EXPECT_EQ(complaint("open\n> close 70000\nfinish"), "70000 is no code of a Close; 0 to 65535");
  EXPECT_EQ(complaint("open\n< text mask=01020304\nfinish"),
            "the peer chooses its key; expect mask=good or mask=bad");
}

TEST(Check, Layouts) {
  EXPECT_EQ(complaint("open\n> text chop=0 \"a\"\nfinish"), "'chop=0' cuts nothing; the least is 1");
  EXPECT_EQ(complaint("open\n> bytes \"a\" split=1\nfinish"),
            "only a frame can be split; 'chop=' cuts octets");
  EXPECT_EQ(complaint("open\n> text gap=1ms \"a\"\nfinish"),
            "'gap=' needs pieces to pause between; add 'chop=' or 'split='");
  EXPECT_EQ(complaint("open\n> text split=1 len=3 \"a\"\nfinish"),
            "'split=' and 'len=' contradict each other");
  EXPECT_EQ(complaint("open\nburst\n> eof\nend\nfinish"),
            "only octets can be sent in a burst; put it after 'end'");
  EXPECT_EQ(complaint("open\nburst\n> text chop=1 \"a\"\nend\nfinish"),
            "a burst is cut as a whole; put 'chop=' and 'gap=' on the 'burst' line");
}

TEST(Check, Calls) {
  EXPECT_EQ(complaint("open\n> text fill()\nfinish"), "fill(n[,seed]) takes 1 or 2 arguments, not 0");
  EXPECT_EQ(complaint("open\n> text slice(\"a\", 1)\nfinish"), "slice(P, from, to) takes 3 arguments, not 2");
  EXPECT_EQ(complaint("open\n> text fill(\"3\")\nfinish"), "argument 1 of fill(n[,seed]) is a number");
  EXPECT_EQ(complaint("open\n> text fill(-)\nfinish"), "argument 1 of fill(n[,seed]) is not '-'");
  EXPECT_EQ(complaint("open\n> text deflate(3)\nfinish"), "argument 1 of deflate(P) is a payload");
  EXPECT_EQ(complaint("open\n> text sample(\"png\", 3)\nfinish"),
            "unknown sample \"png\"; one of json, bitmap, german, html, pdf");
  EXPECT_EQ(complaint("open\n> text fill(257M)\nfinish"), "a payload of more than 256 MiB");
  EXPECT_EQ(complaint("open\n> text \"ab\"*0xffffffffffffffff\nfinish"), "a payload of more than 256 MiB");
}

TEST(Check, Order) {
  EXPECT_EQ(complaint("> text \"a\"\nfinish"),
            "there is no connection yet; begin with 'open', 'connect' or '> request'");
  EXPECT_EQ(complaint("either\n< eof\nend"),
            "there is no connection yet; begin with 'open', 'connect' or '> request'");
  EXPECT_EQ(complaint("open\n< refused"),
            "'open' has done the handshake already; write 'connect' instead, or leave 'open' out");
  EXPECT_EQ(complaint("< upgrade"),
            "an answer is expected before anything was asked; put '> request' before it");
  EXPECT_EQ(complaint("connect\n> bytes \"GET\"\n< refused"), "");
  for (const char* first : {"finish", "mute", "> ping", "repeat 2\n< text \"a\"\nend"})
    EXPECT_EQ(complaint("open\neither\n" + std::string(first) + "\nor\n< gone\nend"),
              "a branch begins with what it awaits: a '<' line, 'quiet' or 'pause'; by this line it is found "
              "out which branch is taken");
  EXPECT_EQ(complaint("open\n> eof\n> text \"a\"\nfinish"),
            "nothing can be sent any more: our side of the connection has ended");
  constexpr const char* kSecond =
      "this would be a second connection; each has a name and is made once: 'b: open', or several as a "
      "group: "
      "'c[40]: open'";
  EXPECT_EQ(complaint("open\n> eof\nopen\n> text \"a\"\nfinish"), kSecond);
  EXPECT_EQ(complaint("open\nfinish\nopen\nfinish"), kSecond);
  EXPECT_EQ(complaint("connect\nfinish\nconnect\n> request\n< upgrade"), kSecond);
  EXPECT_EQ(complaint("> request\n< upgrade\nopen\nfinish"), kSecond);
  EXPECT_EQ(complaint("repeat 2\nopen\nend\nfinish"), kSecond);
  EXPECT_EQ(complaint("connect\nopen\nfinish"), "");
  EXPECT_EQ(
      complaint("open\nrepeat 1G\nrepeat 1G\nmute\nend\nend\nfinish"),
      "its lines would be played more than 10000000 times; the numbers of loops within each other multiply");
  EXPECT_EQ(complaint("open\nrepeat 1000\nrepeat 1000\nmute\nend\nend\nfinish"), "");
  EXPECT_EQ(complaint("open\n> text \"a\""), "the case expects nothing; add a '<' line, 'finish' or 'quiet'");
  EXPECT_EQ(complaint("open\n> reset"), "");
  for (const char* behind : {"< gone", "> ping", "finish", "pause 1s", "either\n< eof\nend"})
    EXPECT_NE(complaint("open\n> reset\n" + std::string(behind)).find("behind '> reset'"), std::string::npos)
        << behind;
}

TEST(Check, OneClientThatComesBack) {
  EXPECT_EQ(complaint("open\n> reset\nagain\nopen\n> reset\nshut 1s\nagain within 2s\nopen\nfinish"), "");
  EXPECT_EQ(complaint("open\n> reset\nrepeat 5\nagain\nopen\n> reset\nend\nnone within 1s"), "");
  EXPECT_EQ(complaint("open\n> reset\neither\nagain within 1s\nopen\nfinish\nor\nnone within 1s\nend"), "");
  EXPECT_EQ(complaint("again\nopen\nfinish"),
            "there is no connection yet; begin with 'open', 'connect' or '< request'");
  EXPECT_EQ(complaint("a: open\nb: open\na: > reset\nb: again\nb: finish"),
            "'again' is about the client and no connection; the connections of such a case have no names");
  EXPECT_EQ(complaint("open\nagain\nrepeat 2\nopen\nend\nfinish"),
            "this would be a second connection; a client makes it: wait for it with 'again'");
  EXPECT_EQ(complaint("open\nrepeat 256\nagain\nend"), "a case may have 256 connections at most");
}

TEST(Check, InfersTheTarget) {
  EXPECT_EQ(checked("> request\n< refused").target, Target::server);
  EXPECT_EQ(checked("< request\n> upgrade\nfinish").target, Target::client);
  EXPECT_EQ(checked("open\nfinish").target, std::nullopt);
  EXPECT_EQ(complaint("> request\n< request"),
            "this statement tests a client, an earlier one the other role");
  EXPECT_EQ(complaint("> request\n< upgrade", "target client"),
            "this statement tests a server, the case has 'target client'");
}

TEST(Check, InfersTheNeeds) {
  using Needs = std::vector<std::string>;
  EXPECT_EQ(checked("open\nfinish").needs, Needs{});
  EXPECT_EQ(checked("open\n> bytes \"a\"\n< gone").needs, Needs{});
  EXPECT_EQ(checked("> request set Origin \"a\"\n< upgrade\nfinish").needs, Needs{});
  for (const char* octets : {"> head \"GET / HTTP/1.1\"\n< refused", "> bytes \"GET\"\n< gone",
                             "> request chop=1\n< upgrade\nfinish",
                             "burst\n> request\n> bytes \"a\"\nend\n< gone", "> request\n< bytes \"HTTP\""})
    EXPECT_EQ(checked(octets).needs, Needs{"http1"}) << octets;
  EXPECT_EQ(checked("open\n> text \"a\"\n< text \"a\"\nfinish").needs, Needs{"echo"});
  EXPECT_EQ(checked("open\nrepeat 2\n< binary\nend\nfinish").needs, Needs{"echo"});
  EXPECT_EQ(checked("open\neither\n< fail 1002\nor\n< text \"a\"\nend").needs, Needs{"echo"});
  EXPECT_EQ(checked("open\neither\n< fail 1002\nor weak\n< text \"a\"\nend").needs, Needs{});
  EXPECT_EQ(checked("open\n> text rsv=4 deflate(\"a\")\nfinish").needs, Needs{"deflate"});
  EXPECT_EQ(
      complaint("open\n< text deflate(\"a\")\nfinish"),
      "how the peer compresses is its own choice; expect the message; it is inflated before it is compared");
}

TEST(Check, TheSameMistakeShowsOnce) {
  const Source source{"t", "wire 1\ncase a\neach n in 1 2 3\nopen\n> text op=3 fill($n)\nfinish\n"};
  EXPECT_EQ(load({&source, 1}).errors.size(), 1U);
}

/// The ids of requirements.json, found without a JSON reader: "id": "rfc6455-5.2-1".
std::set<std::string, std::less<>> ledger() {
  std::stringstream text;
  text << std::ifstream(WSSPEC_SOURCE_DIR "/cases/requirements.json").rdbuf();
  std::set<std::string, std::less<>> out;
  const auto all = text.str();
  for (auto at = all.find("\"id\""); at != std::string::npos; at = all.find("\"id\"", at + 1)) {
    const auto begin = all.find('"', all.find(':', at)) + 1;
    out.insert(all.substr(begin, all.find('"', begin) - begin));
  }
  return out;
}

TEST(Check, TheCasesAreSound) {
  std::vector<Source> sources;
  for (const auto& entry : std::filesystem::directory_iterator(WSSPEC_SOURCE_DIR "/cases")) {
    if (entry.path().extension() != ".wire") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    sources.push_back({entry.path().filename().string(), text.str()});
  }
  const auto requirements = ledger();
  const auto loaded = load(sources, requirements.empty() ? nullptr : &requirements);
  std::string errors;
  for (const auto& error : loaded.errors) errors += render(error);
  EXPECT_EQ(errors, "");
  EXPECT_GT(loaded.cases.size(), 1000U);
}

TEST(Connections, AreChecked) {
  EXPECT_EQ(complaint("a: open\nb: open\na: finish\nb: finish"), "");
  EXPECT_EQ(complaint("c[2]: open\nc: > text \"I am \" $member\nc: finish"), "");
  EXPECT_EQ(complaint("server: open\nserver: > ping\nsevrer: finish"),
            "'sevrer' is not opened; did you mean 'server'?");
  EXPECT_EQ(complaint("a: open\nb: open\nb: finish\nfinish\na: finish"),
            "on which connection?; put its name before it, as in 'a:'");
  EXPECT_EQ(complaint("a: open\na: finish\nb: open"), "'b' is opened and never used");
  EXPECT_EQ(complaint("c[2]: open\nc[2]: finish"),
            "there is no c[2]: the group has 2; they are counted from 0");
  EXPECT_EQ(complaint("a: open\na[0]: finish"), "'a' is one connection; a group is made by 'a[4]: open'");
  EXPECT_EQ(complaint("c[0]: open\nc: finish"),
            "how many connections is 'c[0]'?; a number of at least 1 stands there");
  EXPECT_EQ(complaint("c[65]: open\nc: finish"),
            "a case may have 64 connections open at most; end some ('> eof', '> reset', 'finish') before "
            "more are made");
  EXPECT_EQ(complaint("c[257]: open\nc: finish"), "a case may have 256 connections at most");
  EXPECT_EQ(complaint("a: open\na: > text \"\" $member\na: finish"), "unknown variable '$member'");
  EXPECT_EQ(complaint("a: open\nb: open\nb: > ping\neither\na: < gone\nor\nb: < gone\nend"),
            "the first lines of its branches are about different connections; which branch is taken is found "
            "out by "
            "one of them");
  EXPECT_EQ(complaint("a: open\na: finish\nb: finish\nb: open"),
            "there is no connection yet; begin with 'open', 'connect' or '> request'");
  EXPECT_EQ(
      complaint("a: open\na: > reset\na: > text \"x\"\nb: open\nb: finish"),
      "nothing can be played behind '> reset'; it ends the case; the next handshake shows whether the target "
      "still serves");
  EXPECT_EQ(complaint("a: repeat 2\na: finish\nend"),
            "'repeat' is about no connection of its own; put 'a:' before each of its lines");
  EXPECT_EQ(complaint("1a: open\nfinish"),
            "'1a' is no connection; a name as in 'b:', or one of a group as in 'c[3]:'");
  EXPECT_EQ(complaint("c[x]: open\nc: finish"),
            "'c[x]' is no connection; a name as in 'b:', or one of a group as in 'c[3]:'");
}

TEST(Connections, MakeACaseNeedCompany) {
  EXPECT_EQ(checked("a: open\nb: open\na: finish\nb: finish").needs, std::vector<std::string>{"company"});
}

TEST(Check, ASeriesHasMessagesThatDiffer) {
  EXPECT_EQ(complaint("open\n> text \"go\"\n< series \"a \" $n count=3"), "");
  EXPECT_EQ(complaint("open\n> text \"go\"\n< series \"a\" count=1"), "");
  EXPECT_EQ(
      complaint("open\n> text \"go\"\n< series \"a\" count=3"),
      "the messages of a series are all the same; write $n where their number stands, and call no 'each' n: "
      "'series \"a \" $n count=20'");
  EXPECT_EQ(complaint("open\n> text \"go\"\n< series \"\" $n count=2M"),
            "a series of more than 1000000 messages");
  EXPECT_EQ(complaint("open\n> text \"go\"\n< text \"\" $n"), "unknown variable '$n'");
}

TEST(Check, RoomsNeedFanoutAndNoEcho) {
  EXPECT_EQ(checked("c[2]: open\nc: join\nc[0]: say \"a\"\nc[1]: hear \"a\"").needs,
            std::vector<std::string>{"fanout"});
  EXPECT_EQ(checked("c[2]: open\nc: join \"x\"\nc[0]: say \"a\"\nc[1]: hear \"a\"").needs,
            (std::vector<std::string>{"fanout", "rooms"}));
  EXPECT_EQ(complaint("open\nleave\nsay \"a\"\nfinish"),
            "nothing can be sent any more: our side of the connection has ended");
}

}  // namespace
}  // namespace wsspec::check_test
