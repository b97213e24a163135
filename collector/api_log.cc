// SPDX-License-Identifier: Apache-2.0
// /v1/log/…: the signed head, proofs, and the entries themselves; /v1/events.
#include "collector/api.h"
#include "collector/request.h"

namespace nines::collector {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// ?old= asks whether a longer log begins with a shorter one, ?position= or ?batch= whether an entry
// is in it; ?size= names the log that is meant, absent the log of now.
std::function<HttpResponse(Database&)> proof_read(const HttpRequest& request) {
  const auto size = number_of(request, "size", 0);
  const auto old_size = number_of(request, "old", 0);
  const auto position = number_of(request, "position", 0);
  const auto batch = parameter(request, "batch");
  const bool consistency = parameter(request, "old").has_value();
  const bool placed = parameter(request, "position").has_value();
  return [=](Database& db) {
    for (const auto* number : {&size, &old_size, &position}) {
      if (!*number) return unanswerable(number->error());
    }
    if (int{consistency} + int{placed} + int{batch.has_value()} != 1) {
      return HttpResponse::problem(400, "say one of old=, position= and batch=AGENT/EPOCH/NUMBER");
    }
    if (consistency) return json_or(consistency_json(db, *old_size, *size));
    if (placed) return json_or(inclusion_json(db, *position, *size));
    const auto entry = find_entry_of(db, "batch", *batch);
    if (!entry) return HttpResponse::problem(404, "no such batch is stored");
    return json_or(inclusion_json(db, entry->position, *size));
  };
}

}  // namespace

Api::Read Api::events_read(const HttpRequest& request) const {
  const auto agreement = parameter(request, "agreement");
  const auto format = parameter(request, "format").value_or("json");
  const bool known = agreement && agreements_->find(*agreement) != nullptr;
  return [=, folder = journal_.state_folder()](Database& db) {
    if (!agreement) return HttpResponse::problem(400, "agreement= is missing");
    if (!known) return HttpResponse::problem(404, "no agreement is named '" + *agreement + "'");
    if (format == "json") {
      const auto keys = SubjectKeys::read(folder);
      return keys ? json_or(events_json(db, *keys, *agreement)) : unanswerable(keys.error());
    }
    if (format != "lines") return HttpResponse::problem(400, "format= is json or lines");
    auto book = EventBook::read(db, *agreement);
    return book ? lines_or(book->lines()) : unanswerable(book.error());
  };
}

Api::Read Api::log_read(const HttpRequest& request) const {
  if (request.path == "/v1/log/head") {
    return [log = log_, now = clock_.wall()](Database& db) {
      const auto head = sign_head(db, log.id, log.key, now);
      const auto failure = db.take_failure();
      return failure ? HttpResponse::json(200, head_json(head)) : unanswerable(failure.error());
    };
  }
  if (request.path == "/v1/log/proof") return proof_read(request);
  if (request.path != "/v1/log/entries") return nullptr;
  const auto from = number_of(request, "from", 0);
  const auto limit = number_of(request, "limit", 1000);
  return [from, limit](Database& db) {
    if (!from) return unanswerable(from.error());
    if (!limit) return unanswerable(limit.error());
    return lines_or(entries_lines(db, *from, *limit));
  };
}

}  // namespace nines::collector
