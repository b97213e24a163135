// SPDX-License-Identifier: Apache-2.0
#include "collector/request.h"

#include <charconv>

#include "base/log.h"

namespace nines::collector {

using net::HttpResponse;

std::optional<std::string> parameter(const net::HttpRequest& request, std::string_view name) {
  const auto value = request.parameter(name);
  if (!value || value->empty()) return std::nullopt;
  return std::string(*value);
}

Expected<std::uint64_t> number_of(const net::HttpRequest& request,
                                  std::string_view name,
                                  std::uint64_t absent) {
  const auto text = parameter(request, name);
  if (!text) return absent;
  std::uint64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    return fail("'" + std::string(name) + "' is not a number");
  }
  return value;
}

HttpResponse unanswerable(const Error& error) {
  if (!error.message.starts_with("store")) return HttpResponse::problem(400, error.message);
  log::error("a read failed", {{"why", error.message}});
  return HttpResponse::problem(500, error.message);
}

HttpResponse json_or(const Expected<std::string>& text) {
  return text ? HttpResponse::json(200, *text) : unanswerable(text.error());
}

HttpResponse lines_or(Expected<std::string> lines) {
  if (!lines) return unanswerable(lines.error());
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "application/x-ndjson");
  response.body = *std::move(lines);
  return response;
}

}  // namespace nines::collector
