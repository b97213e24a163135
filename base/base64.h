// SPDX-License-Identifier: Apache-2.0
// Bytes as text (RFC 4648 section 4), with the padding.
#pragma once

#include <string>

#include "base/bytes.h"

namespace nines {

std::string to_base64(ByteView bytes);

}  // namespace nines
