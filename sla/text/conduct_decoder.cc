// SPDX-License-Identifier: Apache-2.0
// `communication`, `training`, `feedback` and `improvement`.
#include <algorithm>

#include "config/check_decoder.h"
#include "sla/text/agreement_parts.h"
#include "sla/text/section.h"

namespace nines::sla {
namespace {

using config::Node;

std::string url(Section& section, std::string_view key) {
  std::string text = section.text(key);
  if (!text.empty() && !text.starts_with("https://") && !text.starts_with("http://")) {
    section.complain(key, config::shown(text) + " is no http:// or https:// address");
  }
  return text;
}

Duty duty_of(Duty::Kind kind, std::string id, std::string what, std::string owner) {
  Duty duty;
  duty.kind = kind;
  duty.id = std::move(id);
  duty.what = std::move(what);
  duty.owner = std::move(owner);
  return duty;
}

void decode_meeting(Section& section, Decoding& d) {
  Meeting meeting;
  meeting.name = section.require("name");
  meeting.every = section.span("every");
  meeting.agenda = section.texts("agenda");
  Duty duty = duty_of(Duty::Kind::meeting, "communication/meetings/" + meeting.name, meeting.name,
                      "provider");
  duty.every = meeting.every;
  duty.evidence = "minutes";
  read_duty(section, std::move(duty), d.agreement.duties);
  d.agreement.conduct.communication.meetings.push_back(std::move(meeting));
}

void decode_notices(Section& section, Communication& out) {
  for (const char* key : {"maintenance", "incidentOpened", "incidentUpdate", "report"}) {
    if (const auto length = section.duration(key)) out.notices[key] = *length;
  }
  section.inside("budget", [&](Section& budget) {
    out.warn_at = budget.texts("warnAt");
    for (const std::string& each : out.warn_at) {
      if (!parse_decimal(each)) {
        budget.complain("warnAt", config::shown(each) + " is no percentage of the budget");
      }
    }
  });
}

void decode_emergency(Section& section, Communication& out) {
  EmergencyStep step;
  step.via = section.require("via");
  step.to = section.texts("to");
  if (step.to.empty()) section.complain("to", "an emergency step names whom 'to' reach");
  for (const std::string& each : step.to) {
    if (out.contacts.contains(each)) continue;
    std::vector<std::string> known;
    for (const auto& [name, address] : out.contacts) known.push_back(name);
    const std::string near = config::nearest(each, known);
    section.complain("to", config::shown(each) + " is not among the 'contacts'" +
                               (near.empty() ? "" : " (did you mean '" + near + "'?)"));
  }
  step.ack_within = section.duration("ackWithin").value_or(Duration(0));
  if (!section.has("ackWithin")) {
    section.complain("ackWithin",
                     "an emergency step says 'ackWithin', after which the next begins");
  }
  out.emergency.push_back(std::move(step));
}

}  // namespace

void decode_communication(const Node& node, Decoding& d) {
  Communication& out = d.agreement.conduct.communication;
  Section section(node, d.complaints, "communication");
  section.inside("portal", [&](Section& portal) {
    out.portal_url = url(portal, "url");
    out.portal_shows = portal.texts("shows");
    out.portal_stale = portal.text("stale");
  });
  section.each("meetings", [&](Section& meeting) { decode_meeting(meeting, d); });
  section.inside("notices", [&](Section& notices) { decode_notices(notices, out); });
  out.contacts = section.texts_by_name("contacts");
  section.each("emergency", [&](Section& step) { decode_emergency(step, out); });
  if (out.emergency.size() > kMostEmergencySteps) {
    section.complain("emergency", "an emergency chain has at most " +
                                      std::to_string(kMostEmergencySteps) + " steps");
  }
  section.finish();
}

void decode_training(const Node& node, Decoding& d) {
  std::size_t number = 0;
  each_in(node, "training", d.complaints, [&](Section& section) {
    Training training;
    training.what = section.require("what");
    training.audience = section.text("for");
    training.every = section.span("every");
    training.proof = section.text("proof");
    Duty duty = duty_of(
        Duty::Kind::training, "training/" + std::to_string(++number),
        training.what + (training.audience.empty() ? "" : " for ") + training.audience, "provider");
    duty.every = training.every;
    duty.evidence = training.proof;
    read_duty(section, std::move(duty), d.agreement.duties);
    d.agreement.conduct.training.push_back(std::move(training));
  });
}

void decode_feedback(const Node& node, Decoding& d) {
  Feedback& out = d.agreement.conduct.feedback;
  Section section(node, d.complaints, "feedback");
  section.inside("survey", [&](Section& survey) {
    out.survey_every = survey.span("every");
    out.questions = survey.texts("questions");
    out.scale = survey.text("scale");
    if (survey.decimal("target")) out.target = survey.take("target")->text();
    Duty duty = duty_of(Duty::Kind::survey, "feedback/survey", "satisfaction survey", "provider");
    duty.every = out.survey_every;
    duty.evidence = "score";
    read_duty(survey, std::move(duty), d.agreement.duties);
  });
  section.inside("form", [&](Section& form) {
    out.form_url = url(form, "url");
    out.answer_within = form.duration("answerWithin");
    out.close_within = form.duration("closeWithin");
  });
  section.inside("improvements", [&](Section& improvements) {
    out.owner_required = improvements.yes_or_no("ownerRequired").value_or(false);
    out.reviewed_in = improvements.text("reviewedIn");
    const auto& meetings = d.agreement.conduct.communication.meetings;
    const bool known = std::any_of(meetings.begin(), meetings.end(), [&](const Meeting& each) {
      return each.name == out.reviewed_in;
    });
    if (!out.reviewed_in.empty() && !known) {
      improvements.complain("reviewedIn", config::shown(out.reviewed_in) +
                                              " is none of the meetings of 'communication'");
    }
  });
  section.finish();
}

void decode_improvement(const Node& node, Decoding& d) {
  Improvement& out = d.agreement.conduct.improvement;
  Section section(node, d.complaints, "improvement");
  section.inside("gap", [&](Section& gap) {
    out.gap_trigger = gap.text("trigger");
    out.plan_within = gap.duration("planWithin");
    out.gap_owner = gap.text("owner");
  });
  section.inside("postmortem", [&](Section& postmortem) {
    out.postmortem_trigger = postmortem.text("trigger");
    out.postmortem_within = postmortem.duration("within");
  });
  section.inside("technology", [&](Section& technology) {
    out.technology_review = technology.span("reviewEvery");
    Duty duty = duty_of(Duty::Kind::review, "improvement/technology",
                        "review of technology and processes", "provider");
    duty.every = out.technology_review;
    read_duty(technology, std::move(duty), d.agreement.duties);
  });
  section.inside("prediction", [&](Section& prediction) {
    out.prediction_methods = prediction.choices("methods", {"linear", "recent-7d", "resample"});
    out.horizon = prediction.text("horizon");
    out.backtest = prediction.span("backtest");
    out.publish_error = prediction.yes_or_no("publishError").value_or(false);
  });
  out.automation = section.texts("automation");
  section.finish();
}

}  // namespace nines::sla
