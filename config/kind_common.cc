// SPDX-License-Identifier: Apache-2.0
// Decoding that several kinds of check share: files, patterns, TLS, shares.
#include <arpa/inet.h>
#include <re2/re2.h>

#include <array>
#include <numeric>

#include "base/bytes.h"
#include "base/disk.h"
#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxPattern = 4096;
constexpr std::size_t kMaxPatterns = 32;
constexpr std::int64_t kPatternMemory = 1 << 20;  // bytes that one compiled pattern may take

bool digits_only(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool is_address(const std::string& text) {
  in6_addr address{};  // room for either
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::optional<std::string> read_named_file(const Node& node,
                                           const KindContext& context,
                                           std::size_t limit,
                                           Complaints& complaints) {
  const auto text = as_text(node, complaints);
  if (!text) return std::nullopt;
  if (text->empty()) {
    complaints.add(node.place(), "the file's name is empty");
    return std::nullopt;
  }
  if (context.files_elsewhere) return std::string();
  auto content = read_file(path_in(context.directory, *text), limit);
  if (!content) {
    complaints.add(node.place(), content.error().message);
    return std::nullopt;
  }
  return *std::move(content);
}

void refuse_unsupported(Mapping& mapping,
                        const std::vector<std::string_view>& keys,
                        Complaints& complaints) {
  for (const auto key : keys) {
    if (mapping.node().find(key) == nullptr) continue;
    mapping.take(key);
    for (const auto& [name, value] : mapping.node().entries()) {
      if (name.text() != key) continue;
      complaints.add(name.place(),
                     "'" + std::string(key) + "' is not supported by this version of nines");
    }
  }
}

Expected<void> check_pattern(const std::string& pattern) {
  if (pattern.empty()) return fail("the pattern is empty");
  if (pattern.size() > kMaxPattern) {
    return fail("the pattern is longer than " + std::to_string(kMaxPattern) + " bytes");
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kPatternMemory);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) return fail("pattern " + shown(pattern) + ": " + compiled.error());
  return {};
}

std::vector<std::string> take_patterns(Mapping& mapping,
                                       std::string_view key,
                                       Complaints& complaints) {
  std::vector<std::string> out;
  const Node* node = mapping.take(key);
  if (node == nullptr || node->broken()) return out;
  const bool list = node->kind() == Node::Kind::sequence;
  const std::size_t count = list ? node->items().size() : 1;
  if (count == 0 || count > kMaxPatterns) {
    complaints.add(node->place(), "one pattern or a list of 1 to " + std::to_string(kMaxPatterns) +
                                      " is wanted here");
    return out;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Node& item = list ? node->items()[i] : *node;
    auto pattern = as_text(item, complaints);
    if (!pattern) continue;
    const auto good = check_pattern(*pattern);
    if (!good) complaints.add(item.place(), good.error().message);
    out.push_back(*std::move(pattern));
  }
  return out;
}

std::optional<Duration> take_latency(Mapping& mapping,
                                     const KindContext& context,
                                     Complaints& complaints) {
  const auto latency = mapping.take_duration("latency", microseconds(1), hours(24));
  if (latency && *latency > context.timeout) {
    complaints.add(mapping.node().find("latency")->place(),
                   "latency " + format_duration(*latency) + " is longer than the timeout " +
                       format_duration(context.timeout) + ", so it could never be exceeded");
  }
  return latency;
}

Limits take_limits(Mapping& mapping,
                   const KindContext& context,
                   bool certificates,
                   Complaints& complaints) {
  Limits limits;
  limits.latency = take_latency(mapping, context, complaints);
  if (!certificates) return limits;
  const auto days = mapping.take_integer("certificate_days", 0, 3650);
  if (days) limits.certificate_days = static_cast<int>(*days);
  return limits;
}

Limits decode_limits(Mapping& mapping,
                     std::string_view key,
                     const KindContext& context,
                     bool certificates,
                     Complaints& complaints) {
  const Node* node = mapping.take(key);
  if (node == nullptr) return {};
  Mapping inner(*node, complaints, std::string(key) + " of " + context.check);
  auto limits = take_limits(inner, context, certificates, complaints);
  inner.finish();
  return limits;
}

PathSpec take_path(Mapping& mapping, Complaints& complaints) {
  PathSpec path;
  if (const auto text = mapping.take_text("family")) {
    constexpr std::array<std::pair<std::string_view, Family>, 4> kFamilies{
        {{"ipv4", Family::ipv4},
         {"ipv6", Family::ipv6},
         {"prefer_ipv4", Family::prefer_ipv4},
         {"prefer_ipv6", Family::prefer_ipv6}}};
    for (const auto& [name, family] : kFamilies) {
      if (*text == name) path.family = family;
    }
    if (path.family == Family::any) {
      complaints.add(mapping.node().find("family")->place(),
                     shown(*text) + " is none of ipv4, ipv6, prefer_ipv4, prefer_ipv6");
    }
  }
  if (const auto text = mapping.take_text("source")) {
    constexpr std::size_t kMaxInterface = 15;  // IFNAMSIZ without its end
    const bool literal = text->find_first_of(".:") != std::string::npos && is_address(*text);
    const bool interface = !text->empty() && text->size() <= kMaxInterface &&
                           text->find_first_of("/: \t") == std::string::npos;
    if (!literal && !interface) {
      complaints.add(mapping.node().find("source")->place(),
                     shown(*text) + " is neither an address nor the name of an interface");
    }
    path.source = *text;
  }
  return path;
}

TlsSpec decode_tls(const Node& node, const KindContext& context, Complaints& complaints) {
  Mapping mapping(node, complaints, "tls of " + context.check);
  auto tls = take_tls(mapping, context, complaints);
  mapping.finish();
  return tls;
}

namespace {

// The name of a file on another machine, as it is written.
std::string take_name(Mapping& mapping, std::string_view key, Complaints& complaints) {
  const auto text = mapping.take_text(key);
  if (text && text->empty()) {
    complaints.add(mapping.node().find(key)->place(), "the file's name is empty");
  }
  return text.value_or("");
}

}  // namespace

TlsSpec take_tls(Mapping& mapping, const KindContext& context, Complaints& complaints) {
  TlsSpec tls;
  const Node& node = mapping.node();
  const auto file = [&](std::string_view key) {
    if (context.files_elsewhere) return take_name(mapping, key, complaints);
    return take_file(mapping, key, context.directory, complaints).value_or("");
  };
  tls.ca_file = file("ca");
  tls.certificate_file = file("certificate");
  tls.key_file = file("key");
  if ((node.find("certificate") == nullptr) != (node.find("key") == nullptr)) {
    complaints.add(node.place(), "'certificate' and 'key' go together");
  }
  if (const auto name = mapping.take_text("server_name")) {
    const auto good = check_host(*name);
    if (!good) complaints.add(node.find("server_name")->place(), good.error().message);
    tls.server_name = *name;
  }
  tls.skip_verify = mapping.take_bool("skip_verify").value_or(false);
  if (tls.skip_verify && !tls.ca_file.empty()) {
    complaints.add(node.find("skip_verify")->place(),
                   "'skip_verify' with 'ca': one trusts everybody, the other only a few");
  }
  if (const auto version = mapping.take_text("min_version")) {
    if (*version != "1.2" && *version != "1.3") {
      complaints.add(node.find("min_version")->place(),
                     shown(*version) + " is neither \"1.2\" nor \"1.3\"");
    }
    tls.min_version = *version;
  }
  return tls;
}

Endpoint take_endpoint(Mapping& mapping,
                       std::string_view key,
                       std::uint16_t usual_port,
                       Complaints& complaints) {
  const auto text = mapping.require_text(key);
  if (!text) return {};
  auto address = parse_host_port(*text, usual_port);
  if (address) return {std::move(address->host), address->port};
  complaints.add(mapping.node().find(key)->place(), address.error().message);
  return {};
}

std::optional<std::string> take_bytes(Mapping& mapping,
                                      std::string_view text_key,
                                      std::string_view hex_key,
                                      Complaints& complaints) {
  constexpr std::size_t kMaxSend = 64 << 10;
  const Node* text = mapping.take(text_key);
  const Node* hex = mapping.take(hex_key);
  const Node* node = text != nullptr ? text : hex;
  if (node == nullptr || node->broken()) return std::nullopt;
  if (text != nullptr && hex != nullptr) {
    complaints.add(hex->place(), "'" + std::string(text_key) + "' and '" + std::string(hex_key) +
                                     "' exclude each other");
    return std::nullopt;
  }
  if (node->kind() != Node::Kind::scalar || node->text().empty()) {
    complaints.add(node->place(), "a text that is not empty is wanted here");
    return std::nullopt;
  }
  // Any byte may be sent: the text is taken as it is, "\r\n" and "\x00" of double quotes included.
  auto bytes = hex != nullptr ? from_hex(node->text()) : node->text();
  if (!bytes) complaints.add(node->place(), "pairs of hexadecimal digits are wanted here");
  if (bytes && bytes->size() > kMaxSend) {
    complaints.add(node->place(), "more than 64KiB");
    return std::nullopt;
  }
  return bytes;
}

Expected<std::pair<std::int64_t, std::int64_t>> parse_share(std::string_view text) {
  const auto bad = [&] {
    return fail(shown(text) + " is not a share (write \"0\", \"2.5%\", \"0.025\" or \"1/3\")");
  };
  const auto whole = [](std::string_view digits) {
    std::int64_t value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
  };
  constexpr std::size_t kMaxDigits = 9;
  std::int64_t above = 0;
  std::int64_t below = 1;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto first = text.substr(0, slash);
    const auto second = text.substr(slash + 1);
    if (!digits_only(first) || !digits_only(second) || first.size() > kMaxDigits ||
        second.size() > kMaxDigits) {
      return bad();
    }
    above = whole(first);
    below = whole(second);
  } else {
    auto number = text;
    if (number.ends_with('%')) {
      number.remove_suffix(1);
      below = 100;
    }
    const auto point = number.find('.');
    const auto integer = number.substr(0, point);
    const auto fraction = point == std::string_view::npos ? "" : number.substr(point + 1);
    if (!digits_only(integer) || integer.size() > 3 || fraction.size() > kMaxDigits ||
        (point != std::string_view::npos && !digits_only(fraction))) {
      return bad();
    }
    for (std::size_t i = 0; i < fraction.size(); ++i) below *= 10;
    above = whole(std::string(integer) + std::string(fraction));
  }
  if (below == 0 || above > below) return fail(shown(text) + " is not a share from 0 to 1");
  const auto common = std::gcd(above, below);
  return std::pair{above / common, below / common};
}

}  // namespace nines::config
