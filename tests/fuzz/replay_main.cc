// SPDX-License-Identifier: Apache-2.0
// The entry of a fuzzer without libFuzzer: each file of a folder once, in order of names, and the
// same bytes cut short. Whatever is wrong ends the program, as it would end the fuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void give(const std::vector<std::uint8_t>& bytes) {
  // A copy of exactly this size, so that a sanitizer sees a read beyond it.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 1;
  }
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], error)) {
    if (entry.is_regular_file()) names.push_back(entry.path().string());
  }
  if (error || names.empty()) {
    std::fprintf(stderr, "%s: no corpus: %s\n", argv[1], error.message().c_str());
    return 1;
  }
  std::sort(names.begin(), names.end());
  give({});
  for (const auto& name : names) {
    std::printf("%s\n", name.c_str());  // the last one is the culprit
    std::fflush(stdout);
    std::ifstream file(name, std::ios::binary);
    std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
    give(bytes);
    bytes.resize(bytes.size() / 2);
    give(bytes);
  }
  std::printf("%zu inputs\n", names.size());
  return 0;
}
