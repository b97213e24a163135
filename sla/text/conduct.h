// SPDX-License-Identifier: Apache-2.0
// How both sides work together: communication, training, feedback, improvement.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sla/number/rational.h"
#include "sla/text/section.h"

namespace nines::sla {

struct Meeting {
  std::string name;
  std::optional<Span> every;
  std::vector<std::string> agenda;
};

inline constexpr std::size_t kMostEmergencySteps = 16;  // as a written route of alerts has

struct EmergencyStep {  // tried in order until someone acknowledges
  std::string via;
  std::vector<std::string> to;  // contacts
  Duration ack_within{0};
};

struct Communication {
  std::string portal_url, portal_stale;
  std::vector<std::string> portal_shows;
  std::vector<Meeting> meetings;
  std::map<std::string, Duration> notices;  // maintenance, incidentOpened, incidentUpdate, …
  std::vector<std::string> warn_at;         // percent of the budget, as written
  std::map<std::string, std::string> contacts;
  std::vector<EmergencyStep> emergency;
};

struct Training {
  std::string what, audience, proof;
  std::optional<Span> every;
};

struct Feedback {
  std::optional<Span> survey_every;
  std::vector<std::string> questions;
  std::string scale;   // "1-5"
  std::string target;  // "4.0"
  std::string form_url;
  std::optional<Duration> answer_within, close_within;
  bool owner_required = false;
  std::string reviewed_in;  // a meeting
};

struct Improvement {
  std::string gap_trigger, gap_owner;
  std::optional<Duration> plan_within;
  std::string postmortem_trigger;
  std::optional<Duration> postmortem_within;
  std::optional<Span> technology_review;
  std::vector<std::string> prediction_methods;
  std::string horizon;
  std::optional<Span> backtest;
  bool publish_error = false;
  std::vector<std::string> automation;
};

struct Conduct {
  Communication communication;
  std::vector<Training> training;
  Feedback feedback;
  Improvement improvement;
};

}  // namespace nines::sla
