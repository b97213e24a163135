// SPDX-License-Identifier: Apache-2.0
// The `tcp:` mapping of a check.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.h"
#include "config/address.h"
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxSteps = 32;
constexpr std::size_t kMaxBytes = 64 << 10;
constexpr std::size_t kMaxUnixPath = 107;  // sockaddr_un, with the zero at its end

constexpr std::array<std::pair<std::string_view, StartTls>, 7> kProtocols{
    {{"smtp", StartTls::smtp},
     {"imap", StartTls::imap},
     {"pop3", StartTls::pop3},
     {"ftp", StartTls::ftp},
     {"ldap", StartTls::ldap},
     {"postgresql", StartTls::postgresql},
     {"mysql", StartTls::mysql}}};

// The steps of one dialogue, in order: what a step may refer to depends on those before it.
class Steps {
 public:
  Steps(const KindContext& context, TcpSpec& spec, Complaints& complaints)
      : context_(context), spec_(spec), complaints_(complaints) {}

  void decode(const Node& list);

 private:
  void step(const Node& node);
  void pattern(const Node& node);
  void exact(const Node& node);
  void sent(const Node& node, std::string bytes, bool hex);

  void add(TcpStep::Kind kind, std::string bytes) {
    spec_.steps.push_back({kind, std::move(bytes)});
  }

  const KindContext& context_;
  TcpSpec& spec_;
  Complaints& complaints_;
  std::optional<int> groups_;  // of the last pattern
  bool secure_ = false;
};

void Steps::decode(const Node& list) {
  if (list.broken()) return;
  if (list.kind() != Node::Kind::sequence || list.items().empty() ||
      list.items().size() > kMaxSteps) {
    return complaints_.add(list.place(),
                           "a list of 1 to " + std::to_string(kMaxSteps) + " steps is wanted here");
  }
  secure_ = spec_.tls.has_value() || spec_.starttls != StartTls::none;
  for (const auto& item : list.items()) {
    if (item.find("starttls") != nullptr) secure_ = spec_.starttls != StartTls::none;
  }
  for (const auto& item : list.items()) step(item);
}

void Steps::pattern(const Node& node) {
  const auto text = as_text(node, complaints_);
  if (!text) return;
  const auto good = check_pattern(*text);
  if (!good) return complaints_.add(node.place(), good.error().message);
  groups_ = RE2(*text, RE2::Latin1).NumberOfCapturingGroups();
  add(TcpStep::Kind::expect, *text);
}

void Steps::exact(const Node& node) {
  const auto text = as_text(node, complaints_);
  if (!text) return;
  const auto bytes = from_hex(*text);
  if (!bytes || bytes->empty() || bytes->size() > kMaxBytes) {
    return complaints_.add(node.place(),
                           "pairs of hexadecimal digits are wanted here, at most 64KiB of bytes");
  }
  add(TcpStep::Kind::expect_bytes, *bytes);
}

// "${1}" stands for a group of the last pattern, "$${1}" for itself.
void Steps::sent(const Node& node, std::string bytes, bool hex) {
  for (auto at = bytes.find("${"); at != bytes.npos; at = bytes.find("${", at + 2)) {
    if (hex) {
      bytes.insert(at++, 1, '$');  // written in digits, nothing is a reference
      continue;
    }
    const auto end = bytes.find_first_not_of("0123456789", at + 2);
    if (end == bytes.npos || end == at + 2 || bytes[end] != '}') continue;
    if (at > 0 && bytes[at - 1] == '$') continue;
    const auto reference = shown(bytes.substr(at, end + 1 - at));
    const int group = end == at + 3 ? bytes[at + 2] - '0' : 0;
    if (group == 0) {
      complaints_.add(node.place(),
                      reference + ": groups are ${1} to ${9}; write $${…} for itself");
    } else if (!groups_) {
      complaints_.add(node.place(), reference + ": no 'expect' comes before");
    } else if (group > *groups_) {
      complaints_.add(node.place(), reference + ": the pattern before has " +
                                        std::to_string(*groups_) + " groups");
    }
  }
  add(TcpStep::Kind::send, std::move(bytes));
}

void Steps::step(const Node& node) {
  Mapping mapping(node, complaints_, "a step of " + context_.check);
  const Node* expect = mapping.take("expect");
  const Node* hex = mapping.take("expect_hex");
  const Node* starttls = mapping.take("starttls");
  auto bytes = take_bytes(mapping, "send", "send_hex", complaints_);
  mapping.finish();
  if (node.kind() != Node::Kind::mapping) return;
  if (node.entries().size() != 1) {
    return complaints_.add(node.place(),
                           "a step is one of 'send', 'send_hex', 'expect', 'expect_hex' and "
                           "'starttls'");
  }
  if (expect != nullptr) return pattern(*expect);
  if (hex != nullptr) return exact(*hex);
  if (bytes)
    return sent(node.entries()[0].second, *std::move(bytes), node.find("send_hex") != nullptr);
  if (starttls == nullptr) return;
  const auto wanted = as_bool(*starttls, complaints_);
  if (!wanted) return;
  if (!*wanted) return complaints_.add(starttls->place(), "'starttls: true', or no such step");
  if (secure_) return complaints_.add(starttls->place(), "the connection speaks TLS already");
  secure_ = true;
  add(TcpStep::Kind::starttls, {});
}

void take_address(Mapping& mapping, TcpSpec& spec, Complaints& complaints) {
  const auto text = mapping.require_text("address");
  if (!text) return;
  const auto& place = mapping.node().find("address")->place();
  if (text->starts_with("unix:")) {
    spec.unix_path = text->substr(5);
    if (!spec.unix_path.starts_with('/') || spec.unix_path.size() > kMaxUnixPath ||
        spec.unix_path.find('\0') != std::string::npos) {
      complaints.add(place, "after 'unix:' an absolute path of at most 107 bytes is wanted");
    }
    return;
  }
  auto address = parse_host_port(*text);
  if (!address) return complaints.add(place, address.error().message);
  spec.host = std::move(address->host);
  spec.port = address->port;
}

void take_starttls(Mapping& mapping, TcpSpec& spec, Complaints& complaints) {
  const auto text = mapping.take_text("starttls");
  if (!text) return;
  for (const auto& [name, protocol] : kProtocols) {
    if (*text == name) spec.starttls = protocol;
  }
  if (spec.starttls == StartTls::none) {
    complaints.add(mapping.node().find("starttls")->place(),
                   shown(*text) + " is none of smtp, imap, pop3, ftp, ldap, postgresql, mysql");
  }
}

}  // namespace

TcpSpec decode_tcp(const Node& node, const KindContext& context, Complaints& complaints) {
  TcpSpec spec;
  Mapping mapping(node, complaints, "tcp of " + context.check);
  take_address(mapping, spec, complaints);
  if (const Node* tls = mapping.take("tls")) spec.tls = decode_tls(*tls, context, complaints);
  take_starttls(mapping, spec, complaints);
  if (const Node* steps = mapping.take("steps")) Steps(context, spec, complaints).decode(*steps);
  const bool upgrades = spec.starttls != StartTls::none ||
                        std::any_of(spec.steps.begin(), spec.steps.end(), [](const TcpStep& s) {
                          return s.kind == TcpStep::Kind::starttls;
                        });
  if (upgrades && !spec.tls) spec.tls = TlsSpec{};
  const bool secure = spec.tls.has_value();
  if (secure && !spec.unix_path.empty() && spec.tls->server_name.empty() &&
      !spec.tls->skip_verify) {
    complaints.add(node.place(), "TLS over a Unix socket needs 'server_name' in 'tls'");
  }
  spec.expect = decode_limits(mapping, "expect", context, secure, complaints);
  spec.warn = decode_limits(mapping, "warn", context, secure, complaints);
  take_path(mapping, spec, complaints);
  if (!spec.unix_path.empty() && (spec.family != Family::any || !spec.source.empty())) {
    complaints.add(node.place(), "a Unix socket has no 'family' and no 'source'");
  }
  mapping.finish();
  return spec;
}

}  // namespace nines::config
