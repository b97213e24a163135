// SPDX-License-Identifier: Apache-2.0
// Personal texts of statements: what opens the digests that stand in the log (proto/sealed_text.h),
// encrypted with the key of the person whose they are. No evidence: it verifies without them, and
// rows go when that person's key goes (docs/formats/store.md, "Personal texts").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/database.h"
#include "collector/subject_keys.h"
#include "proto/sealed_text.h"

namespace nines::collector {

void create_personal(Database& db);  // where it is not there yet

// Within the transaction that appends entry `position`.
void keep_texts(Database& db,
                const SubjectKeys& keys,
                const SubjectKeyId& id,
                std::uint64_t position,
                const proto::OpenTexts& texts);

// What `value` under `field` of the event in entry `position` seals; nothing where it was erased,
// or is not here.
std::optional<proto::OpenText> open_text(Database& db,
                                         const SubjectKeys& keys,
                                         std::uint64_t position,
                                         const std::string& field,
                                         const nlohmann::json& value);

// Within the transaction that appends the erasure's entry: forgets the texts and notes that the key
// is to go. Answers the entries they belonged to, in order. The key itself is destroyed after the
// commit, so that nothing is gone that the log does not tell; who is killed between the two does it
// at the next start.
std::vector<std::uint64_t> forget_texts(Database& db, const SubjectKeyId& id);

// At the start: destroys what was to go, also where a file of keys came back from a backup.
Expected<void> destroy_erased(Database& db, SubjectKeys& keys);

}  // namespace nines::collector
