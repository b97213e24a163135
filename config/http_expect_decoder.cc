// SPDX-License-Identifier: Apache-2.0
// `expect` and `warn` of an `http:` mapping: the same keys; one decides, the other only warns.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "config/http_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxRanges = 32;
constexpr std::size_t kMaxEntries = 32;  // of `headers` and of `json`
constexpr std::size_t kMaxPointer = 1000;

// A JSON number (RFC 8259, 6), which may be larger than what the library would hold.
bool is_number(std::string_view text) {
  const auto digits = [&text] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end > 0;
  };
  const auto take = [&text](char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return false;
  }
  return text.empty();
}

class ExpectDecoder {
 public:
  ExpectDecoder(const Node& node,
                const std::string& what,
                const HttpSpec& spec,
                const KindContext& context,
                Complaints& complaints)
      : mapping_(node, complaints, what + " of " + context.check),
        what_(what),
        spec_(spec),
        context_(context),
        complaints_(complaints) {}

  HttpExpect decode() {
    if (const Node* codes = mapping_.take("status")) status(*codes);
    if (const Node* versions = mapping_.take("version")) version(*versions);
    if (const Node* node = mapping_.take("body")) body(*node);
    each("headers", &ExpectDecoder::header);
    each("json", &ExpectDecoder::json);
    expect_.modified_within =
        mapping_.take_duration("modified_within", seconds(1), hours(24 * 36500));
    expect_.limits = take_limits(mapping_, context_, true, complaints_);
    mapping_.finish();
    return std::move(expect_);
  }

 private:
  void status(const Node& node);
  void version(const Node& node);
  void body(const Node& node);
  void header(const Node& node);
  void json(const Node& node);
  void each(std::string_view key, void (ExpectDecoder::*entry)(const Node&));
  bool pointer(const Node& node, JsonExpect& json);
  bool operand(std::string_view key, const Node& node, JsonExpect& json);

  Mapping mapping_;
  const std::string& what_;
  const HttpSpec& spec_;
  const KindContext& context_;
  Complaints& complaints_;
  HttpExpect expect_;
};

void ExpectDecoder::status(const Node& node) {
  const auto texts = as_texts(node, complaints_);
  if (!texts) return;
  std::vector<StatusRange> all;
  for (const auto& text : *texts) {
    const auto ranges = parse_status_ranges(text);
    if (!ranges) return complaints_.add(node.place(), ranges.error().message);
    all.insert(all.end(), ranges->begin(), ranges->end());
  }
  if (all.empty() || all.size() > kMaxRanges) {
    return complaints_.add(node.place(), "1 to 32 ranges of status codes are wanted here");
  }
  expect_.status = std::move(all);
}

void ExpectDecoder::version(const Node& node) {
  const auto texts = as_texts(node, complaints_);
  if (!texts) return;
  if (texts->empty()) complaints_.add(node.place(), "\"1.0\", \"1.1\" or \"2\" is wanted here");
  for (const auto& text : *texts) {
    if (text == "3" || text == "3.0") {
      complaints_.add(node.place(),
                      "HTTP/3 cannot be measured: the libcurl of this system is built without it");
    } else if (text != "1.0" && text != "1.1" && text != "2") {
      complaints_.add(node.place(), shown(text) + " is none of \"1.0\", \"1.1\", \"2\"");
    }
  }
  expect_.version = *texts;
}

void ExpectDecoder::body(const Node& node) {
  Mapping patterns(node, complaints_, "body of " + what_ + " of " + context_.check);
  expect_.body.matches = take_patterns(patterns, "matches", complaints_);
  expect_.body.not_matches = take_patterns(patterns, "not_matches", complaints_);
  patterns.finish();
  if (node.kind() == Node::Kind::mapping && node.entries().empty()) {
    complaints_.add(node.place(), "'matches' or 'not_matches' is wanted here");
  }
  if (spec_.method == "HEAD") {
    complaints_.add(node.place(), "an answer to HEAD has no body to expect anything of");
  }
}

void ExpectDecoder::each(std::string_view key, void (ExpectDecoder::*entry)(const Node&)) {
  const Node* node = mapping_.take(key);
  if (node == nullptr || node->broken()) return;
  if (node->kind() != Node::Kind::sequence || node->items().empty() ||
      node->items().size() > kMaxEntries) {
    return complaints_.add(node->place(),
                           "a list of 1 to " + std::to_string(kMaxEntries) + " is wanted here");
  }
  for (const auto& item : node->items()) (this->*entry)(item);
}

void ExpectDecoder::header(const Node& node) {
  HeaderExpect header;
  Mapping mapping(node, complaints_, "a header of " + what_ + " of " + context_.check);
  header.name = mapping.require_text("name").value_or("");
  header.value.matches = take_patterns(mapping, "matches", complaints_);
  header.value.not_matches = take_patterns(mapping, "not_matches", complaints_);
  header.allow_missing = mapping.take_bool("allow_missing").value_or(false);
  mapping.finish();
  if (header.name.find_first_of(" \t:") != std::string::npos) {
    complaints_.add(node.place(), shown(header.name) + " is not a header name");
  }
  if (header.allow_missing && header.value.empty()) {
    complaints_.add(node.place(),
                    "a header that may be missing and may say anything is no "
                    "expectation: add 'matches' or 'not_matches'");
  }
  expect_.headers.push_back(std::move(header));
}

bool ExpectDecoder::pointer(const Node& node, JsonExpect& json) {
  const auto text = as_text(node, complaints_);
  if (!text) return false;
  bool good = text->empty() || text->front() == '/';
  for (auto at = text->find('~'); at != std::string::npos; at = text->find('~', at + 1)) {
    const char next = at + 1 < text->size() ? (*text)[at + 1] : '\0';
    good = good && (next == '0' || next == '1');
  }
  if (!good || text->size() > kMaxPointer) {
    complaints_.add(node.place(), shown(*text) +
                                      " is not a JSON Pointer (write /a/b; RFC 6901: '~' is ~0 and "
                                      "'/' is ~1 within a name)");
    return false;
  }
  json.pointer = *text;
  return true;
}

// A scalar without quotes that reads as a JSON number, true or false is one; any other is a text.
bool ExpectDecoder::operand(std::string_view key, const Node& node, JsonExpect& json) {
  using Op = JsonExpect::Op;
  if (key == "exists") {
    const auto wanted = as_bool(node, complaints_);
    json.operand = wanted.value_or(true) ? "true" : "false";
    return wanted.has_value();
  }
  const auto text = as_text(node, complaints_);
  if (!text) return false;
  const bool number = !node.quoted() && is_number(*text);
  json.op = key == "equals"       ? Op::equals
            : key == "not_equals" ? Op::not_equals
            : key == "below"      ? Op::below
                                  : Op::above;
  if ((json.op == Op::below || json.op == Op::above) && !number) {
    complaints_.add(node.place(), shown(*text) + " is not a number");
    return false;
  }
  const bool plain = number || (!node.quoted() && (*text == "true" || *text == "false"));
  json.operand =
      plain ? *text
            : nlohmann::json(*text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return true;
}

void ExpectDecoder::json(const Node& node) {
  JsonExpect json;
  Mapping mapping(node, complaints_, "an entry of json of " + what_ + " of " + context_.check);
  const Node* place = mapping.require("pointer");
  bool good = place != nullptr && pointer(*place, json);
  int operators = 0;
  for (const std::string_view key : {"equals", "not_equals", "below", "above", "exists"}) {
    const Node* value = mapping.take(key);
    if (value == nullptr) continue;
    ++operators;
    good = operand(key, *value, json) && good;
  }
  mapping.finish();
  if (operators != 1 && node.kind() == Node::Kind::mapping) {
    complaints_.add(node.place(),
                    "exactly one of equals, not_equals, below, above, exists is wanted here");
  }
  if (spec_.method == "HEAD") {
    complaints_.add(node.place(), "an answer to HEAD has no body to expect anything of");
  }
  if (good) expect_.json.push_back(std::move(json));
}

}  // namespace

Expected<std::vector<StatusRange>> parse_status_ranges(std::string_view text) {
  std::vector<StatusRange> out;
  const auto code = [](std::string_view part) {
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool whole = error == std::errc() && end == part.data() + part.size();
    return whole && part.size() == 3 && value >= 100 && value <= 599 ? value : 0;
  };
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const auto part = trimmed(rest.substr(0, comma));
    const auto dash = part.find('-');
    const int first = code(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : code(part.substr(dash + 1));
    if (first == 0 || last < first || out.size() == kMaxRanges) {
      return fail(shown(text) + " is not a list of status codes (write \"200-399,404\")");
    }
    out.push_back({first, last});
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

HttpExpect decode_http_expect(const Node& node,
                              const std::string& what,
                              const HttpSpec& spec,
                              const KindContext& context,
                              Complaints& complaints) {
  return ExpectDecoder(node, what, spec, context, complaints).decode();
}

}  // namespace nines::config
