// SPDX-License-Identifier: Apache-2.0
// docs/reasons.md lists exactly the reasons there are, with their numbers and outcomes, in order.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/outcome.h"

namespace nines::reasons_test {
namespace {

std::vector<std::string> documented() {
  std::ifstream file(std::string(NINES_SOURCE_DIR) + "/docs/reasons.md");
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line);
    std::string nothing, reason, number, outcome;
    std::getline(cells, nothing, '|');
    std::getline(cells, reason, '|');
    std::getline(cells, number, '|');
    std::getline(cells, outcome, '|');
    rows.push_back(reason + number + outcome);
  }
  return rows;
}

TEST(Reasons, AreDocumentedOneByOne) {
  std::vector<std::string> existing;
#define X(identifier, number, outcome) \
  existing.push_back(" `" #identifier "`  " #number "  " #outcome " ");
  NINES_REASONS(X)
#undef X
  EXPECT_EQ(documented(), existing);
}

}  // namespace
}  // namespace nines::reasons_test
