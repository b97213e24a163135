// SPDX-License-Identifier: Apache-2.0
// At stake: a batch counts as delivered only when the collector's key says so for this very
// request. Method: the real shipper, recorder and spool against a collector that lies in one way at
// a time.
#include "agent/shipper.h"

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "tests/agent/spool_rig.h"
#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::agent::shipper_test {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// Time that a test lets pass.
class PatientClock final : public Clock {
 public:
  ClockReading read() const override {
    auto reading = SystemClock().read();
    reading.wall = reading.wall + passed;
    reading.boot = reading.boot + passed;
    reading.awake += passed;
    return reading;
  }

  Duration passed{0};
};

enum class Lie {
  none,
  portal,         // 200 with HTML for every request to store
  portal_always,  // and for the greeting too
  foreign_key,    // receipts are signed by another key than the one announced
  replay,         // the first receipt again and again
  too_little,     // "durable" is below what was sent
  forked_head,    // another batch stands at the announced head
  busy,           // 503 with Retry-After
};

class FakeCollector {
 public:
  FakeCollector(asio::io_context& io, const Clock& clock)
      : server_(io, clock, net::ServerLimits{}, [this](const HttpRequest& request) {
          return answer(this, request);
        }) {
    const auto port = server_.listen_tcp("127.0.0.1:0", nullptr);
    EXPECT_TRUE(port);
    url = "http://127.0.0.1:" + std::to_string(*port);
  }

  static Task<HttpResponse> answer(FakeCollector* self, const HttpRequest& request) {
    co_return request.method == "GET" ? self->heads() : self->store(request);
  }

  HttpResponse heads() const {
    if (lie == Lie::portal_always) return html();
    proto::Heads heads;
    heads.collector = "fake";
    heads.public_key = key.public_key();
    for (const auto& [epoch, durable] : durable_) {
      heads.heads.push_back({epoch, durable, chain_.at(epoch)});
      if (lie == Lie::forked_head) heads.heads.back().head_hash[0] ^= 1;
    }
    HttpResponse response;
    response.headers.emplace_back("Content-Type", std::string(proto::kHeadsType));
    response.body = proto::encode_heads(heads);
    return response;
  }

  HttpResponse store(const HttpRequest& request) {
    ++posts;
    if (lie == Lie::portal || lie == Lie::portal_always) return html();
    if (lie == Lie::busy) {
      auto response = HttpResponse::problem(503, "busy");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    const auto opened = proto::open_header(as_bytes(request.body));
    EXPECT_TRUE(opened);
    if (!opened) return HttpResponse::problem(400, opened.error().message);
    const auto& h = opened->header;
    proto::Receipt receipt;
    receipt.agent = h.agent;
    receipt.epoch = h.epoch;
    receipt.batch_hash = opened->hash;
    receipt.nonce = *from_hex(*request.header("Nines-Nonce"));
    receipt.collector = "fake";
    if (h.number > durable_[h.epoch] + 1) {
      receipt.status = proto::ReceiptStatus::need_from;
      receipt.need_from = durable_[h.epoch] + 1;
      return signed_answer(409, receipt, key);
    }
    durable_[h.epoch] = std::max(durable_[h.epoch], h.last_number);
    chain_[h.epoch] = opened->chain_hash;
    bytes.push_back(request.body);
    receipt.durable = lie == Lie::too_little ? h.last_number - 1 : h.last_number;
    if (lie == Lie::replay && !first_receipt_.body.empty()) return first_receipt_;
    auto response = signed_answer(200, receipt, lie == Lie::foreign_key ? other_key : key);
    if (first_receipt_.body.empty()) first_receipt_ = response;
    return response;
  }

  void forget_from(const EpochId& epoch, std::uint64_t number, const Digest& chain) {
    durable_[epoch] = number - 1;
    chain_[epoch] = chain;
  }

  std::string url;
  Lie lie = Lie::none;
  SigningKey key = SigningKey::generate();
  SigningKey other_key = SigningKey::generate();
  int posts = 0;
  std::vector<std::string> bytes;

 private:
  static HttpResponse html() {
    auto response = HttpResponse::text(200, "<html>Please log in</html>");
    response.headers.front().second = "text/html";
    return response;
  }

  static HttpResponse signed_answer(int status,
                                    const proto::Receipt& receipt,
                                    const SigningKey& signer) {
    HttpResponse response;
    response.status = status;
    response.headers.emplace_back("Content-Type", std::string(proto::kReceiptType));
    response.body = proto::encode_receipt(receipt, signer);
    return response;
  }

  std::map<EpochId, std::uint64_t> durable_;
  std::map<EpochId, Digest> chain_;
  HttpResponse first_receipt_;
  net::HttpServer server_;
};

class ShipperTest : public testing::Test {
 protected:
  ShipperTest() : collector_(io_, clock_), rig_(64 << 20, {collector_.url}) {
    EXPECT_TRUE(rig_.open());
    recorder_ =
        std::make_unique<Recorder>(io_, clock_, *disk_, *rig_.spool, board_, RecorderPace{});
    net::ClientOptions options;
    options.url = collector_.url;
    shipper_ = std::make_unique<Shipper>(io_, clock_, labels_, *disk_, *rig_.spool, *recorder_,
                                         multi_, resolver_, options, "edge-1", 1);
  }

  ~ShipperTest() override {
    stop_.request();
    if (tasks_.size() != 0) nines::test::run(io_, tasks_.join());
  }

  void start() { tasks_.spawn("shipper", shipper_->run(stop_)); }

  void seal(int slot) { ASSERT_TRUE(rig_.record(0, slot, Outcome::up, true)); }

  template <class Condition>
  bool until(Condition condition) {
    return nines::test::run_until(io_, condition);
  }

  // By what the shipper says of itself: the spool belongs to the disk thread while it runs.
  bool delivered(std::uint64_t batches) const {
    return link().state == LinkState::ok && link().durable == batches;
  }

  bool undelivered() const { return rig_.spool->next_for(collector_.url).has_value(); }

  const LinkStatus& link() const { return shipper_->status(); }

  asio::io_context io_{1};
  SystemClock clock_;
  SlotClock labels_{clock_.read(), WallTime{0}};
  FakeCollector collector_;
  test::Rig rig_;
  std::unique_ptr<DiskThread> disk_ = std::make_unique<DiskThread>(io_);
  StatusBoard board_;
  net::CurlMulti multi_{io_};
  net::Resolver resolver_{io_, clock_};
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Shipper> shipper_;
  Stop stop_;
  TaskSet tasks_{io_};
};

TEST_F(ShipperTest, DeliversEverythingOnceAndInOrder) {
  seal(1);
  seal(2);
  start();
  ASSERT_TRUE(until([&] { return delivered(3); }));
  EXPECT_EQ(collector_.bytes.size(), 3U);  // the start, and two results
  EXPECT_EQ(link().durable, 3U);
  EXPECT_EQ(link().bad_answers, 0U);
  test::StrictCollector strict;
  for (const auto& bytes : collector_.bytes) strict.take(bytes);
  EXPECT_EQ(strict.results.size(), 2U);
}

TEST_F(ShipperTest, DoesNotBelieveAPortalThatAnswersTwoHundred) {
  collector_.lie = Lie::portal;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 2; }));
  EXPECT_TRUE(undelivered());
  EXPECT_EQ(link().state, LinkState::refused);
  collector_.lie = Lie::none;  // somebody logged in
  ASSERT_TRUE(until([&] { return delivered(1); }));
}

TEST_F(ShipperTest, SendsNothingToWhatDoesNotGreetLikeACollector) {
  collector_.lie = Lie::portal_always;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 2; }));
  EXPECT_EQ(collector_.posts, 0);
  EXPECT_TRUE(undelivered());
}

TEST_F(ShipperTest, RefusesAReceiptSignedByAnotherKey) {
  collector_.lie = Lie::foreign_key;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 1; }));
  EXPECT_EQ(link().receipts, 0U);
}

TEST_F(ShipperTest, RefusesAReceiptOfAnotherRequest) {
  seal(1);
  collector_.lie = Lie::replay;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 1; }));
  EXPECT_TRUE(undelivered());
  EXPECT_EQ(link().receipts, 1U);
}

TEST_F(ShipperTest, RefusesAReceiptThatNamesLessThanWasSent) {
  collector_.lie = Lie::too_little;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 1; }));
  EXPECT_EQ(link().receipts, 0U);
}

TEST_F(ShipperTest, StopsAtAFork) {
  start();
  ASSERT_TRUE(until([&] { return delivered(1); }));
  stop_.request();
  nines::test::run(io_, tasks_.join());
  // The same agent again, and the collector's head is no batch of ours.
  collector_.lie = Lie::forked_head;
  const auto posts = collector_.posts;
  net::ClientOptions options;
  options.url = collector_.url;
  Shipper again(io_, clock_, labels_, *disk_, *rig_.spool, *recorder_, multi_, resolver_, options,
                "edge-1", 2);
  Stop stop;
  TaskSet tasks(io_);
  tasks.spawn("shipper", again.run(stop));
  EXPECT_TRUE(until([&] { return again.status().state == LinkState::fork; }));
  EXPECT_EQ(collector_.posts, posts);
  stop.request();
  nines::test::run(io_, tasks.join());
}

TEST_F(ShipperTest, ServesACollectorThatWasRestoredFromWhereItStands) {
  seal(1);
  start();
  ASSERT_TRUE(until([&] { return delivered(2); }));
  const auto chain = rig_.spool->chain_hash_at(rig_.spool->epoch(), 1);
  ASSERT_TRUE(chain);
  collector_.forget_from(rig_.spool->epoch(), 2, *chain);
  const auto before = collector_.bytes;
  // The next batch is answered with "from 2": both are sent.
  ASSERT_TRUE(rig_.record(0, 2, Outcome::up, true));
  Stop stop;
  stop_.request();
  nines::test::run(io_, tasks_.join());
  net::ClientOptions options;
  options.url = collector_.url;
  Shipper again(io_, clock_, labels_, *disk_, *rig_.spool, *recorder_, multi_, resolver_, options,
                "edge-1", 2);
  TaskSet tasks(io_);
  tasks.spawn("shipper", again.run(stop));
  ASSERT_TRUE(until([&] { return again.status().durable == 3; }));
  ASSERT_EQ(collector_.bytes.size(), before.size() + 2);
  EXPECT_EQ(collector_.bytes[before.size()], before[1]) << "the very bytes";
  stop.request();
  nines::test::run(io_, tasks.join());
}

// Nobody listens at its collector.
class UnreachableTest : public ShipperTest {
 protected:
  UnreachableTest() {
    net::ClientOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(refusing_.port());
    lonely_ = std::make_unique<Shipper>(io_, patient_, labels_, *disk_, *rig_.spool, *recorder_,
                                        multi_, resolver_, options, "edge-1", 1);
    tasks_.spawn("shipper", lonely_->run(stop_));
  }

  ~UnreachableTest() override {
    stop_.request();
    nines::test::run(io_, tasks_.join());
  }

  // The pause that a further failure makes.
  Duration next_pause() {
    patient_.passed += minutes(5);
    lonely_->uplink_is_back();  // looks at the clock
    EXPECT_TRUE(until([&] { return left() > Duration(0); }));
    return left();
  }

  Duration left() const {
    const auto& next = lonely_->status().next_try;
    return next ? *next - patient_.wall() : Duration(0);
  }

  nines::test::RefusingPort refusing_;
  PatientClock patient_;
  std::unique_ptr<Shipper> lonely_;
};

TEST_F(UnreachableTest, TriesAgainSoonOnceTheUplinkIsBack) {
  ASSERT_TRUE(until([&] { return left() > Duration(0); }));
  auto pause = left();
  for (int failures = 0; failures < 40 && pause < minutes(1); ++failures) pause = next_pause();
  ASSERT_GE(pause, minutes(1)) << "pauses grow";
  lonely_->uplink_is_back();
  EXPECT_LE(left(), Shipper::kReturn);
  const auto soon = left();
  lonely_->uplink_is_back();
  EXPECT_LE(left(), soon) << "never later than it was";
}

TEST_F(ShipperTest, WaitsAsLongAsACollectorAsksForWhateverTheUplinkDoes) {
  collector_.lie = Lie::busy;
  start();
  ASSERT_TRUE(until([&] { return link().next_try.has_value(); }));
  const auto asked = link().next_try;
  shipper_->uplink_is_back();
  EXPECT_EQ(link().next_try, asked);
}

TEST_F(ShipperTest, StopsAtOnceWhileItWaitsToTryAgain) {
  collector_.lie = Lie::busy;
  start();
  ASSERT_TRUE(until([&] { return link().bad_answers >= 1; }));
  stop_.request();
  nines::test::run(io_, tasks_.join());
  EXPECT_TRUE(undelivered());
}

}  // namespace
}  // namespace nines::agent::shipper_test
