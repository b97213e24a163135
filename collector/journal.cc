// SPDX-License-Identifier: Apache-2.0
#include "collector/journal.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "collector/reports.h"
#include "net/certificate.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;
using net::HttpResponse;

// Frozen, since version 2: certificates of people who spoke.
constexpr const char* kCertificateTable = R"sql(
CREATE TABLE certificates(fingerprint BLOB PRIMARY KEY, certificate BLOB NOT NULL);
)sql";

HttpResponse refusal(const Error& error) {
  const auto& message = error.message;
  if (message.starts_with("store")) {
    log::error("a statement could not be stored", {{"why", message}});
    return HttpResponse::problem(503, "the statement could not be stored");
  }
  if (message.starts_with("may not")) return HttpResponse::problem(403, message);
  return HttpResponse::problem(400, message);
}

// A signature that is given must be good; none is taken as it is: the certificate proved itself to
// the connection, and the entry names it.
Expected<void> check_signature(const net::Peer& peer, const Statement& statement) {
  if (statement.signature.empty()) return {};
  if (peer.certificate.empty()) return fail("a signature needs a certificate to be verified with");
  const auto text = proto::statement_text(statement.agreement, statement.event);
  if (net::signed_by(peer.certificate, as_bytes(text), as_bytes(statement.signature))) return {};
  return fail("the signature was not made by your certificate's key over this statement");
}

Json optional_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// Opens personal texts for a reader.
class TextReader {
 public:
  TextReader(Database& db, const SubjectKeys& keys, const EventBook& book)
      : db_(db), keys_(keys), book_(book) {}

  // A text in the clear; one that was sealed, opened; {"erased":T}; else the value as it is.
  Json shown(std::uint64_t position, const std::string& key, const Json& value) const {
    if (proto::sealed_digest(value).empty()) return value;
    if (const auto at = book_.erased(position)) return {{"erased", format_rfc3339(*at)}};
    const auto open = open_text(db_, keys_, position, key, value);
    return open ? Json(open->text) : value;
  }

  // Of an entry: its sealed texts as they are shown; null where there are none.
  Json shown(const LogEntry& entry) const {
    Json out;
    const auto json = Json::parse(entry.text, nullptr, false);
    const auto event = json.is_object() ? json.value("event", Json()) : Json();
    // Whose texts an erasure took is kept nowhere.
    if (proto::text_member(event, "type") == "erasure") return out;
    for (const auto& [key, value] : event.items()) {
      if (!proto::sealed_digest(value).empty()) out[key] = shown(entry.position, key, value);
    }
    return out;
  }

 private:
  Database& db_;
  const SubjectKeys& keys_;
  const EventBook& book_;
};

Json exclusions_of(const EventBook& book, const TextReader& texts) {
  Json list = Json::array();
  for (const auto& [id, each] : book.exclusions()) {
    Json one{
        {"id", id},
        {"state", name(each.state)},
        {"claimed_by", each.claimed_by},
        {"party", name(each.party)},
        {"announced", each.announced ? Json(format_rfc3339(*each.announced)) : Json(nullptr)},
        {"decided_by", optional_text(each.decided_by)},
        {"decided_at", each.decided_at ? Json(format_rfc3339(*each.decided_at)) : Json(nullptr)}};
    for (const char* key : {"kind", "from", "to", "service", "evidence", "cause", "reason"}) {
      one[key] = texts.shown(each.position, key, each.claim.value(key, Json(nullptr)));
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json incidents_of(const EventBook& book) {
  Json list = Json::array();
  for (const auto& [id, each] : book.incidents()) {
    list.push_back({{"id", id},
                    {"service", each.service},
                    {"state", name(each.state)},
                    {"priority", optional_text(each.priority)},
                    {"opened", format_rfc3339(each.opened)},
                    {"opened_by", optional_text(each.opened_by)},
                    {"confirmed", format_rfc3339(each.said)},
                    {"acknowledged_by", optional_text(each.acknowledged_by)},
                    {"until", each.until ? Json(format_rfc3339(*each.until)) : Json(nullptr)}});
  }
  return list;
}

Json restatements_of(const EventBook& book) {
  Json list = Json::array();
  for (const auto& [id, each] : book.restatements()) {
    list.push_back({{"id", id},
                    {"state", name(each.state)},
                    {"period", each.period},
                    {"reason", each.reason},
                    {"proposed_by", each.proposed_by},
                    {"proposed_at", format_rfc3339(each.proposed_at)},
                    {"decided_by", optional_text(each.decided_by)}});
  }
  return list;
}

Json signatures_of(const EventBook& book) {
  Json list = Json::array();
  for (const auto& [of, each] : book.signatures()) {
    list.push_back({{"version", of.first},
                    {"party", name(of.second)},
                    {"digest", each.digest},
                    {"actor", each.actor},
                    {"at", format_rfc3339(each.at)}});
  }
  return list;
}

Json duties_of(const EventBook& book) {
  Json list = Json::array();
  for (const auto& [id, each] : book.duties()) {
    Json one{{"id", id},
             {"duty", each.duty},
             {"due", each.due},
             {"state", each.withdrawn ? "withdrawn" : "done"},
             {"actor", each.actor},
             {"at", format_rfc3339(each.at)}};
    if (!each.evidence.empty()) one["evidence"] = each.evidence;
    list.push_back(std::move(one));
  }
  return list;
}

// A version is signed by a key, and by the one that the text names where it names one.
Expected<void> check_signing_key(const Actor& actor,
                                 const net::Peer& peer,
                                 const Statement& statement,
                                 const std::vector<sla::Agreement>& versions) {
  if (peer.certificate.empty() || statement.signature.empty()) {
    return fail(
        "a version is signed with the key of a certificate: use --collector, --certificate and "
        "--key");
  }
  const auto version = statement.event.value("version", std::string());
  const auto loaded = std::find_if(versions.begin(), versions.end(),
                                   [&](const auto& each) { return each.version == version; });
  ASSERT(loaded != versions.end());  // the book has admitted it
  const std::string party(name(actor.party));
  const auto named = sla::signing_key_of(loaded->parties, party);
  const auto key = net::ed25519_key_of(peer.certificate);
  if (!named || key == named) return {};
  return fail("the agreement says that ed25519:" + to_hex(*named) + " signs for the " + party +
              "; your certificate's key is " +
              (key ? "ed25519:" + to_hex(*key) : "no Ed25519 key"));
}

// What a statement stands as, beside who said it.
void put_event(Json& body, const Json& event) {
  body["event"] = event;
  const bool opens = event.value("type", std::string()) == "incident" &&
                     event.value("event", std::string()) == "opened";
  if (opens) body["form"] = proto::kOpeningForm;
}

// What is said of: an exclusion, an incident, …; a signature is of a version.
std::string subject_of(const Statement& statement) {
  const char* key = statement.event.contains("id") ? "id" : "version";
  return statement.agreement + "/" + statement.event.value(key, std::string());
}

// Whose personal texts are to be erased, and whether this actor may; the parties answer for what is
// kept, and everybody may for themselves.
Expected<SubjectKeyId> key_to_erase(const SubjectKeys& keys,
                                    const Actor& actor,
                                    const std::string& agreement,
                                    const std::string& subject) {
  if (actor.party == Party::auditor && subject != actor.name) {
    return fail("may not: the " + std::string(name(actor.party)) +
                " has texts erased of nobody but " + actor.name);
  }
  if (const auto* id = keys.find(agreement, subject)) return *id;
  return fail("no texts of '" + subject + "' are kept under '" + agreement + "'");
}

// The texts of a statement, sealed by who spoke or else here.
Expected<proto::OpenTexts> sealed_texts(const Statement& statement, Json& event) {
  auto texts = statement.texts;
  auto clear = proto::seal_texts(event);
  if (!clear.empty() && !statement.signature.empty()) {
    return fail("'" + clear.begin()->first +
                "' is signed in the clear, and would stand in the log for ever: seal it before "
                "you sign (a nines of this version does)");
  }
  texts.merge(clear);
  if (!statement.about.empty() && (texts.empty() || texts.contains("subject"))) {
    return fail("'about' says whose a free text is, and this statement has none");
  }
  return texts;
}

}  // namespace

void create_certificates(Database& db) { db.script(kCertificateTable); }

std::string find_certificate(Database& db, const Digest& fingerprint) {
  auto rows = db.rows("SELECT certificate FROM certificates WHERE fingerprint = ?1", fingerprint);
  return rows.next() ? rows.blob(0) : std::string();
}

Expected<Said> record_statement(Database& db,
                                SubjectKeys& keys,
                                const Actor& actor,
                                const net::Peer& peer,
                                const Statement& statement,
                                const std::vector<sla::Agreement>& versions,
                                WallTime now) {
  auto event = statement.event;
  TRY(texts, sealed_texts(statement, event));
  TRY(book, EventBook::read(db, statement.agreement));
  TRY_VOID(book.admit(actor, event, versions, now));
  if (statement.event.value("type", std::string()) == "signature") {
    TRY_VOID(check_signing_key(actor, peer, statement, versions));
  }
  if (statement.event.value("action", std::string()) == "propose") {
    const auto period = statement.event.value("period", std::string());
    if (!find_report(db, statement.agreement, period)) {
      return fail("nothing is sealed of period '" + period + "'");
    }
    TRY(gone, results_dropped(db, versions, {period, {}}));
    if (gone) {
      return fail("results of period '" + period +
                  "' are no longer kept: it stays as it is sealed");
    }
  }
  Json body{
      {"agreement", statement.agreement}, {"actor", actor.name}, {"party", name(actor.party)}};
  put_event(body, event);
  Said said{0, now, {}};
  if (const auto subject = texts.find("subject"); subject != texts.end()) {
    TRY(id, key_to_erase(keys, actor, statement.agreement, subject->second.text));
    body["entries"] = forget_texts(db, id);
    said.erased = id;
    texts.clear();  // and so is the name
  }
  if (!peer.certificate.empty()) {
    const auto fingerprint = sha256(as_bytes(peer.certificate));
    body["certificate"] = "sha256:" + hex(fingerprint);
    db.run("INSERT OR IGNORE INTO certificates VALUES (?1, ?2)", fingerprint,
           Blob{as_bytes(peer.certificate)});
  } else if (peer.uid) {
    body["uid"] = *peer.uid;
  }
  if (!statement.signature.empty()) body["signature"] = to_hex(as_bytes(statement.signature));
  said.position =
      append_entry(db, {"event", statement.agreement, subject_of(statement), now, std::move(body)});
  if (!texts.empty()) {
    const auto& about = statement.about.empty() ? actor.name : statement.about;
    TRY(id, keys.take(statement.agreement, about));
    keep_texts(db, keys, id, said.position, texts);
  }
  return said;
}

Expected<Said> write_statement(Store& store,
                               const Actor& actor,
                               const net::Peer& peer,
                               const Statement& statement,
                               const std::vector<sla::Agreement>& versions,
                               WallTime now) {
  Said out;
  TRY_VOID(store.write([&](Database& db) -> Expected<void> {
    TRY(said, record_statement(db, store.subject_keys(), actor, peer, statement, versions, now));
    out = said;
    return {};
  }));
  if (out.erased) TRY_VOID(store.subject_keys().destroy(*out.erased));
  return out;
}

Expected<void> record_own(Database& db,
                          const std::string& agreement,
                          const Json& event,
                          WallTime now) {
  TRY(book, EventBook::read(db, agreement));
  TRY_VOID(book.admit_own(event));
  const auto id = event.value("id", std::string());
  Json body{{"agreement", agreement}, {"actor", kCollector}, {"party", kCollector}};
  put_event(body, event);
  append_entry(db, {"event", agreement, agreement + "/" + id, now, std::move(body)});
  return {};
}

Task<HttpResponse> Journal::post(const net::HttpRequest& request,
                                 Actor actor,
                                 std::shared_ptr<const Agreements> agreements) {
  auto statement = decode_statement(request.body);
  if (!statement) co_return refusal(statement.error());
  if (!actor.sees(statement->agreement)) {
    co_return HttpResponse::problem(
        403, "actor " + actor.name + " may not speak on '" + statement->agreement + "'");
  }
  const auto* versions = agreements->find(statement->agreement);
  if (versions == nullptr) {
    co_return HttpResponse::problem(404, "no agreement is named '" + statement->agreement + "'");
  }
  const auto good = check_signature(request.peer, *statement);
  if (!good) co_return refusal(good.error());
  const bool restates = statement->event.value("type", std::string()) == "restatement";
  auto said = std::make_shared<Expected<Said>>();
  std::function<void()> work = [this, said, actor = std::move(actor), peer = request.peer, versions,
                                held = agreements, statement = *std::move(statement)] {
    *said = write_statement(store_, actor, peer, statement, *versions, clock_.wall());
  };
  auto running = disk_.run(std::move(work));
  co_await std::move(running);
  if (!*said) co_return refusal(said->error());
  if (restates) on_restatement_();
  const auto& done = **said;
  co_return HttpResponse::json(
      200, canonical_text({{"position", done.position}, {"at", format_rfc3339(done.at)}}) + "\n");
}

Expected<std::string> events_json(Database& db,
                                  const SubjectKeys& keys,
                                  const std::string& agreement) {
  TRY(book, EventBook::read(db, agreement));
  const TextReader texts(db, keys, book);
  std::string out = "{\"agreement\":" + canonical_text(agreement) +
                    ",\"exclusions\":" + canonical_text(exclusions_of(book, texts)) +
                    ",\"incidents\":" + canonical_text(incidents_of(book)) +
                    ",\"restatements\":" + canonical_text(restatements_of(book)) +
                    ",\"signatures\":" + canonical_text(signatures_of(book)) +
                    ",\"duties\":" + canonical_text(duties_of(book)) + ",\"entries\":[";
  bool first = true;
  read_entries_of(db, agreement, [&](const LogEntry& entry) {
    out += (first ? "\n" : ",\n");
    out += "{\"position\":" + std::to_string(entry.position) + ",\"entry\":" + entry.text;
    if (const auto shown = texts.shown(entry); !shown.is_null()) {
      out += ",\"texts\":" + canonical_text(shown);
    }
    out += "}";
    first = false;
    return true;
  });
  TRY_VOID(db.take_failure());
  return out + "]}\n";
}

}  // namespace nines::collector
