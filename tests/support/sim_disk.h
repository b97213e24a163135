// SPDX-License-Identifier: Apache-2.0
// A disk in memory that records every change, so that a test can ask: what would be there had the
// power gone just then? Models what a kernel promises and no more: only synced bytes and synced
// names survive for certain, the rest survives sector by sector or not at all, and after a failed
// sync nothing that was pending is ever made durable by a later one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/random.h"

namespace nines::test {

enum class DiskOp { open, create, list, rename, sync_directory, size, read, write, sync };

struct DiskFault {
  DiskOp op = DiskOp::write;
  std::uint64_t nth = 1;    // the n-th such call from now on fails
  int error = 5;            // EIO
  bool persistent = false;  // and every later one
  std::string only;         // of this file alone; empty means any
  bool partial = false;     // a failing write leaves a random part of itself behind
};

enum class Tear {
  lost,       // nothing that was not synced survives
  kept,       // everything does, as after SIGKILL
  torn_512,   // all but the last write, of which a prefix of 512-byte sectors
  torn_4096,  // the same in pages
  subset,     // each 512-byte sector and each name survives by the toss of a coin
};

class SimDisk {
 public:
  SimDisk();

  // A view for code under test; any number may exist, all of the same disk.
  std::unique_ptr<Directory> directory();

  void inject(DiskFault fault);
  void clear_faults();
  std::uint64_t count(DiskOp op) const;  // calls so far, failed ones included

  // The disk as the running system sees it.
  bool exists(const std::string& name) const;
  std::vector<std::uint8_t> content(const std::string& name) const;
  void set_content(const std::string& name, std::vector<std::uint8_t> bytes);  // durable at once
  void remove(const std::string& name);                                        // durable at once
  void flip(const std::string& name, std::uint64_t bit);                       // durable at once
  std::vector<std::string> names() const;

  // Changes recorded since creation or forget(): cuts are after the first `event` of them.
  std::size_t events() const;
  void forget();  // everything visible counts as durable from here on
  SimDisk cut(std::size_t event, Tear tear, Random& random) const;
  SimDisk copy() const;  // of what is visible, with no history and no faults

  struct State;

 private:
  explicit SimDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace nines::test
