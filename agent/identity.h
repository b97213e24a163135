// SPDX-License-Identifier: Apache-2.0
// Who this agent is, fixed in its state folder at the first start: its name and the key that signs
// its batches. A folder of another agent is refused: results must never move from one vantage to
// another.
#pragma once

#include <string>

#include "base/disk.h"
#include "base/sign.h"

namespace nines::agent {

struct Identity {
  FileLock lock;  // one agent at a time
  SigningKey key;
};

// Makes the folder and what is missing in it. `name` as configured.
Expected<Identity> take_identity(const std::string& state_folder, const std::string& name);

// /proc/sys/kernel/random/boot_id as 16 bytes; zeros where it cannot be read.
std::array<std::uint8_t, 16> read_boot_id();

}  // namespace nines::agent
