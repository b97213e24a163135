// SPDX-License-Identifier: Apache-2.0
// Rows of the book as JSON texts, and back.
#pragma once

#include <optional>
#include <string>

#include "alerts/book.h"

namespace nines::alerts {

std::string row_of(const Alert& alert);
std::string row_of(const Group& group);
std::string row_of(const Delivery& delivery);

std::optional<Alert> read_alert(const std::string& row);
std::optional<Group> read_group(const std::string& row);
std::optional<Delivery> read_delivery(const std::string& row);

}  // namespace nines::alerts
