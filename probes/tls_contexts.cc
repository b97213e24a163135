// SPDX-License-Identifier: Apache-2.0
#include "probes/tls_contexts.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <asio/ip/address.hpp>

namespace nines::probes {
namespace {

// SSL_get_ex_new_index and its sibling are macros with C casts inside.
int session_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int context_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

TlsWitness* witness_of(const SSL* session) {
  if (session == nullptr) return nullptr;
  void* found = ::SSL_get_ex_data(session, session_index());
  if (found == nullptr) {
    found = ::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(session), context_index());
  }
  return static_cast<TlsWitness*>(found);
}

// Certificates may name the year 9999; an instant ends in 2262.
std::optional<WallTime> not_after(const X509* certificate) {
  std::tm t{};
  if (::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate), &t) != 1) return std::nullopt;
  constexpr std::int64_t kLast = 9'214'646'400;  // 2262-01-01
  const std::int64_t seconds = std::clamp<std::int64_t>(::timegm(&t), -kLast, kLast);
  return WallTime{seconds * kSecondNs};
}

std::string common_name(const X509* certificate) {
  char name[128] = "";
  ::X509_NAME_get_text_by_NID(::X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
  return name;
}

// Called for every certificate of the chain, root first, and for every error.
int on_verify(int ok, X509_STORE_CTX* store) {
  const auto* session = static_cast<const SSL*>(
      ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* witness = witness_of(session);
  if (witness == nullptr) return 0;
  const auto* leaf = ::X509_STORE_CTX_get0_cert(store);
  if (leaf != nullptr) witness->detail.expires = not_after(leaf);
  if (ok == 0) {
    if (witness->verify_error == 0) {
      witness->verify_error = ::X509_STORE_CTX_get_error(store);
      witness->verify_depth = ::X509_STORE_CTX_get_error_depth(store);
      const auto* current = ::X509_STORE_CTX_get_current_cert(store);
      if (current != nullptr) witness->subject = common_name(current);
    }
    return witness->skip_verify ? 1 : 0;
  }
  if (::X509_STORE_CTX_get_error_depth(store) == 0 && witness->verify_error == 0) {
    witness->detail.verified = true;
    const auto* chain = ::X509_STORE_CTX_get0_chain(store);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      const auto expires = not_after(sk_X509_value(chain, i));
      auto& earliest = witness->detail.chain_expires;
      if (expires && (!earliest || *expires < *earliest)) earliest = expires;
    }
  }
  return 1;
}

void on_handshake(const SSL* session, int where, int) {
  auto* witness = witness_of(session);
  if (witness == nullptr || witness->clock == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && !witness->started) {
    witness->started = witness->clock->boot();
  }
  // TLS 1.3 tickets are handshakes of their own and come later.
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && !witness->ended) {
    witness->ended = witness->clock->boot();
    witness->last_flight = witness->record;
    if (witness->packets != nullptr) witness->hello = witness->packets->first_sent();
    witness->detail.version = ::SSL_get_version(session);
  }
}

// Called for every record that is read, when its five bytes of header are: what waits now is the
// rest of it. Tickets come in records of their own, before the answer that a phase waits for.
void on_record(int sent, int, int type, const void*, std::size_t, SSL* session, void*) {
  auto* witness = witness_of(session);
  if (witness == nullptr || witness->packets == nullptr || sent != 0 || type != SSL3_RT_HEADER) {
    return;
  }
  const auto arrived = witness->packets->first_waiting();
  if (arrived) witness->record = arrived;
}

bool set_host(X509_VERIFY_PARAM* parameters, const std::string& host) {
  asio::error_code not_literal;
  auto address = asio::ip::make_address(host, not_literal);
  ::X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (!not_literal) {
    if (address.is_v6()) address = asio::ip::address_v6(address.to_v6().to_bytes());  // no scope
    return ::X509_VERIFY_PARAM_set1_ip_asc(parameters, address.to_string().c_str()) == 1;
  }
  return ::X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1;
}

std::string stamp_of(const std::string& path) {
  if (path.empty()) return "\n";

  struct stat s {};

  if (::stat(path.c_str(), &s) != 0) return path + " absent\n";
  return path + ' ' + std::to_string(s.st_size) + ' ' + std::to_string(s.st_ino) + ' ' +
         std::to_string(s.st_mtim.tv_sec) + '.' + std::to_string(s.st_mtim.tv_nsec) + '\n';
}

Expected<void> load_files(SSL_CTX* context, const TlsSpec& spec) {
  const int loaded = spec.ca_file.empty()
                         ? ::SSL_CTX_set_default_verify_paths(context)
                         : ::SSL_CTX_load_verify_file(context, spec.ca_file.c_str());
  if (loaded != 1) return fail("read CA certificates of " + spec.ca_file + ": " + openssl_error());
  // Whoever lists an intermediate CA, or one server's certificate, means to trust it.
  ::X509_STORE_set_flags(::SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  if (spec.certificate_file.empty()) return {};
  const auto& certificate = spec.certificate_file;
  if (::SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail("read the certificate " + certificate + ": " + openssl_error());
  }
  const auto& key = spec.key_file;
  if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail("read the key " + key + " of " + certificate + ": " + openssl_error());
  }
  return {};
}

}  // namespace

bool watch(SSL_CTX* context, TlsWitness& witness, const std::string& host) {
  if (::SSL_CTX_set_ex_data(context, context_index(), &witness) != 1) return false;
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
  ::SSL_CTX_set_info_callback(context, on_handshake);
  ::SSL_CTX_set_msg_callback(context, on_record);
  return set_host(::SSL_CTX_get0_param(context), host);
}

bool watch(SSL* session, TlsWitness& witness, const std::string& host) {
  if (::SSL_set_ex_data(session, session_index(), &witness) != 1) return false;
  ::SSL_set_verify(session, SSL_VERIFY_PEER, on_verify);
  ::SSL_set_info_callback(session, on_handshake);
  ::SSL_set_msg_callback(session, on_record);
  return set_host(::SSL_get0_param(session), host);
}

HandshakeTime time_of(const TlsWitness& witness, BootTime started, BootTime now) {
  if (!witness.ended) return {now - started, false};
  if (witness.hello && witness.last_flight && *witness.hello <= *witness.last_flight) {
    return {*witness.last_flight - *witness.hello, true};
  }
  return {*witness.ended - started, false};
}

Failure verify_failure(const TlsWitness& witness, const std::string& host) {
  if (witness.verify_error == X509_V_OK || witness.skip_verify) return {};
  const auto whose = witness.verify_depth == 0 ? "certificate of " + host
                                               : "CA certificate \"" + witness.subject + "\"";
  const auto expires = witness.detail.expires;
  switch (witness.verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {
          Reason::tls_certificate_expired,
          whose + " expired" +
              (witness.verify_depth == 0 && expires ? " " + format_rfc3339(*expires).substr(0, 10)
                                                    : std::string())};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Reason::tls_certificate_not_yet_valid, whose + " is not valid yet"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Reason::tls_name_mismatch,
              "the certificate is for \"" + witness.subject + "\", not for " + host};
    case X509_V_ERR_CERT_REVOKED:
      return {Reason::tls_certificate_revoked, whose + " is revoked"};
    case X509_V_ERR_OUT_OF_MEM:
      return {Reason::agent_no_memory, "no memory to verify the certificate of " + host};
    default:
      return {Reason::tls_certificate_untrusted,
              whose + ": " + ::X509_verify_cert_error_string(witness.verify_error)};
  }
}

Failure handshake_failure(const std::string& error) {
  // The peer's alert 70 (RFC 8446, 6.2), and our own refusal of what it chose.
  const bool version = error.find("alert protocol version") != error.npos ||
                       error.find("unsupported protocol") != error.npos;
  return {version ? Reason::tls_version : Reason::tls_handshake, "TLS handshake: " + error};
}

std::string tls_name(const TlsSpec& spec, std::string host) {
  if (!spec.server_name.empty()) return spec.server_name;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  if (host.size() > 1 && host.back() == '.') host.pop_back();
  return host;
}

std::string openssl_error() {
  const auto code = ::ERR_peek_error();
  ::ERR_clear_error();
  if (code == 0) return "unknown error";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* text = ::ERR_reason_error_string(code);
  return text != nullptr ? text : "error " + std::to_string(code);
}

Expected<SslContext> TlsContexts::get(const TlsSpec& spec) {
  const std::string key = stamp_of(spec.ca_file) + stamp_of(spec.certificate_file) +
                          stamp_of(spec.key_file) + spec.min_version + '\n' +
                          (spec.ca_file.empty() ? stamp_of(::X509_get_default_cert_file()) : "");
  if (const auto found = made_.find(key); found != made_.end()) return found->second;
  ::ERR_clear_error();
  SslContext context(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
  if (context == nullptr) return fail("make a TLS context: " + openssl_error(), ENOMEM);
  ::SSL_CTX_set_min_proto_version(context.get(),
                                  spec.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  TRY_VOID(load_files(context.get(), spec));
  if (made_.size() >= kLimit) made_.clear();
  made_.emplace(key, context);
  return context;
}

}  // namespace nines::probes
