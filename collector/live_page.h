// SPDX-License-Identifier: Apache-2.0
// The live page of GET /: one HTML document that stands alone, in either language. Complete without
// its script, which only keeps it up to date. Every name in it may be hostile.
#pragma once

#include <string>

#include "collector/live_view.h"
#include "sla/render/report_words.h"

namespace nines::collector {

struct LivePage {
  sla::Language language = sla::Language::en;
  Viewer viewer;
  WallTime now;
  Duration age{0};  // of the snapshot, whatever became of the wall clock
};

// `live` null: nothing was looked at yet.
std::string live_page(const LivePage& page, const Live* live);

}  // namespace nines::collector
