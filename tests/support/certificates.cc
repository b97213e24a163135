// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace nines::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Stream = std::unique_ptr<FILE, decltype(&std::fclose)>;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("certificates: ") + what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  check(key != nullptr, "no key");
  return key;
}

Stream create(const std::string& path) {
  Stream stream(std::fopen(path.c_str(), "w"), &std::fclose);
  check(stream != nullptr, path.c_str());
  return stream;
}

Certificate make_certificate(EVP_PKEY* key, const std::string& name, long from_s, long to_s) {
  Certificate made(X509_new(), &X509_free);
  check(made != nullptr, "no certificate");
  X509_set_version(made.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial + 1ULL);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), to_s);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void write_certificate(const std::string& path, X509* certificate) {
  const auto stream = create(path);
  check(PEM_write_X509(stream.get(), certificate) == 1, path.c_str());
}

std::string join_names(const Leaf& leaf) {
  std::string all;
  const auto add = [&all](const char* kind, const std::vector<std::string>& values) {
    for (const auto& value : values) {
      if (!all.empty()) all += ",";
      all += kind + value;
    }
  };
  add("DNS:", leaf.dns);
  add("IP:", leaf.ips);
  add("URI:", leaf.uris);
  return all;
}

}  // namespace

struct CertificateAuthority::Impl {
  Impl(std::string where, const std::string& name)
      : directory(std::move(where)),
        key(make_key()),
        certificate(make_certificate(key.get(), name, -7200, 7200)) {}

  std::string directory;
  Key key;
  Certificate certificate;
  std::string file;
};

CertificateAuthority::CertificateAuthority(std::string directory, std::string name)
    : impl_(new Impl(std::move(directory), name)) {
  X509* own = impl_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(own, own, NID_subject_key_identifier, "hash");
  check(X509_sign(own, impl_->key.get(), EVP_sha256()) > 0, "signature");
  for (char& c : name) c = c == ' ' ? '-' : c;
  impl_->file = impl_->directory + "/" + name + ".pem";
  write_certificate(impl_->file, own);
}

CertificateAuthority::~CertificateAuthority() { delete impl_; }

std::string CertificateAuthority::file() const { return impl_->file; }

PemFiles CertificateAuthority::issue(const Leaf& leaf) const {
  const Key key = leaf.ed25519 ? Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free)
                               : make_key();
  check(key != nullptr, "no key");
  const Certificate made =
      make_certificate(key.get(), leaf.name, leaf.valid_from_s, leaf.valid_to_s);
  X509* issuer = impl_->certificate.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  extend(made.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), issuer, NID_ext_key_usage, leaf.server ? "serverAuth" : "clientAuth");
  extend(made.get(), issuer, NID_authority_key_identifier, "keyid");
  const std::string names = join_names(leaf);
  if (!names.empty()) extend(made.get(), issuer, NID_subject_alt_name, names);
  check(X509_sign(made.get(), impl_->key.get(), EVP_sha256()) > 0, "signature");

  const PemFiles files{impl_->directory + "/" + leaf.name + ".pem",
                       impl_->directory + "/" + leaf.name + ".key"};
  write_certificate(files.certificate, made.get());
  const auto stream = create(files.key);
  check(PEM_write_PrivateKey(stream.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "key file");
  return files;
}

PemFiles CertificateAuthority::issue_server(const std::string& name) const {
  Leaf leaf;
  leaf.name = name;
  leaf.dns = {"localhost"};
  leaf.ips = {"127.0.0.1", "::1"};
  return issue(leaf);
}

PemFiles CertificateAuthority::issue_client(const std::string& uri, const std::string& name) const {
  Leaf leaf;
  leaf.name = name;
  leaf.uris = {uri};
  leaf.server = false;
  return issue(leaf);
}

std::string CertificateAuthority::encrypt_key(const PemFiles& files,
                                              const std::string& pass_phrase) {
  const Stream in(std::fopen(files.key.c_str(), "r"), &std::fclose);
  check(in != nullptr, files.key.c_str());
  const Key key(PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  check(key != nullptr, "key");
  const std::string path = files.key + ".encrypted";
  const auto out = create(path);
  const auto* phrase = reinterpret_cast<const unsigned char*>(pass_phrase.data());
  check(PEM_write_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), phrase,
                             static_cast<int>(pass_phrase.size()), nullptr, nullptr) == 1,
        "encrypted key");
  return path;
}

TemporaryDirectory::TemporaryDirectory() {
  const char* base = ::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/nines-test-XXXXXX";
  check(::mkdtemp(pattern.data()) != nullptr, "no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace nines::test
