// SPDX-License-Identifier: Apache-2.0
// A configuration is one file and a folder beside it: agent.yaml, then agent.d/*.yaml in name
// order. They are read as one document; every node keeps the place in the file that it came from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "config/yaml.h"

namespace nines::config {

inline constexpr std::size_t kMaxFiles = 1000;

struct FileSet {
  std::vector<std::string> files;  // in the order in which they were read
  Node root;                       // all of them merged
  Digest digest{};                 // over each file's base name and content, in order
};

// Lists under the keys `additive` add up over the files. Mappings at the top level ("agent:") may
// be spread over several files, but each key in them, and every other key, is given once: a second
// one is a complaint that names both places. Nothing when a file does not parse.
std::optional<FileSet> load_files(const std::string& path,
                                  const std::vector<std::string>& additive,
                                  Complaints& complaints);

std::string folder_of_configuration(const std::string& path);  // "/x/agent.yaml" -> "/x/agent.d"
std::string directory_of(const std::string& path);             // "." where there is no slash

// `path` relative to `directory`, unless it begins with '/'.
std::string path_in(const std::string& directory, const std::string& path);

// A readable file that a key names; its full path.
std::optional<std::string> take_file(Mapping& mapping,
                                     std::string_view key,
                                     const std::string& directory,
                                     Complaints& complaints);

// A path that a key names, relative to the file that says so; it need not exist.
std::optional<std::string> take_path(Mapping& mapping,
                                     std::string_view key,
                                     Complaints& complaints);

}  // namespace nines::config
