// SPDX-License-Identifier: Apache-2.0
// Headers of a request and the secrets in them. Secrets end up in request headers, or in the
// OAuth 2 client, and nowhere else: no complaint shows one.
#include <algorithm>
#include <cstdlib>

#include "base/base64.h"
#include "base/disk.h"
#include "config/address.h"
#include "config/http_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxHeaders = 64;
constexpr std::size_t kMaxHeaderValue = 8 << 10;
constexpr std::size_t kMaxHeadersFile = 64 << 10;
constexpr std::size_t kMaxSecret = 8 << 10;
constexpr std::size_t kMaxScopes = 32;

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kTokenBytes =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kTokenBytes) == std::string_view::npos;
}

class HeaderDecoder {
 public:
  HeaderDecoder(Mapping& mapping,
                const KindContext& context,
                HttpSpec& spec,
                Complaints& complaints)
      : mapping_(mapping), context_(context), spec_(spec), complaints_(complaints) {}

  void decode() {
    listed();
    from_file();
    bearer();
    basic();
    oauth2();
  }

 private:
  void add(const Place& place, std::string_view name, std::string_view value);
  void listed();
  void from_file();
  void bearer();
  void basic();
  void oauth2();

  Mapping& mapping_;
  const KindContext& context_;
  HttpSpec& spec_;
  Complaints& complaints_;
};

void HeaderDecoder::add(const Place& place, std::string_view name, std::string_view value) {
  if (!is_token(name)) return complaints_.add(place, shown(name) + " is not a header name");
  // The value is never shown: it may be a secret.
  const auto legal = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 && u != 0x7F) || u == '\t';
  };
  if (!std::all_of(value.begin(), value.end(), legal)) {
    return complaints_.add(place, "the value of header " + shown(name) +
                                      " holds a line break or another control byte");
  }
  if (value.size() > kMaxHeaderValue) {
    return complaints_.add(place, "the value of header " + shown(name) + " is longer than " +
                                      std::to_string(kMaxHeaderValue) + " bytes");
  }
  for (const std::string_view ours : {"Content-Length", "Transfer-Encoding", "Connection"}) {
    if (same_name(name, ours)) {
      return complaints_.add(place, "header " + shown(name) + " is set by nines itself");
    }
  }
  if (has_header(spec_, name)) {
    return complaints_.add(place, "header " + shown(name) + " given twice");
  }
  if (spec_.headers.size() == kMaxHeaders) {
    return complaints_.add(place, "more than " + std::to_string(kMaxHeaders) + " headers");
  }
  spec_.headers.emplace_back(std::string(name), std::string(value));
}

void HeaderDecoder::listed() {
  const Node* node = mapping_.take("headers");
  if (node == nullptr) return;
  const Mapping unused(*node, complaints_, "headers of " + context_.check);
  for (const auto& [name, value] : node->entries()) {
    const auto text = as_text(value, complaints_);
    if (text) add(name.place(), name.text(), *text);
  }
}

void HeaderDecoder::from_file() {
  const Node* file = mapping_.take("headers_file");
  const Node* credential = mapping_.take("headers_credential");
  if (file != nullptr && credential != nullptr) {
    return complaints_.add(credential->place(),
                           "'headers_file' and 'headers_credential' exclude each other");
  }
  const Node* node = file != nullptr ? file : credential;
  if (node == nullptr) return;
  const auto text = file != nullptr
                        ? read_named_file(*node, context_, kMaxHeadersFile, complaints_)
                        : read_credential(*node, context_, kMaxHeadersFile, complaints_);
  if (!text) return;
  std::string_view rest = *text;
  for (int line = 1; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto entry = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (entry.empty() || entry.starts_with('#')) continue;
    const auto colon = entry.find(':');
    if (colon == std::string_view::npos) {
      complaints_.add(node->place(), "line " + std::to_string(line) + " of " + shown(node->text()) +
                                         " is not 'Name: value'");
      continue;
    }
    add(node->place(), trimmed(entry.substr(0, colon)), trimmed(entry.substr(colon + 1)));
  }
}

void HeaderDecoder::bearer() {
  const auto token = take_secret(mapping_, "bearer", context_, complaints_);
  if (token) add(mapping_.node().place(), "Authorization", "Bearer " + *token);
}

void HeaderDecoder::basic() {
  const Node* node = mapping_.take("basic");
  if (node == nullptr) return;
  Mapping inner(*node, complaints_, "basic of " + context_.check);
  const auto user = inner.require_text("username");
  const auto password = take_secret(inner, "password", context_, complaints_);
  inner.finish();
  if (!user) return;
  if (user->find(':') != std::string::npos) {
    return complaints_.add(node->find("username")->place(), "a user name has no ':' (RFC 7617)");
  }
  add(node->place(), "Authorization",
      "Basic " + to_base64(as_bytes(*user + ":" + password.value_or(""))));
}

void HeaderDecoder::oauth2() {
  const Node* node = mapping_.take("oauth2");
  if (node == nullptr) return;
  OAuth2Spec oauth2;
  Mapping inner(*node, complaints_, "oauth2 of " + context_.check);
  if (const auto text = inner.require_text("token_url")) {
    const auto url = parse_url(*text);
    const bool local =
        url && (url->host == "localhost" || url->host == "::1" || url->host.starts_with("127."));
    if (!url || (url->scheme != "https" && !(url->scheme == "http" && local))) {
      complaints_.add(node->find("token_url")->place(),
                      shown(*text) + " is not an https:// URL (a secret is sent to it)");
    }
    oauth2.token_url = *text;
  }
  oauth2.client_id = inner.require_text("client_id").value_or("");
  const auto secret = take_secret(inner, "client_secret", context_, complaints_);
  if (!secret && node->kind() == Node::Kind::mapping) {
    complaints_.add(node->place(), "oauth2 has no 'client_secret' that can be used");
  }
  oauth2.client_secret = secret.value_or("");
  if (auto scopes = inner.take_texts("scopes")) {
    for (const auto& scope : *scopes) {
      if (scopes->size() <= kMaxScopes && !scope.empty() &&
          scope.find_first_of(" \"\\\r\n\t") == std::string::npos) {
        continue;
      }
      complaints_.add(node->find("scopes")->place(), "1 to 32 words are wanted here");
      break;
    }
    oauth2.scopes = *std::move(scopes);
  }
  inner.finish();
  if (has_header(spec_, "Authorization")) {
    complaints_.add(node->place(), "'oauth2' sets the header Authorization, which is given");
  }
  spec_.oauth2 = std::move(oauth2);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool has_header(const HttpSpec& spec, std::string_view name) {
  return std::any_of(spec.headers.begin(), spec.headers.end(),
                     [&](const auto& header) { return same_name(header.first, name); });
}

std::optional<std::string> read_credential(const Node& node,
                                           const KindContext& context,
                                           std::size_t limit,
                                           Complaints& complaints) {
  const auto name = as_text(node, complaints);
  if (!name) return std::nullopt;
  constexpr std::size_t kMaxFileName = 255;
  if (name->empty() || name->size() > kMaxFileName || name->find('/') != std::string::npos ||
      *name == "." || *name == "..") {
    complaints.add(node.place(), shown(*name) + " is not the name of a credential");
    return std::nullopt;
  }
  if (context.files_elsewhere) return std::string();
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') {
    complaints.add(node.place(),
                   "no credentials were handed to this process (LoadCredential= of "
                   "its unit; outside of systemd set CREDENTIALS_DIRECTORY)");
    return std::nullopt;
  }
  auto content = read_file(std::string(directory) + "/" + *name, limit);
  if (!content) {
    complaints.add(node.place(), content.error().message);
    return std::nullopt;
  }
  return *std::move(content);
}

std::optional<std::string> take_secret(Mapping& mapping,
                                       const std::string& key,
                                       const KindContext& context,
                                       Complaints& complaints) {
  const Node* inline_text = mapping.take(key);
  const Node* file = mapping.take(key + "_file");
  const Node* credential = mapping.take(key + "_credential");
  const int given = (inline_text != nullptr) + (file != nullptr) + (credential != nullptr);
  if (given == 0) return std::nullopt;
  if (given > 1) {
    const Node* last = credential != nullptr ? credential : file;
    complaints.add(last->place(), "'" + key + "', '" + key + "_file' and '" + key +
                                      "_credential' exclude each other");
    return std::nullopt;
  }
  if (inline_text != nullptr) return as_text(*inline_text, complaints);
  const Node* named = file != nullptr ? file : credential;
  const auto text = file != nullptr ? read_named_file(*named, context, kMaxSecret, complaints)
                                    : read_credential(*named, context, kMaxSecret, complaints);
  if (!text) return std::nullopt;
  if (context.files_elsewhere) return std::string();
  const auto secret = trimmed(*text);
  if (secret.empty()) complaints.add(named->place(), shown(named->text()) + " is empty");
  return std::string(secret);
}

void take_headers(Mapping& mapping,
                  const KindContext& context,
                  HttpSpec& spec,
                  Complaints& complaints) {
  HeaderDecoder(mapping, context, spec, complaints).decode();
}

}  // namespace nines::config
