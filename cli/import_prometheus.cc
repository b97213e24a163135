// SPDX-License-Identifier: Apache-2.0
#include "cli/import_prometheus.h"

#include <glob.h>

#include <algorithm>

#include "cli/import_relabel.h"

namespace nines::cli {
namespace {

using config::Node;

constexpr std::size_t kMaxTargets = 20'000;
constexpr std::size_t kMaxFiles = 1000;
constexpr Duration kUsualInterval = seconds(60);
constexpr Duration kUsualTimeout = seconds(10);

// Files that a pattern of paths names, relative to the folder of `file`.
std::vector<std::string> files_of(const std::string& file, const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(absolute_path(file, pattern).c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc && i < kMaxFiles; ++i) {
      out.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return out;
}

class PrometheusReader {
 public:
  explicit PrometheusReader(ImportedSet& set) : set_(set) {}

  void read(const std::string& path, const Node& root);

  std::vector<ProbeTarget> take() { return std::move(targets_); }

 private:
  struct Job {
    std::string file;
    std::string name;
    Duration every{0};
    Duration timeout{0};
    LabelMap labels;  // that all its targets begin with
    Relabelling relabelling;
  };

  void jobs(const std::string& path, const Node* list);
  void job(const std::string& path, const Node& node);
  void groups(const Job& job, const Node* list, const LabelMap& more);
  void from_files(const Job& job, const Node* list);
  void target(const Job& job, const Node& node, LabelMap labels);
  Duration duration(ForeignKeys& keys, std::string_view key, Duration usual);
  void tell(const Draft& notes);

  ImportedSet& set_;
  std::vector<ProbeTarget> targets_;
  Duration every_ = kUsualInterval;
  Duration timeout_ = kUsualTimeout;
  std::size_t files_ = 0;
  bool full_ = false;
};

void PrometheusReader::tell(const Draft& notes) {
  for (const auto& note : notes.notes) set_.note(note.place, note.text);
}

Duration PrometheusReader::duration(ForeignKeys& keys, std::string_view key, Duration usual) {
  const auto text = keys.text(key);
  if (!text) return usual;
  const auto parsed = parse_foreign_duration(*text);
  if (parsed && parsed->count() > 0) return *parsed;
  keys.note(key, config::shown(*text) + " is no duration; " + format_duration(usual) + " is taken");
  return usual;
}

void PrometheusReader::read(const std::string& path, const Node& root) {
  Draft notes;
  notes.place = root.place();
  ForeignKeys keys(&root, "the configuration", notes);
  ForeignKeys global(keys.take("global"), "global", notes);
  every_ = duration(global, "scrape_interval", kUsualInterval);
  timeout_ = duration(global, "scrape_timeout", std::min(kUsualTimeout, every_));
  if (const Node* labels = global.take("external_labels")) {
    notes.note(labels->place(), "external_labels belong into agent.labels of the agent's file");
  }
  const Node* list = keys.take("scrape_configs");
  const auto more = keys.texts("scrape_config_files");
  tell(notes);
  jobs(path, list);
  for (const auto& pattern : more) {
    for (const auto& file : files_of(path, pattern)) {
      if (++files_ > kMaxFiles) return;
      config::Complaints trouble;
      const auto other = config::parse_yaml_file(file, trouble, config::Dialect::foreign);
      if (!trouble.empty()) set_.note({file}, "not read: " + trouble.text());
      if (other) jobs(file, other->find("scrape_configs"));
    }
  }
}

void PrometheusReader::jobs(const std::string& path, const Node* list) {
  if (list == nullptr || list->broken()) return;
  for (const auto& item : list->items()) job(path, item);
}

void PrometheusReader::job(const std::string& path, const Node& node) {
  Draft notes;
  notes.place = node.place();
  ForeignKeys keys(&node, "this scrape job", notes);
  const auto metrics_path = keys.text("metrics_path").value_or("/metrics");
  if (!metrics_path.ends_with("/probe")) return;
  const auto name = keys.text("job_name").value_or("");
  const auto every = duration(keys, "scrape_interval", every_);
  const auto timeout = std::min(every, duration(keys, "scrape_timeout", std::min(timeout_, every)));
  LabelMap labels{{"job", name},
                  {"__metrics_path__", metrics_path},
                  {"__scheme__", keys.text("scheme").value_or("http")},
                  {"__scrape_interval__", format_duration(every)},
                  {"__scrape_timeout__", format_duration(timeout)}};
  ForeignKeys params(keys.take("params"), "params", notes);
  if (const Node* all = keys.take("params"); all != nullptr) {
    for (const auto& [key, value] : all->entries()) {
      const auto values = params.texts(key.text());
      if (!values.empty()) labels["__param_" + key.text()] = values[0];
      if (values.size() > 1) {
        notes.note(value.place(), "of several values of a parameter the first is taken");
      }
    }
  }
  const Job job{path,    name,   every,
                timeout, labels, Relabelling(keys.take("relabel_configs"), notes)};
  const Node* fixed = keys.take("static_configs");
  const Node* files = keys.take("file_sd_configs");
  if (keys.take("metric_relabel_configs") != nullptr) {
    keys.note("metric_relabel_configs", "metric_relabel_configs are not carried over");
  }
  for (const auto& [key, value] : node.entries()) {
    if (key.text().ends_with("_sd_configs") && &value != files) {
      notes.note(key.place(), "the targets of " + config::shown(key.text()) + " of job " +
                                  config::shown(name) + " are not known here");
    }
  }
  tell(notes);
  groups(job, fixed, {});
  from_files(job, files);
}

void PrometheusReader::from_files(const Job& job, const Node* list) {
  if (list == nullptr) return;
  for (const auto& item : list->items()) {
    const Node* files = item.find("files");
    if (files == nullptr) continue;
    for (const auto& pattern : files->items()) {
      const auto found = files_of(job.file, pattern.text());
      if (found.empty()) {
        set_.note(pattern.place(), "no file is named by " + config::shown(pattern.text()));
      }
      for (const auto& file : found) {
        if (++files_ > kMaxFiles) {
          return set_.note(pattern.place(), "more than 1000 files: this and the rest are not read");
        }
        config::Complaints trouble;
        const auto root = config::parse_yaml_file(file, trouble, config::Dialect::foreign);
        if (!trouble.empty()) set_.note({file}, "not read: " + trouble.text());
        if (root && trouble.empty()) groups(job, &*root, {{"__meta_filepath", file}});
      }
    }
  }
}

void PrometheusReader::groups(const Job& job, const Node* list, const LabelMap& more) {
  if (list == nullptr) return;
  for (const auto& group : list->items()) {
    LabelMap labels = more;
    if (const Node* own = group.find("labels")) {
      for (const auto& [key, value] : own->entries()) labels[key.text()] = value.text();
    }
    const Node* targets = group.find("targets");
    if (targets == nullptr) continue;
    for (const auto& item : targets->items()) {
      if (!item.broken()) target(job, item, labels);
    }
  }
}

void PrometheusReader::target(const Job& job, const Node& node, LabelMap labels) {
  if (targets_.size() == kMaxTargets) {
    if (!full_) set_.note(node.place(), "more than 20000 targets: this and the rest are left out");
    full_ = true;
    return;
  }
  labels["__address__"] = node.text();
  for (const auto& label : job.labels) labels.insert(label);
  if (!job.relabelling.apply(labels)) return;
  const auto of = [&](const std::string& name) {
    const auto found = labels.find(name);
    return found == labels.end() ? std::string() : found->second;
  };
  ProbeTarget out;
  out.job = of("job");
  out.place = node.place();
  out.module = of("__param_module").empty() ? "http_2xx" : of("__param_module");
  out.target = of("__param_target");
  out.hostname = of("__param_hostname");
  out.every = parse_foreign_duration(of("__scrape_interval__")).value_or(job.every);
  out.timeout = parse_foreign_duration(of("__scrape_timeout__")).value_or(job.timeout);
  for (const auto& [name, value] : labels) {
    const bool known = name == "__param_module" || name == "__param_target" ||
                       name == "__param_hostname" || name == "__param_debug";
    if (name.starts_with("__param_") && !known) {
      out.notes.push_back({node.place(), "the parameter " + config::shown(name.substr(8)) +
                                             " is not known to a blackbox exporter"});
    }
    if (name.starts_with("__") || (name == "instance" && value == out.target)) continue;
    out.labels[name] = value;
  }
  if (out.target.empty()) {
    set_.note(node.place(),
              "left out: no rule gives this target to the exporter "
              "(__param_target stays empty)");
    return;
  }
  targets_.push_back(std::move(out));
}

}  // namespace

std::optional<std::vector<ProbeTarget>> read_prometheus(const std::string& path,
                                                        ImportedSet& set,
                                                        config::Complaints& complaints) {
  const auto root = config::parse_yaml_file(path, complaints, config::Dialect::foreign);
  if (!root || !complaints.empty()) return std::nullopt;
  PrometheusReader reader(set);
  reader.read(path, *root);
  return reader.take();
}

}  // namespace nines::cli
