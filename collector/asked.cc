// SPDX-License-Identifier: Apache-2.0
#include "collector/asked.h"

#include "collector/request.h"

namespace nines::collector {

Expected<Asked> asked_of(const net::HttpRequest& request,
                         const Agreements& agreements,
                         WallTime now) {
  const auto name = parameter(request, "agreement");
  if (!name) return fail("agreement= is missing");
  Asked asked;
  asked.versions = agreements.find(*name);
  if (asked.versions == nullptr) return fail("no agreement is named '" + *name + "'");
  std::optional<WallTime> as_of;
  if (const auto text = parameter(request, "as_of")) {
    TRY(instant, parse_rfc3339(*text));
    as_of = instant;
  }
  TRY(question, question_for(*asked.versions, parameter(request, "period"), as_of, now));
  asked.question = std::move(question);
  return asked;
}

net::HttpResponse problem_of(const Error& error) {
  const bool unknown = error.message.starts_with("no agreement is named");
  return unknown ? net::HttpResponse::problem(404, error.message) : unanswerable(error);
}

}  // namespace nines::collector
