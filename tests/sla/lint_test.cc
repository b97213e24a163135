// SPDX-License-Identifier: Apache-2.0
#include "sla/lint.h"

#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla {
namespace {

std::string findings(Words words) {
  words.measurement += "    canaries: []\n";
  std::string out;
  for (const Finding& each : lint(agreement(words))) {
    out += each.severity == Finding::Severity::error ? "error: " : "warning: ";
    out += each.text + "\n";
  }
  return out;
}

TEST(Lint, HasNothingToSayOfASoundAgreement) { EXPECT_EQ(findings({}), ""); }

TEST(Lint, FindsAServiceThatNothingMeasures) {
  Words w;
  w.services = "[{name: shop}, {name: mail}]";
  w.checks = "      - {name: web, service: shop, http: {url: \"https://shop.example/\"}}\n";
  w.objectives = "    - {name: a, service: shop, target: \"99.9\"}\n";
  EXPECT_EQ(findings(w),
            "error: service 'mail' is in scope, but no check measures it\n"
            "warning: service 'mail' is in scope, but no objective speaks of it\n");
}

TEST(Lint, FindsATargetThatTheSamplingCannotResolve) {
  Words w;
  w.objectives = "    - {name: a, target: \"99.99\"}\n";  // 241.92 s of 28 days, 8 intervals
  EXPECT_NE(findings(w).find("warning: objective 'a': 99.99 % leaves 241.9 s"), std::string::npos)
      << findings(w);
  w.objectives = "    - {name: a, target: \"99.999\"}\n";
  EXPECT_NE(findings(w).find("error: objective 'a': 99.999 % leaves 24.1 s"), std::string::npos);
  w.objectives = "    - {name: a, target: \"100\"}\n";
  EXPECT_NE(findings(w).find("error: objective 'a': 100 % leaves 0.0 s"), std::string::npos);
}

TEST(Lint, FindsBeliefShorterThanTheInterval) {
  Words w;
  w.measurement = "    belief: 20s\n";
  EXPECT_NE(findings(w).find("believed for 20s but comes only every 30s"), std::string::npos);
}

TEST(Lint, FindsNeedsWithoutObjectivesAndObjectivesWithoutNeeds) {
  Words w;
  w.spec = "  needs: [{id: N1, need: order}]\n";
  EXPECT_EQ(findings(w),
            "warning: no objective serves the need 'N1'\n"
            "warning: objective 'availability' serves no need\n");
}

}  // namespace
}  // namespace nines::sla
