// SPDX-License-Identifier: Apache-2.0
#include "cli/agreement_input.h"

#include "base/clock.h"

namespace nines::cli {

Expected<sla::AgreementFile> agreement_from(const std::string& path,
                                            const std::vector<std::string>& others) {
  config::Complaints complaints;
  auto file = sla::load_agreement(path, others, complaints);
  if (file) return *std::move(file);
  std::string text = complaints.text();
  while (text.ends_with('\n')) text.pop_back();
  return fail(std::move(text));
}

Expected<sla::LocalDate> day_from(const std::string& text) {
  if (text.empty()) return sla::Zone().date_at(SystemClock().wall());
  const auto day = sla::parse_date(text);
  if (!day) return fail("'" + text + "' is no day (write 2026-11-25)");
  return *day;
}

}  // namespace nines::cli
