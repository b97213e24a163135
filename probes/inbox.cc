// SPDX-License-Identifier: Apache-2.0
#include "probes/inbox.h"

#include <utility>

namespace nines::probes {

Task<IoResult> Inbox::more() {
  auto read = stream_.read_some(buffer_);
  auto result = co_await std::move(read);
  if (result.status != IoStatus::ok) co_return result;
  last_byte_ = stream_.arrived().value_or(run_.clock.boot());
  if (!first_byte_) {
    first_byte_ = last_byte_;
    if (has_sent_) asked_ = stream_.sent();
  }
  bytes_.append(buffer_.data(), result.bytes);
  co_return result;
}

Task<IoResult> Inbox::send(std::string_view bytes) {
  has_sent_ = true;
  auto write = stream_.write_all(bytes);
  auto result = co_await std::move(write);
  co_return result;
}

std::string excerpt(std::string_view received) {
  constexpr std::size_t kShown = 60;
  if (received.empty()) return "nothing";
  return "\"" + std::string(received.substr(0, kShown)) + (received.size() > kShown ? "…\"" : "\"");
}

}  // namespace nines::probes
