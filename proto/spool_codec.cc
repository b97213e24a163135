// SPDX-License-Identifier: Apache-2.0
#include "proto/spool_codec.h"

#include "proto/batch.pb.h"
#include "proto/wire_arrays.h"

namespace nines::proto {
namespace {

bool mark_from_wire(const wire::CollectorMark& in, CollectorMark& out) {
  out.collector = in.collector();
  out.durable = in.durable();
  return copy_array(in.epoch(), out.epoch);
}

void mark_to_wire(const CollectorMark& mark, wire::CollectorMark& out) {
  out.set_collector(mark.collector);
  out.set_epoch(to_string(mark.epoch));
  out.set_durable(mark.durable);
}

}  // namespace

std::string encode_spool_state(const SpoolState& state) {
  wire::SpoolState w;
  w.set_epoch(to_string(state.epoch));
  w.set_next_number(state.next_number);
  w.set_chain_hash(to_string(state.chain_hash));
  w.set_next_seq(state.next_seq);
  w.set_table(state.table);
  if (state.table_sent) w.set_table_sent(to_string(*state.table_sent));
  for (const auto& last : state.last) {
    auto* l = w.add_last();
    l->set_check(last.check);
    l->set_every_ns(last.grid.every.count());
    l->set_phase_ns(last.grid.phase.count());
    l->set_slot(last.slot);
  }
  for (const auto& mark : state.marks) mark_to_wire(mark, *w.add_marks());
  for (const auto& epoch : state.epochs) w.add_epochs(to_string(epoch));
  return w.SerializeAsString();
}

Expected<SpoolState> decode_spool_state(ByteView bytes) {
  wire::SpoolState w;
  SpoolState state;
  if (!parse(w, bytes) || !copy_array(w.epoch(), state.epoch) ||
      !copy_array(w.chain_hash(), state.chain_hash)) {
    return fail("not a spool state");
  }
  state.next_number = w.next_number();
  state.next_seq = w.next_seq();
  state.table = w.table();
  if (!w.table_sent().empty()) {
    Digest digest;
    if (!copy_array(w.table_sent(), digest)) return fail("not a spool state");
    state.table_sent = digest;
  }
  for (const auto& l : w.last()) {
    if (l.every_ns() <= 0) return fail("a spool state names an impossible interval");
    state.last.push_back({l.check(), {Duration(l.every_ns()), Duration(l.phase_ns())}, l.slot()});
  }
  for (const auto& m : w.marks()) {
    CollectorMark mark;
    if (!mark_from_wire(m, mark)) return fail("not a spool state");
    state.marks.push_back(std::move(mark));
  }
  for (const auto& e : w.epochs()) {
    EpochId epoch;
    if (!copy_array(e, epoch)) return fail("not a spool state");
    state.epochs.push_back(epoch);
  }
  return state;
}

std::string encode_mark(const CollectorMark& mark) {
  wire::CollectorMark w;
  mark_to_wire(mark, w);
  return w.SerializeAsString();
}

Expected<CollectorMark> decode_mark(ByteView bytes) {
  wire::CollectorMark w;
  CollectorMark mark;
  if (!parse(w, bytes) || !mark_from_wire(w, mark)) return fail("not a collector's mark");
  return mark;
}

}  // namespace nines::proto
