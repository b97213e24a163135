// SPDX-License-Identifier: Apache-2.0
// The spool after a start: everything is derived from the ledger's records, nothing from a side
// file.
#include <algorithm>

#include "agent/spool.h"
#include "agent/spool_records.h"
#include "base/random.h"

namespace nines::agent {
namespace {

std::string damage_text(const ledger::Damage& damage) {
  return "spool records " + std::to_string(damage.first) + " to " + std::to_string(damage.last) +
         " cannot be read any more";
}

AgentEvent event_at(const SealContext& context, EventKind kind, std::string text) {
  AgentEvent event;
  event.kind = kind;
  event.wall = context.now.wall;
  event.boot = context.now.boot;
  event.text = std::move(text);
  return event;
}

}  // namespace

Expected<std::unique_ptr<Spool>> Spool::open(std::unique_ptr<Directory> directory,
                                             SpoolOptions options,
                                             SigningKey key,
                                             const SealContext& context,
                                             Opened& out) {
  std::unique_ptr<Spool> spool(new Spool(std::move(options), std::move(key)));
  ledger::Options ledger_options;
  ledger_options.size = spool->options_.size;
  ledger_options.segment_size = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(spool->options_.size / 64 / 4096 * 4096, 128 << 10, 1 << 20));
  ledger_options.clock = spool->options_.clock;
  ledger::Recovered recovered;
  TRY(ledger, ledger::Ledger::open(std::move(directory), ledger_options, recovered));
  spool->ledger_ = std::move(ledger);
  if (recovered.read_only) {
    return fail("the state folder's disk cannot be written; check the file system and restart");
  }
  out.created = recovered.created;
  spool->use_table(proto::encode_table(CheckTable{}), {});
  spool->replay(out);

  std::vector<AgentEvent> events;
  for (const auto& damage : recovered.damage) {
    auto event = event_at(context, EventKind::spool, damage_text(damage));
    event.lost_first = damage.first;
    event.lost_last = damage.last;
    out.findings.push_back(event.text);
    if (events.size() < kMaxOpenEvents / 2) events.push_back(std::move(event));
  }
  if (spool->unplaced_ > 0) {  // only where a table was damaged
    out.findings.push_back(
        std::to_string(spool->unplaced_) +
        " results are lost: the table that names their checks cannot be read any more");
    events.push_back(event_at(context, EventKind::spool, out.findings.back()));
  }
  const bool has_epoch = !spool->state_.epochs.empty();
  if (recovered.created || recovered.lost || !recovered.clean || !has_epoch) {
    const std::string cause = recovered.created  ? "first"
                              : recovered.lost   ? "spool lost"
                              : !recovered.clean ? "the end of the spool is uncertain"
                                                 : "no state";
    if (!recovered.created) out.findings.push_back("a new epoch begins: " + cause);
    spool->begin_epoch(context, cause);
  }
  out.clean = out.clean || recovered.created;

  auto boot = event_at(context, EventKind::boot, spool->options_.version);
  boot.clean = out.clean;
  events.push_back(std::move(boot));
  // Seals what the crash left open together with the news of the start.
  std::vector<PendingResult> none;
  TRY_VOID(spool->append(none, events, true, context));
  if (spool->state_record_ == 0) TRY_VOID(spool->write_state(ledger::Room::normal));
  for (const auto& [name, last] : spool->last_slots_) {
    out.last.push_back(last);
    out.latest = std::max(out.latest, last.grid.at(last.slot));
  }
  return spool;
}

void Spool::replay(Opened& out) {
  ledger_->visit(
      [&](const ledger::RecordRef& ref, ByteView bytes) { replay_record(ref, bytes, out); });
  // The last slot of each check: from the batches since the state, then from what is open.
  for (const auto& ref : tail_) {
    const auto bytes = ledger_->read(ref);
    if (!bytes) continue;
    const auto opened = proto::peek_header(as_bytes(*bytes));
    if (!opened) continue;
    const auto body = proto::open_body(as_bytes(*bytes), *opened);
    if (!body) continue;
    const auto table = tables_.find(opened->header.table_digest);
    for (const auto& series : body->series) {
      if (table == tables_.end() || series.check >= table->second.checks.size()) continue;
      note_slot(table->second.checks[series.check], series.results.back());
    }
    const bool last = &ref == &tail_.back();
    if (last && open_results_ == 0 && open_events_.empty()) {
      out.clean = !body->events.empty() && body->events.back().kind == EventKind::stop;
    }
  }
  for (const auto& series : open_series_) {
    note_slot(table_.checks[series.check], series.results.back());
  }
  take_begins();
  tail_.clear();
  tables_.clear();
}

void Spool::clear_open() {
  open_series_.clear();
  open_events_.clear();
  open_results_ = 0;
  open_bytes_ = 0;
  open_first_record_.reset();
  open_first_seq_ = state_.next_seq;
}

void Spool::replay_record(const ledger::RecordRef& ref, ByteView bytes, Opened& out) {
  const auto undecodable = [&](std::string_view what) {
    // Its bytes passed every checksum: another version wrote it, or this one has a bug.
    out.findings.push_back("spool record " + std::to_string(ref.number) + " is no " +
                           std::string(what) + " that this version knows; it is skipped");
  };
  switch (ref.type) {
    case kStateRecord: {
      auto state = proto::decode_spool_state(bytes);
      if (!state) return undecodable("state");
      // Records before it may name epochs that the state has forgotten; their order is kept.
      auto epochs = state_.epochs;
      for (const auto& e : state->epochs) {
        if (std::find(epochs.begin(), epochs.end(), e) == epochs.end()) epochs.push_back(e);
      }
      for (const auto& last : state->last) last_slots_[last.check] = last;
      const auto marks = state->marks;
      state_ = *std::move(state);
      state_.epochs = std::move(epochs);
      state_.last.clear();
      state_.marks.clear();
      for (const auto& m : marks) {
        auto& mark = marks_[{m.collector, epoch_index(m.epoch)}];
        mark = std::max(mark, m.durable);
      }
      auto table = proto::decode_table(as_bytes(state_.table));
      use_table(std::move(state_.table), table ? *std::move(table) : CheckTable());
      clear_open();
      tail_.clear();
      begins_.clear();
      unplaced_ = 0;
      tables_[table_digest_] = table_;
      state_record_ = ref.number;
      return;
    }
    case kTableRecord: {
      auto table = proto::decode_table(bytes);
      if (!table) return undecodable("table");
      unplaced_ = 0;
      if (since_) begin_checks(*table, *since_);
      since_.reset();
      use_table(std::string(as_text(bytes)), *std::move(table));
      tables_[table_digest_] = table_;
      return;
    }
    case kSinceRecord: {
      if (bytes.size() != 8) return undecodable("instant");
      since_ = WallTime(static_cast<std::int64_t>(get_le<std::uint64_t>(bytes.data())));
      return;
    }
    case kResultRecord: {
      if (tables_.empty()) {
        // The table went with an older segment. A state and a table are written when nothing is
        // open, so what lies before the first of them is in a batch that follows.
        ++unplaced_;
        return;
      }
      auto result = proto::decode_spooled_result(bytes);
      if (!result) return undecodable("result");
      if (result->table != 0 && result->table != proto::table_mark(table_digest_)) {
        ++unplaced_;  // the record of its table is damaged, and no batch had it yet
        return;
      }
      const auto check = result->check;
      auto& value = result->result;
      if (check >= table_.checks.size()) return undecodable("result");
      // After damage the numbering may have a hole; a batch needs a dense run, so it is closed.
      // What is missing is told by the damage event.
      value.seq = state_.next_seq++;
      if (open_results_ == 0) open_first_seq_ = value.seq;
      auto series = std::find_if(open_series_.begin(), open_series_.end(),
                                 [check](const auto& s) { return s.check == check; });
      if (series == open_series_.end()) {
        series = open_series_.insert(open_series_.end(), CheckResults{check, {}});
      }
      open_bytes_ += estimated_bytes(value);
      series->results.push_back(std::move(value));
      ++open_results_;
      if (!open_first_record_) open_first_record_ = ref.number;
      out.clean = false;
      return;
    }
    case kEventRecord: {
      auto event = proto::decode_event(bytes);
      if (!event) return undecodable("event");
      out.clean = event->kind == EventKind::stop;
      open_events_.push_back(*std::move(event));
      if (!open_first_record_) open_first_record_ = ref.number;
      return;
    }
    case kBatchRecord: {
      // The ledger vouches for the bytes; what is in them is looked at later, and only in the last.
      auto opened = proto::peek_header(bytes);
      if (!opened) return undecodable("batch");
      const auto& h = opened->header;
      epoch_index(h.epoch);
      state_.epoch = h.epoch;
      state_.next_number = h.number + 1;
      state_.chain_hash = opened->chain_hash;
      state_.next_seq = h.first_seq + h.result_count;
      state_.table_sent = h.table_digest;
      take_table(*opened, bytes);
      clear_open();
      unplaced_ = 0;
      out.clean = false;
      add_deliverable(*opened, std::nullopt, ref);
      tail_.push_back(ref);
      return;
    }
    case kGapRecord: {
      auto opened = proto::peek_header(bytes);
      if (!opened) return undecodable("gap");
      auto body = proto::open_body(bytes, *opened);
      if (!body || !body->gap) return undecodable("gap");
      add_deliverable(*opened, std::move(body->gap), ref);
      return;
    }
    case kMarkRecord: {
      auto mark = proto::decode_mark(bytes);
      if (!mark) return undecodable("mark");
      auto& known = marks_[{mark->collector, epoch_index(mark->epoch)}];
      known = std::max(known, mark->durable);
      return;
    }
    default:
      undecodable("record");
  }
}

// Where the record of a table is damaged, the first batch sealed with it still has it.
void Spool::take_table(const proto::OpenedHeader& opened, ByteView batch) {
  if (tables_.contains(opened.header.table_digest)) return;
  auto body = proto::open_body(batch, opened);
  if (!body || !body->table) return;
  auto table = proto::decode_table(as_bytes(*body->table));
  if (!table) return;
  use_table(*std::move(body->table), *std::move(table));
  tables_[table_digest_] = table_;
}

void Spool::begin_epoch(const SealContext& context, const std::string& cause) {
  auto event = event_at(context, EventKind::epoch, cause);
  if (!state_.epochs.empty()) {
    event.link.assign(state_.epoch.begin(), state_.epoch.end());
    event.lost_first = state_.next_number;  // the first number of the old epoch that was not given
  }
  fill_entropy(state_.epoch);
  state_.epochs.push_back(state_.epoch);
  state_.next_number = 1;
  state_.chain_hash = Digest{};
  state_.table_sent.reset();
  // What was open moves into the new epoch and is numbered anew.
  std::uint64_t seq = 1;
  std::vector<Result*> open;
  for (auto& series : open_series_) {
    for (auto& r : series.results) open.push_back(&r);
  }
  std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) { return a->seq < b->seq; });
  for (auto* r : open) r->seq = seq++;
  state_.next_seq = seq;
  open_first_seq_ = 1;
  open_events_.insert(open_events_.begin(), std::move(event));
}

}  // namespace nines::agent
