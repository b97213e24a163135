// SPDX-License-Identifier: Apache-2.0
// What answers of the API have in common: parameters of a question, and errors as answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.h"
#include "net/http_message.h"

namespace nines::collector {

// Absent where it is not given, or empty.
std::optional<std::string> parameter(const net::HttpRequest& request, std::string_view name);

// A whole number; `absent` where it is not given.
Expected<std::uint64_t> number_of(const net::HttpRequest& request,
                                  std::string_view name,
                                  std::uint64_t absent);

// A failure of the store is ours (500); everything else that a question runs into is the question's
// (400).
net::HttpResponse unanswerable(const Error& error);

net::HttpResponse json_or(const Expected<std::string>& text);
net::HttpResponse lines_or(Expected<std::string> lines);  // JSON lines

}  // namespace nines::collector
