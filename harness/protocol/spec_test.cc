#include "protocol/spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace wsspec::spec_test {
namespace {

TEST(Spec, NamesAreSortedAndNoneIsTheBeginningOfAnother) {
  EXPECT_TRUE(std::ranges::is_sorted(specs(), {}, &Spec::name));
  for (const Spec& one : specs())
    for (const Spec& other : specs())
      EXPECT_TRUE(&one == &other || (one.name != other.name && one.title != other.title &&
                                     !other.name.starts_with(std::string(one.name) + "-")))
          << one.name << ' ' << other.name;
}

TEST(Spec, AnRfcHasItsNumberEverywhere) {
  for (const Spec& one : specs()) {
    if (!one.name.starts_with("rfc")) continue;
    EXPECT_EQ(one.title, "RFC " + std::string(one.name.substr(3)));
    EXPECT_TRUE(one.page.ends_with("/rfc/" + std::string(one.name))) << one.page;
  }
}

TEST(Spec, ClausesAndLinks) {
  EXPECT_EQ(clause_text("rfc6455", "5.5.1"), "RFC 6455 section 5.5.1");
  EXPECT_EQ(clause_text("rfc6455", ""), "RFC 6455");
  EXPECT_EQ(clause_text("stomp-1.2", "Heart-beating"), "STOMP 1.2 section Heart-beating");
  EXPECT_EQ(clause_text("declared", "ping_interval"), "declared fact ping_interval");
  EXPECT_EQ(section_link("declared", "ping_interval"), "");
  EXPECT_EQ(section_link("rfc6455", "5.5.1"), "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1");
  EXPECT_EQ(section_link("rfc8446", "D.2"), "https://www.rfc-editor.org/rfc/rfc8446#appendix-D.2");
  EXPECT_EQ(section_link("rfc6455", ""), "https://www.rfc-editor.org/rfc/rfc6455");
  EXPECT_EQ(section_link("stomp-1.2", "Heart-beating"),
            "https://stomp.github.io/stomp-specification-1.2.html#Heart-beating");
  EXPECT_EQ(section_link("whatwg", "websocket-protocol"),
            "https://websockets.spec.whatwg.org/#websocket-protocol");
}

TEST(Spec, OfALaterVersionTheNameIsShownAndNoLinkMadeUp) {
  EXPECT_EQ(clause_text("mqtt-5", "3.1"), "mqtt-5 section 3.1");
  EXPECT_EQ(section_link("mqtt-5", "3.1"), "");
}

TEST(Spec, IdsInTheirEarlierFormAreRead) {
  EXPECT_EQ(current_id("6455-5.2-3"), "rfc6455-5.2-3");
  EXPECT_EQ(current_id("7692-7.2.3.4-1"), "rfc7692-7.2.3.4-1");
  for (const char* same : {"", "-", "6455", "6455-", "6455-x", "1234-5-6", "rfc6455-5.2-3", "frame.rsv",
                           "6.4.3", "stomp-1.2-Heart-beating-12", "whatwg-5-1"})
    EXPECT_EQ(current_id(same), same);
}

TEST(Spec, PartsOfAnId) {
  const auto parts = [](std::string_view id) {
    const auto parsed = parse_requirement_id(id);
    if (!parsed) return std::string("none");
    return std::string(parsed->spec->name) + " | " + std::string(parsed->section) + " | " +
           std::string(parsed->number);
  };
  EXPECT_EQ(parts("rfc6455-5.5.1-7"), "rfc6455 | 5.5.1 | 7");
  EXPECT_EQ(parts("stomp-1.2-Heart-beating-12"), "stomp-1.2 | Heart-beating | 12");
  for (const char* other : {"", "rfc6455", "rfc6455-", "rfc6455-5", "rfc6455-5.2-", "rfc6455--1",
                            "rfc6455-5.2-x", "rfc64551-5.2-3", "frame.rsv-5-3", "stomp-5-3"})
    EXPECT_EQ(parts(other), "none") << other;
}

}  // namespace
}  // namespace wsspec::spec_test
