// SPDX-License-Identifier: Apache-2.0
// Room on the ring: what is freed, and the gap that is made durable before anything undelivered
// goes.
#include <algorithm>
#include <set>

#include "agent/spool.h"
#include "agent/spool_records.h"

namespace nines::agent {
namespace {

// Adds what a batch holds to the gap that is to stand for it.
void add_to_gap(Gap& gap, const BatchBody& body, const CheckTable& table) {
  for (const auto& series : body.series) {
    if (series.check >= table.checks.size()) continue;
    const auto& check = table.checks[series.check];
    auto place = std::find_if(gap.checks.begin(), gap.checks.end(),
                              [&](const auto& c) { return c.check == check.name; });
    if (place == gap.checks.end()) {
      if (gap.checks.size() >= proto::kMaxGapChecks) continue;
      place = gap.checks.insert(gap.checks.end(), GapPerCheck{.check = check.name});
      place->first_slot = series.results.front().slot;
    }
    Outcome before = series.results.front().probe.outcome;
    for (const auto& r : series.results) {
      const auto slots = static_cast<std::uint64_t>(r.span);
      switch (r.probe.outcome) {
        case Outcome::up:
          place->up += slots;
          break;
        case Outcome::down:
          place->down += slots;
          break;
        case Outcome::unknown:
          place->unknown += slots;
          break;
      }
      if (r.probe.outcome != before) ++place->transitions;
      before = r.probe.outcome;
      place->last_slot = std::max(place->last_slot, r.slot + r.span - 1);
      const auto from = check.grid.at(r.slot);
      const auto to = check.grid.at(r.slot + r.span - 1);
      if (gap.from.ns == 0 || from < gap.from) gap.from = from;
      gap.to = std::max(gap.to, to);
    }
  }
}

// Counts of an older gap that the new one takes in.
void merge_gap(Gap& into, const Gap& older) {
  into.batches += older.batches;
  into.results += older.results;
  if (into.from.ns == 0 || (older.from.ns != 0 && older.from < into.from)) into.from = older.from;
  into.to = std::max(into.to, older.to);
  for (const auto& c : older.checks) {
    const auto place = std::find_if(into.checks.begin(), into.checks.end(),
                                    [&](const auto& x) { return x.check == c.check; });
    if (place == into.checks.end()) {
      if (into.checks.size() < proto::kMaxGapChecks) into.checks.push_back(c);
      continue;
    }
    place->up += c.up;
    place->down += c.down;
    place->unknown += c.unknown;
    place->transitions += c.transitions;
    place->first_slot = std::min(place->first_slot, c.first_slot);
    place->last_slot = std::max(place->last_slot, c.last_slot);
  }
}

}  // namespace

bool Spool::covers_open_results(std::uint64_t end_record) const {
  return open_first_record_ && *open_first_record_ < end_record;
}

Expected<void> Spool::make_room(std::uint64_t bytes, const SealContext& context) {
  // Each turn frees one segment, so the ring's segments bound the loop.
  while (!ledger_->fits(bytes)) {
    if (!ledger_->oldest()) {
      return fail("the spool is too small for what must be written at once; enlarge spool.size");
    }
    TRY_VOID(drop_oldest(context));
  }
  return {};
}

Expected<void> Spool::drop_oldest(const SealContext& context) {
  const auto segment = *ledger_->oldest();
  if (covers_open_results(segment.end_record)) {
    TRY_VOID(seal_open(context, ledger::Room::reserve));
  }
  std::map<std::size_t, std::vector<Key>> lost;  // by epoch: a gap stays within one
  std::vector<Key> gone;
  for (const auto& [key, batch] : deliverables_) {
    if (batch.record.number >= segment.end_record) continue;
    gone.push_back(key);
    if (!delivered_everywhere(key, batch)) lost[key.epoch].push_back(key);
  }
  for (const auto& [epoch, keys] : lost) {
    // Neighbours become one gap; delivered ones between them cannot be: collectors take in order.
    TRY(made, gap_over(keys, "spool_full", context));
    const auto& [sealed, gap] = made;
    const std::vector<ledger::RecordIn> in{{kGapRecord, as_bytes(sealed.bytes)}};
    auto refs = ledger_->commit(in, ledger::Room::reserve);
    if (!refs) {
      failure_ = refs.error().message;
      return Unexpected(std::move(refs.error()));
    }
    TRY(opened, proto::open_header(as_bytes(sealed.bytes)));
    add_deliverable(opened, gap, refs->front());
    bytes_since_state_ += sealed.bytes.size();
  }
  // The state that a recovery starts from must outlive the segment.
  if (state_record_ < segment.end_record && open_results_ == 0 && open_events_.empty()) {
    TRY_VOID(write_state(ledger::Room::reserve));
  } else if (state_record_ < segment.end_record) {
    TRY_VOID(seal_open(context, ledger::Room::reserve));
    TRY_VOID(write_state(ledger::Room::reserve));
  }
  for (const auto& key : gone) {
    const auto place = deliverables_.find(key);
    if (place != deliverables_.end() && place->second.record.number < segment.end_record) {
      deliverables_.erase(place);
    }
  }
  ledger_->release_oldest();
  return {};
}

Expected<std::pair<proto::Sealed, Gap>> Spool::gap_over(const std::vector<Key>& dropped,
                                                        const std::string& cause,
                                                        const SealContext& context) {
  Gap gap;
  gap.cause = cause;
  auto first = deliverables_.find(dropped.front());
  auto last = deliverables_.find(dropped.back());
  ASSERT(first != deliverables_.end() && last != deliverables_.end());
  // A gap right before joins in: one gap for one outage, however long; until it is delivered.
  if (first != deliverables_.begin()) {
    const auto before = std::prev(first);
    if (before->first.epoch == first->first.epoch && before->second.gap &&
        before->second.last_number + 1 == first->second.number &&
        !delivered_everywhere(before->first, before->second)) {
      first = before;
    }
  }
  CheckTable table;
  Digest table_digest{};
  std::string table_bytes;
  std::uint64_t fresh = 0;
  for (auto at = first; at != std::next(last); ++at) {
    const auto& batch = at->second;
    if (batch.gap) {
      merge_gap(gap, *batch.gap);
      if (const auto bytes = ledger_->read(batch.record)) {
        const auto opened = proto::open_header(as_bytes(*bytes));
        if (opened) table_digest = opened->header.table_digest;
        const auto body = opened ? proto::open_body(as_bytes(*bytes), *opened)
                                 : Expected<BatchBody>(fail("damaged"));
        if (body && body->table) table_bytes = *body->table;
      }
    } else {
      ++gap.batches;
      gap.results += batch.results;
      fresh += batch.results;
      // A batch that cannot be read any more is dropped all the same; its counts are from the
      // index.
      if (const auto bytes = ledger_->read(batch.record)) {
        const auto opened = proto::open_header(as_bytes(*bytes));
        const auto body = opened ? proto::open_body(as_bytes(*bytes), *opened)
                                 : Expected<BatchBody>(fail("damaged"));
        if (body) {
          if (body->table) table_bytes = *body->table;
          table_digest = opened->header.table_digest;
          if (sha256(as_bytes(table_bytes)) != table_digest &&
              sha256(as_bytes(state_.table)) == table_digest) {
            table_bytes = state_.table;
          }
          auto decoded = proto::decode_table(as_bytes(table_bytes));
          if (decoded) add_to_gap(gap, *body, *decoded);
        }
      }
    }
  }
  gap.first_seq = first->second.gap ? first->second.gap->first_seq : first->second.first_seq;
  gap.last_seq = gap.results == 0 ? gap.first_seq : gap.first_seq + gap.results - 1;
  auto header = header_for(context);
  header.epoch = first->second.epoch;
  header.number = first->second.number;
  header.last_number = last->second.last_number;
  header.previous_hash = first->second.previous_hash;
  header.resume_hash = last->second.chain_hash;
  header.first_seq = std::max<std::uint64_t>(gap.first_seq, 1);
  BatchBody body;
  body.table = table_after(last->first, table_bytes);
  header.table_digest = sha256(as_bytes(*body.table));
  body.gap = gap;
  dropped_results_ += fresh;
  return std::pair(proto::seal(header, body, key_), gap);
}

// What follows a gap may name a table that only a batch in the gap carried: then the gap carries
// it. `dropped` is such a table, where one is known.
std::string Spool::table_after(const Key& gone, const std::string& dropped) const {
  const auto next = deliverables_.upper_bound(gone);
  // Without one, the next to be sealed names the newest table or has its own.
  if (next == deliverables_.end() || next->first.epoch != gone.epoch) return state_.table;
  const auto bytes = ledger_->read(next->second.record);
  if (!bytes) return state_.table;
  const auto opened = proto::peek_header(as_bytes(*bytes));
  if (!opened) return state_.table;
  const auto& named = opened->header.table_digest;
  for (const auto* table : {&state_.table, &dropped}) {
    if (sha256(as_bytes(*table)) == named) return *table;
  }
  auto body = proto::open_body(as_bytes(*bytes), *opened);
  if (body && body->table) return *std::move(body->table);
  // Only damage leads here: the batch that carried it cannot be read, its record perhaps can.
  std::string out = state_.table;
  const auto look_at = [&](std::string_view table) {
    if (sha256(as_bytes(table)) == named) out = table;
  };
  ledger_->visit([&](const ledger::RecordRef& ref, ByteView record) {
    if (ref.type == kTableRecord) {
      look_at(as_text(record));
    } else if (ref.type == kStateRecord) {
      if (const auto state = proto::decode_spool_state(record)) look_at(state->table);
    }
  });
  return out;
}

Expected<void> Spool::give_up(const Deliverable& batch, const SealContext& context) {
  const auto epoch = find_epoch(batch.epoch);
  if (!epoch) return {};
  const Key key{*epoch, batch.number};
  if (!deliverables_.contains(key)) return {};
  TRY_VOID(make_room(64 << 10, context));
  if (!deliverables_.contains(key)) return {};  // it went with its segment
  TRY(made, gap_over({key}, "media", context));
  const auto& [sealed, gap] = made;
  const std::vector<ledger::RecordIn> in{{kGapRecord, as_bytes(sealed.bytes)}};
  TRY(refs, ledger_->commit(in));
  TRY(opened, proto::open_header(as_bytes(sealed.bytes)));
  add_deliverable(opened, gap, refs.front());
  return {};
}

Expected<bool> Spool::bridge(const EpochId& epoch,
                             std::uint64_t durable,
                             const Digest& head_hash,
                             const SealContext& context) {
  const auto index = find_epoch(epoch);
  if (!index) return false;
  const auto next = deliverables_.upper_bound({*index, durable});
  const bool in_epoch = next != deliverables_.end() && next->first.epoch == *index;
  const auto last = in_epoch ? next->second.number - 1
                             : (epoch == state_.epoch ? state_.next_number - 1 : durable);
  if (last <= durable) return false;  // nothing is missing between
  const auto resume = in_epoch ? next->second.previous_hash : state_.chain_hash;
  Gap gap;
  gap.cause = "not_held";  // it was delivered elsewhere or damaged, and its room used again
  gap.batches = last - durable;
  auto header = header_for(context);
  header.epoch = epoch;
  header.number = durable + 1;
  header.last_number = last;
  header.previous_hash = head_hash;
  header.resume_hash = resume;
  header.first_seq = 1;
  BatchBody body;
  body.table = table_after({*index, last}, {});
  header.table_digest = sha256(as_bytes(*body.table));
  body.gap = gap;
  TRY_VOID(make_room(64 << 10, context));
  const auto sealed = proto::seal(header, body, key_);
  const std::vector<ledger::RecordIn> in{{kGapRecord, as_bytes(sealed.bytes)}};
  auto refs = ledger_->commit(in);
  if (!refs) return Unexpected(std::move(refs.error()));
  TRY(opened, proto::open_header(as_bytes(sealed.bytes)));
  add_deliverable(opened, gap, refs->front());
  return true;
}

}  // namespace nines::agent
