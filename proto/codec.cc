// SPDX-License-Identifier: Apache-2.0
#include "proto/codec.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <set>

#include "proto/batch.pb.h"
#include "proto/series_codec.h"
#include "proto/wire_arrays.h"

namespace nines::proto {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kBatchDomain = "nines-batch-v1";
constexpr int kCompressionLevel = 3;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxLabels = 64;
constexpr std::size_t kMaxCanonical = 64 << 10;
constexpr std::size_t kMaxEvents = 1000;
constexpr std::size_t kMaxEventText = 1000;

std::string compress(const std::string& raw) {
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  const auto n = ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), kCompressionLevel);
  ASSERT(ZSTD_isError(n) == 0);
  out.resize(n);
  return out;
}

// Never gives out more than `size` bytes, whatever the frame says of itself.
Expected<std::string> decompress(const std::string& frame, std::size_t size) {
  constexpr std::string_view kMagic = "\x28\xb5\x2f\xfd";
  // One frame and nothing else: further or skippable frames would be bytes that say nothing.
  if (!frame.starts_with(kMagic) ||
      ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return fail("the batch's body is not one zstd frame");
  }
  std::string out(size, '\0');
  const auto n = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) != 0 || n != size)
    return fail("the batch's body does not decompress as announced");
  return out;
}

void labels_to_wire(const Labels& labels, google::protobuf::Map<std::string, std::string>* out) {
  for (const auto& [key, value] : labels) (*out)[key] = value;
}

bool labels_from_wire(const google::protobuf::Map<std::string, std::string>& in, Labels& out) {
  if (in.size() > kMaxLabels) return false;
  for (const auto& [key, value] : in) {
    if (key.size() > kMaxName || value.size() > kMaxName) return false;
    out.emplace(key, value);
  }
  return true;
}

void event_to_wire(const AgentEvent& event, wire::Event& out) {
  out.set_kind(static_cast<wire::Event::Kind>(event.kind));
  out.set_wall_ns(event.wall.ns);
  out.set_boot_ns(event.boot.ns);
  out.set_duration_ns(event.duration.count());
  out.set_text(event.text.substr(0, kMaxEventText));
  out.set_clean(event.clean);
  out.set_link(event.link.substr(0, kMaxEventText));
  out.set_lost_first(event.lost_first);
  out.set_lost_last(event.lost_last);
}

Expected<AgentEvent> event_from_wire(const wire::Event& in) {
  if (in.kind() < wire::Event::EPOCH || in.kind() > wire::Event::RECHECK ||
      in.text().size() > kMaxEventText || in.link().size() > kMaxEventText) {
    return fail("an event does not fit its bounds");
  }
  AgentEvent event;
  event.kind = static_cast<EventKind>(in.kind());
  event.wall = {in.wall_ns()};
  event.boot = {in.boot_ns()};
  event.duration = Duration(in.duration_ns());
  event.text = in.text();
  event.clean = in.clean();
  event.link = in.link();
  event.lost_first = in.lost_first();
  event.lost_last = in.lost_last();
  return event;
}

void gap_to_wire(const Gap& gap, wire::Gap& out) {
  out.set_cause(gap.cause.substr(0, kMaxName));
  out.set_batches(gap.batches);
  out.set_results(gap.results);
  out.set_first_seq(gap.first_seq);
  out.set_last_seq(gap.last_seq);
  out.set_from_ns(gap.from.ns);
  out.set_to_ns(gap.to.ns);
  for (const auto& check : gap.checks) {
    auto* c = out.add_checks();
    c->set_check(check.check);
    c->set_up(check.up);
    c->set_down(check.down);
    c->set_unknown(check.unknown);
    c->set_first_slot(check.first_slot);
    c->set_last_slot(check.last_slot);
    c->set_transitions(check.transitions);
  }
}

Expected<Gap> gap_from_wire(const wire::Gap& in) {
  if (in.cause().size() > kMaxName || static_cast<std::size_t>(in.checks_size()) > kMaxGapChecks) {
    return fail("a gap does not fit its bounds");
  }
  Gap gap;
  gap.cause = in.cause();
  gap.batches = in.batches();
  gap.results = in.results();
  gap.first_seq = in.first_seq();
  gap.last_seq = in.last_seq();
  gap.from = {in.from_ns()};
  gap.to = {in.to_ns()};
  for (const auto& c : in.checks()) {
    if (c.check().size() > kMaxName) return fail("a gap names a check too long");
    gap.checks.push_back(
        {c.check(), c.up(), c.down(), c.unknown(), c.first_slot(), c.last_slot(), c.transitions()});
  }
  return gap;
}

Digest batch_hash(const std::string& header) {
  return sha256({as_bytes(kBatchDomain), as_bytes(header)});
}

std::string encode_header(const BatchHeader& h, const std::string& body, std::size_t raw_size) {
  wire::BatchHeader w;
  w.set_format(kFormat);
  w.set_agent(h.agent);
  w.set_epoch(to_string(h.epoch));
  w.set_number(h.number);
  w.set_last_number(h.last_number);
  w.set_previous_hash(to_string(h.previous_hash));
  if (h.resume_hash) w.set_resume_hash(to_string(*h.resume_hash));
  w.set_body_digest(to_string(sha256(as_bytes(body))));
  w.set_body_size(static_cast<std::uint32_t>(raw_size));
  w.set_first_seq(h.first_seq);
  w.set_result_count(h.result_count);
  w.set_wall_ns(h.sealed.wall.ns);
  w.set_boot_ns(h.sealed.boot.ns);
  w.set_boot_id(to_string(h.boot_id));
  w.set_clock_synchronised(h.sync.synchronised);
  w.set_clock_error_ns(h.sync.error.count());
  w.set_clock_ahead_ns(h.clock_ahead.count());
  w.set_clock_bound_ns(h.clock_bound.count());
  w.set_public_key(to_string(h.public_key));
  w.set_table_digest(to_string(h.table_digest));
  w.set_version(h.version);
  return w.SerializeAsString();
}

Expected<BatchHeader> decode_header(const wire::BatchHeader& w) {
  BatchHeader h;
  if (w.format() != kFormat) {
    return fail("batch format " + std::to_string(w.format()) + " is not known to this version");
  }
  h.agent = w.agent();
  h.number = w.number();
  h.last_number = w.last_number();
  h.first_seq = w.first_seq();
  h.result_count = w.result_count();
  h.sealed.wall = {w.wall_ns()};
  h.sealed.boot = {w.boot_ns()};
  h.sync = {w.clock_synchronised(), Duration(w.clock_error_ns())};
  h.clock_ahead = Duration(w.clock_ahead_ns());
  h.clock_bound = Duration(w.clock_bound_ns());
  h.version = w.version();
  if (!w.resume_hash().empty()) {
    Digest resume;
    if (!copy_array(w.resume_hash(), resume)) return fail("the batch's resume hash is malformed");
    h.resume_hash = resume;
  }
  std::uint64_t last_seq = 0;
  const bool ok = copy_array(w.epoch(), h.epoch) &&
                  copy_array(w.previous_hash(), h.previous_hash) &&
                  copy_array(w.boot_id(), h.boot_id) && copy_array(w.public_key(), h.public_key) &&
                  copy_array(w.table_digest(), h.table_digest) && !h.agent.empty() &&
                  h.agent.size() <= kMaxName && h.version.size() <= kMaxName && h.number >= 1 &&
                  h.last_number >= h.number && h.last_number < (std::uint64_t{1} << 62) &&
                  h.result_count <= kMaxResults && h.first_seq >= 1 &&
                  !__builtin_add_overflow(h.first_seq, h.result_count, &last_seq) &&
                  h.resume_hash.has_value() == (h.resume_hash && h.result_count == 0) &&
                  (h.resume_hash || h.last_number == h.number);
  if (!ok) return fail("the batch's header is malformed");
  return h;
}

}  // namespace

Sealed seal(const BatchHeader& header, const BatchBody& body, const SigningKey& key) {
  ASSERT(header.public_key == key.public_key());
  ASSERT(header.resume_hash.has_value() == body.gap.has_value());
  google::protobuf::Arena arena;
  auto& w = *google::protobuf::Arena::CreateMessage<wire::BatchBody>(&arena);
  if (body.table) w.set_table(*body.table);
  std::uint64_t results = 0;
  std::size_t room = kDetailRoom;
  for (const auto& series : body.series) {
    auto* s = w.add_series();
    s->set_check(series.check);
    encode_series(series.results, room, *s);
    results += series.results.size();
  }
  for (const auto& event : body.events) event_to_wire(event, *w.add_events());
  if (body.gap) gap_to_wire(*body.gap, *w.mutable_gap());
  ASSERT(results == header.result_count && results <= kMaxResults);
  const auto raw = w.SerializeAsString();
  ASSERT(raw.size() <= kMaxBodyBytes);

  wire::SealedBatch sealed;
  sealed.set_body(compress(raw));
  sealed.set_header(encode_header(header, sealed.body(), raw.size()));
  const auto hash = batch_hash(sealed.header());
  sealed.set_signature(to_string(key.sign(hash)));
  Sealed out{sealed.SerializeAsString(), hash};
  ASSERT(out.bytes.size() <= kMaxSealedBytes);
  return out;
}

namespace {

Expected<OpenedHeader> parse_header(ByteView bytes,
                                    wire::SealedBatch& sealed,
                                    wire::BatchHeader& w) {
  if (bytes.size() > kMaxSealedBytes) return fail("the batch is larger than a batch may be");
  if (!parse(sealed, bytes) || !parse(w, as_bytes(sealed.header()))) {
    return fail("not a sealed batch");
  }
  // One content, one text: unknown or repeated fields would be bytes that nothing signs. A copy of
  // the known fields, because a parsed message keeps and writes the unknown ones too.
  wire::SealedBatch known;
  known.set_header(sealed.header());
  known.set_body(sealed.body());
  known.set_signature(sealed.signature());
  if (known.SerializeAsString() != as_text(bytes)) {
    return fail("the batch is not in canonical form");
  }
  TRY(header, decode_header(w));
  OpenedHeader opened;
  opened.header = std::move(header);
  opened.hash = batch_hash(sealed.header());
  opened.chain_hash = opened.header.resume_hash.value_or(opened.hash);
  opened.body_size = w.body_size();
  if (opened.body_size > kMaxBodyBytes)
    return fail("the batch's body is larger than a body may be");
  return opened;
}

}  // namespace

Expected<OpenedHeader> peek_header(ByteView bytes) {
  wire::SealedBatch sealed;
  wire::BatchHeader w;
  return parse_header(bytes, sealed, w);
}

Expected<OpenedHeader> open_header(ByteView bytes) {
  wire::SealedBatch sealed;
  wire::BatchHeader w;
  TRY(opened, parse_header(bytes, sealed, w));
  Digest announced;
  if (!copy_array(w.body_digest(), announced) || announced != sha256(as_bytes(sealed.body()))) {
    return fail("the batch's body does not fit the digest in its header");
  }
  if (!verify_signature(opened.header.public_key, opened.hash, as_bytes(sealed.signature()))) {
    return fail("the batch's signature does not verify");
  }
  return opened;
}

Expected<BatchBody> open_body(ByteView bytes, const OpenedHeader& opened) {
  wire::SealedBatch sealed;
  if (!parse(sealed, bytes)) return fail("not a sealed batch");
  TRY(raw, decompress(sealed.body(), opened.body_size));
  wire::BatchBody w;
  if (!parse(w, as_bytes(raw))) return fail("the batch's body does not parse");
  if (static_cast<std::size_t>(w.series_size()) > kMaxChecks ||
      static_cast<std::size_t>(w.events_size()) > kMaxEvents ||
      w.has_gap() != opened.header.resume_hash.has_value()) {
    return fail("the batch's body does not fit its bounds");
  }
  BatchBody body;
  if (!w.table().empty()) {
    if (sha256(as_bytes(w.table())) != opened.header.table_digest) {
      return fail("the batch's table does not fit the digest in its header");
    }
    body.table = w.table();
  }
  const auto& h = opened.header;
  std::vector<bool> seen(h.result_count);
  std::uint64_t left = h.result_count;
  std::size_t room = kDetailRoom;
  std::set<std::uint32_t> checks;
  for (const auto& series : w.series()) {
    if (series.check() >= kMaxChecks || !checks.insert(series.check()).second) {
      return fail("a check has two series in one batch");
    }
    TRY(results, decode_series(series, left, room));
    for (const auto& r : results) {
      const auto place = r.seq - h.first_seq;
      if (r.seq < h.first_seq || place >= h.result_count || seen[place]) {
        return fail("the batch's sequence numbers are not those its header names");
      }
      seen[place] = true;
    }
    left -= results.size();
    body.series.push_back({series.check(), std::move(results)});
  }
  if (left != 0) return fail("the batch holds fewer results than its header names");
  for (const auto& event : w.events()) {
    TRY(e, event_from_wire(event));
    body.events.push_back(std::move(e));
  }
  if (w.has_gap()) {
    TRY(gap, gap_from_wire(w.gap()));
    body.gap = std::move(gap);
  }
  return body;
}

std::string encode_table(const CheckTable& table) {
  wire::CheckTable w;
  for (const auto& check : table.checks) {
    auto* c = w.add_checks();
    c->set_name(check.name);
    c->set_kind(static_cast<std::uint32_t>(check.kind));
    c->set_target(check.target);
    c->set_every_ns(check.grid.every.count());
    c->set_phase_ns(check.grid.phase.count());
    c->set_timeout_ns(check.timeout.count());
    c->set_priority(static_cast<std::uint32_t>(check.priority));
    labels_to_wire(check.labels, c->mutable_labels());
    c->set_canonical(check.canonical);
  }
  w.set_config_digest(to_string(table.config_digest));
  labels_to_wire(table.labels, w.mutable_labels());
  // Maps have no order on the wire by themselves; equal tables must give equal bytes.
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    w.SerializeToCodedStream(&coded);
  }
  return out;
}

Expected<CheckTable> decode_table(ByteView bytes) {
  wire::CheckTable w;
  if (!parse(w, bytes) || static_cast<std::size_t>(w.checks_size()) > kMaxChecks) {
    return fail("not a check table");
  }
  CheckTable table;
  if (!copy_array(w.config_digest(), table.config_digest) ||
      !labels_from_wire(w.labels(), table.labels)) {
    return fail("a check table is malformed");
  }
  std::set<std::string> names;
  for (const auto& c : w.checks()) {
    CheckEntry check;
    check.name = c.name();
    check.kind = static_cast<CheckKind>(c.kind());
    check.target = c.target();
    check.grid = {Duration(c.every_ns()), Duration(c.phase_ns())};
    check.timeout = Duration(c.timeout_ns());
    check.priority = static_cast<int>(std::min<std::uint32_t>(c.priority(), 9));
    check.canonical = c.canonical();
    constexpr std::int64_t kShortest = 1'000'000;  // 1 ms: far below what agents accept
    constexpr std::int64_t kLongest = 366LL * 86'400'000'000'000;
    if (c.kind() > 255 || check.name.empty() || check.name.size() > kMaxName ||
        check.target.size() > kMaxUrl || check.canonical.size() > kMaxCanonical ||
        c.timeout_ns() < 0 || !names.insert(check.name).second || c.every_ns() < kShortest ||
        c.every_ns() > kLongest || c.phase_ns() < 0 || c.phase_ns() >= c.every_ns() ||
        !labels_from_wire(c.labels(), check.labels)) {
      return fail("a check in a table is malformed");
    }
    table.checks.push_back(std::move(check));
  }
  return table;
}

std::uint64_t table_mark(const Digest& table) {
  return std::max<std::uint64_t>(get_le<std::uint64_t>(table.data()), 1);
}

namespace {

// Room for one small message and all of its fields, which go at once and not one by one.
class Scratch {
 public:
  template <class Message>
  Message& message() {
    return *google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }

 private:
  alignas(std::max_align_t) std::array<char, 4096> block_;
  google::protobuf::Arena arena_{block_.data(), block_.size()};
};

}  // namespace

std::string encode_spooled_result(std::uint32_t check, std::uint64_t table, const Result& result) {
  Scratch scratch;
  auto& w = scratch.message<wire::SpooledResult>();
  w.set_check(check);
  w.set_table(table);
  std::size_t room = kDetailRoom;
  encode_series(std::span(&result, 1), room, *w.mutable_result());
  return w.SerializeAsString();
}

Expected<SpooledResult> decode_spooled_result(ByteView bytes) {
  wire::SpooledResult w;
  if (!parse(w, bytes)) return fail("not a spooled result");
  std::size_t room = kDetailRoom;
  TRY(results, decode_series(w.result(), 1, room));
  if (results.size() != 1) return fail("not a spooled result");
  return SpooledResult{w.check(), w.table(), std::move(results.front())};
}

std::string encode_results(std::span<const Result> results) {
  Scratch scratch;
  auto& w = scratch.message<wire::Series>();
  std::size_t room = kDetailRoom;
  encode_series(results, room, w);
  return w.SerializeAsString();
}

Expected<std::vector<Result>> decode_results(ByteView bytes, std::size_t most) {
  wire::Series w;
  if (!parse(w, bytes)) return fail("not a series of results");
  std::size_t room = kDetailRoom;
  return decode_series(w, most, room);
}

std::string encode_event(const AgentEvent& event) {
  wire::Event w;
  event_to_wire(event, w);
  return w.SerializeAsString();
}

Expected<AgentEvent> decode_event(ByteView bytes) {
  wire::Event w;
  if (!parse(w, bytes)) return fail("not an event");
  return event_from_wire(w);
}

}  // namespace nines::proto
