// SPDX-License-Identifier: Apache-2.0
#include "probes/http_answer.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace nines::probes {
namespace {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool has_no_body(int status) { return status == 204 || status == 304; }

void add_field(std::vector<std::pair<std::string, std::string>>& fields, std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return;
  fields.emplace_back(trim(text.substr(0, colon)), trim(text.substr(colon + 1)));
}

// "HTTP/1.1 200 OK", "HTTP/2 200"; libcurl has let it pass.
int status_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos) return 0;
  const auto code = trim(line.substr(space));
  int status = 0;
  std::from_chars(code.data(), code.data() + std::min<std::size_t>(code.size(), 3), status);
  return status;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool HttpAnswer::redirects() const { return is_redirect(status) && !location.empty(); }

std::vector<std::string_view> HttpAnswer::values(std::string_view header) const {
  std::vector<std::string_view> found;
  for (const auto& [name, value] : headers) {
    if (same_name(name, header)) found.push_back(value);
  }
  return found;
}

void AnswerReader::headers_end() {
  headers_complete_ = status_ >= 200;
  if (!headers_complete_) return;
  const auto locations = answer_.values("Location");
  if (!locations.empty()) answer_.location = locations.back();
  redirected_ = rules_.follow && is_redirect(status_) && !answer_.location.empty();
  for (const auto value : answer_.values("Content-Encoding")) {
    if (!answer_.coding.empty()) answer_.coding += ", ";
    answer_.coding += value;
  }
  auto& coding = answer_.coding;
  std::transform(coding.begin(), coding.end(), coding.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (coding == "identity") coding.clear();
  if (coding == "x-gzip") coding = "gzip";  // RFC 9110, 8.4.1.3
  const bool bodiless = rules_.bodiless || has_no_body(status_);
  if (!coding.empty() && coding == coding_name(rules_.compression) && !bodiless) {
    decoder_ = make_decoder(rules_.compression);
  }
}

bool AnswerReader::on_header(std::string_view line) {
  answer_.header_bytes += static_cast<std::int64_t>(line.size());
  if (answer_.header_bytes > static_cast<std::int64_t>(kMaxHeaders)) {
    failure_ = {Reason::http_too_large, "more than 64 KiB of headers"};
    return false;
  }
  if (headers_complete_) {
    add_field(answer_.trailers, trim(line));
    return true;
  }
  if (line.starts_with("HTTP/")) {
    answer_.headers.clear();  // of an informational answer before
    status_ = status_of(line);
    return true;
  }
  const auto text = trim(line);
  if (text.empty()) {
    headers_end();
    return true;
  }
  const bool folded = line.front() == ' ' || line.front() == '\t';  // RFC 9112, 5.2
  if (folded && !answer_.headers.empty()) {
    auto& value = answer_.headers.back().second;
    value += (value.empty() ? "" : " ") + std::string(text);
    return true;
  }
  add_field(answer_.headers, text);
  return true;
}

bool AnswerReader::add_body(std::string_view bytes) {
  answer_.body_bytes += static_cast<std::int64_t>(bytes.size());
  if (static_cast<std::uint64_t>(answer_.body_bytes) > rules_.max_body) {
    failure_ = {Reason::http_too_large, "more than " + std::to_string(rules_.max_body) +
                                            " bytes of body" + (decoder_ ? ", decoded" : "")};
    return false;
  }
  if (rules_.keep_body) answer_.body.append(bytes);
  return true;
}

bool AnswerReader::on_body(std::string_view bytes) {
  if (redirected_) return false;  // nobody reads it
  answer_.wire_body_bytes += static_cast<std::int64_t>(bytes.size());
  if (decoder_ == nullptr) return add_body(bytes);
  if (static_cast<std::uint64_t>(answer_.wire_body_bytes) > rules_.max_body) {
    failure_ = {Reason::http_too_large,
                "more than " + std::to_string(rules_.max_body) + " bytes of body"};
    return false;
  }
  const auto status =
      decoder_->feed(bytes, [this](std::string_view decoded) { return add_body(decoded); });
  if (status == ContentDecoder::Status::broken) {
    failure_ = {Reason::http_encoding, "the body does not decode as " + answer_.coding};
  }
  return status == ContentDecoder::Status::ok;
}

Failure AnswerReader::finish() const {
  if (decoder_ == nullptr || decoder_->complete()) return {};
  return {Reason::http_encoding, "the body ends in the middle of its " + answer_.coding};
}

}  // namespace nines::probes
