// SPDX-License-Identifier: Apache-2.0
#include "config/check_decoder.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/address.h"
#include "config/kind_decoders.h"
#include "model/dns_names.h"

namespace nines::config {
namespace {

constexpr Duration kLeastEvery = milliseconds(100);
constexpr Duration kMostEvery = hours(24);
constexpr Duration kLeastTimeout = milliseconds(10);
constexpr Duration kUsualTimeout = seconds(5);

// every, timeout, labels, priority, invert: what all kinds share.
void decode_common(Mapping& mapping,
                   const CheckDefaults& defaults,
                   Check& check,
                   Complaints& complaints) {
  check.every = mapping.take_duration("every", kLeastEvery, kMostEvery).value_or(defaults.every);
  const auto timeout = mapping.take_duration("timeout", kLeastTimeout, kMostEvery);
  if (timeout && *timeout > check.every) {
    complaints.add(mapping.node().find("timeout")->place(), "timeout " + format_duration(*timeout) +
                                                                " is longer than 'every' " +
                                                                format_duration(check.every));
  }
  check.timeout = timeout.value_or(std::min(defaults.timeout.value_or(kUsualTimeout), check.every));
  if (const Node* labels = mapping.take("labels")) {
    check.labels = decode_labels(*labels, complaints);
  }
  check.priority = static_cast<int>(mapping.take_integer("priority", 1, 9).value_or(5));
  check.invert = mapping.take_bool("invert").value_or(false);
}

// The one kind that the check holds; complains of none and of several.
void decode_kind(Mapping& mapping,
                 const KindContext& context,
                 Check& check,
                 Complaints& complaints) {
  constexpr std::string_view kKinds[] = {"http", "tcp",  "icmp", "dns",
                                         "tls",  "grpc", "udp",  "exec"};
  std::string found;
  for (const auto kind : kKinds) {
    const Node* node = mapping.take(kind);
    if (node == nullptr) continue;
    if (!found.empty()) {
      complaints.add(node->place(), context.check + " holds both '" + found + "' and '" +
                                        std::string(kind) + "'; a check is of one kind");
      continue;
    }
    found = kind;
    if (kind == "http") check.spec = decode_http(*node, context, complaints);
    if (kind == "tcp") check.spec = decode_tcp(*node, context, complaints);
    if (kind == "icmp") check.spec = decode_icmp(*node, context, complaints);
    if (kind == "dns") check.spec = decode_dns(*node, context, complaints);
    if (kind == "tls") check.spec = decode_handshake(*node, context, complaints);
    if (kind == "grpc") check.spec = decode_grpc(*node, context, complaints);
    if (kind == "udp") check.spec = decode_udp(*node, context, complaints);
    if (kind == "exec") check.spec = decode_exec(*node, context, complaints);
  }
  if (found.empty() && mapping.node().kind() == Node::Kind::mapping) {
    complaints.add(
        mapping.node().place(),
        context.check + " has no kind: add http, tcp, icmp, dns, tls, grpc, udp or exec");
  }
}

bool is_bare(const Url& url) { return url.path.empty() || url.path == "/"; }

Expected<TcpSpec> unix_target(const std::string& uri) {
  constexpr std::size_t kMostPath = 107;  // sockaddr_un, with the zero at its end
  TcpSpec tcp;
  tcp.unix_path = uri.substr(5);
  if (tcp.unix_path.size() > kMostPath || tcp.unix_path.find('\0') != std::string::npos) {
    return fail(shown(uri) + ": the path of a Unix socket has 107 bytes at most");
  }
  return tcp;
}

Expected<TcpSpec> tcp_target(const Url& url, const std::string& uri) {
  if (url.port == 0) return fail(shown(uri) + " has no port (write tcp://host:port)");
  if (!is_bare(url)) return fail(shown(uri) + ": a tcp:// target has no path");
  TcpSpec tcp;
  tcp.host = url.host;
  tcp.port = url.port;
  return tcp;
}

Expected<IcmpSpec> icmp_target(const Url& url, const std::string& uri, Duration timeout) {
  if (url.port != 0 || !is_bare(url)) {
    return fail(shown(uri) + ": write icmp://host and nothing more");
  }
  IcmpSpec icmp;
  icmp.host = url.host;
  icmp.interval = std::max<Duration>(milliseconds(1),
                                     std::min<Duration>(icmp.interval, timeout / (icmp.count + 1)));
  return icmp;
}

// dns://server[:port]/name[?type=MX] (RFC 4501 in spirit).
Expected<DnsSpec> dns_target(const Url& url, const std::string& uri) {
  DnsSpec dns;
  dns.host = url.host;
  if (url.port != 0) dns.port = url.port;
  auto name = is_bare(url) ? std::string() : url.path.substr(1);
  if (const auto query = name.find('?'); query != name.npos) {
    const auto what = name.substr(query + 1);
    name.erase(query);
    if (!what.starts_with("type=") || !dns_type_number(what.substr(5))) {
      return fail(shown(uri) + ": after '?' only a type may follow: dns://server/name?type=MX");
    }
    dns.type = what.substr(5);
  }
  const auto good = check_dns_name(name);
  if (!good) return fail(shown(uri) + ": write dns://server/name: " + good.error().message);
  dns.name = std::move(name);
  return dns;
}

Expected<HandshakeSpec> tls_target(const Url& url, const std::string& uri) {
  if (!is_bare(url)) return fail(shown(uri) + ": a tls:// target has no path");
  HandshakeSpec tls;
  tls.host = url.host;
  if (url.port != 0) tls.port = url.port;
  return tls;
}

// In clear; TLS needs a file.
Expected<GrpcSpec> grpc_target(const Url& url, const std::string& uri) {
  if (url.port == 0) return fail(shown(uri) + " has no port (write grpc://host:port/service)");
  GrpcSpec grpc;
  grpc.host = url.host;
  grpc.port = url.port;
  if (!is_bare(url)) grpc.service = url.path.substr(1);
  return grpc;
}

}  // namespace

Expected<void> check_name(std::string_view name) {
  const auto legal = [](char c) { return is_ascii_alnum(c) || c == '.' || c == '_' || c == '-'; };
  if (name.empty() || name.size() > kMaxName || !is_ascii_alnum(name[0]) ||
      !std::all_of(name.begin(), name.end(), legal)) {
    return fail(shown(name) +
                " is not a name (1 to 64 letters, digits, '.', '_', '-', first a "
                "letter or digit)");
  }
  return {};
}

Labels decode_labels(const Node& node, Complaints& complaints) {
  constexpr std::size_t kMaxLabels = 32;
  constexpr std::size_t kMaxValue = 128;
  Labels labels;
  const Mapping unused(node, complaints, "labels");
  if (node.entries().size() > kMaxLabels) {
    complaints.add(node.place(), "more than " + std::to_string(kMaxLabels) + " labels");
    return labels;
  }
  for (const auto& [key, value] : node.entries()) {
    const auto good = check_name(key.text());
    if (!good) complaints.add(key.place(), "label " + good.error().message);
    const auto text = as_text(value, complaints);
    if (!text) continue;
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (text->size() > kMaxValue || std::any_of(text->begin(), text->end(), control)) {
      complaints.add(value.place(), "a label's value is one line of at most 128 bytes");
    }
    labels[key.text()] = *text;
  }
  return labels;
}

std::optional<Check> decode_check(const Node& node,
                                  const CheckDefaults& defaults,
                                  const std::string& directory,
                                  const std::vector<std::string>& extra_keys,
                                  Complaints& complaints) {
  const auto before = complaints.size();
  Check check;
  const Node* name = node.find("name");
  const bool named = name != nullptr && name->kind() == Node::Kind::scalar && !name->broken();
  const auto what = named ? "check " + shown(name->text()) : std::string("the check");
  Mapping mapping(node, complaints, what);
  if (const auto text = mapping.require_text("name")) {
    const auto good = check_name(*text);
    if (!good) complaints.add(name->place(), good.error().message);
    check.name = *text;
  }
  decode_common(mapping, defaults, check, complaints);
  decode_kind(mapping, {what, check.timeout, directory, defaults.files_elsewhere}, check,
              complaints);
  for (const auto& key : extra_keys) mapping.take(key);
  refuse_unsupported(mapping, {"warn"}, complaints);
  mapping.finish();
  if (node.broken() || complaints.size() != before) return std::nullopt;
  return check;
}

Expected<Check> check_from_uri(const std::string& uri, Duration every, Duration timeout) {
  Check check;
  check.name = uri;
  check.every = every;
  check.timeout = timeout;
  if (every < kLeastEvery || every > kMostEvery || timeout < kLeastTimeout || timeout > every) {
    return fail("timeout " + format_duration(timeout) + " and interval " + format_duration(every) +
                " do not fit each other");
  }
  if (uri.size() > kMaxUri) {
    return fail("the target is longer than " + std::to_string(kMaxUri) + " bytes");
  }
  if (uri.starts_with("unix:/")) {
    TRY(spec, unix_target(uri));
    check.spec = std::move(spec);
    return check;
  }
  TRY(url, parse_url(uri));
  if (url.scheme == "http" || url.scheme == "https") {
    HttpSpec http;
    http.url = url.scheme + uri.substr(url.scheme.size());
    check.spec = std::move(http);
  } else if (url.scheme == "tcp") {
    TRY(spec, tcp_target(url, uri));
    check.spec = std::move(spec);
  } else if (url.scheme == "icmp") {
    TRY(spec, icmp_target(url, uri, timeout));
    check.spec = std::move(spec);
  } else if (url.scheme == "dns") {
    TRY(spec, dns_target(url, uri));
    check.spec = std::move(spec);
  } else if (url.scheme == "tls") {
    TRY(spec, tls_target(url, uri));
    check.spec = std::move(spec);
  } else if (url.scheme == "grpc") {
    TRY(spec, grpc_target(url, uri));
    check.spec = std::move(spec);
  } else if (url.scheme == "udp") {
    return fail(shown(uri) + ": what to send stands in a file: write a 'udp' check there");
  } else {
    return fail(shown(uri) +
                ": write http://, https://, tcp://host:port, icmp://host, dns://server/name, "
                "tls://host:port, grpc://host:port or unix:/path");
  }
  return check;
}

}  // namespace nines::config
