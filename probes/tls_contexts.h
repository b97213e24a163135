// SPDX-License-Identifier: Apache-2.0
// TLS of checks: contexts made once per TlsSpec (a CA bundle takes 20 ms to parse), verification
// that keeps what it saw of the certificate also when it fails, and the reasons for its verdicts.
// TCP checks use a context directly; HTTP checks lend its store and key to libcurl's own context.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>

#include "base/expected.h"
#include "model/check.h"
#include "model/result.h"
#include "probes/packet_times.h"
#include "probes/run.h"

namespace nines::probes {

using SslContext = std::shared_ptr<SSL_CTX>;

// What one handshake showed. Filled by OpenSSL's callbacks while it runs.
struct TlsWitness {
  TlsDetail detail;
  bool skip_verify = false;
  int verify_error = 0;  // X509_V_ERR_…, the first one; 0 is none
  int verify_depth = 0;  // 0 is the leaf
  std::string subject;   // of the certificate that the error is about
  const Clock* clock = nullptr;
  std::optional<BootTime> started, ended;  // of the handshake; `ended` only when it succeeded
  PacketTimes* packets = nullptr;          // of the socket; null: no stamps wanted
  std::optional<BootTime> record;  // arrival of the TLS record that was read last, or before it
  std::optional<BootTime> hello, last_flight;  // kernel: first packet sent, last record of the
                                               // handshake arrived
};

// How long the handshake took: between packets where the kernel stamped them, else by the program;
// up to `now` where it has not ended.
struct HandshakeTime {
  Duration took{0};
  bool kernel = false;
};

HandshakeTime time_of(const TlsWitness& witness, BootTime started, BootTime now);

// Makes `context` verify for `host` (a name or a literal address; RFC 6125) and report to
// `witness`, which must live as long as the handshake. Answers false when OpenSSL has no memory.
bool watch(SSL_CTX* context, TlsWitness& witness, const std::string& host);
bool watch(SSL* session, TlsWitness& witness, const std::string& host);

// Why the verification recorded in `witness` fails the check; ok where it does not.
Failure verify_failure(const TlsWitness& witness, const std::string& host);

// A handshake that failed with the library's text `error`: tls_version where the other end speaks
// no version that we take, else tls_handshake.
Failure handshake_failure(const std::string& error);

// The name to ask for and to find in the certificate: "example.com." and "[::1]" lose their dress.
std::string tls_name(const TlsSpec& spec, std::string host);

// The first text of OpenSSL's error queue for people, which is emptied: "wrong version number".
std::string openssl_error();

class TlsContexts {
 public:
  // Files are read again when their size or time of change differs. An Error names the file.
  Expected<SslContext> get(const TlsSpec& spec);

  static constexpr std::size_t kLimit = 256;  // one more empties the cache; those in use live on

 private:
  std::map<std::string, SslContext> made_;
};

}  // namespace nines::probes
