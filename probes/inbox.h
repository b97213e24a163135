// SPDX-License-Identifier: Apache-2.0
// What came over a stream and was not used yet, in one buffer, whatever segments it came in. A
// dialogue's patterns, its exact bytes and the answers to STARTTLS are all taken from here, so that
// nothing is lost between them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/byte_stream.h"

namespace nines::probes {

class Inbox {
 public:
  // All must outlive the inbox.
  Inbox(Run& run, ByteStream& stream) : run_(run), stream_(stream), buffer_(kPiece) {}

  // At least one more byte, or why not. Ends by the run's deadline.
  Task<IoResult> more();

  // More lies in the kernel or in OpenSSL and can be read at once.
  bool has_more() { return stream_.readable(); }

  // All of `bytes`, which must outlive the call.
  Task<IoResult> send(std::string_view bytes);

  const std::string& bytes() const { return bytes_; }

  void use(std::size_t count) { bytes_.erase(0, count); }

  void forget() { bytes_.clear(); }

  bool has_sent() const { return has_sent_; }

  // The first and the last arrival of the whole conversation, and whether the kernel timed them.
  std::optional<BootTime> first_byte() const { return first_byte_; }

  std::optional<BootTime> last_byte() const { return last_byte_; }

  // When what was sent before the first arrival left, where the kernel says so.
  std::optional<BootTime> asked() const { return asked_; }

 private:
  static constexpr std::size_t kPiece = 16 << 10;

  Run& run_;
  ByteStream& stream_;
  std::vector<char> buffer_;
  std::string bytes_;
  bool has_sent_ = false;
  std::optional<BootTime> first_byte_, last_byte_, asked_;
};

// The part of an answer that a reason quotes.
std::string excerpt(std::string_view received);

}  // namespace nines::probes
