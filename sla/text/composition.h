// SPDX-License-Identifier: Apache-2.0
// How a service is made of parts (S53). A leaf is a check or another service (a supplier with
// checks is one, too).
#pragma once

#include <string>
#include <vector>

#include "sla/rules/quorum.h"

namespace nines::sla {

struct Composition {
  enum class Kind { check, service, group } kind = Kind::group;
  std::string name;             // of a leaf
  CountRule rule = kSerial;     // of a group
  std::vector<Composition> of;  // of a group
};

}  // namespace nines::sla
