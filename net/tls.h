// SPDX-License-Identifier: Apache-2.0
// TLS of our own ends: the collector's server, the agent's and the command line's client. Checks
// make their own contexts in probes/. TLS 1.2 at least, and each side must show a certificate that
// the other's CA signed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nines::net {

struct TlsFiles {
  std::string ca;           // PEM bundle that the peer's certificate must chain to
  std::string certificate;  // PEM, leaf first
  std::string key;          // PEM, not encrypted
};

// Holds an SSL_CTX; made again from the files at a reload. Errors name the file and what is wrong
// with it: unreadable, not PEM, key and certificate do not fit, expired.
class TlsServerContext {
 public:
  // Clients must show a certificate signed by `files.ca`.
  static Expected<std::shared_ptr<const TlsServerContext>> load(const TlsFiles& files);
  ~TlsServerContext();

  void* ssl_ctx() const { return context_; }  // SSL_CTX*, used by net/ alone

 private:
  TlsServerContext() = default;
  void* context_ = nullptr;
};

// What a client's libcurl needs is checked once here, so that a bad file is one clear line at start
// and not a failed request later.
Expected<void> check_tls_files(const TlsFiles& files);

// The URI SANs of a PEM certificate file's leaf: "nines:agent:edge-042".
Expected<std::vector<std::string>> certificate_uris(const std::string& certificate_file);

}  // namespace nines::net
