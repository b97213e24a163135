// SPDX-License-Identifier: Apache-2.0
// Brings the spool's batches to one collector, in order, one in flight. A receipt counts only when
// the collector's key signed it for this very request; anything else, a captive portal's 200
// included, leaves the batch where it is. Sending again is always safe.
#pragma once

#include <string>

#include "agent/recorder.h"
#include "agent/slot_clock.h"
#include "agent/spool.h"
#include "base/async.h"
#include "base/random.h"
#include "net/http_client.h"

namespace nines::agent {

enum class LinkState { connecting, ok, unreachable, refused, fork };

std::string_view name(LinkState state);

struct LinkStatus {
  std::string url;
  LinkState state = LinkState::connecting;
  WallTime since;
  std::string message;                   // why it is not ok; empty otherwise
  std::optional<WallTime> last_receipt;  // by our clock
  std::uint64_t durable = 0;             // last batch of the current epoch that it has
  std::optional<WallTime> next_try;      // while it pauses after a failure
  std::uint64_t sent = 0, receipts = 0, bad_answers = 0;
  std::string collector;                // its name
  std::optional<Duration> clock_ahead;  // ours against its, at the last exchange
};

class Shipper {
 public:
  // All must outlive the shipper. `agent` is the name in the request path.
  Shipper(asio::io_context& io,
          const Clock& clock,
          const SlotClock& labels,
          DiskThread& disk,
          Spool& spool,
          Recorder& recorder,
          net::CurlMulti& multi,
          net::Resolver& resolver,
          net::ClientOptions options,
          std::string agent,
          std::uint64_t seed);

  Task<void> run(Stop& stop);

  // Returns when the collector has everything, or could not be reached at the first try, or at the
  // deadline. For the drain at the end.
  Task<void> drain(BootTime deadline);

  // A pause for want of an answer is of no use once the network is there again: it ends soon, at a
  // moment drawn from kReturn, since a whole site comes back together.
  void uplink_is_back();

  static constexpr Duration kReturn = seconds(10);

  const LinkStatus& status() const { return status_; }

 private:
  struct Answer {
    std::optional<proto::Receipt> receipt;
    std::optional<Duration> retry_after;
  };

  Task<bool> greet(Stop& stop);
  Task<bool> send_next(Stop& stop, bool& sent);
  Task<bool> accept(const Deliverable& batch, const proto::Receipt& receipt);
  void measure_clock(const proto::Receipt& receipt, BootTime sent, BootTime received);
  void set_state(LinkState state, std::string message);
  Duration back_off();
  Task<void> rest(Duration pause, Stop& stop);

  asio::io_context& io_;
  const Clock& clock_;
  const SlotClock& labels_;
  DiskThread& disk_;
  Spool& spool_;
  Recorder& recorder_;
  std::string agent_;
  std::string url_;
  net::HttpClient client_;
  Random random_;
  Event work_;      // a batch was sealed
  Event progress_;  // for drain()
  Event rested_;    // the end of a pause has changed
  BootTime rests_until_{};
  LinkStatus status_;
  std::optional<PublicKey> receipt_key_;
  bool greeted_ = false;
  bool idle_ = false;  // everything is delivered
  int failures_ = 0;
  Duration retry_after_{0};
};

}  // namespace nines::agent
