// SPDX-License-Identifier: Apache-2.0
// The collector's page for Prometheus.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/api.h"
#include "sla/judge/report.h"

namespace nines::collector {

struct MetricsInput {
  IngestCounters ingest;
  std::size_t queued = 0;
  std::uint64_t free_bytes = 0;
  ReloadStatus reload;
  std::shared_ptr<const std::vector<Standing>> standings;
  net::ServerCounters server;
  AlertCounters alerts;
};

Expected<std::string> metrics_text(Database& db, const MetricsInput& input);

void add_standings(const sla::Report& report, std::vector<Standing>& standings);

}  // namespace nines::collector
