// SPDX-License-Identifier: Apache-2.0
#include "cli/import_draft.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

#include "base/disk.h"
#include "cli/exit.h"
#include "cli/terminal.h"
#include "config/check_decoder.h"
#include "config/check_printer.h"
#include "config/file_set.h"

namespace nines::cli {
namespace {

constexpr std::size_t kMaxChecks = 10'000;  // as many as an agent takes
constexpr std::size_t kMaxNotes = 20'000;
constexpr Duration kLeastEvery = milliseconds(100);
constexpr Duration kMostEvery = hours(24);

bool is_key(std::string_view text) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), legal);
}

std::string commented(std::string_view text, std::string_view prefix) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += std::string(prefix) + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Labels that our files can hold; a note for each other one.
Labels fitting_labels(Draft& draft) {
  Labels out;
  for (const auto& [name, value] : draft.labels) {
    const bool fits = config::check_name(name).has_value() && value.size() <= 128 &&
                      value.find_first_of("\r\n") == std::string::npos && out.size() < 32;
    if (fits) {
      out[name] = value;
    } else {
      draft.note(draft.place, "label " + config::shown(name) + " does not fit into a check");
    }
  }
  return out;
}

// The grid that our agent can keep.
void bend_times(Draft& draft) {
  const auto every = std::clamp<Duration>(draft.every, kLeastEvery, kMostEvery);
  if (every != draft.every) {
    draft.note(draft.place, "the interval " + format_duration(draft.every) + " became " +
                                format_duration(every));
  }
  draft.every = every;
  const auto timeout = std::clamp<Duration>(draft.timeout, milliseconds(10), every);
  if (timeout != draft.timeout) {
    draft.note(draft.place, "the timeout " + format_duration(draft.timeout) + " became " +
                                format_duration(timeout));
  }
  draft.timeout = timeout;
}

std::string text_of_check(const Draft& draft, const std::string& name) {
  std::string out = "  - name: " + config::yaml_quoted(name) + "\n";
  out += "    every: " + format_duration(draft.every) + "\n";
  out += "    timeout: " + format_duration(draft.timeout) + "\n";
  if (!draft.labels.empty()) {
    Flow labels;
    for (const auto& [key, value] : draft.labels) labels.text(key, value);
    out += "    labels: " + labels.inline_text() + "\n";
  }
  return out + "    " + draft.kind + ":\n" + draft.spec.block_text("      ");
}

// Why the decoder would refuse it; empty when it takes it.
std::string refusal_of(const std::string& text) {
  config::Complaints complaints;
  const auto root = config::parse_yaml("checks:\n" + text, "check", complaints);
  const config::Node* list = root ? root->find("checks") : nullptr;
  if (list != nullptr && !list->items().empty()) {
    (void)config::decode_check(list->items()[0], {}, "/", {}, complaints);
  }
  std::string out;
  const std::string all = complaints.text();
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\n', at), all.size());
    auto line = all.substr(at, end - at);
    const auto message = line.find("error: ");
    if (message != std::string::npos) line.erase(0, message + 7);
    out += (out.empty() ? "" : "; ") + line;
    at = end + 1;
  }
  return out;
}

}  // namespace

Flow& Flow::raw(std::string_view key, std::string_view value) {
  entries_.emplace_back(is_key(key) ? std::string(key) : config::yaml_quoted(key), value);
  return *this;
}

Flow& Flow::text(std::string_view key, std::string_view value) {
  return raw(key, config::yaml_quoted(value));
}

Flow& Flow::list(std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return *this;
  std::string out;
  for (const auto& one : texts) out += (out.empty() ? "" : ", ") + config::yaml_quoted(one);
  return raw(key, "[" + out + "]");
}

Flow& Flow::flow(std::string_view key, const Flow& inner) {
  return inner.empty() ? *this : raw(key, inner.inline_text());
}

std::string Flow::inline_text() const {
  std::string out;
  for (const auto& [key, value] : entries_) {
    out += (out.empty() ? "" : ", ") + key + ": " + value;
  }
  return "{" + out + "}";
}

std::string Flow::block_text(std::string_view indent) const {
  std::string out;
  for (const auto& [key, value] : entries_) out += std::string(indent) + key + ": " + value + "\n";
  return out;
}

std::string text_of(const ImportNote& note) {
  return config::text_of(note.place) + ": " + printable(note.text);
}

void ImportedSet::note(const config::Place& place, std::string text) {
  ImportNote note{place, std::move(text)};
  if (notes_.size() >= kMaxNotes || !notes_.insert(note).second) return;
  general_.push_back(std::move(note));
}

// What is no letter of a name becomes '-'; what is taken gets a number.
std::string ImportedSet::unique_name(std::string_view wished) {
  constexpr std::size_t kRoom = config::kMaxName - 6;
  std::string name;
  for (const char c : wished) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_';
    if (legal) name += c;
    if (!legal && !name.empty() && name.back() != '-') name += '-';
    if (name.size() == kRoom) break;
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  while (!name.empty() && (name[0] == '.' || name[0] == '_' || name[0] == '-')) name.erase(0, 1);
  if (name.empty()) name = "check";
  auto unique = name;
  for (int n = 2; !names_.insert(unique).second; ++n) unique = name + "-" + std::to_string(n);
  return unique;
}

void ImportedSet::add(Draft draft) {
  if (accepted_ + refused_ == kMaxChecks) {
    return note(draft.place, "more than 10000 checks: this and the following ones are left out");
  }
  bend_times(draft);
  draft.labels = fitting_labels(draft);
  const auto text = text_of_check(draft, unique_name(draft.name));
  const auto refusal = refusal_of(text);
  if (!refusal.empty()) draft.note(draft.place, "this check is left out: " + refusal);
  std::set<ImportNote> told;
  for (const auto& note : draft.notes) {
    if (!told.insert(note).second) continue;
    if (notes_.size() < kMaxNotes) notes_.insert(note);
    checks_ += "  # " + text_of(note) + "\n";
  }
  checks_ += refusal.empty() ? text : commented(text, "  # ");
  ++(refusal.empty() ? accepted_ : refused_);
}

std::string ImportedSet::yaml() const {
  std::string out = "# Written by 'nines " + command_ + "': " + std::to_string(accepted_) +
                    " checks, " + std::to_string(refused_) + " left out.\n";
  for (const auto& note : general_) out += "# " + text_of(note) + "\n";
  return out + (accepted_ == 0 ? "checks: []\n" : "checks:\n") + checks_;
}

int finish_import(const ImportedSet& set, const std::string& out) {
  const auto text = set.yaml();
  if (out.empty()) {
    std::cout << text << std::flush;
    if (!std::cout) return complain("standard output", "cannot write");
  } else {
    // Passwords may be in it.
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto written = write_file_durably(out, ByteView(bytes, text.size()));
    if (!written) return complain("import", written.error().message);
  }
  for (const auto& note : set.notes()) std::cerr << "nines: import: " << text_of(note) << "\n";
  std::cerr << "nines: import: " << set.accepted() << " checks written, " << set.refused()
            << " left out\n";
  return set.notes().empty() ? kOk : kDown;
}

ForeignKeys::ForeignKeys(const config::Node* node, std::string what, Draft& draft)
    : node_(node), what_(std::move(what)), draft_(draft) {
  const bool mapping = node_ != nullptr && node_->kind() == config::Node::Kind::mapping;
  if (node_ != nullptr && !mapping && !node_->broken()) {
    draft_.note(node_->place(), what_ + " is no mapping");
  }
  if (!mapping) node_ = nullptr;
}

const config::Node* ForeignKeys::take(std::string_view key) {
  taken_.emplace(key);
  const config::Node* found = node_ != nullptr ? node_->find(key) : nullptr;
  return found != nullptr && found->broken() ? nullptr : found;
}

std::optional<std::string> ForeignKeys::text(std::string_view key) {
  const config::Node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind() == config::Node::Kind::scalar) return node->text();
  note(key, "a text was expected at '" + std::string(key) + "' of " + what_);
  return std::nullopt;
}

std::optional<bool> ForeignKeys::flag(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  constexpr std::array<std::string_view, 9> kTrue{"true", "True", "TRUE", "yes", "Yes",
                                                  "YES",  "on",   "On",   "ON"};
  return std::find(kTrue.begin(), kTrue.end(), *value) != kTrue.end();
}

std::vector<std::string> ForeignKeys::texts(std::string_view key) {
  const config::Node* node = take(key);
  if (node == nullptr) return {};
  std::vector<std::string> out;
  const auto add = [&](const config::Node& item) {
    if (item.kind() == config::Node::Kind::scalar && !item.broken()) out.push_back(item.text());
  };
  if (node->kind() == config::Node::Kind::sequence) {
    for (const auto& item : node->items()) add(item);
  } else {
    add(*node);
  }
  return out;
}

void ForeignKeys::ignore(std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) taken_.emplace(key);
}

config::Place ForeignKeys::place(std::string_view key) const {
  const config::Node* found = node_ != nullptr ? node_->find(key) : nullptr;
  if (found != nullptr) return found->place();
  return node_ != nullptr ? node_->place() : draft_.place;
}

void ForeignKeys::note(std::string_view key, std::string text) {
  draft_.note(place(key), std::move(text));
}

void ForeignKeys::note_rest() {
  if (node_ == nullptr) return;
  for (const auto& [key, value] : node_->entries()) {
    if (taken_.contains(key.text())) continue;
    draft_.note(key.place(), config::shown(key.text()) + " of " + what_ + " is not carried over");
  }
}

// Whole nanoseconds; digits beyond them are dropped.
std::optional<Duration> parse_foreign_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t ns;
  };

  constexpr std::int64_t kMost = 100LL * 365 * kDayNs;  // a hundred years
  constexpr std::array<Unit, 10> kUnits{{{"ns", 1},
                                         {"us", 1'000},
                                         {"\xC2\xB5s", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", kSecondNs},
                                         {"m", kMinuteNs},
                                         {"h", kHourNs},
                                         {"d", kDayNs},
                                         {"w", 7 * kDayNs},
                                         {"y", 365 * kDayNs}}};
  if (text == "0") return Duration(0);
  std::int64_t sum = 0;
  if (text.empty() || text.size() > 40) return std::nullopt;
  while (!text.empty()) {
    const auto after = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text.substr(0, after);
    text.remove_prefix(after);
    const auto* found = kUnits.end();
    for (const auto* unit = kUnits.begin(); unit != kUnits.end(); ++unit) {
      const bool longer = found == kUnits.end() || unit->name.size() > found->name.size();
      if (text.starts_with(unit->name) && longer) found = unit;
    }
    if (found == kUnits.end()) return std::nullopt;
    text.remove_prefix(found->name.size());
    const auto point = std::min(number.find('.'), number.size());
    const auto whole = number.substr(0, point);
    const auto fraction = number.substr(std::min(point + 1, number.size()));
    if (whole.size() + fraction.size() == 0 || whole.size() > 9 ||
        fraction.find('.') != std::string_view::npos) {
      return std::nullopt;
    }
    std::int64_t value = 0;
    for (const char c : whole) value = value * 10 + (c - '0');
    if (value > kMost / found->ns) return std::nullopt;
    value *= found->ns;
    std::int64_t share = found->ns;
    for (const char c : fraction) {
      share /= 10;
      value += share * (c - '0');
    }
    sum += value;
    if (sum > kMost) return std::nullopt;
  }
  return Duration(sum);
}

std::string absolute_path(const std::string& file, const std::string& path) {
  const auto joined = config::path_in(config::directory_of(file), path);
  std::error_code error;
  const auto whole = std::filesystem::absolute(joined, error);
  return error ? joined : whole.lexically_normal().string();
}

std::string literal_send(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "${") == 0) out += '$';
    out += text[i];
  }
  return out;
}

bool is_ip_address(const std::string& text) {
  in6_addr bytes{};
  return inet_pton(AF_INET, text.c_str(), &bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

}  // namespace nines::cli
