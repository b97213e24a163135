// SPDX-License-Identifier: Apache-2.0
// The formats of a report by name, as the command line and the collector offer them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sla/judge/report.h"
#include "sla/render/report_words.h"

namespace nines::sla {

enum class Format { text, json, csv, html };

std::optional<Format> parse_format(std::string_view name);      // "text", "json", "csv", "html"
std::optional<Language> parse_language(std::string_view name);  // "en", "zh"
std::string_view content_type(Format format);                   // of HTTP

// Without a language, text is English and HTML is in the agreement's prevailing one. JSON and CSV
// have none. `colour` is for text on a terminal.
std::string render(const Report& report,
                   Format format,
                   std::optional<Language> language,
                   bool colour = false);

}  // namespace nines::sla
