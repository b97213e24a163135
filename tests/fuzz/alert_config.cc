// SPDX-License-Identifier: Apache-2.0
// `alerts:` of a configuration, and templates in it: whatever the bytes are, they are taken or
// complained of. What was taken prints to a text that is taken again, and fills within its bound.
#include <cstdint>
#include <cstdlib>

#include "alerts/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  nines::config::Complaints complaints;
  const auto node = nines::config::parse_yaml(text, "alerts.yaml", complaints);
  if (node) {
    const auto settings = nines::alerts::decode_settings(*node, complaints);
    if (nines::alerts::print_settings(settings).empty()) std::abort();
    (void)settings.route_of({{"severity", "page"}});
  }
  for (const auto escape :
       {nines::alerts::Template::Escape::json, nines::alerts::Template::Escape::form,
        nines::alerts::Template::Escape::plain}) {
    const auto parsed = nines::alerts::Template::parse(text, escape);
    if (!parsed) continue;
    const auto filled = parsed->fill({{"text", text}, {"json", text}, {"title", "\"\\\n"}});
    if (filled.size() > nines::alerts::kMaxTemplate + nines::alerts::kMaxBody) std::abort();
  }
  return 0;
}
