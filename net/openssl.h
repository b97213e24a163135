// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects with owners, and its error queue as text. Used by net/ alone.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nines::net {

struct OpensslFree {
  void operator()(SSL* p) const { SSL_free(p); }

  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }

  void operator()(X509* p) const { X509_free(p); }

  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }

  void operator()(BIO* p) const { BIO_free(p); }
};

template <class T>
using Openssl = std::unique_ptr<T, OpensslFree>;

// The oldest error of this thread's queue; empties the queue. Never empty text.
std::string openssl_error();

std::vector<std::string> uris_of(X509* certificate);
std::string der_of(X509* certificate);

// PEM files; `what` begins the message of an error. Never asks for a pass phrase.
Expected<std::vector<Openssl<X509>>> read_certificates(const std::string& what,
                                                       const std::string& path);
Expected<Openssl<EVP_PKEY>> read_key(const std::string& path);

// A BIO on a socket that is not owned: as OpenSSL's own, but writing to a closed peer is an error
// and not a SIGPIPE.
Openssl<BIO> make_socket_bio(int descriptor);

}  // namespace nines::net
