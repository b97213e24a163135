// SPDX-License-Identifier: Apache-2.0
#include "config/file_set.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/disk.h"

namespace nines::config {

class Merger {
 public:
  Merger(const std::vector<std::string>& additive, Complaints& complaints)
      : additive_(additive), complaints_(complaints) {
    root_.kind_ = Node::Kind::mapping;
  }

  void add(Node root) {
    if (root_.place_.file.empty()) root_.place_ = root.place_;
    if (root.kind_ != Node::Kind::mapping) {
      complaints_.add(root.place_, "the file must be a mapping (key: value)");
      return;
    }
    for (auto& [key, value] : root.entries_) add_entry(std::move(key), std::move(value));
  }

  Node take() { return std::move(root_); }

 private:
  static Node* find(Node& mapping, const std::string& key) {
    return const_cast<Node*>(std::as_const(mapping).find(key));
  }

  void add_entry(Node key, Node value) {
    Node* known = find(root_, key.text_);
    if (known == nullptr) {
      root_.entries_.emplace_back(std::move(key), std::move(value));
      return;
    }
    const bool adds = std::find(additive_.begin(), additive_.end(), key.text_) != additive_.end();
    if (adds && known->kind_ == Node::Kind::sequence && value.kind_ == Node::Kind::sequence) {
      std::move(value.items_.begin(), value.items_.end(), std::back_inserter(known->items_));
    } else if (!adds && known->kind_ == Node::Kind::mapping && value.kind_ == Node::Kind::mapping) {
      merge(*known, std::move(value));
    } else if (!known->broken_ && !value.broken_) {
      given_twice(root_, key);
    }
  }

  void merge(Node& known, Node more) {
    for (auto& [key, value] : more.entries_) {
      if (known.find(key.text_) != nullptr) {
        given_twice(known, key);
      } else {
        known.entries_.emplace_back(std::move(key), std::move(value));
      }
    }
  }

  void given_twice(const Node& mapping, const Node& key) {
    for (const auto& [first, unused] : mapping.entries_) {
      if (first.text_ != key.text_) continue;
      complaints_.add(key.place_, "key " + shown(key.text_) + " given twice, first at " +
                                      text_of(first.place_));
    }
  }

  const std::vector<std::string>& additive_;
  Complaints& complaints_;
  Node root_;
};

namespace {

// The *.yaml files of the folder, by name; hidden ones are an editor's business.
std::vector<std::string> files_in(const std::string& folder, Complaints& complaints) {
  std::vector<std::string> names;
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    if (error != std::errc::no_such_file_or_directory) {
      complaints.add(Place{folder}, "cannot list the folder: " + error.message());
    }
    return names;
  }
  for (auto entry = begin(entries); entry != end(entries); entry.increment(error)) {
    if (error) break;
    const auto name = entry->path().filename().string();
    if (name.starts_with('.') || !name.ends_with(".yaml")) continue;
    if (entry->is_directory(error)) continue;
    if (!entry->is_regular_file(error)) {
      complaints.add(Place{folder + "/" + name}, "not a readable regular file");
      continue;
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  if (names.size() > kMaxFiles) {
    complaints.add(Place{folder}, "more than " + std::to_string(kMaxFiles) + " files");
    names.resize(kMaxFiles);
  }
  return names;
}

}  // namespace

std::optional<FileSet> load_files(const std::string& path,
                                  const std::vector<std::string>& additive,
                                  Complaints& complaints) {
  FileSet set;
  set.files.push_back(path);
  const auto folder = folder_of_configuration(path);
  for (const auto& name : files_in(folder, complaints)) set.files.push_back(folder + "/" + name);
  Merger merger(additive, complaints);
  std::string digests;
  bool good = true;
  for (const auto& file : set.files) {
    const auto text = read_file(file, kMaxFileBytes);
    if (!text) {
      complaints.add(Place{file}, text.error().message);
      good = false;
      continue;
    }
    const auto name = file.substr(file.rfind('/') + 1);
    const auto content = sha256(as_bytes(*text));
    digests += name + '\0' + std::string(content.begin(), content.end());
    auto root = parse_yaml(*text, file, complaints);
    good = good && root;
    if (root) merger.add(*std::move(root));
  }
  if (!good) return std::nullopt;
  set.root = merger.take();
  set.digest = sha256(as_bytes(digests));
  return set;
}

std::string folder_of_configuration(const std::string& path) {
  constexpr std::string_view kSuffix = ".yaml";
  const bool usual = path.ends_with(kSuffix);
  return (usual ? path.substr(0, path.size() - kSuffix.size()) : path) + ".d";
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string path_in(const std::string& directory, const std::string& path) {
  if (path.starts_with('/') || directory.empty() || directory == ".") return path;
  return directory.ends_with('/') ? directory + path : directory + "/" + path;
}

std::optional<std::string> take_file(Mapping& mapping,
                                     std::string_view key,
                                     const std::string& directory,
                                     Complaints& complaints) {
  const Node* node = mapping.take(key);
  if (node == nullptr) return std::nullopt;
  const auto text = as_text(*node, complaints);
  if (!text) return std::nullopt;
  if (text->empty()) {
    complaints.add(node->place(), "the file's name is empty");
    return std::nullopt;
  }
  const auto path = path_in(directory, *text);
  if (::access(path.c_str(), R_OK) != 0) {
    complaints.add(node->place(), "cannot read " + path + ": " + std::strerror(errno));
    return std::nullopt;
  }
  return path;
}

std::optional<std::string> take_path(Mapping& mapping,
                                     std::string_view key,
                                     Complaints& complaints) {
  const auto text = mapping.take_text(key);
  if (!text) return std::nullopt;
  const auto& place = mapping.node().find(key)->place();
  constexpr std::size_t kMaxPath = 4000;
  if (text->empty() || text->size() > kMaxPath || text->find('\n') != std::string::npos) {
    complaints.add(place, shown(*text) + " is not a path");
    return std::nullopt;
  }
  return path_in(directory_of(place.file), *text);
}

}  // namespace nines::config
