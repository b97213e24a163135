// SPDX-License-Identifier: Apache-2.0
#include "sla/text/versions.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

std::string label(const Agreement& a) { return a.name + " " + a.version; }

Expected<void> check_pair(const Agreement& a, const Agreement& b) {
  if (a.name != b.name) {
    return fail("'" + a.name + "' and '" + b.name +
                "' are two agreements; several files must be versions of one");
  }
  if (a.version == b.version) return fail("version " + label(a) + " is given twice");
  if (a.effective_from == b.effective_from) {
    return fail("versions " + a.version + " and " + b.version + " of " + a.name +
                " take effect at the same instant");
  }
  return {};
}

Expected<void> check_superseded(const Agreement& newer, const Agreement& older) {
  if (newer.supersedes_version != older.version || !newer.supersedes_digest) return {};
  const std::string given = "sha256:" + hex(older.digest);
  if (*newer.supersedes_digest == given) return {};
  return fail("version " + label(newer) + " supersedes " + older.version + " with digest " +
              *newer.supersedes_digest + ", but the file given has " + given);
}

}  // namespace

Expected<std::vector<InForce>> order_versions(const std::vector<Agreement>& versions) {
  if (versions.empty()) return fail("no agreement given");
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (std::size_t j = i + 1; j < versions.size(); ++j) {
      TRY_VOID(check_pair(versions[i], versions[j]));
      TRY_VOID(check_superseded(versions[i], versions[j]));
      TRY_VOID(check_superseded(versions[j], versions[i]));
    }
  }
  std::vector<InForce> out;
  for (const Agreement& version : versions) out.push_back({&version, {}});
  std::sort(out.begin(), out.end(), [](const InForce& a, const InForce& b) {
    return a.agreement->effective_from < b.agreement->effective_from;
  });
  const std::int64_t forever = Zone().instant({kLastYear, 12, 31}).ns;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Agreement& version = *out[i].agreement;
    std::int64_t to = version.effective_to ? version.effective_to->ns : forever;
    if (i + 1 < out.size()) to = std::min(to, out[i + 1].agreement->effective_from.ns);
    out[i].span = {version.effective_from.ns, to};
  }
  return out;
}

const InForce& version_at(const std::vector<InForce>& versions, std::int64_t as_of_ns) {
  ASSERT(!versions.empty());
  const InForce* found = &versions.front();
  for (const InForce& version : versions) {
    if (version.span.from < as_of_ns) found = &version;
  }
  return *found;
}

}  // namespace nines::sla
