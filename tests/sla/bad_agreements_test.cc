// SPDX-License-Identifier: Apache-2.0
// One file for each mistake in tests/data/agreements/bad, with the expected complaint beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sla/text/agreement_decoder.h"

namespace nines::sla::bad_agreements_test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> files() {
  std::vector<fs::path> out;
  for (const auto& each : fs::directory_iterator(NINES_SOURCE_DIR "/tests/data/agreements/bad")) {
    if (each.path().extension() == ".yaml") out.push_back(each.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class BadAgreement : public testing::TestWithParam<fs::path> {};

TEST_P(BadAgreement, IsRefusedWithItsPlaceAndReason) {
  const fs::path expected = fs::path(GetParam()).replace_extension(".expected");
  const auto out = read_agreement(content(GetParam()), GetParam().filename().string());
  ASSERT_FALSE(out);
  std::string message = out.error().message + "\n";
  EXPECT_EQ(message, content(expected));
}

std::string test_name(const testing::TestParamInfo<fs::path>& param) {
  std::string name = param.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(EachFile, BadAgreement, testing::ValuesIn(files()), test_name);

}  // namespace
}  // namespace nines::sla::bad_agreements_test
