// SPDX-License-Identifier: Apache-2.0
// /etc/hosts, read again when it changes. A file that cannot be read is an empty one, as in libc.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nines::net {

// Names in lower case, addresses in the order of the lines. Lines that do not parse are skipped.
std::map<std::string, std::vector<asio::ip::address>> parse_hosts(std::string_view text);

// Tells whether a file changed since it was last looked at.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t size = -1;  // no file
  std::int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_file(const std::string& path);

class HostsFile {
 public:
  explicit HostsFile(std::string path) : path_(std::move(path)) {}

  // `name` in lower case without a final dot. Looks at the file's state at each call (one stat).
  const std::vector<asio::ip::address>* find(const std::string& name);

 private:
  std::string path_;
  FileStamp stamp_;
  std::map<std::string, std::vector<asio::ip::address>> names_;
};

}  // namespace nines::net
