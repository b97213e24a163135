// SPDX-License-Identifier: Apache-2.0
#include "agent/spool.h"

#include <algorithm>

#include "agent/spool_records.h"
#include "proto/result_json.h"

namespace nines::agent {

namespace {

std::uint64_t body_bytes(const std::vector<std::pair<std::uint8_t, std::string>>& records) {
  std::uint64_t bytes = 0;
  for (const auto& [type, text] : records) bytes += text.size() + ledger::kRecordOverhead;
  return bytes;
}

}  // namespace

Expected<void> Spool::commit(const std::vector<std::pair<std::uint8_t, std::string>>& records) {
  std::vector<ledger::RecordIn> in;
  in.reserve(records.size());
  for (const auto& [type, text] : records) in.push_back({type, as_bytes(text)});
  auto refs = ledger_->commit(in);
  if (!refs) {
    failure_ = refs.error().message;
    return Unexpected(std::move(refs.error()));
  }
  failure_.clear();
  bytes_since_state_ += body_bytes(records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& ref = (*refs)[i];
    switch (ref.type) {
      case kResultRecord:
      case kEventRecord:
        if (!open_first_record_) open_first_record_ = ref.number;
        break;
      case kStateRecord:
        state_record_ = ref.number;
        bytes_since_state_ = 0;
        break;
      default:
        break;
    }
  }
  return {};
}

std::uint64_t Spool::estimated_bytes(const Result& result) {
  constexpr std::uint64_t kFixed = 64;  // numbers, before compression
  std::uint64_t bytes = kFixed + result.probe.detail.size() + result.probe.address.size();
  const auto& probe = result.probe;
  if (probe.icmp) bytes += probe.icmp->rtt_us.size() * 4;
  if (probe.http) {
    for (const auto& hop : probe.http->hops) bytes += kFixed + hop.url.size();
  }
  if (probe.dns) {
    for (const auto& answer : probe.dns->answers) bytes += answer.size();
  }
  if (probe.exec) bytes += probe.exec->perfdata.size();
  for (const auto& warning : probe.warnings) bytes += warning.size();
  bytes += probe.addresses.size() * kFixed;
  return bytes;
}

void Spool::note_slot(const CheckEntry& check, const Result& result) {
  const auto last = result.slot + result.span - 1;
  auto& known = last_slots_[check.name];
  if (known.grid != check.grid || known.check.empty() || known.slot < last) {
    known = {check.name, check.grid, last};
  }
}

void Spool::begin_checks(const CheckTable& table, WallTime since) {
  const auto had = [&](const CheckEntry& check) {
    return std::any_of(table_.checks.begin(), table_.checks.end(), [&](const auto& old) {
      return old.name == check.name && old.grid == check.grid;
    });
  };
  for (const auto& check : table.checks) {
    if (!had(check)) begins_[check.name] = {check.name, check.grid, check.grid.slot_at(since)};
  }
}

void Spool::take_begins() {
  for (const auto& [name, begin] : begins_) {
    auto& known = last_slots_[name];
    const bool same = !known.check.empty() && known.grid == begin.grid;
    known = {name, begin.grid, same ? std::max(known.slot, begin.slot) : begin.slot};
  }
  begins_.clear();
}

Expected<void> Spool::set_table(const CheckTable& table, const SealContext& context) {
  auto bytes = proto::encode_table(table);
  if (bytes == state_.table) return {};
  TRY_VOID(make_room(bytes.size() + ledger::kRecordOverhead, context));
  TRY_VOID(seal_open(context, ledger::Room::normal));
  std::vector<std::pair<std::uint8_t, std::string>> records;
  std::array<std::uint8_t, 8> since;
  put_le(since.data(), static_cast<std::uint64_t>(context.now.wall.ns));
  records.emplace_back(kSinceRecord, std::string(as_text(since)));
  records.emplace_back(kTableRecord, bytes);
  TRY_VOID(make_room(body_bytes(records), context));
  TRY_VOID(commit(records));
  begin_checks(table, context.now.wall);
  take_begins();
  use_table(std::move(bytes), table);
  return {};
}

void Spool::use_table(std::string bytes, CheckTable table) {
  state_.table = std::move(bytes);
  table_ = std::move(table);
  table_digest_ = sha256(as_bytes(state_.table));
}

Expected<void> Spool::append(std::vector<PendingResult>& results,
                             const std::vector<AgentEvent>& events,
                             bool seal,
                             const SealContext& context) {
  // Room first: sealing and dropping change what is open.
  constexpr std::uint64_t kResultBytes = 4096;  // far above one encoded result
  const auto bound = std::min<std::uint64_t>(
      results.size() * kResultBytes + events.size() * kResultBytes + (64 << 10),
      ledger_->max_group_bytes() / 2);
  TRY_VOID(make_room(bound, context));

  std::vector<std::pair<std::uint8_t, std::string>> records;
  auto seq = state_.next_seq;
  for (auto& pending : results) {
    ASSERT(pending.check < table_.checks.size());
    pending.result.seq = seq++;
  }
  std::uint64_t fresh_bytes = 0;
  for (const auto& p : results) fresh_bytes += estimated_bytes(p.result);
  const bool seal_now = seal || open_results_ + results.size() >= kMaxOpenResults ||
                        open_events_.size() + events.size() >= kMaxOpenEvents ||
                        open_bytes_ + fresh_bytes >= ledger_->max_group_bytes() / 4;
  if (!seal_now) {
    const auto mark = proto::table_mark(table_digest_);
    for (const auto& p : results) {
      records.emplace_back(kResultRecord, proto::encode_spooled_result(p.check, mark, p.result));
    }
    for (const auto& e : events) records.emplace_back(kEventRecord, proto::encode_event(e));
    for (const auto& m : dirty_marks_) records.emplace_back(kMarkRecord, proto::encode_mark(m));
    if (!records.empty()) TRY_VOID(commit(records));
    dirty_marks_.clear();
  }
  // Only now do they count: an append that failed leaves no trace in memory either.
  state_.next_seq = seq;
  for (const auto& p : results) {
    auto series = std::find_if(open_series_.begin(), open_series_.end(),
                               [&](const auto& s) { return s.check == p.check; });
    if (series == open_series_.end()) {
      series = open_series_.insert(open_series_.end(), CheckResults{p.check, {}});
    }
    series->results.push_back(p.result);
    note_slot(table_.checks[p.check], p.result);
  }
  open_results_ += results.size();
  open_bytes_ += fresh_bytes;
  open_events_.insert(open_events_.end(), events.begin(), events.end());
  if (!seal_now) return {};
  auto sealed = seal_open(context, ledger::Room::normal);
  if (!sealed) {
    // Taken back, so that the caller may offer them again.
    for (const auto& p : results) {
      for (auto& s : open_series_) {
        if (s.check == p.check) s.results.pop_back();
      }
    }
    open_results_ -= results.size();
    open_bytes_ -= fresh_bytes;
    open_events_.resize(open_events_.size() - events.size());
    std::erase_if(open_series_, [](const auto& s) { return s.results.empty(); });
    state_.next_seq -= results.size();
    return sealed;
  }
  return {};
}

BatchHeader Spool::header_for(const SealContext& context) const {
  BatchHeader h;
  h.agent = options_.agent;
  h.epoch = state_.epoch;
  h.sealed = context.now;
  h.boot_id = options_.boot_id;
  h.sync = context.sync;
  h.clock_ahead = context.clock_ahead;
  h.clock_bound = context.clock_bound;
  h.public_key = key_.public_key();
  h.version = options_.version;
  h.table_digest = table_digest_;
  return h;
}

Expected<void> Spool::seal_open(const SealContext& context, ledger::Room room) {
  if (open_results_ == 0 && open_events_.empty()) return {};
  auto header = header_for(context);
  header.number = header.last_number = state_.next_number;
  header.previous_hash = state_.chain_hash;
  header.first_seq = open_first_seq_;
  header.result_count = open_results_;
  BatchBody body;
  if (state_.table_sent != header.table_digest) body.table = state_.table;
  body.series = std::move(open_series_);
  std::sort(body.series.begin(), body.series.end(),
            [](const auto& a, const auto& b) { return a.check < b.check; });
  body.events = std::move(open_events_);
  const auto sealed = proto::seal(header, body, key_);

  std::vector<ledger::RecordIn> in{{kBatchRecord, as_bytes(sealed.bytes)}};
  std::vector<std::string> marks;
  for (const auto& m : dirty_marks_) marks.push_back(proto::encode_mark(m));
  for (const auto& m : marks) in.push_back({kMarkRecord, as_bytes(m)});
  auto refs = ledger_->commit(in, room);
  if (!refs) {
    open_series_ = std::move(body.series);
    open_events_ = std::move(body.events);
    failure_ = refs.error().message;
    return Unexpected(std::move(refs.error()));
  }
  failure_.clear();
  dirty_marks_.clear();
  bytes_since_state_ += sealed.bytes.size();

  proto::OpenedHeader opened;
  opened.header = std::move(header);
  opened.hash = opened.chain_hash = sealed.hash;
  add_deliverable(opened, std::nullopt, refs->front());
  state_.chain_hash = sealed.hash;
  state_.table_sent = opened.header.table_digest;
  ++state_.next_number;
  clear_open();
  if (bytes_since_state_ >= kStateEveryBytes && ledger_->fits(kStateEveryBytes / 2)) {
    return write_state(ledger::Room::normal);
  }
  return {};
}

Expected<void> Spool::write_state(ledger::Room room) {
  ASSERT(open_results_ == 0 && open_events_.empty());
  auto state = state_;
  for (const auto& [name, last] : last_slots_) state.last.push_back(last);
  for (const auto& [key, durable] : marks_) {
    state.marks.push_back({key.first, state_.epochs[key.second], durable});
  }
  const auto bytes = proto::encode_spool_state(state);
  const std::vector<ledger::RecordIn> in{{kStateRecord, as_bytes(bytes)}};
  auto refs = ledger_->commit(in, room);
  if (!refs) {
    failure_ = refs.error().message;
    return Unexpected(std::move(refs.error()));
  }
  state_record_ = refs->front().number;
  bytes_since_state_ = 0;
  return {};
}

void Spool::add_deliverable(const proto::OpenedHeader& opened,
                            std::optional<Gap> gap,
                            const ledger::RecordRef& ref) {
  const auto& h = opened.header;
  Deliverable d;
  d.epoch = h.epoch;
  d.number = h.number;
  d.last_number = h.last_number;
  d.previous_hash = h.previous_hash;
  d.hash = opened.hash;
  d.chain_hash = opened.chain_hash;
  d.first_seq = h.first_seq;
  d.results = h.result_count;
  d.sealed = h.sealed.wall;
  d.record = ref;
  d.gap = std::move(gap);
  const auto epoch = epoch_index(h.epoch);
  if (d.gap) {
    // It stands for them now; after a crash they may still lie in a segment that was to be freed.
    deliverables_.erase(deliverables_.lower_bound({epoch, d.number}),
                        deliverables_.upper_bound({epoch, d.last_number}));
  }
  deliverables_[{epoch, d.number}] = std::move(d);
}

std::optional<Deliverable> Spool::next_for(const std::string& collector) const {
  for (const auto& [key, batch] : deliverables_) {
    const auto mark = marks_.find({collector, key.epoch});
    if (mark == marks_.end() || batch.last_number > mark->second) return batch;
  }
  return std::nullopt;
}

Expected<std::string> Spool::read(const Deliverable& batch) { return ledger_->read(batch.record); }

void Spool::acknowledge(const std::string& collector, const EpochId& epoch, std::uint64_t durable) {
  const auto index = find_epoch(epoch);
  if (!index) return;
  auto& mark = marks_[{collector, *index}];
  if (durable <= mark) return;
  mark = durable;
  std::erase_if(dirty_marks_,
                [&](const auto& m) { return m.collector == collector && m.epoch == epoch; });
  dirty_marks_.push_back({collector, epoch, durable});
}

void Spool::rewind(const std::string& collector, const EpochId& epoch, std::uint64_t durable) {
  const auto index = find_epoch(epoch);
  if (index) marks_[{collector, *index}] = durable;
}

std::optional<Digest> Spool::chain_hash_at(const EpochId& epoch, std::uint64_t number) const {
  const auto index = find_epoch(epoch);
  if (!index) return std::nullopt;
  for (const auto& [key, batch] : deliverables_) {
    if (key.epoch != *index) continue;
    if (batch.last_number == number) return batch.chain_hash;
    if (batch.number == number + 1) return batch.previous_hash;
  }
  return std::nullopt;
}

std::optional<std::size_t> Spool::find_epoch(const EpochId& epoch) const {
  const auto place = std::find(state_.epochs.begin(), state_.epochs.end(), epoch);
  if (place == state_.epochs.end()) return std::nullopt;
  return static_cast<std::size_t>(place - state_.epochs.begin());
}

std::size_t Spool::epoch_index(const EpochId& epoch) {
  if (const auto index = find_epoch(epoch)) return *index;
  state_.epochs.push_back(epoch);
  return state_.epochs.size() - 1;
}

bool Spool::delivered_everywhere(const Key& key, const Deliverable& batch) const {
  return std::all_of(options_.collectors.begin(), options_.collectors.end(),
                     [&](const std::string& collector) {
                       const auto mark = marks_.find({collector, key.epoch});
                       return mark != marks_.end() && batch.last_number <= mark->second;
                     });
}

SpoolStatus Spool::status() const {
  SpoolStatus s;
  const auto usage = ledger_->usage();
  s.failed = ledger_->failed() || !failure_.empty();
  s.failure = failure_;
  s.used_bytes = usage.used_bytes;
  s.size_bytes = usage.total_bytes;
  s.syncs = usage.syncs;
  s.written_bytes = usage.bytes_written;
  s.last_sync = usage.last_sync;
  s.longest_sync = usage.longest_sync;
  s.epoch = state_.epoch;
  s.next_number = state_.next_number;
  s.next_seq = state_.next_seq;
  s.open_results = open_results_;
  s.dropped_results = dropped_results_;
  for (const auto& [key, batch] : deliverables_) {
    if (batch.gap) s.gaps.emplace_back(batch.sealed, *batch.gap);
    if (delivered_everywhere(key, batch)) continue;
    ++s.unsent_batches;
    s.unsent_results += batch.results;
    if (!s.oldest_unsent || batch.sealed < *s.oldest_unsent) s.oldest_unsent = batch.sealed;
  }
  return s;
}

}  // namespace nines::agent
