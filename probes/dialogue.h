// SPDX-License-Identifier: Apache-2.0
// The steps of a TCP check: send, expect a pattern or exact bytes, change to TLS.
//
// A pattern is searched in the bytes received since the end of the last match, whatever segments
// they came in, and exact bytes must be the next ones. Groups of the last pattern go into later
// sends as ${1} to ${9}; a group that took no part is empty.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "probes/inbox.h"
#include "probes/tools.h"

namespace re2 {
class RE2;
}

namespace nines::probes {

// The most that an unmatched answer may hold; more is tcp_too_large.
inline constexpr std::size_t kMaxDialogue = 2 << 20;
// The most that one send may grow to by what its groups hold.
inline constexpr std::size_t kMaxSent = 128 << 10;

using Groups = std::array<std::string, 10>;

// "${1}" replaced by its group, "$${" by "${"; nothing where it grows above kMaxSent.
std::optional<std::string> fill_in(const std::string& text, const Groups& groups);

class Dialogue {
 public:
  // All must outlive the dialogue.
  Dialogue(Run& run,
           Tools tools,
           const TcpSpec& spec,
           ByteStream& stream,
           TlsWitness& witness,
           ProbeResult& result);

  // Everything after the connection: TLS at once or after STARTTLS, and the steps. Phases,
  // certificate and the step that failed are left in the result.
  Task<Failure> speak();

 private:
  Task<Failure> speak_all();
  Task<Failure> one(const TcpStep& step, std::string name);
  Task<Failure> expect(const std::string& pattern, std::string name);
  Task<Failure> expect_bytes(const std::string& bytes, std::string name);
  Task<Failure> send(const std::string& text, std::string name);
  Task<Failure> handshake();
  Task<IoResult> more();
  Failure failure_of(const IoResult& io, const std::string& name) const;
  bool take_match(const re2::RE2& pattern);
  void report(bool failed);

  Run& run_;
  Tools tools_;
  const TcpSpec& spec_;
  ByteStream& stream_;
  TlsWitness& witness_;
  ProbeResult& result_;
  Inbox inbox_;
  BootTime started_;
  // Time that handshakes took within the dialogue, before and after its first byte.
  Duration tls_before_{0}, tls_after_{0};
  bool expecting_ = false;
  std::optional<IoResult> end_;  // of the stream, not told yet
  Groups groups_;
};

}  // namespace nines::probes
