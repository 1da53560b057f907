#include "target/company.h"

#include <gtest/gtest.h>

#include "run/runner.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::company_test {
namespace {

using namespace std::chrono_literals;
using testkit::all_of, testkit::good_cases, testkit::reference_peer, testkit::Server, testkit::suite_of;

/// Ends every connection that comes while another is open.
class Jealous : public Endpoint {
 public:
  Jealous(std::unique_ptr<Endpoint> peer, std::shared_ptr<int> open)
      : peer_(std::move(peer)), open_(std::move(open)), welcome_(++*open_ == 1) {}
  ~Jealous() override { --*open_; }
  Action next(Instant now) override { return welcome_ ? peer_->next(now) : Action::close(); }
  void received(MutableBytes bytes, Instant now) override { peer_->received(bytes, now); }
  void ended(End how, Instant now) override { peer_->ended(how, now); }

 private:
  std::unique_ptr<Endpoint> peer_;
  std::shared_ptr<int> open_;
  bool welcome_;
};

Driver::Welcome jealous_peer() {
  auto world = PeerWorld::make({}).value();
  auto open = std::make_shared<int>(0);
  return [world, open] { return std::make_unique<Jealous>(std::make_unique<Peer>(world), open); };
}

bool one_at_a_time(const Address& address) {
  return serves_one_at_a_time(Dialer::prepare(address).value(), default_run_options(address).profile, 1s);
}

TEST(Company, IsToldFromTheThreeKindsOfTargets) {
  Server all(reference_peer());
  EXPECT_FALSE(one_at_a_time(all.address()));
  Server waits(reference_peer(), 0, 1);
  EXPECT_TRUE(one_at_a_time(waits.address()));
  Server refuses(jealous_peer());
  EXPECT_TRUE(one_at_a_time(refuses.address()));
  Server silent(testkit::plays({testkit::until_end(30s)}));
  EXPECT_FALSE(one_at_a_time(silent.address()));
}

struct Remarks : Observer {
  void remark(const std::string& text) override { all += text + "\n"; }
  std::string all;
};

void expect_green_one_by_one(const Address& address) {
  auto options = default_run_options(address);
  options.profile.time_scale = 0.5;
  // The slow ones would hold the only connection for longer than anybody waits for a handshake.
  const auto suite =
      suite_of(good_cases(30) + "case slow\n  tags slow\n  each n in 1 2 3\n  open\n  pause 4s\n  finish\n");
  Remarks remarks;
  const auto run = run_cases(suite, all_of(suite), options, &remarks);
  EXPECT_EQ(tally(run)[Verdict::pass], 33) << run.fatal << run.results[30].reason;
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
  EXPECT_NE(remarks.all.find("one connection at a time"), std::string::npos) << remarks.all;
}

TEST(Company, ARunGoesOnWithOneJobWhereTheSecondConnectionWaits) {
  Server server(reference_peer(), 0, 1);
  expect_green_one_by_one(server.address());
}

TEST(Company, ARunGoesOnWithOneJobWhereTheSecondConnectionIsRefused) {
  Server server(jealous_peer());
  expect_green_one_by_one(server.address());
}

}  // namespace
}  // namespace wsspec::company_test
