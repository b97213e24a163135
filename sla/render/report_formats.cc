// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_formats.h"

#include "base/assert.h"
#include "sla/render/report_csv.h"
#include "sla/render/report_html.h"
#include "sla/render/report_json.h"
#include "sla/render/report_text.h"

namespace nines::sla {

std::optional<Format> parse_format(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  if (name == "csv") return Format::csv;
  if (name == "html") return Format::html;
  return std::nullopt;
}

std::optional<Language> parse_language(std::string_view name) {
  if (name == "en") return Language::en;
  if (name == "zh") return Language::zh;
  return std::nullopt;
}

std::string_view content_type(Format format) {
  switch (format) {
    case Format::text:
      return "text/plain; charset=utf-8";
    case Format::json:
      return "application/json";
    case Format::csv:
      return "text/csv; charset=utf-8; header=present";
    case Format::html:
      return "text/html; charset=utf-8";
  }
  ASSERT(false);
  return "";
}

std::string render(const Report& report,
                   Format format,
                   std::optional<Language> language,
                   bool colour) {
  switch (format) {
    case Format::text:
      return report_text(report, colour, language.value_or(Language::en));
    case Format::json:
      return report_json(report);
    case Format::csv:
      return report_csv(report);
    case Format::html:
      return report_html(report, language.value_or(language_of(report.language)));
  }
  ASSERT(false);
  return "";
}

}  // namespace nines::sla
