// SPDX-License-Identifier: Apache-2.0
// What a person says, on its way in: `{"agreement":…, "event":{…}, "signature":…}`, validated
// strictly by itself (docs/formats/store.md, "Statements"). Whether it may be said now, and by
// whom, is for collector/event_book.h. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "proto/sealed_text.h"

namespace nines::collector {

inline constexpr std::size_t kMaxStatement = 64 << 10;
inline constexpr std::size_t kMaxStatementText = 4000;  // bytes of a reason, a note, an evidence

struct Statement {
  std::string agreement;
  nlohmann::json event;    // an object with a known `type`, its keys checked, no others
  std::string signature;   // bytes, over proto::statement_text; empty where the client did not sign
  proto::OpenTexts texts;  // what opens the texts that `event` seals: exactly those
  std::string about;       // whose these are; empty: the speaker's
};

// Refuses what is no JSON, has a key twice or one that is not known, or a value of another shape;
// the error says which.
Expected<Statement> decode_statement(std::string_view body);

}  // namespace nines::collector
