// SPDX-License-Identifier: Apache-2.0
#include "net/hosts_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>

#include "base/ascii.h"
#include "base/disk.h"
#include "base/time.h"

namespace nines::net {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;  // a larger one is ignored: block lists are not for us
constexpr std::size_t kMaxPerName = 16;

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlank = " \t\r\v\f";
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const auto end = std::min(line.find_first_of(kBlank), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

}  // namespace

std::map<std::string, std::vector<asio::ip::address>> parse_hosts(std::string_view text) {
  std::map<std::string, std::vector<asio::ip::address>> names;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    asio::error_code error;
    const auto address = asio::ip::make_address(std::string(next_word(line)), error);
    if (error) continue;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      auto& all = names[ascii_lower(word)];
      const bool known = std::find(all.begin(), all.end(), address) != all.end();
      if (!known && all.size() < kMaxPerName) all.push_back(address);
    }
  }
  return names;
}

FileStamp stamp_file(const std::string& path) {
  struct stat state = {};
  if (::stat(path.c_str(), &state) != 0) return {};
  return {state.st_ino, state.st_size,
          std::int64_t{state.st_mtim.tv_sec} * kSecondNs + state.st_mtim.tv_nsec};
}

const std::vector<asio::ip::address>* HostsFile::find(const std::string& name) {
  const FileStamp now = stamp_file(path_);
  if (now != stamp_) {
    stamp_ = now;
    const auto text = now.size >= 0 ? read_file(path_, kMaxFile) : Expected<std::string>();
    names_ = text ? parse_hosts(*text) : decltype(names_){};
  }
  const auto at = names_.find(name);
  return at == names_.end() ? nullptr : &at->second;
}

}  // namespace nines::net
