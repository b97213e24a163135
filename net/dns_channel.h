// SPDX-License-Identifier: Apache-2.0
// One c-ares channel on the loop. It asks raw questions and reads the answers itself: what c-ares
// calls "could not contact DNS servers" may be SERVFAIL, REFUSED or a dead network, and a report
// must tell these apart. Used by net/resolver.cc alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "net/resolver.h"

namespace nines::net {

enum class DnsType { a = 1, ns = 2, aaaa = 28 };

struct DnsQuestion {
  DnsType type = DnsType::a;
  std::optional<Resolution> answer;
  int refusal = 0;     // the last error code that some server answered (RFC 1035 section 4.1.1)
  bool heard = false;  // some server answered something
  BootTime asked;
  std::optional<BootTime> arrived;  // the last packet that answers it, by the kernel's stamp
  std::shared_ptr<Event> changed;
};

class DnsChannel {
 public:
  // Null where c-ares cannot start. Errors of its sockets come with the answers.
  static std::shared_ptr<DnsChannel> open(asio::io_context& io,
                                          const Clock& clock,
                                          const std::string& servers,
                                          const std::string& resolv_conf);
  ~DnsChannel();

  // The answer may be there at once; `changed` is notified when it comes.
  std::shared_ptr<DnsQuestion> send(const std::string& name,
                                    DnsType type,
                                    const std::shared_ptr<Event>& changed);
  // The answer, or what its absence means; a question without answer is counted as abandoned.
  Resolution take(const DnsQuestion& question);

  const std::vector<std::string>& search_domains() const;
  std::size_t ndots() const;

  // Packets of name servers that answered some question of ours.
  std::uint64_t heard() const;

  std::size_t abandoned = 0;

 private:
  struct Impl;
  DnsChannel() = default;
  std::shared_ptr<Impl> impl_;
};

}  // namespace nines::net
