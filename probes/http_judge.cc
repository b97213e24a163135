// SPDX-License-Identifier: Apache-2.0
#include "probes/http_judge.h"

#include <curl/curl.h>
#include <re2/re2.h>

#include <algorithm>

#include "probes/json_assertion.h"

namespace nines::probes {
namespace {

std::string ranges_text(const std::vector<StatusRange>& ranges) {
  std::string text;
  for (const auto& range : ranges) {
    if (!text.empty()) text += ", ";
    text += std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

Failure no_pattern(const std::string& pattern) {
  return {Reason::agent_configuration, "the pattern \"" + pattern + "\" does not compile"};
}

}  // namespace

Failure judge_status(const HttpExpect& expect, int status) {
  const auto& ranges = expect.status;
  const bool expected = std::any_of(ranges.begin(), ranges.end(), [&](const StatusRange& range) {
    return status >= range.first && status <= range.last;
  });
  if (expected || ranges.empty()) return {};
  return {Reason::http_status,
          "status " + std::to_string(status) + ", expected " + ranges_text(ranges)};
}

Failure judge_version(const HttpExpect& expect, const std::string& version) {
  const auto& allowed = expect.version;
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), version) != allowed.end()) {
    return {};
  }
  std::string list;
  for (const auto& one : allowed) list += (list.empty() ? "" : " or ") + one;
  return {Reason::http_version, "HTTP/" + version + ", expected " + list};
}

Failure judge_header(const HeaderExpect& expect, const HttpAnswer& answer, Patterns& patterns) {
  const auto lines = answer.values(expect.name);
  if (lines.empty()) {
    if (expect.allow_missing) return {};
    return {Reason::http_header, "header " + expect.name + " is missing"};
  }
  const auto judge = [&](const std::string& pattern, bool wanted) -> Failure {
    const auto compiled = patterns.get(pattern, Patterns::Kind::text);
    if (compiled == nullptr) return no_pattern(pattern);
    const bool found = std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
      return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *compiled);
    });
    if (found == wanted) return {};
    return {
        Reason::http_header,
        "header " + expect.name + (wanted ? " does not match \"" : " matches \"") + pattern + "\""};
  };
  for (const bool wanted : {true, false}) {
    for (const auto& pattern : wanted ? expect.value.matches : expect.value.not_matches) {
      auto failure = judge(pattern, wanted);
      if (failure) return failure;
    }
  }
  return {};
}

Failure judge_age(const HttpExpect& expect, const HttpAnswer& answer, WallTime now) {
  if (!expect.modified_within) return {};
  const auto lines = answer.values("Last-Modified");
  if (lines.empty()) return {Reason::http_stale, "header Last-Modified is missing"};
  const auto modified = ::curl_getdate(std::string(lines.back()).c_str(), nullptr);
  if (modified < 0) return {Reason::http_stale, "header Last-Modified holds no date"};
  const seconds age(now.ns / kSecondNs - modified);
  if (age <= *expect.modified_within) return {};
  return {Reason::http_stale, "last modified " + format_duration(age) + " ago, allowed " +
                                  format_duration(*expect.modified_within)};
}

Failure judge_coding(Compression asked, bool body_is_read, const HttpAnswer& answer) {
  const bool none = asked == Compression::none || asked == Compression::identity;
  const bool must_match = asked != Compression::none || body_is_read;
  const auto wanted = none ? "" : coding_name(asked);
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (!must_match || answer.coding == wanted || (bodiless && answer.coding.empty())) return {};
  const auto shown = [](std::string_view coding) {
    return coding.empty() ? std::string("identity") : valid_text(std::string(coding.substr(0, 40)));
  };
  return {Reason::http_encoding,
          "the body's coding is " + shown(answer.coding) + ", expected " + shown(wanted)};
}

Failure judge_body(const PatternSpec& body, const HttpAnswer& answer, Patterns& patterns) {
  for (const bool wanted : {true, false}) {
    for (const auto& pattern : wanted ? body.matches : body.not_matches) {
      const auto compiled = patterns.get(pattern, Patterns::Kind::text);
      if (compiled == nullptr) return no_pattern(pattern);
      if (RE2::PartialMatch(answer.body, *compiled) == wanted) continue;
      return {Reason::http_body, "the body " + std::string(wanted ? "does not match" : "matches") +
                                     " \"" + pattern + "\""};
    }
  }
  return {};
}

Failure judge_json(const std::vector<JsonExpect>& json, const HttpAnswer& answer) {
  if (json.empty()) return {};
  std::vector<std::string> pointers;
  for (const auto& expect : json) pointers.push_back(expect.pointer);
  const auto values = find_values(answer.body, pointers);
  if (!values) return {Reason::http_json, "the body is no JSON: " + values.error().message};
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto wrong = judge_value(json[i], (*values)[i]);
    if (!wrong.empty()) return {Reason::http_json, std::move(wrong)};
  }
  return {};
}

std::vector<Failure> judge_answer(const HttpExpect& expect,
                                  Compression asked,
                                  const HttpAnswer& answer,
                                  WallTime now,
                                  Patterns& patterns) {
  std::vector<Failure> found;
  const auto add = [&](Failure failure) {
    if (failure) found.push_back(std::move(failure));
  };
  add(judge_status(expect, answer.status));
  add(judge_version(expect, answer.version));
  for (const auto& header : expect.headers) add(judge_header(header, answer, patterns));
  add(judge_age(expect, answer, now));
  auto coding = judge_coding(asked, expect.needs_body(), answer);
  const bool readable = !coding;
  add(std::move(coding));
  if (!readable) return found;
  add(judge_body(expect.body, answer, patterns));
  add(judge_json(expect.json, answer));
  return found;
}

}  // namespace nines::probes
