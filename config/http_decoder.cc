// SPDX-License-Identifier: Apache-2.0
// The `http:` mapping of a check. Secrets end up in request headers and nowhere else.
#include <algorithm>
#include <charconv>

#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxHeaders = 64;
constexpr std::size_t kMaxHeaderValue = 8 << 10;
constexpr std::size_t kMaxHeadersFile = 64 << 10;
constexpr std::size_t kMaxSecret = 8 << 10;
constexpr std::size_t kMaxRequestBody = 1 << 20;
constexpr std::size_t kMaxRanges = 32;

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

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * j) & 63U];
    }
  }
  return out;
}

class HttpDecoder {
 public:
  HttpDecoder(const Node& node, const KindContext& context, Complaints& complaints)
      : mapping_(node, complaints, "http of " + context.check),
        context_(context),
        complaints_(complaints) {}

  HttpSpec decode() {
    url();
    method();
    headers();
    credentials();
    body();
    spec_.max_body = mapping_.take_size("max_body", 1, 64 << 20).value_or(spec_.max_body);
    spec_.redirects = static_cast<int>(mapping_.take_integer("redirects", 0, 20).value_or(10));
    if (const Node* tls = mapping_.take("tls")) {
      spec_.tls = decode_tls(*tls, context_, complaints_);
    }
    if (const Node* expect = mapping_.take("expect")) expectations(*expect);
    refuse_unsupported(
        mapping_,
        {"compression", "oauth2", "proxy", "family", "addresses", "source", "resolve", "warn",
         "bearer_credential", "headers_credential", "body_credential"},
        complaints_);
    mapping_.finish();
    return std::move(spec_);
  }

 private:
  void url() {
    const auto text = mapping_.require_text("url");
    if (!text) return;
    const auto& place = mapping_.node().find("url")->place();
    const auto url = parse_url(*text);
    if (!url) return complaints_.add(place, url.error().message);
    if (url->scheme != "http" && url->scheme != "https") {
      return complaints_.add(place, shown(*text) + " is not an http:// or https:// URL");
    }
    spec_.url = url->scheme + text->substr(url->scheme.size());
  }

  void method() {
    const auto text = mapping_.take_text("method");
    if (!text) return;
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text->empty() || text->size() > 16 || !std::all_of(text->begin(), text->end(), upper) ||
        *text == "CONNECT") {
      return complaints_.add(mapping_.node().find("method")->place(),
                             shown(*text) + " is not a method (write GET, HEAD, POST, …)");
    }
    spec_.method = *text;
  }

  void add_header(const Place& place, std::string_view name, std::string_view value) {
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
    for (const auto& [known, unused] : spec_.headers) {
      if (same_name(known, name)) {
        return complaints_.add(place, "header " + shown(name) + " given twice");
      }
    }
    if (spec_.headers.size() == kMaxHeaders) {
      return complaints_.add(place, "more than " + std::to_string(kMaxHeaders) + " headers");
    }
    spec_.headers.emplace_back(std::string(name), std::string(value));
  }

  void headers() {
    if (const Node* node = mapping_.take("headers")) {
      const Mapping unused(*node, complaints_, "headers of " + context_.check);
      for (const auto& [name, value] : node->entries()) {
        const auto text = as_text(value, complaints_);
        if (text) add_header(name.place(), name.text(), *text);
      }
    }
    const Node* node = mapping_.take("headers_file");
    if (node == nullptr) return;
    const auto text = read_named_file(*node, context_.directory, kMaxHeadersFile, complaints_);
    if (!text) return;
    std::string_view rest = *text;
    for (int line = 1; !rest.empty(); ++line) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto entry = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (entry.empty() || entry.starts_with('#')) continue;
      const auto colon = entry.find(':');
      if (colon == std::string_view::npos) {
        complaints_.add(node->place(), "line " + std::to_string(line) + " of " +
                                           shown(node->text()) + " is not 'Name: value'");
        continue;
      }
      add_header(node->place(), trim(entry.substr(0, colon)), trim(entry.substr(colon + 1)));
    }
  }

  // The secret of `key` or of the file that `key`_file names; one of them.
  std::optional<std::string> secret(Mapping& mapping, const std::string& key) {
    auto inline_text = mapping.take_text(key);
    const Node* file = mapping.take(key + "_file");
    if (file == nullptr) return inline_text;
    if (mapping.node().find(key) != nullptr) {
      complaints_.add(file->place(), "'" + key + "' and '" + key + "_file' exclude each other");
      return std::nullopt;
    }
    const auto text = read_named_file(*file, context_.directory, kMaxSecret, complaints_);
    if (!text) return std::nullopt;
    const auto trimmed = trim(*text);
    if (trimmed.empty()) complaints_.add(file->place(), shown(file->text()) + " is empty");
    return std::string(trimmed);
  }

  void credentials() {
    const auto& place = mapping_.node().place();
    if (const auto token = secret(mapping_, "bearer")) {
      add_header(place, "Authorization", "Bearer " + *token);
    }
    const Node* node = mapping_.take("basic");
    if (node == nullptr) return;
    Mapping basic(*node, complaints_, "basic of " + context_.check);
    const auto user = basic.require_text("username");
    const auto password = secret(basic, "password");
    refuse_unsupported(basic, {"password_credential"}, complaints_);
    basic.finish();
    if (!user) return;
    if (user->find(':') != std::string::npos) {
      return complaints_.add(node->find("username")->place(), "a user name has no ':' (RFC 7617)");
    }
    add_header(node->place(), "Authorization",
               "Basic " + base64(*user + ":" + password.value_or("")));
  }

  void body() {
    const Node* inline_text = mapping_.take("body");
    const Node* file = mapping_.take("body_file");
    if (inline_text != nullptr && file != nullptr) {
      return complaints_.add(file->place(), "'body' and 'body_file' exclude each other");
    }
    if (inline_text != nullptr) {
      if (inline_text->kind() != Node::Kind::scalar) {
        return complaints_.add(inline_text->place(), "a text is wanted here");
      }
      if (inline_text->text().size() > kMaxRequestBody) {
        return complaints_.add(inline_text->place(), "the body is longer than 1MiB");
      }
      spec_.body = inline_text->text();
    } else if (file != nullptr) {
      spec_.body =
          read_named_file(*file, context_.directory, kMaxRequestBody, complaints_).value_or("");
    }
  }

  void status(const Node& node) {
    const auto texts = as_texts(node, complaints_);
    if (!texts) return;
    std::vector<StatusRange> all;
    for (const auto& text : *texts) {
      const auto ranges = parse_status_ranges(text);
      if (!ranges) return complaints_.add(node.place(), ranges.error().message);
      all.insert(all.end(), ranges->begin(), ranges->end());
    }
    if (all.empty() || all.size() > kMaxRanges) {
      return complaints_.add(node.place(), "1 to 32 ranges of status codes are wanted here");
    }
    spec_.expect.status = std::move(all);
  }

  void expectations(const Node& node) {
    Mapping expect(node, complaints_, "expect of " + context_.check);
    if (const Node* codes = expect.take("status")) status(*codes);
    if (const Node* body = expect.take("body")) {
      Mapping patterns(*body, complaints_, "body of expect of " + context_.check);
      spec_.expect.body.matches = take_patterns(patterns, "matches", complaints_);
      spec_.expect.body.not_matches = take_patterns(patterns, "not_matches", complaints_);
      patterns.finish();
      if (body->kind() == Node::Kind::mapping && body->entries().empty()) {
        complaints_.add(body->place(), "'matches' or 'not_matches' is wanted here");
      }
      if (spec_.method == "HEAD") {
        complaints_.add(body->place(), "an answer to HEAD has no body to expect anything of");
      }
    }
    spec_.expect.limits.latency = take_latency(expect, context_, complaints_);
    refuse_unsupported(
        expect, {"version", "headers", "json", "modified_within", "certificate_days"}, complaints_);
    expect.finish();
  }

  Mapping mapping_;
  const KindContext& context_;
  Complaints& complaints_;
  HttpSpec spec_;
};

}  // namespace

Expected<std::vector<StatusRange>> parse_status_ranges(std::string_view text) {
  std::vector<StatusRange> out;
  const auto code = [](std::string_view part) {
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool whole = error == std::errc() && end == part.data() + part.size();
    return whole && part.size() == 3 && value >= 100 && value <= 599 ? value : 0;
  };
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const auto part = trim(rest.substr(0, comma));
    const auto dash = part.find('-');
    const int first = code(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : code(part.substr(dash + 1));
    if (first == 0 || last < first || out.size() == kMaxRanges) {
      return fail(shown(text) + " is not a list of status codes (write \"200-399,404\")");
    }
    out.push_back({first, last});
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

HttpSpec decode_http(const Node& node, const KindContext& context, Complaints& complaints) {
  return HttpDecoder(node, context, complaints).decode();
}

}  // namespace nines::config
