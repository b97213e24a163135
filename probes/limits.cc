// SPDX-License-Identifier: Apache-2.0
#include "probes/limits.h"

#include <numeric>

namespace nines::probes {
namespace {

std::string text_of(const Limits& limits, Duration latency) {
  return "took " + human_duration(latency) + ", allowed " + human_duration(*limits.latency);
}

}  // namespace

std::optional<Duration> latency_of(const ProbeResult& result) {
  if (result.icmp) {
    const auto& rtt = result.icmp->rtt_us;
    if (rtt.empty()) return std::nullopt;
    const auto sum = std::accumulate(rtt.begin(), rtt.end(), std::int64_t{0});
    return microseconds(sum / static_cast<std::int64_t>(rtt.size()));
  }
  if (result.phases != Phases{}) {
    const auto& p = result.phases;
    std::int64_t sum = 0;
    for (const auto& phase : {p.dns_us, p.connect_us, p.tls_us, p.first_byte_us, p.transfer_us}) {
      sum += phase.value_or(0);
    }
    return microseconds(sum);
  }
  if (result.total_us) return microseconds(*result.total_us);
  return std::nullopt;
}

Failure judge_limits(const Limits& limits, const ProbeResult& result, WallTime now) {
  const auto took = latency_of(result);
  if (limits.latency && took && *took > *limits.latency) {
    return {Reason::latency_above, text_of(limits, *took)};
  }
  if (limits.certificate_days && result.tls) {
    const auto expires =
        result.tls->chain_expires ? result.tls->chain_expires : result.tls->expires;
    const auto needed = std::int64_t{*limits.certificate_days} * kDayNs;
    if (expires && expires->ns - now.ns < needed) {
      return {Reason::tls_certificate_days,
              "a certificate expires " + format_rfc3339(*expires).substr(0, 10) + ", in " +
                  std::to_string((expires->ns - now.ns) / kDayNs) + " days, wanted " +
                  std::to_string(*limits.certificate_days)};
    }
  }
  return {};
}

void add_warning(ProbeResult& result, std::string text) {
  if (result.warnings.size() < kMaxWarnings) {
    result.warnings.push_back(cut_text(valid_text(std::move(text))));
  }
}

void apply_limits(const Check& check, ProbeResult& result, WallTime now) {
  if (result.reason != Reason::ok) return;
  auto exceeded = judge_limits(check.expected(), result, now);
  if (exceeded) {
    result.reason = exceeded.reason;
    result.detail = std::move(exceeded.detail);
    return;
  }
  auto& warned = check.warned();
  // One by one: both may be exceeded.
  for (const Limits& one :
       {Limits{warned.latency, std::nullopt}, Limits{std::nullopt, warned.certificate_days}}) {
    auto warning = judge_limits(one, result, now);
    if (warning) {
      add_warning(result, std::string(name(warning.reason)) + ": " + std::move(warning.detail));
    }
  }
  if (result.tls && !result.tls->verified) {
    add_warning(result, "the certificate is not verified (skip_verify)");
  }
}

}  // namespace nines::probes
