// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "agent/api.h"

namespace nines::agent {
namespace {

// Label values escape as the Prometheus text format says.
std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

class Page {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " +
             std::string(name) + " " + std::string(type) + "\n";
    name_ = name;
  }

  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void sample(Labels labels, const std::string& value) {
    text_ += name_;
    char separator = '{';
    for (const auto& [key, label] : labels) {
      text_ += separator + std::string(key) + "=" + quoted(label);
      separator = ',';
    }
    if (separator == ',') text_ += '}';
    text_ += " " + value + "\n";
  }

  void sample(const std::string& value) { sample({}, value); }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

std::string seconds_text(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string of_us(std::int64_t us) { return seconds_text(static_cast<double>(us) / 1e6); }

std::string of_instant(WallTime t) {
  char text[48];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(t.ns) / 1e9);
  return text;
}

void check_families(Page& page, const Agent::View& view) {
  page.family("nines_check_up", "gauge",
              "1 up, 0 down, NaN unknown (also where no canary answers), of the last ended slot");
  for (const auto& c : view.board.views()) {
    if (!c->outcome) continue;
    const auto shown = view.board.shown(*c);
    const auto outcome = shown ? shown->outcome : *c->outcome;
    const char* value = outcome == Outcome::up ? "1" : outcome == Outcome::down ? "0" : "NaN";
    page.sample({{"check", c->check.name}, {"kind", name(c->check.kind())}}, value);
  }
  page.family("nines_probe_phase_seconds", "gauge", "phases of the last result that reached them");
  for (const auto& c : view.board.views()) {
    if (c->history.empty()) continue;
    const auto& p = c->history.last().probe;
    const auto phase = [&](std::string_view which, const std::optional<std::int64_t>& us) {
      if (us) page.sample({{"check", c->check.name}, {"phase", which}}, of_us(*us));
    };
    phase("dns", p.phases.dns_us);
    phase("connect", p.phases.connect_us);
    phase("tls", p.phases.tls_us);
    phase("first_byte", p.phases.first_byte_us);
    phase("transfer", p.phases.transfer_us);
    phase("total", p.total_us);
  }
  page.family("nines_slots_total", "counter", "ended slots since the agent started");
  for (const auto& c : view.board.views()) {
    for (const auto& [key, count] : c->slots) {
      page.sample(
          {{"check", c->check.name}, {"outcome", name(key.first)}, {"reason", name(key.second)}},
          std::to_string(count));
    }
  }
  page.family("nines_slot_late_seconds", "gauge", "how late the last slot started");
  for (const auto& c : view.board.views()) {
    if (!c->history.empty()) {
      page.sample({{"check", c->check.name}}, of_us(c->history.last().late_us));
    }
  }
}

}  // namespace

std::string metrics_text(const Agent::View& view) {
  Page page;
  check_families(page, view);
  const auto& s = view.recorder.spool_status();
  page.family("nines_spool_used_bytes", "gauge", "bytes of the spool in use");
  page.sample(std::to_string(s.used_bytes));
  page.family("nines_spool_size_bytes", "gauge", "bytes of the spool");
  page.sample(std::to_string(s.size_bytes));
  page.family("nines_spool_oldest_unsent_seconds", "gauge",
              "age of the oldest batch that a collector lacks");
  page.sample(s.oldest_unsent ? of_us(to_us(view.now - *s.oldest_unsent)) : "0");
  page.family("nines_spool_unsent_results", "gauge", "results that a collector lacks");
  page.sample(std::to_string(s.unsent_results + s.open_results));
  page.family("nines_spool_dropped_results_total", "counter",
              "results dropped, each counted by a gap");
  page.sample(std::to_string(s.dropped_results));
  page.family("nines_spool_failed", "gauge", "1 while the spool cannot be written");
  page.sample(s.failed ? "1" : "0");
  page.family("nines_spool_syncs_total", "counter", "flushes to the disk");
  page.sample(std::to_string(s.syncs));
  page.family("nines_spool_written_bytes_total", "counter", "bytes written to the spool");
  page.sample(std::to_string(s.written_bytes));
  page.family("nines_collector_last_receipt_timestamp_seconds", "gauge",
              "when a collector last said that a batch is durable");
  for (const auto& shipper : view.shippers) {
    const auto& link = shipper->status();
    if (link.last_receipt) page.sample({{"collector", link.url}}, of_instant(*link.last_receipt));
  }
  page.family("nines_collector_up", "gauge", "1 while the collector takes batches");
  for (const auto& shipper : view.shippers) {
    const auto& link = shipper->status();
    page.sample({{"collector", link.url}}, link.state == LinkState::ok ? "1" : "0");
  }
  page.family("nines_collector_bad_answers_total", "counter", "answers that were no receipt");
  for (const auto& shipper : view.shippers) {
    page.sample({{"collector", shipper->status().url}},
                std::to_string(shipper->status().bad_answers));
  }
  page.family("nines_config_last_reload_successful", "gauge", "1 when the last one was taken");
  page.sample(view.reload.ok ? "1" : "0");
  page.family("nines_config_digest_info", "gauge", "the configuration in force");
  page.sample({{"digest", hex(view.settings.digest)}}, "1");
  page.family("nines_clock_steps_total", "counter", "steps of the wall clock seen");
  page.sample(std::to_string(view.labels.steps()));
  return page.take();
}

}  // namespace nines::agent
