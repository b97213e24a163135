// SPDX-License-Identifier: Apache-2.0
// One attempt to deliver, by whatever a channel is: HTTP, Alertmanager, mail, a program. Runs on
// the loop and waits for nothing but the other side, at most as long as the channel's `timeout`.
#pragma once

#include <memory>
#include <string>

#include "alerts/book.h"
#include "alerts/settings.h"
#include "base/async.h"

namespace nines::alerts {

inline constexpr std::size_t kMaxProgramOutput = 64 << 10;
inline constexpr std::uint64_t kProgramMemory = std::uint64_t{1} << 30;  // of address space

class Channels {
 public:
  // Both must outlive it, and it every attempt.
  Channels(asio::io_context& io, const Clock& clock);
  ~Channels();

  // Of a message (alerts/message.h); to Alertmanager the list that alertmanager_json() made.
  Task<Sent> send(Channel channel, std::string message, Stop& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nines::alerts
