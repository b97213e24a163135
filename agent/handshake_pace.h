// SPDX-License-Identifier: Apache-2.0
// Spreads the starts of probes with a TLS handshake. A handshake is about a millisecond of
// computing: sixteen that start together lengthen each other's TLS phase tenfold, and the service
// would be shown slow for what the agent did to itself. A start waits its turn instead, and the
// wait is part of the lateness that its result tells.
#pragma once

#include "base/time.h"
#include "model/check.h"

namespace nines::agent {

bool makes_handshake(const Check& check);

class HandshakePace {
 public:
  static constexpr Duration kGap = milliseconds(1);    // between two starts
  static constexpr Duration kMost = milliseconds(10);  // nobody waits longer, whatever is queued

  // When a start that is ready at `now` has its turn: at `now`, or a little later.
  BootTime turn(BootTime now);

 private:
  BootTime free_{0};
};

}  // namespace nines::agent
