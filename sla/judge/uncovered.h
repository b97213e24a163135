// SPDX-License-Identifier: Apache-2.0
// The risk that no supplier covers (S54): what the same results mean under the customer's text and
// under the supplier's, laid over each other.
#pragma once

#include "sla/judge/report.h"
#include "sla/text/agreement.h"

namespace nines::sla {

// Fills `supplier.backs`: each objective of `report` that is measured by a check of the supplier,
// against the supplier's first promise. `agreement` is the customer's.
void lay_over(const Agreement& agreement,
              const Supplier& terms,
              const Report& report,
              SupplierReport& supplier);

// Absent where we owe nothing that is priced, or no supplier's credits are in the same currency.
std::optional<Uncovered> uncovered_of(const Report& report);

}  // namespace nines::sla
