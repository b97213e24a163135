// SPDX-License-Identifier: Apache-2.0
// agreement=, period= and as_of= of a question.
#pragma once

#include <string>
#include <vector>

#include "collector/judge.h"
#include "net/http_message.h"

namespace nines::collector {

struct Asked {
  const std::vector<sla::Agreement>* versions = nullptr;  // of the agreements that were given
  sla::Question question;
};

Expected<Asked> asked_of(const net::HttpRequest& request,
                         const Agreements& agreements,
                         WallTime now);

// 404 where there is no such agreement.
net::HttpResponse problem_of(const Error& error);

}  // namespace nines::collector
