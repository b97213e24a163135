// SPDX-License-Identifier: Apache-2.0
#include "sla/text/agreement_files.h"

#include <algorithm>
#include <filesystem>

#include "config/file_set.h"
#include "config/node_path.h"
#include "config/overlay.h"
#include "sla/text/agreement_decoder.h"
#include "sla/text/presets.h"

namespace nines::sla {
namespace {

namespace fs = std::filesystem;
using config::Complaints;
using config::Node;

constexpr std::size_t kMaxLayers = 8;
constexpr std::size_t kMaxNeighbours = 1000;

std::string text_at(const Node& root, std::string_view path) {
  const Node* found = config::node_at(root, path);
  return found != nullptr ? found->text() : "";
}

std::string label_of(const Node& file) {
  return text_at(file, "metadata/name") + "@" + text_at(file, "metadata/version");
}

// The files of its folder, in name order.
std::vector<std::string> neighbours(const std::string& path) {
  std::vector<std::string> out;
  std::error_code error;
  const fs::path folder = config::directory_of(path);
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto& each = at->path();
    if (each.extension() != ".yaml" && each.extension() != ".yml") continue;
    out.push_back(folder == "." && path.find('/') == std::string::npos ? each.filename().string()
                                                                       : each.string());
    if (out.size() == kMaxNeighbours) break;
  }
  std::sort(out.begin(), out.end());
  return out;
}

class Resolver {
 public:
  Resolver(const std::vector<std::string>& others,
           std::vector<std::string>& of,
           Complaints& complaints)
      : others_(others), of_(of), complaints_(complaints) {}

  std::optional<Node> resolve(const std::string& path) {
    auto file = config::parse_yaml_file(path, complaints_);
    if (!file) return std::nullopt;
    of_.push_back(path);
    const Node* overlay = file->find("overlay");
    if (overlay == nullptr) return file;
    const Node* under = overlay->find("base");
    if (under != nullptr && under->text().starts_with(kPresetPrefix)) {
      return resolve_preset(*file, complaints_);
    }
    const std::size_t before = complaints_.size();
    config::Mapping mapping(*overlay, complaints_, "overlay");
    const std::string base = mapping.require_text("base").value_or("");
    const auto removed = mapping.take_texts("remove").value_or(std::vector<std::string>{});
    mapping.finish();
    if (complaints_.size() != before) return std::nullopt;
    const Node& named = *overlay->find("base");
    if (of_.size() > kMaxLayers) {
      complaints_.add(named.place(), "more than 8 overlays over each other, or a circle of them");
      return std::nullopt;
    }
    const std::string found = file_of(base, path, named);
    if (found.empty()) return std::nullopt;
    auto below = resolve(found);
    if (!below) return std::nullopt;
    return config::overlaid(*std::move(below), config::without(*file, "overlay"), removed,
                            overlay->place(), complaints_);
  }

 private:
  // The one other file whose name and version are `base`.
  std::string file_of(const std::string& base, const std::string& path, const Node& named) {
    for (const auto& candidates : {others_, neighbours(path)}) {
      for (const std::string& each : candidates) {
        std::error_code error;
        if (each == path || fs::equivalent(each, path, error)) continue;
        Complaints unheard;  // of files that may have nothing to do with it
        const auto file = config::parse_yaml_file(each, unheard);
        if (file && label_of(*file) == base) return each;
      }
    }
    complaints_.add(named.place(), "no agreement " + config::shown(base) +
                                       " among the files given or beside this one (write "
                                       "NAME@VERSION as its metadata says)");
    return {};
  }

  const std::vector<std::string>& others_;
  std::vector<std::string>& of_;
  Complaints& complaints_;
};

}  // namespace

std::optional<Node> load_resolved(const std::string& path,
                                  const std::vector<std::string>& others,
                                  std::vector<std::string>& of,
                                  Complaints& complaints) {
  return Resolver(others, of, complaints).resolve(path);
}

std::optional<AgreementFile> load_agreement(const std::string& path,
                                            const std::vector<std::string>& others,
                                            Complaints& complaints) {
  AgreementFile out;
  out.path = path;
  auto text = load_resolved(path, others, out.of, complaints);
  if (!text) return std::nullopt;
  out.text = *std::move(text);
  auto agreement = decode_agreement(out.text, complaints);
  if (!agreement || !complaints.empty()) return std::nullopt;
  out.agreement = *std::move(agreement);
  return out;
}

}  // namespace nines::sla
