// SPDX-License-Identifier: Apache-2.0
// What a series may hold: the encoder cuts to it, the decoder refuses beyond it. Internal to
// proto/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/result.h"

namespace nines::proto {

inline constexpr std::size_t kMaxRtts = 1000;  // of one ICMP run
inline constexpr std::size_t kMaxHops = 64;
inline constexpr std::size_t kMaxHopBytes = 2048;
inline constexpr std::size_t kMaxVersion = 16;
inline constexpr int kMaxStatus = 999;
inline constexpr int kMaxDuplicates = 1'000'000;
inline constexpr int kMaxTtl = 255;
inline constexpr int kMaxSteps = 1000;  // of a dialogue
inline constexpr std::size_t kMaxRcode = 32;
inline constexpr std::int64_t kMaxValue = INT64_MAX - 1;  // optional values travel as value+1

inline std::size_t cost_of(const std::string& text) { return text.size() + sizeof(std::string); }

inline std::size_t cost_of(const HopDetail& hop) {
  return hop.url.size() + hop.address.size() + sizeof(HopDetail);
}

inline std::size_t cost_of(const AddressResult& one) {
  return one.address.size() + sizeof(AddressResult);
}

// Takes what `item` costs from the room that a batch has for details of many parts.
template <class Item>
bool take_room(const Item& item, std::size_t& room) {
  const auto cost = cost_of(item);
  if (cost > room) return false;
  room -= cost;
  return true;
}

// Keeps the first items: as many as `most` and the room allow.
template <class Item>
void keep_what_fits(std::vector<Item>& items, std::size_t most, std::size_t& room) {
  std::size_t kept = 0;
  while (kept < items.size() && kept < most && take_room(items[kept], room)) ++kept;
  items.resize(kept);
}

// `result` with every text, number and list within the bounds; `room` as take_room() has it.
Result bounded(Result result, std::size_t& room);

}  // namespace nines::proto
