// SPDX-License-Identifier: Apache-2.0
// The texts of agreements as they were loaded: a report of last year is judged by last year's
// words, wherever their file is now. Each text is kept once and has an entry in the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/judge.h"

namespace nines::collector {

void create_agreement_texts(Database& db);

// Within a transaction: keeps and logs the texts that are new.
void record_agreements(Database& db, const std::vector<Agreements::Source>& sources, WallTime at);

// By the digest of the agreement.
std::optional<Agreements::Source> find_agreement_text(Database& db, const Digest& digest);

// The subject of its log entry: "acme-shop-web@2.1.0 sha256:…".
std::string agreement_subject(const Agreements::Source& source);

}  // namespace nines::collector
