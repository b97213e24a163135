// SPDX-License-Identifier: Apache-2.0
// Certificates made in a test: a CA, and leaves for servers and clients with what a test wants to
// be wrong about them.
#pragma once

#include <string>
#include <vector>

namespace nines::test {

struct Leaf {
  std::string name = "leaf";     // common name, and the stem of the file names
  std::vector<std::string> dns;  // subject alternative names
  std::vector<std::string> ips;
  std::vector<std::string> uris;
  long valid_from_s = -3600;  // seconds from now
  long valid_to_s = 3600;
  bool server = true;    // extended key usage: of a server, else of a client
  bool ed25519 = false;  // its key; else P-256
};

struct PemFiles {
  std::string certificate;
  std::string key;
};

// Files are written below a directory of the test; keys are P-256
// unless a leaf says otherwise.
class CertificateAuthority {
 public:
  CertificateAuthority(std::string directory, std::string name = "test CA");
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  std::string file() const;  // the CA's own certificate
  PemFiles issue(const Leaf& leaf) const;
  // As issue(), for 127.0.0.1, ::1 and localhost.
  PemFiles issue_server(const std::string& name = "server") const;
  PemFiles issue_client(const std::string& uri, const std::string& name = "client") const;
  // The key of `files`, under a pass phrase.
  static std::string encrypt_key(const PemFiles& files, const std::string& pass_phrase);

 private:
  struct Impl;
  Impl* impl_;
};

// A directory of its own for each test, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace nines::test
