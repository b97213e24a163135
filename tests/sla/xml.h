// SPDX-License-Identifier: Apache-2.0
// A strict reader of the XML that pages are made of: no entity but the five and numbers, no
// attribute without quotes or twice, no element left open. It complains by gtest.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nines::sla {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<std::unique_ptr<Element>> children;
  std::string text;  // of itself and of all inside, entities resolved

  // Every element inside, itself first, in the order of the page.
  void walk(const std::function<void(const Element&)>& visit) const {
    visit(*this);
    for (const auto& child : children) child->walk(visit);
  }

  std::vector<const Element*> all(std::string_view wanted) const {
    std::vector<const Element*> out;
    walk([&](const Element& each) {
      if (each.name == wanted) out.push_back(&each);
    });
    return out;
  }

  std::string attribute(const std::string& key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? "" : found->second;
  }
};

class XmlReader {
 public:
  // Of a page with its document type; null and a failed expectation where it is not well-formed.
  static std::unique_ptr<Element> read(const std::string& page) {
    constexpr std::string_view kType = "<!DOCTYPE html>\n";
    EXPECT_TRUE(page.starts_with(kType));
    XmlReader reader(std::string_view(page).substr(std::min(kType.size(), page.size())));
    auto root = reader.element();
    EXPECT_TRUE(reader.rest_.empty() || reader.rest_ == "\n") << reader.rest_.substr(0, 80);
    return reader.sound_ ? std::move(root) : nullptr;
  }

 private:
  explicit XmlReader(std::string_view text) : rest_(text) {}

  void fault(const char* what) {
    if (sound_) ADD_FAILURE() << what << " at: " << rest_.substr(0, 120);
    sound_ = false;
    rest_ = {};
  }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::string word() {
    const auto end = std::min(
        rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"),
        rest_.size());
    if (end == 0) fault("no name");
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end, rest_.size()));
    return out;
  }

  std::string unescaped(std::string_view raw) {
    std::string out;
    while (!raw.empty()) {
      static const std::map<std::string_view, char> kEntities = {
          {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
      if (raw[0] != '&') {
        out += raw[0];
        raw.remove_prefix(1);
        continue;
      }
      const auto entity = raw.substr(0, std::min(raw.find(';'), raw.size() - 1) + 1);
      const auto found = kEntities.find(entity);
      if (found == kEntities.end()) {
        fault("an unknown entity");
        return out;
      }
      out += found->second;
      raw.remove_prefix(entity.size());
    }
    return out;
  }

  void attributes(Element& element) {
    while (take(" ")) {
      const std::string key = word();
      if (!take("=\"")) return fault("an attribute without a quoted value");
      const auto end = rest_.find('"');
      if (end == std::string_view::npos) return fault("an attribute without an end");
      const auto raw = rest_.substr(0, end);
      if (raw.find('<') != std::string_view::npos) return fault("'<' in an attribute");
      rest_.remove_prefix(end + 1);
      if (!element.attributes.emplace(key, unescaped(raw)).second) fault("an attribute twice");
    }
  }

  std::unique_ptr<Element> element() {
    auto out = std::make_unique<Element>();
    if (!take("<")) {
      fault("no element");
      return out;
    }
    out->name = word();
    attributes(*out);
    if (take("/>")) return out;
    if (!take(">")) fault("a tag without an end");
    while (sound_ && !rest_.starts_with("</")) {
      if (rest_.empty()) {
        fault("an element without an end");
      } else if (rest_[0] == '<') {
        out->children.push_back(element());
        out->text += out->children.back()->text;
      } else {
        const auto end = std::min(rest_.find('<'), rest_.size());
        const auto raw = rest_.substr(0, end);
        rest_.remove_prefix(end);
        out->text += unescaped(raw);
      }
    }
    if (sound_ && !take("</" + out->name + ">")) fault("the wrong end tag");
    return out;
  }

  std::string_view rest_;
  bool sound_ = true;
};

}  // namespace nines::sla
