// SPDX-License-Identifier: Apache-2.0
// The `http:` mapping of a check.
#include <algorithm>
#include <array>

#include "config/address.h"
#include "config/http_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxRequestBody = 1 << 20;

class HttpDecoder {
 public:
  HttpDecoder(const Node& node, const KindContext& context, Complaints& complaints)
      : mapping_(node, complaints, "http of " + context.check),
        context_(context),
        complaints_(complaints) {}

  HttpSpec decode() {
    url();
    method();
    take_headers(mapping_, context_, spec_, complaints_);
    body();
    compression();
    spec_.max_body = mapping_.take_size("max_body", 1, 64 << 20).value_or(spec_.max_body);
    spec_.redirects = static_cast<int>(mapping_.take_integer("redirects", 0, 20).value_or(10));
    take_path(mapping_, spec_, complaints_);
    addresses();
    resolve();
    proxy();
    if (const Node* tls = mapping_.take("tls")) {
      spec_.tls = decode_tls(*tls, context_, complaints_);
    }
    if (const Node* expect = mapping_.take("expect")) {
      spec_.expect = decode_http_expect(*expect, "expect", spec_, context_, complaints_);
      if (spec_.expect.status.empty()) spec_.expect.status = {StatusRange{}};
    }
    if (const Node* warn = mapping_.take("warn")) {
      spec_.warn = decode_http_expect(*warn, "warn", spec_, context_, complaints_);
    }
    mapping_.finish();
    return std::move(spec_);
  }

 private:
  const Place& place_of(std::string_view key) const { return mapping_.node().find(key)->place(); }

  void url() {
    const auto text = mapping_.require_text("url");
    if (!text) return;
    const auto url = parse_url(*text);
    if (!url) return complaints_.add(place_of("url"), url.error().message);
    if (url->scheme != "http" && url->scheme != "https") {
      return complaints_.add(place_of("url"), shown(*text) + " is not an http:// or https:// URL");
    }
    spec_.url = url->scheme + text->substr(url->scheme.size());
  }

  void method() {
    const auto text = mapping_.take_text("method");
    if (!text) return;
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text->empty() || text->size() > 16 || !std::all_of(text->begin(), text->end(), upper) ||
        *text == "CONNECT") {
      return complaints_.add(place_of("method"),
                             shown(*text) + " is not a method (write GET, HEAD, POST, …)");
    }
    spec_.method = *text;
  }

  void body() {
    const Node* inline_text = mapping_.take("body");
    const Node* file = mapping_.take("body_file");
    const Node* credential = mapping_.take("body_credential");
    if ((inline_text != nullptr) + (file != nullptr) + (credential != nullptr) > 1) {
      return complaints_.add((credential != nullptr ? credential : file)->place(),
                             "'body', 'body_file' and 'body_credential' exclude each other");
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
      spec_.body = read_named_file(*file, context_, kMaxRequestBody, complaints_).value_or("");
    } else if (credential != nullptr) {
      spec_.body =
          read_credential(*credential, context_, kMaxRequestBody, complaints_).value_or("");
    }
  }

  void compression() {
    const auto text = mapping_.take_text("compression");
    if (!text) return;
    constexpr std::array<std::pair<std::string_view, Compression>, 5> kCodings{
        {{"gzip", Compression::gzip},
         {"deflate", Compression::deflate},
         {"br", Compression::br},
         {"zstd", Compression::zstd},
         {"identity", Compression::identity}}};
    for (const auto& [name, coding] : kCodings) {
      if (*text == name) spec_.compression = coding;
    }
    const auto& place = place_of("compression");
    if (spec_.compression == Compression::none) {
      complaints_.add(place, shown(*text) + " is none of gzip, deflate, br, zstd, identity");
    }
    if (has_header(spec_, "Accept-Encoding")) {
      complaints_.add(place, "'compression' sets the header Accept-Encoding, which is given");
    }
  }

  void addresses() {
    const auto text = mapping_.take_text("addresses");
    if (!text) return;
    spec_.all_addresses = *text == "all";
    if (*text != "all" && *text != "first") {
      complaints_.add(place_of("addresses"), shown(*text) + " is neither first nor all");
    }
  }

  void resolve() {
    const auto text = mapping_.take_text("resolve");
    if (!text) return;
    if (!is_address(*text)) {
      complaints_.add(place_of("resolve"), shown(*text) + " is not an IP address");
    }
    const bool v6 = text->find(':') != std::string::npos;
    if ((v6 && spec_.family == Family::ipv4) || (!v6 && spec_.family == Family::ipv6)) {
      complaints_.add(place_of("resolve"), shown(*text) + " is not of the family asked for");
    }
    if (spec_.all_addresses) {
      complaints_.add(place_of("resolve"), "'resolve' with 'addresses: all': it is one address");
    }
    spec_.resolve = *text;
  }

  // [user:password@]host:port of a proxy; never shown, for it may hold a password.
  bool is_proxy(const std::string& text) const {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return false;
    const auto name = text.substr(0, scheme);
    if (name != "http" && name != "socks5") return false;
    auto rest = text.substr(scheme + 3);
    if (rest.ends_with('/')) rest.pop_back();
    const auto at = rest.rfind('@');
    const auto user = at == std::string::npos ? std::string() : rest.substr(0, at);
    if (at != std::string::npos) rest.erase(0, at + 1);
    const bool clean = std::all_of(user.begin(), user.end(), [](char c) {
      return c > 0x20 && c < 0x7F && c != '/' && c != '?' && c != '#' && c != '@';
    });
    return clean && (at == std::string::npos || !user.empty()) && parse_host_port(rest).has_value();
  }

  void proxy() {
    const auto text = mapping_.take_text("proxy");
    if (!text) return;
    const auto& place = place_of("proxy");
    if (text->starts_with("https://")) {
      complaints_.add(place,
                      "proxies that speak TLS themselves are not supported by this version "
                      "of nines: write http:// (CONNECT is used for https) or socks5://");
    } else if (!is_proxy(*text)) {
      complaints_.add(place,
                      "a proxy is http://host:port or socks5://host:port, with "
                      "user:password@ before the host where it needs one");
    }
    if (spec_.all_addresses || !spec_.resolve.empty()) {
      complaints_.add(place,
                      "with 'proxy' the proxy chooses the address: leave out 'addresses' "
                      "and 'resolve'");
    }
    spec_.proxy = *text;
  }

  Mapping mapping_;
  const KindContext& context_;
  Complaints& complaints_;
  HttpSpec spec_;
};

}  // namespace

HttpSpec decode_http(const Node& node, const KindContext& context, Complaints& complaints) {
  return HttpDecoder(node, context, complaints).decode();
}

}  // namespace nines::config
