// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/signatures.h"

#include <algorithm>

namespace nines::sla {
namespace {

using Side = SignatureEvent::Side;

constexpr Phrase kProviderMissing{
    "version {0} is not signed by the provider, and the agreement says who signs",
    "版本 {0} 未经服务提供方签署，而协议写明了签署人"};
constexpr Phrase kCustomerMissing{
    "version {0} is not signed by the customer, and the agreement says who signs",
    "版本 {0} 未经客户签署，而协议写明了签署人"};
constexpr Phrase kProviderOther{
    "the provider signed another text of version {0}, sha256:{1}: that signature does not count",
    "服务提供方签署的是版本 {0} 的另一文本 sha256:{1}：该签署无效"};
constexpr Phrase kCustomerOther{
    "the customer signed another text of version {0}, sha256:{1}: that signature does not count",
    "客户签署的是版本 {0} 的另一文本 sha256:{1}：该签署无效"};

SignedVersion::Hand hand_of(const Agreement& agreement,
                            Side side,
                            const std::vector<SignatureEvent>& events,
                            std::vector<Warning>& warnings) {
  const bool provider = side == Side::provider;
  SignedVersion::Hand out;
  for (const Party& party : agreement.parties) {
    if (party.id != (provider ? "provider" : "customer")) continue;
    out.awaited = !party.signing_role.empty() || !party.signing_key.empty();
  }
  for (const SignatureEvent& each : events) {
    if (each.side != side || each.version != agreement.version) continue;
    if (each.digest != agreement.digest) {
      warn_once(
          warnings,
          {provider ? kProviderOther : kCustomerOther, {agreement.version, hex(each.digest)}, {}});
    } else if (out.actor.empty() || each.at < out.at) {
      out.actor = each.actor;
      out.at = each.at;
    }
  }
  if (out.missing()) {
    warn_once(warnings, {provider ? kProviderMissing : kCustomerMissing, {agreement.version}, {}});
  }
  return out;
}

}  // namespace

std::vector<SignedVersion> signatures_of(const std::vector<InForce>& versions,
                                         const std::vector<Interval>& periods,
                                         const std::vector<SignatureEvent>& events,
                                         std::vector<Warning>& warnings) {
  std::vector<SignedVersion> out;
  for (const InForce& version : versions) {
    const Interval& span = version.span;
    const bool in_force = std::any_of(periods.begin(), periods.end(), [&](const Interval& period) {
      return std::max(span.from, period.from) < std::min(span.to, period.to);
    });
    if (!in_force) continue;
    const Agreement& agreement = *version.agreement;
    out.push_back({agreement.version, agreement.digest,
                   hand_of(agreement, Side::provider, events, warnings),
                   hand_of(agreement, Side::customer, events, warnings)});
  }
  return out;
}

}  // namespace nines::sla
