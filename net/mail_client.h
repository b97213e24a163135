// SPDX-License-Identifier: Apache-2.0
// One mail to one server (RFC 5321), by libcurl on the loop. TLS is verified; where it is required
// and not offered, nothing is said. Addresses must hold no blank, no control byte and none of <>.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/expected.h"
#include "net/curl_multi.h"
#include "net/resolver.h"

namespace nines::net {

struct MailServer {
  bool tls = false;  // from the first byte (smtps); else STARTTLS, where `require_tls`
  bool require_tls = true;
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 0;
  std::string ca;  // file; empty: the system's
  std::string username, password;
};

struct Letter {
  std::string from;
  std::vector<std::string> to;
  std::string text;  // headers and body, lines ended by CRLF
  Duration timeout = seconds(60);
};

class MailClient {
 public:
  // All must outlive the client and what it sends.
  MailClient(const Clock& clock, CurlMulti& multi, Resolver& resolver)
      : clock_(clock), multi_(multi), resolver_(resolver) {}

  // The server took it for all recipients. An error's code is the reply (RFC 5321 section 4.2)
  // where the server gave one, else 0.
  Task<Expected<void>> send(MailServer server, Letter letter, Stop& stop);

 private:
  Task<Expected<std::string>> find(MailServer server, BootTime deadline, Stop& stop);

  const Clock& clock_;
  CurlMulti& multi_;
  Resolver& resolver_;
};

}  // namespace nines::net
