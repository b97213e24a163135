// SPDX-License-Identifier: Apache-2.0
// The pure half of the survey: pages into groups, groups into one chain.
#include <algorithm>

#include "base/assert.h"
#include "ledger/survey.h"

namespace nines::ledger {
namespace {

bool all_zero(ByteView bytes) {
  // The first byte is zero and every byte equals the one before it.
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

class Scanner {
 public:
  Scanner(ByteView image,
          std::vector<PageMark> marks,
          const Uuid& uuid,
          std::uint32_t file,
          std::vector<std::uint8_t>& body)
      : image_(image), uuid_(uuid), file_(file), body_(body) {
    out_.marks = std::move(marks);
    ASSERT(image.size() == out_.marks.size() * kPageSize);
  }

  SegmentScan run() {
    std::uint32_t at = 0;
    while (at < out_.marks.size()) at += take(at);
    return std::move(out_);
  }

 private:
  // Judges what starts at page `at`; returns how many pages that was.
  std::uint32_t take(std::uint32_t at) {
    PageMark& mark = out_.marks[at];
    if (mark.state == PageState::unreadable) return 1;
    mark = {PageState::bad, false, 0};
    const ByteView page = image_.subspan(std::size_t{at} * kPageSize, kPageSize);
    if (all_zero(page)) {
      mark.state = PageState::zero;
      return 1;
    }
    if (const auto header = decode_header(page)) return take_header(*header, at);
    if (const auto stamp = decode_stamp(page, uuid_, file_, at)) {
      note(stamp->segment, stamp->group);
      mark = {PageState::intact, false, stamp->segment};
    }
    return 1;
  }

  std::uint32_t take_header(const GroupHeader& header, std::uint32_t at) {
    if (header.uuid != uuid_ || header.file != file_ || header.page != at) return 1;
    note(header.segment, header.group);
    const std::uint32_t pages = pages_for(header.body_size);
    const bool readable =
        at + pages <= out_.marks.size() &&
        std::none_of(out_.marks.begin() + at, out_.marks.begin() + at + pages,
                     [](const PageMark& m) { return m.state == PageState::unreadable; });
    const ByteView rest = image_.subspan(std::size_t{at} * kPageSize);
    const auto head = readable ? check_group(header, rest, body_) : std::nullopt;
    if (head) {
      std::fill_n(out_.marks.begin() + at, pages,
                  PageMark{PageState::intact, true, header.segment});
      out_.groups.push_back({header, *head, pages});
      return pages;
    }
    if (first_page_intact(header, rest.first(kPageSize))) {
      out_.marks[at] = {PageState::intact, false, header.segment};
    }
    return 1;
  }

  void note(std::uint64_t segment, std::uint64_t group) {
    out_.newest_segment = std::max(out_.newest_segment, segment);
    out_.newest_group = std::max(out_.newest_group, group);
  }

  ByteView image_;
  const Uuid& uuid_;
  std::uint32_t file_;
  std::vector<std::uint8_t>& body_;
  SegmentScan out_;
};

// Accepts group after group, taking back what a later one declares void.
class Linker {
 public:
  explicit Linker(Linked& out) : out_(out) {}

  void offer(FoundGroup&& group) {
    const GroupHeader& h = group.header;
    if (!steps_.empty() && h.group <= out_.accepted.back().header.group) return reject(group);
    // A rewrite after a failed sync, or a group that an earlier recovery could not read and gave
    // up: the later group names its predecessor, and what lies between is void.
    std::size_t keep = out_.accepted.size();
    while (keep > 0 && out_.accepted[keep - 1].header.group > h.prev_group) --keep;
    std::uint64_t end = out_.floor_record;
    if (keep > 0) {
      const FoundGroup& last = out_.accepted[keep - 1];
      end = last.header.end_record();
      const bool adjacent = last.header.group == h.prev_group;
      if (h.prev_end < end) return reject(group);
      if (adjacent && (h.prev_end != end || h.prev_hash != last.head)) return reject(group);
    }
    out_.accepted.resize(keep);
    steps_.resize(keep);
    steps_.push_back({end, std::max(h.prev_end, end)});
    out_.accepted.push_back(std::move(group));
  }

  void finish() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const auto [end, prev_end] = steps_[i];
      const std::uint64_t first = out_.accepted[i].header.first_record;
      const std::uint64_t middle = std::min(prev_end, first);
      if (end < middle) out_.damage.push_back({DamageKind::media, end, middle - 1});
      if (middle < first) out_.damage.push_back({DamageKind::uncertain, middle, first - 1});
    }
  }

 private:
  struct Step {
    std::uint64_t end;       // one past what was accepted before
    std::uint64_t prev_end;  // one past what was durable before
  };

  void reject(FoundGroup& group) { out_.rejected.push_back(std::move(group)); }

  Linked& out_;
  std::vector<Step> steps_;
};

}  // namespace

SegmentScan scan_segment(ByteView image,
                         std::vector<PageMark> marks,
                         const Uuid& uuid,
                         std::uint32_t file,
                         std::vector<std::uint8_t>& body) {
  return Scanner(image, std::move(marks), uuid, file, body).run();
}

Linked link_groups(std::vector<FoundGroup> groups) {
  Linked out;
  for (const auto& g : groups) {
    if (g.header.floor_segment < out.floor_segment) continue;
    out.floor_segment = g.header.floor_segment;
    out.floor_record = std::max(out.floor_record, g.header.floor_record);
  }
  std::erase_if(groups, [&](const FoundGroup& g) { return g.header.segment < out.floor_segment; });
  std::sort(groups.begin(), groups.end(), [](const FoundGroup& a, const FoundGroup& b) {
    return std::pair(a.header.segment, a.header.page) < std::pair(b.header.segment, b.header.page);
  });
  Linker linker(out);
  for (auto& g : groups) linker.offer(std::move(g));
  linker.finish();
  return out;
}

std::optional<Tail> find_tail(const Survey& survey) {
  const Superblock& s = survey.superblock;
  Tail t;
  t.next_record = s.next_record;
  t.next_group = s.next_group;
  t.next_segment = s.next_segment;
  for (const auto& f : survey.files) {
    t.next_segment = std::max(t.next_segment, f.scan.newest_segment + 1);
    t.next_group = std::max(t.next_group, f.scan.newest_group + 1);
  }
  if (!survey.linked.accepted.empty()) {
    const FoundGroup& last = survey.linked.accepted.back();
    t.last_group = last.header.group;
    t.last_end = last.header.end_record();
    t.head = last.head;
  } else if (!survey.suspects.empty() && !survey.any_blank_file()) {
    // Only files never used before are taken in the first lap: without one of them there were
    // more numbers than the pages at hand can account for.
    return std::nullopt;
  }
  // Each page in doubt may have been a group of its own, durable and sent, at most two attempts.
  std::uint64_t doubtful = survey.suspects.size();
  if (survey.rebuilt) doubtful += std::uint64_t{s.geometry.pages()} * s.geometry.segment_count;
  t.next_record = std::max(t.next_record, t.last_end) + doubtful * kMaxGroupRecords;
  t.next_group += 2 * doubtful;
  t.next_segment += 2 * doubtful;
  t.damage = survey.linked.damage;
  if (t.next_record > t.last_end) {
    t.proven = false;
    t.damage.push_back({DamageKind::uncertain, t.last_end, t.next_record - 1});
  }
  return t;
}

}  // namespace nines::ledger
