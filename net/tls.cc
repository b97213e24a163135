// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "base/assert.h"
#include "base/disk.h"
#include "net/openssl.h"

namespace nines::net {
namespace {

constexpr std::size_t kMaxPem = 1 << 20;
constexpr int kMaxCertificates = 1024;  // of one file

struct Identity {
  std::vector<Openssl<X509>> chain;  // leaf first
  Openssl<EVP_PKEY> key;
};

// Never asks a terminal: an agent has none.
int no_pass_phrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

Expected<Openssl<BIO>> open_pem(const std::string& what, const std::string& path) {
  if (path.empty()) return fail(what + ": no file is named");
  auto text = read_file(path, kMaxPem);
  if (!text) return Unexpected(std::move(text.error()).within(what));
  Openssl<BIO> memory(BIO_new(BIO_s_mem()));
  ASSERT(memory != nullptr);
  const int written = BIO_write(memory.get(), text->data(), static_cast<int>(text->size()));
  if (written != static_cast<int>(text->size())) return fail(what + " " + path + ": out of memory");
  return memory;
}

Expected<Identity> read_identity(const TlsFiles& files) {
  TRY(chain, read_certificates("certificate", files.certificate));
  TRY(key, read_key(files.key));
  X509* leaf = chain.front().get();
  if (X509_check_private_key(leaf, key.get()) != 1) {
    ERR_clear_error();
    return fail("key " + files.key + ": does not belong to certificate " + files.certificate);
  }
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
    return fail("certificate " + files.certificate + ": has expired; renew it");
  }
  return Identity{std::move(chain), std::move(key)};
}

Expected<void> trust(SSL_CTX* context, const std::string& path) {
  TRY(authorities, read_certificates("CA", path));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return fail("CA " + path + ": " + openssl_error());
    }
    // Named to clients that hold several certificates.
    SSL_CTX_add_client_CA(context, authority.get());
  }
  return {};
}

Expected<void> present(SSL_CTX* context, const TlsFiles& files) {
  TRY(identity, read_identity(files));
  if (SSL_CTX_use_certificate(context, identity.chain.front().get()) != 1) {
    return fail("certificate " + files.certificate + ": " + openssl_error());
  }
  for (std::size_t i = 1; i < identity.chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, identity.chain[i].get()) != 1) {
      return fail("certificate " + files.certificate + ": " + openssl_error());
    }
  }
  if (SSL_CTX_use_PrivateKey(context, identity.key.get()) != 1) {
    return fail("key " + files.key + ": " + openssl_error());
  }
  return {};
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, 8);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  // No resumption: every connection proves its certificate against the CA of now.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))),
                           data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), out,
                          static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

Expected<std::vector<Openssl<X509>>> read_certificates(const std::string& what,
                                                       const std::string& path) {
  TRY(memory, open_pem(what, path));
  std::vector<Openssl<X509>> all;
  ERR_clear_error();
  while (X509* next = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)) {
    all.emplace_back(next);
    if (all.size() > kMaxCertificates) return fail(what + " " + path + ": too many certificates");
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return fail(what + " " + path + ": not a PEM certificate: " + openssl_error());
  ERR_clear_error();
  if (all.empty()) return fail(what + " " + path + ": holds no PEM certificate");
  return all;
}

Expected<Openssl<EVP_PKEY>> read_key(const std::string& path) {
  TRY(memory, open_pem("key", path));
  bool asked = false;
  ERR_clear_error();
  Openssl<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, &no_pass_phrase, &asked));
  if (key) return key;
  if (asked) {
    return fail("key " + path +
                ": is encrypted; store it without a pass phrase, readable only by "
                "the service's user");
  }
  return fail("key " + path + ": not a PEM private key: " + openssl_error());
}

std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

std::vector<std::string> uris_of(X509* certificate) {
  std::vector<std::string> uris;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return uris;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const auto* text =
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier));
    const std::string uri(
        text, static_cast<std::size_t>(ASN1_STRING_length(name->d.uniformResourceIdentifier)));
    // A NUL inside would make two readers see two names.
    if (uri.find('\0') == std::string::npos) uris.push_back(uri);
  }
  GENERAL_NAMES_free(names);
  return uris;
}

Openssl<BIO> make_socket_bio(int descriptor) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    ASSERT(made != nullptr);
    BIO_meth_set_write(made, &bio_write);
    BIO_meth_set_read(made, &bio_read);
    BIO_meth_set_ctrl(made, &bio_control);
    return made;
  }();
  Openssl<BIO> bio(BIO_new(kMethod));
  ASSERT(bio != nullptr);
  BIO_set_data(bio.get(), reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio.get(), 1);
  return bio;
}

Expected<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const TlsFiles& files) {
  Openssl<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail("TLS: " + openssl_error());
  set_rules(context.get());
  TRY_VOID(trust(context.get(), files.ca));
  TRY_VOID(present(context.get(), files));
  std::shared_ptr<TlsServerContext> made(new TlsServerContext());
  made->context_ = context.release();
  return std::shared_ptr<const TlsServerContext>(std::move(made));
}

TlsServerContext::~TlsServerContext() { SSL_CTX_free(static_cast<SSL_CTX*>(context_)); }

Expected<void> check_tls_files(const TlsFiles& files) {
  TRY(authorities, read_certificates("CA", files.ca));
  TRY(identity, read_identity(files));
  return {};
}

Expected<std::vector<std::string>> certificate_uris(const std::string& certificate_file) {
  TRY(chain, read_certificates("certificate", certificate_file));
  return uris_of(chain.front().get());
}

}  // namespace nines::net
