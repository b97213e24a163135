// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "net/address_order.h"
#include "net/dns_channel.h"
#include "net/hosts_file.h"

namespace nines::net {
namespace {

constexpr std::size_t kMaxAddresses = 16;
constexpr std::size_t kMaxName = 253;      // RFC 1035 section 2.3.4, as text
constexpr std::size_t kMaxLookups = 4096;  // at once; the checks of one agent are far fewer
// Questions whose asker gave up stay with c-ares until it gives up too: a channel with so many is
// left to end by itself, so that a silent server cannot pile them up.
constexpr std::size_t kMaxAbandoned = 64;
// How long the answer of one family may hold up the addresses of the other. Some servers never
// answer AAAA; libc would wait 5 s for them.
constexpr Duration kOtherFamily = milliseconds(500);

bool plausible_name(const std::string& name) {
  if (name.empty() || name.size() > kMaxName) return false;
  std::size_t label = 0;
  for (const char c : name) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    if (!letter && c != '.') return false;
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
  }
  return true;
}

bool of_family(const asio::ip::address& address, Family family) {
  return family == Family::any || address.is_v6() == (family == Family::ipv6);
}

Resolution from_known(const std::vector<asio::ip::address>& addresses, Family family) {
  Resolution result{ResolveStatus::ok, {}, {}};
  for (const auto& address : addresses) {
    if (of_family(address, family)) result.addresses.push_back(address);
  }
  if (result.addresses.empty()) {
    result.status = ResolveStatus::no_address;
    result.detail = family == Family::ipv6 ? "no IPv6 address" : "no IPv4 address";
  }
  return result;
}

// resolv.conf(5): a name with fewer dots than ndots is tried with the search list first, and any
// name that is not absolute is tried with it in the end.
std::vector<std::string> names_to_try(const std::string& host, const DnsChannel& channel) {
  if (host.back() == '.') return {host.substr(0, host.size() - 1)};
  std::vector<std::string> names;
  for (const auto& domain : channel.search_domains()) {
    const std::string name = host + "." + domain;
    if (plausible_name(name)) names.push_back(name);
  }
  const auto dots = static_cast<std::size_t>(std::count(host.begin(), host.end(), '.'));
  names.insert(dots >= channel.ndots() ? names.begin() : names.end(), host);
  return names;
}

Resolution without_addresses(ResolveStatus status, std::string detail) {
  return {status, {}, std::move(detail)};
}

// Sockets are made to order addresses; one family of IPv4 needs none.
void put_in_order(std::vector<asio::ip::address>& addresses) {
  const bool mixed = std::any_of(addresses.begin(), addresses.end(),
                                 [](const asio::ip::address& a) { return a.is_v6(); });
  if (mixed) order_addresses(addresses, kernel_source);
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
}

bool settles(const Resolution& answer) {
  return answer.status == ResolveStatus::ok || answer.status == ResolveStatus::not_found;
}

// Nothing where one of both did not come.
std::optional<BootTime> later(std::optional<BootTime> a, std::optional<BootTime> b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

// What two answers about one name come to. NXDOMAIN is about the name, not about one family.
Resolution combine(Resolution a, Resolution b) {
  const auto rank = [](const Resolution& r) {
    switch (r.status) {
      case ResolveStatus::ok:
        return 0;
      case ResolveStatus::not_found:
        return 1;
      case ResolveStatus::no_address:
        return 3;
      default:
        return 2;
    }
  };
  if (a.status == ResolveStatus::ok && b.status == ResolveStatus::ok) {
    a.addresses.insert(a.addresses.end(), b.addresses.begin(), b.addresses.end());
    return a;
  }
  return rank(a) <= rank(b) ? a : b;
}

}  // namespace

struct Resolver::Impl {
  Impl(asio::io_context& loop, const Clock& c, std::string list, ResolverFiles paths)
      : io(loop), clock(c), servers(std::move(list)), files(std::move(paths)), hosts(files.hosts) {}

  std::shared_ptr<DnsChannel> channel();
  std::optional<Resolution> without_dns(const std::string& host, Family family);
  Task<Resolution> ask(std::shared_ptr<DnsChannel> on,
                       std::string name,
                       Family family,
                       BootTime deadline,
                       Stop& stop);

  asio::io_context& io;
  const Clock& clock;
  std::string servers;
  ResolverFiles files;
  HostsFile hosts;
  FileStamp configuration;
  std::shared_ptr<DnsChannel> current;
  std::size_t lookups = 0;
};

std::shared_ptr<DnsChannel> Resolver::Impl::channel() {
  const FileStamp now = stamp_file(files.resolv_conf);
  if (current && (now != configuration || current->abandoned > kMaxAbandoned)) current.reset();
  if (!current) {
    configuration = now;
    current = DnsChannel::open(io, clock, servers, files.resolv_conf);
  }
  return current;
}

std::optional<Resolution> Resolver::Impl::without_dns(const std::string& host, Family family) {
  std::string literal = host;
  if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']') {
    literal = literal.substr(1, literal.size() - 2);
  }
  asio::error_code error;
  const auto address = asio::ip::make_address(literal, error);
  if (!error) return from_known({address}, family);
  if (!plausible_name(host)) {
    return without_addresses(ResolveStatus::not_found, "not a host name");
  }
  std::string name = ascii_lower(host);
  if (name.back() == '.') name.pop_back();
  if (const auto* known = hosts.find(name)) {
    auto result = from_known(*known, family);
    if (result.status == ResolveStatus::ok) return result;
  }
  // RFC 6761 section 6.3: never asked of a server.
  constexpr std::string_view kLocal = ".localhost";
  const bool local =
      name == kLocal.substr(1) || (name.size() > kLocal.size() && name.ends_with(kLocal));
  if (!local) return std::nullopt;
  const std::vector<asio::ip::address> loopback = {asio::ip::address_v6::loopback(),
                                                   asio::ip::address_v4::loopback()};
  auto result = from_known(loopback, family);
  put_in_order(result.addresses);
  return result;
}

Task<Resolution> Resolver::Impl::ask(std::shared_ptr<DnsChannel> on,
                                     std::string name,
                                     Family family,
                                     BootTime deadline,
                                     Stop& stop) {
  const auto changed = std::make_shared<Event>(io);
  auto* event = changed.get();
  const Stop::Callback on_stop(stop, [event] { event->notify(); });
  std::vector<std::shared_ptr<DnsQuestion>> questions;
  if (family != Family::ipv4) questions.push_back(on->send(name, DnsType::aaaa, changed));
  if (family != Family::ipv6) questions.push_back(on->send(name, DnsType::a, changed));

  const auto heard_before = on->heard();
  const auto half = clock.boot() + (deadline - clock.boot()) / 2;
  std::shared_ptr<DnsQuestion> witness;
  bool settled = false;  // one answer is enough, the other is welcome
  while (!stop.requested()) {
    bool waiting = false;
    bool enough = false;
    for (const auto& question : questions) {
      waiting = waiting || !question->answer;
      enough = enough || (question->answer && settles(*question->answer));
    }
    if (!waiting) break;
    if (enough && !settled) {
      settled = true;
      deadline = std::min(deadline, clock.boot() + kOtherFamily);
    }
    const bool doubt = !witness && on->heard() == heard_before;
    if (doubt && clock.boot() >= half) witness = on->send(".", DnsType::ns, changed);
    auto wait = changed->wait_until(clock, doubt && !witness ? std::min(half, deadline) : deadline);
    const bool notified = co_await std::move(wait);
    if (!notified && clock.boot() >= deadline) break;
  }
  if (stop.requested()) co_return without_addresses(ResolveStatus::stopped, "stopped");

  Resolution result = on->take(*questions.front());
  if (questions.size() == 2) {
    Resolution other = on->take(*questions.back());
    const auto arrived = later(result.arrived, other.arrived);
    result = combine(std::move(result), std::move(other));
    result.arrived = arrived;
  }
  if (result.status == ResolveStatus::timed_out && on->heard() == heard_before) {
    result = without_addresses(ResolveStatus::silent, "no name server answered anything in time");
  }
  co_return result;
}

Resolver::Resolver(asio::io_context& io,
                   const Clock& clock,
                   std::string servers,
                   ResolverFiles files)
    : impl_(std::make_unique<Impl>(io, clock, std::move(servers), std::move(files))) {}

Resolver::~Resolver() = default;

Task<Resolution> Resolver::resolve(std::string host, Family family, BootTime deadline, Stop& stop) {
  struct Count {
    explicit Count(std::size_t& n) : number(n) { ++number; }

    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;

    ~Count() { --number; }

    std::size_t& number;
  };

  if (stop.requested()) co_return without_addresses(ResolveStatus::stopped, "stopped");
  auto known = impl_->without_dns(host, family);
  if (known) co_return *std::move(known);
  const Count count(impl_->lookups);
  if (impl_->lookups > kMaxLookups) {
    co_return without_addresses(ResolveStatus::no_resolver, "too many lookups at once");
  }
  const auto channel = impl_->channel();
  if (!channel) {
    co_return without_addresses(ResolveStatus::no_resolver, "no usable name server configured");
  }

  std::optional<Resolution> result;
  std::optional<BootTime> arrived;  // of the last name that was asked
  const auto names = names_to_try(host, *channel);
  for (const auto& name : names) {
    auto ask = impl_->ask(channel, name, family, deadline, stop);
    Resolution answer = co_await std::move(ask);
    arrived = answer.arrived;
    const bool next = answer.status == ResolveStatus::not_found ||
                      answer.status == ResolveStatus::no_address ||
                      answer.status == ResolveStatus::servfail;
    if (!next) {
      result = std::move(answer);
      break;
    }
    // "It exists without an address" and "a server failed" say more than the NXDOMAIN of a suffix.
    const bool says_more = !result || (result->status == ResolveStatus::not_found &&
                                       answer.status != ResolveStatus::not_found);
    if (says_more) result = std::move(answer);
  }
  put_in_order(result->addresses);
  result->asked = true;
  result->arrived = arrived;
  co_return *std::move(result);
}

}  // namespace nines::net
