// SPDX-License-Identifier: Apache-2.0
// /v1/reports: sealed where a revision is kept, else computed now and provisional; /v1/bundle.
#include <algorithm>

#include "collector/api.h"
#include "collector/asked.h"
#include "collector/bundle.h"
#include "collector/reports.h"
#include "collector/request.h"
#include "sla/render/report_formats.h"
#include "sla/render/report_json.h"

namespace nines::collector {
namespace {

using net::HttpRequest;
using net::HttpResponse;

struct Form {
  sla::Format format = sla::Format::json;
  std::optional<sla::Language> language;
};

HttpResponse shown(const sla::Report& report, const Form& form) {
  HttpResponse response;
  response.headers.emplace_back("Content-Type", std::string(sla::content_type(form.format)));
  response.body = sla::render(report, form.format, form.language);
  return response;
}

// Every other form than the bytes themselves is made from the report computed again, and only where
// that is the same report.
HttpResponse sealed_answer(Database& db,
                           const Agreements& loaded,
                           const SealedReport& sealed,
                           const Form& form) {
  if (form.format == sla::Format::json) return HttpResponse::json(200, sealed.bytes);
  const auto report = report_again(db, loaded, sealed);
  if (!report) return unanswerable(report.error());
  if (sla::report_json(*report) != sealed.bytes) {
    return HttpResponse::problem(
        409, "this version of nines computes other bytes than were sealed by version " +
                 sealed.inputs.value("code", std::string("?")) + "; ask for format=json");
  }
  return shown(*report, form);
}

}  // namespace

Api::Read Api::report_read(const HttpRequest& request) const {
  const auto asked = asked_of(request, *agreements_, clock_.wall());
  const auto format = sla::parse_format(parameter(request, "format").value_or("json"));
  const auto tongue = parameter(request, "lang");
  const auto language = tongue ? sla::parse_language(*tongue) : std::nullopt;
  const auto revision = number_of(request, "revision", 0);
  const auto state = parameter(request, "state");
  const auto name = parameter(request, "agreement");
  const auto period = parameter(request, "period");
  // An instant asks what was known then, which no seal says.
  const bool sealed_wanted = period && !parameter(request, "as_of") && state != "provisional";
  // The agreements are held, so that a reload meanwhile takes nothing away.
  return [=, held = agreements_](Database& db) {
    if (!asked) return problem_of(asked.error());
    if (!revision) return unanswerable(revision.error());
    if (!format) return HttpResponse::problem(400, "format= is json, text, csv or html");
    if (tongue && !language) return HttpResponse::problem(400, "lang= is en or zh");
    const Form form{*format, language};
    if (state && state != "provisional" && state != "sealed") {
      return HttpResponse::problem(400, "state= is sealed or provisional");
    }
    if (sealed_wanted && *revision < 1'000'000) {
      const auto sealed = find_report(db, *name, *period, static_cast<unsigned>(*revision));
      if (sealed) return sealed_answer(db, *held, *sealed, form);
    }
    if (*revision != 0 || state == "sealed") {
      return HttpResponse::problem(404, "no such revision is sealed");
    }
    const auto report = judge_agreement(db, *asked->versions, asked->question);
    if (!report) return unanswerable(report.error());
    return shown(*report, form);
  };
}

Api::Read Api::revisions_read(const HttpRequest& request) const {
  const auto agreement = parameter(request, "agreement");
  const auto period = parameter(request, "period");
  return [=, held = agreements_](Database& db) {
    if (!agreement) return HttpResponse::problem(400, "agreement= is missing");
    if (held->find(*agreement) == nullptr) {
      return HttpResponse::problem(404, "no agreement is named '" + *agreement + "'");
    }
    return json_or(revisions_json(db, *held, *agreement, period));
  };
}

Api::Read Api::bundle_read(const HttpRequest& request) const {
  const auto asked = asked_of(request, *agreements_, clock_.wall());
  const auto revision = number_of(request, "revision", 0);
  const auto period = parameter(request, "period");
  BundleRequest wanted;
  wanted.agreement = parameter(request, "agreement").value_or("");
  wanted.period = period.value_or("");
  wanted.with_batches = parameter(request, "batches") != "no";
  const bool with_texts = parameter(request, "texts") != "no";
  return [=, held = agreements_, log = log_, now = clock_.wall(),
          folder = journal_.state_folder()](Database& db) {
    if (!asked) return problem_of(asked.error());
    if (!period) return HttpResponse::problem(400, "period= is missing");
    if (!revision) return unanswerable(revision.error());
    auto request_of = wanted;
    request_of.revision = static_cast<unsigned>(std::min<std::uint64_t>(*revision, 1'000'000));
    const auto keys = SubjectKeys::read(folder);
    if (!keys) return unanswerable(keys.error());
    if (with_texts) request_of.keys = &*keys;
    auto bundle = make_bundle(db, *held, request_of, log.id, log.key, now);
    if (!bundle) return unanswerable(bundle.error());
    HttpResponse response;
    response.headers.emplace_back("Content-Type", "application/zstd");
    response.body = *std::move(bundle);
    return response;
  };
}

}  // namespace nines::collector
