// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: any bytes in the files of a ledger must be recovered, refused or told as damage,
// within bounds, and a second open must agree with the first.
#include <algorithm>

#include "base/assert.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "tests/support/sim_disk.h"

namespace nines::ledger {
namespace {

Options fixed_options() {
  Options o;
  o.segment_size = kMinSegmentSize;
  o.size = 4 * kMinSegmentSize;
  o.uuid = Uuid{1, 2, 3};
  return o;
}

// Patches of a good ring: the file, two bytes of place in words of 4, one of length, the bytes.
void patch(test::SimDisk& disk, ByteView input) {
  while (input.size() > 4) {
    const std::string name = input[0] % 5 == 4 ? "superblock" : segment_name(input[0] % 5);
    auto bytes = disk.content(name);
    const std::size_t at = get_le<std::uint16_t>(&input[1]) * std::size_t{4} % bytes.size();
    const std::size_t n = std::min({std::size_t{input[3]}, input.size() - 4, bytes.size() - at});
    std::copy_n(input.begin() + 4, n, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    disk.set_content(name, bytes);
    input = input.subspan(4 + n);
  }
}

test::SimDisk make_ring() {
  test::SimDisk disk;
  Recovered recovered;
  auto ledger = Ledger::open(disk.directory(), fixed_options(), recovered);
  for (int i = 0; i < 20; ++i) {
    const std::string text(static_cast<std::size_t>(i) * 300, 'x');
    const RecordIn record{1, as_bytes(text)};
    ASSERT((*ledger)->commit({&record, 1}));
  }
  return disk;
}

void run(ByteView input) {
  static const test::SimDisk ring = make_ring();
  test::SimDisk disk = ring.copy();
  Recovered first;
  patch(disk, input);
  ASSERT(verify(*disk.directory()));
  auto ledger = Ledger::open(disk.directory(), fixed_options(), first);
  if (!ledger) return;
  std::uint64_t records = 0;
  (*ledger)->visit([&](const RecordRef& ref, ByteView bytes) {
    ++records;
    ASSERT(as_text(bytes) == *(*ledger)->read(ref));
  });
  ASSERT(records == first.records);
  Recovered second;
  ASSERT(Ledger::open(disk.directory(), fixed_options(), second));
  ASSERT(second.records == first.records && second.next_record == first.next_record);
}

}  // namespace
}  // namespace nines::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::ledger::run({data, size});
  return 0;
}
