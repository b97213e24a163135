// SPDX-License-Identifier: Apache-2.0
// The pieces of sla/tools/explain.cc: a page that is written from top to bottom in one language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/node_path.h"
#include "sla/tools/explain.h"

namespace nines::sla {

class Page {
 public:
  Page(const Agreement& agreement, const config::Node& file, Language language)
      : a(agreement), file_(file), language_(language) {}

  const Agreement& a;

  Language language() const { return language_; }

  // The sentence of the page's language.
  std::string pick(std::string en, std::string zh) const {
    return language_ == Language::zh ? std::move(zh) : std::move(en);
  }

  std::string words(const LocalText& text) const {
    return text.in(language_ == Language::zh ? "zh" : "en");
  }

  void title(std::string text) { add(Sentence::Kind::title, std::move(text)); }

  // Printed before the next sentence, and not at all where none follows.
  void heading(std::string en, std::string zh) { heading_ = pick(std::move(en), std::move(zh)); }

  void say(std::string en, std::string zh) {
    add(Sentence::Kind::text, pick(std::move(en), std::move(zh)));
  }

  void item(std::string en, std::string zh) {
    add(Sentence::Kind::item, pick(std::move(en), std::move(zh)));
  }

  // What the file says at a path, as it is written: "" when absent, entries of a list joined.
  std::string at(std::string_view path) const;

  const config::Node& file() const { return file_; }

  const config::Node* node(std::string_view path) const { return config::node_at(file_, path); }

  std::string joined(const std::vector<std::string>& list) const;

  std::string length(Duration d) const { return spoken(Rational(d.count()), language_); }

  std::string length(const Span& span) const;          // "30 days", "3 months"
  std::string spoken_at(std::string_view path) const;  // a length at a path, else its text
  std::string every(const Span& span) const;           // "every 3 months", "每 3 个月"
  std::string party(std::string_view id) const;        // "the provider (Northquay Hosting Ltd)"

  std::vector<Sentence> take() { return std::move(lines_); }

 private:
  void add(Sentence::Kind kind, std::string text);

  const config::Node& file_;
  Language language_;
  std::string heading_;
  std::vector<Sentence> lines_;
};

void explain_presets(Page& page);      // published texts that this one follows
void explain_promises(Page& page);     // objectives
void explain_measurement(Page& page);  // measurement, composition, exclusions
void explain_service(Page& page);      // reliability, support, capability, risks, suppliers
void explain_money(Page& page);        // compensation, guarantee
void explain_law(Page& page);          // legal, revision
void explain_conduct(Page& page);      // communication, training, feedback, improvement
void explain_duties(Page& page);       // everything with a date

}  // namespace nines::sla
