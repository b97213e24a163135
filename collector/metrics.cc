// SPDX-License-Identifier: Apache-2.0
#include "collector/metrics.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/prometheus.h"
#include "collector/pruned.h"
#include "collector/recorded.h"

namespace nines::collector {
namespace {

// "1764230400.123": whole milliseconds suffice and are exact.
std::string seconds_text(WallTime t) {
  const auto ms = t.ns / 1'000'000;
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::to_string(ms / 1000) + "." + fraction;
}

void batch_family(PrometheusPage& page, const IngestCounters& c) {
  page.family("nines_batches_total", "counter", "batches that came, by what became of them");
  const std::pair<std::string_view, std::uint64_t> results[] = {
      {"stored", c.stored}, {"duplicate", c.duplicate}, {"need_from", c.need_from},
      {"fork", c.fork},     {"refused", c.refused},     {"forbidden", c.forbidden},
      {"busy", c.busy},     {"disk_full", c.disk_full}, {"failed", c.failed}};
  for (const auto& [result, count] : results) {
    page.sample({{"result", result}}, std::to_string(count));
  }
  page.family("nines_batches_undecodable_total", "counter",
              "batches stored whose body could not be understood");
  page.sample(std::to_string(c.undecodable));
}

void server_family(PrometheusPage& page, const net::ServerCounters& c) {
  page.family("nines_http_refused_total", "counter",
              "connections and requests that the server refused by itself, by why");
  const std::pair<std::string_view, std::uint64_t> causes[] = {
      {"connections", c.refused_connections},
      {"handshake", c.handshake_failures},
      {"malformed", c.bad_requests},
      {"too_large", c.too_large},
      {"timeout", c.timeouts}};
  for (const auto& [cause, count] : causes) {
    page.sample({{"cause", cause}}, std::to_string(count));
  }
}

void alert_families(PrometheusPage& page, const AlertCounters& c) {
  page.family("nines_alerts", "gauge", "alerts that are not resolved, by state");
  for (const auto& [state, count] : c.alerts)
    page.sample({{"state", state}}, std::to_string(count));
  page.family("nines_alerts_left_out_total", "counter",
              "conditions that found no room in the book");
  page.sample(std::to_string(c.left_out));
  page.family("nines_alert_deliveries_waiting", "gauge", "messages not delivered yet, by channel");
  for (const auto& [channel, count] : c.waiting) {
    page.sample({{"channel", channel}}, std::to_string(count));
  }
  page.family("nines_alert_attempts_total", "counter",
              "attempts to deliver since the start, by channel and result");
  for (const auto& [of, count] : c.attempts) {
    page.sample({{"channel", of.first}, {"result", of.second}}, std::to_string(count));
  }
}

// One look-up in an index for each agent, however much is stored.
Expected<void> agent_families(PrometheusPage& page, Database& db) {
  TRY(agents, all_agents(db));
  std::optional<WallTime> oldest;
  page.family("nines_agent_last_seen_timestamp_seconds", "gauge", "when its last batch came");
  for (const auto& agent : agents) {
    auto last = db.rows("SELECT max(received_ns) FROM headers WHERE agent = ?1", agent);
    if (!last.next() || last.null(0)) continue;
    page.sample({{"agent", agent}}, seconds_text(WallTime{last.integer(0)}));
    auto first = db.rows("SELECT min(received_ns) FROM headers WHERE agent = ?1", agent);
    if (!first.next()) continue;
    const WallTime received{first.integer(0)};
    oldest = oldest ? std::min(*oldest, received) : received;
  }
  if (oldest) {
    page.family("nines_evidence_oldest_timestamp_seconds", "gauge",
                "when the oldest batch came that is still kept whole");
    page.sample(seconds_text(*oldest));
  }
  return {};
}

void retention_families(PrometheusPage& page, Database& db) {
  const auto total = dropped_total(db);
  page.family("nines_retention_dropped_batches_total", "counter", "batches dropped as too old");
  page.sample(std::to_string(total.batches));
  page.family("nines_retention_dropped_bytes_total", "counter", "bytes of these batches");
  page.sample(std::to_string(total.bytes));
}

void objective_families(PrometheusPage& page, const std::vector<Standing>& standings) {
  const auto each = [&](auto sample) {
    for (const auto& s : standings) {
      const PrometheusPage::Labels labels{
          {"agreement", s.agreement}, {"objective", s.objective}, {"service", s.service}};
      sample(s, labels);
    }
  };
  page.family("nines_objective_ratio", "gauge", "share of measured time that was up, this period");
  each([&](const Standing& s, const PrometheusPage::Labels& labels) {
    if (s.ratio) page.sample(labels, *s.ratio);
  });
  page.family("nines_budget_left_seconds", "gauge", "downtime left in this period");
  each([&](const Standing& s, const PrometheusPage::Labels& labels) {
    if (s.budget_left_s) page.sample(labels, *s.budget_left_s);
  });
  page.family("nines_objective_verdict", "gauge", "1 for the verdict as of now, 0 for the others");
  for (const auto& s : standings) {
    for (const auto* verdict : {"MET", "BREACHED", "INDETERMINATE", "NO_DATA", "NOT_APPLICABLE"}) {
      page.sample({{"agreement", s.agreement},
                   {"objective", s.objective},
                   {"service", s.service},
                   {"verdict", verdict}},
                  s.verdict == verdict ? "1" : "0");
    }
  }
}

}  // namespace

Expected<std::string> metrics_text(Database& db, const MetricsInput& input) {
  PrometheusPage page;
  batch_family(page, input.ingest);
  server_family(page, input.server);
  alert_families(page, input.alerts);
  TRY_VOID(agent_families(page, db));
  retention_families(page, db);
  TRY_VOID(db.take_failure());
  objective_families(page, *input.standings);
  page.family("nines_collector_queued_batches", "gauge", "batches that wait for a commit");
  page.sample(std::to_string(input.queued));
  if (input.free_bytes != UINT64_MAX) {
    page.family("nines_collector_free_bytes", "gauge", "room on the disk of the state folder");
    page.sample(std::to_string(input.free_bytes));
  }
  page.family("nines_config_last_reload_successful", "gauge", "1 when the last one was taken");
  page.sample(input.reload.ok ? "1" : "0");
  page.family("nines_config_last_reload_timestamp_seconds", "gauge", "when that was");
  page.sample(seconds_text(input.reload.at));
  return page.take();
}

void add_standings(const sla::Report& report, std::vector<Standing>& standings) {
  for (const auto& o : report.objectives) {
    Standing standing{
        report.agreement, o.name, o.service, std::string(sla::name(o.verdict)), {}, {}};
    if (o.statistic == sla::Objective::Statistic::availability && o.nominal) {
      standing.ratio = sla::floor_text(*o.nominal, 9);
    }
    if (o.budget) {
      standing.budget_left_s = sla::floor_text(o.budget->left_ns() / sla::Rational(kSecondNs), 3);
    }
    standings.push_back(std::move(standing));
  }
}

}  // namespace nines::collector
