// SPDX-License-Identifier: Apache-2.0
// The reader works on yaml-cpp's events and not on its nodes: events show anchors, aliases, tags
// and both of two equal keys; the node tree hides them, and expands aliases without bound.
#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/disk.h"

namespace nines::config {

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name.text() == key) return &value;
  }
  return nullptr;
}

// Builds the tree of the first document. Events that would break a bound are dropped after one
// complaint; yaml-cpp itself ends at a depth of 500.
class Reader final : public YAML::EventHandler {
 public:
  Reader(std::string_view text, const std::string& file, Complaints& complaints, Dialect dialect)
      : text_(text), file_(file), complaints_(complaints), foreign_(dialect == Dialect::foreign) {}

  Node take_root() {
    if (!root_) root_ = make(Node::Kind::mapping, Place{file_, 1, 1});
    return *std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      complaints_.add(place_of(mark), "another document begins here; a file holds exactly one");
    }
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!wanted()) return;
    if (stack_.empty() && anchor == 0) return;  // an empty document
    if (foreign_) return add(broken(mark));
    // yaml-cpp marks a missing value where the next token stands: the key says more.
    const bool valueless = !stack_.empty() && stack_.back().key;
    if (valueless) {
      complaints_.add(stack_.back().key->place_,
                      shown(stack_.back().key->text_) +
                          " has no value (null); leave the key out or write a value");
    } else {
      complaints_.add(place_of(mark), "no value here (null)");
    }
    add(broken(mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!wanted()) return;
    if (foreign_) return expand(mark, anchor);
    complaints_.add(place_of(mark), "aliases (*name) are not allowed; write the value out");
    add(broken(mark));
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    if (!wanted()) return;
    Node node = make(Node::Kind::scalar, place_of(mark));
    node.text_ = value;
    node.quoted_ = tag != "?";
    refuse_properties(mark, tag, anchor);
    keep(node, anchor);
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }

  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    std::optional<Node> key;  // of a mapping: waits for its value
    std::set<std::string> keys;
    YAML::anchor_t anchor = 0;
  };

  Place place_of(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  static Node make(Node::Kind kind, Place place) {
    Node node;
    node.kind_ = kind;
    node.place_ = std::move(place);
    return node;
  }

  Node broken(const YAML::Mark& mark) const {
    Node node = make(Node::Kind::scalar, place_of(mark));
    node.broken_ = true;
    return node;
  }

  // False inside what was dropped: a second document, levels below the deepest, values over the
  // count.
  bool wanted() {
    if (documents_ > 1 || too_deep_ > 0) return false;
    if (++nodes_ <= kMaxNodes) return true;
    if (nodes_ == kMaxNodes + 1) {
      complaints_.add(Place{file_}, "more than " + std::to_string(kMaxNodes) + " values");
    }
    return false;
  }

  void open(Node::Kind kind,
            const YAML::Mark& mark,
            const std::string& tag,
            YAML::anchor_t anchor) {
    const bool fits = stack_.size() < static_cast<std::size_t>(kMaxDepth);
    if (!wanted()) {
      ++too_deep_;
      return;
    }
    refuse_properties(mark, tag, anchor);
    if (!fits) {
      complaints_.add(place_of(mark),
                      "nested deeper than " + std::to_string(kMaxDepth) + " levels");
      add(broken(mark));
      ++too_deep_;
      return;
    }
    stack_.push_back({make(kind, place_of(mark)), std::nullopt, {}, anchor});
  }

  void close() {
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    if (stack_.empty()) return;
    if (foreign_) merge(stack_.back());
    Node node = std::move(stack_.back().node);
    const auto anchor = stack_.back().anchor;
    stack_.pop_back();
    keep(node, anchor);
    add(std::move(node));
  }

  // What an anchor and an alias copy counts like what is written out, so that neither memory nor
  // depth grows beyond the bounds of a file ("billion laughs").
  bool affordable(const Node& node, const YAML::Mark& mark) {
    const std::size_t levels = depth(node);
    nodes_ += count(node);
    if (nodes_ <= kMaxNodes && stack_.size() + levels <= static_cast<std::size_t>(kMaxDepth)) {
      return true;
    }
    if (!spent_) complaints_.add(place_of(mark), "aliases stand for more than a file may hold");
    spent_ = true;
    return false;
  }

  void keep(const Node& node, YAML::anchor_t anchor) {
    if (!foreign_ || anchor == 0) return;
    YAML::Mark mark;
    mark.line = node.place_.line - 1;
    mark.column = node.place_.column - 1;
    if (affordable(node, mark)) anchors_.emplace(anchor, node);
  }

  void expand(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto found = anchors_.find(anchor);
    const bool fits = found != anchors_.end() && affordable(found->second, mark);
    add(fits ? found->second : broken(mark));
  }

  // "<<": the entries of that mapping, or of several, that are not given here.
  static void merge(Frame& frame) {
    auto& entries = frame.node.entries_;
    const auto at = std::find_if(entries.begin(), entries.end(),
                                 [](const auto& entry) { return entry.first.text_ == "<<"; });
    if (at == entries.end()) return;
    const Node from = std::move(at->second);
    entries.erase(at);
    const auto take = [&](const Node& other) {
      for (const auto& entry : other.entries_) {
        if (frame.keys.insert(entry.first.text_).second) entries.push_back(entry);
      }
    };
    take(from);
    for (const auto& other : from.items_) take(other);
  }

  static std::size_t count(const Node& node) {
    std::size_t sum = 1;
    for (const auto& item : node.items_) sum += count(item);
    for (const auto& entry : node.entries_) sum += 1 + count(entry.second);
    return sum;
  }

  static std::size_t depth(const Node& node) {
    std::size_t most = 0;
    for (const auto& item : node.items_) most = std::max(most, depth(item));
    for (const auto& entry : node.entries_) most = std::max(most, depth(entry.second));
    return most + 1;
  }

  // `tag` is "?" for what is plain and "!" for what is quoted; a written tag is told by its mark.
  void refuse_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0 && !foreign_) {
      complaints_.add(place_of(mark), "anchors (&name) are not allowed; write the value out");
    }
    const auto at = static_cast<std::size_t>(mark.pos);
    const bool written = at < text_.size() && text_[at] == '!';
    if (written || (tag != "?" && tag != "!" && !tag.empty())) {
      complaints_.add(place_of(mark), "tags (!name) are not allowed; leave the tag out");
    }
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind_ == Node::Kind::sequence) {
      frame.node.items_.push_back(std::move(node));
    } else if (!frame.key) {
      frame.key = std::move(node);
    } else {
      add_entry(frame, *std::exchange(frame.key, std::nullopt), std::move(node));
    }
  }

  void add_entry(Frame& frame, Node key, Node value) {
    if (key.broken_) return;
    if (key.kind_ != Node::Kind::scalar) {
      complaints_.add(key.place_, "a key must be a plain name");
      return;
    }
    if (!frame.keys.insert(key.text_).second) {
      const auto first = std::find_if(frame.node.entries_.begin(), frame.node.entries_.end(),
                                      [&](const auto& e) { return e.first.text_ == key.text_; });
      complaints_.add(key.place_, "key " + shown(key.text_) + " given twice, first at " +
                                      text_of(first->first.place_));
      return;
    }
    frame.node.entries_.emplace_back(std::move(key), std::move(value));
  }

  std::string_view text_;
  std::string file_;
  Complaints& complaints_;
  std::vector<Frame> stack_;
  std::optional<Node> root_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::size_t too_deep_ = 0;  // levels open inside what was dropped
  bool foreign_ = false;
  bool spent_ = false;  // an alias was refused and said so
  std::map<YAML::anchor_t, Node> anchors_;
};

namespace {

// Length of the UTF-8 sequence at `at`, 0 where it is none (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(at + 1) ? 2 : 0;
  const unsigned second = byte(at + 1);
  if (first >= 0xE0 && first <= 0xEF) {
    const bool good = first == 0xE0 ? second >= 0xA0 : first == 0xED ? second <= 0x9F : true;
    return good && tail(at + 1) && tail(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool good = first == 0xF0 ? second >= 0x90 : first == 0xF4 ? second <= 0x8F : true;
    return good && tail(at + 1) && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

// yaml-cpp takes byte 4 for the end of the text and guesses UTF-16 from zero bytes: what is not
// plain UTF-8 text never reaches it.
bool check_bytes(std::string_view text, const std::string& file, Complaints& complaints) {
  int line = 1;
  int column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const bool control = (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
    const auto length = control ? 0 : utf8_length(text, at);
    if (length == 0) {
      complaints.add({file, line, column},
                     control ? "a control byte (" + std::to_string(c) + "); this is no YAML text"
                             : std::string("not UTF-8"));
      return false;
    }
    column = c == '\n' ? 1 : column + 1;
    line += c == '\n' ? 1 : 0;
    at += length;
  }
  return true;
}

// yaml-cpp says "illegal map value" of what people know as a tab.
std::string tab_hint(std::string_view text) {
  int line = 1;
  bool indenting = true;
  for (const char c : text) {
    if (c == '\t' && indenting) {
      return " (line " + std::to_string(line) + " is indented with a tab; use spaces)";
    }
    indenting = c == '\n' || (indenting && c == ' ');
    line += c == '\n' ? 1 : 0;
  }
  return {};
}

}  // namespace

std::optional<Node> parse_yaml(std::string_view text,
                               const std::string& file,
                               Complaints& complaints,
                               Dialect dialect) {
  if (text.size() > kMaxFileBytes) {
    complaints.add(Place{file}, "larger than " + std::to_string(kMaxFileBytes) + " bytes");
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_bytes(text, file, complaints)) return std::nullopt;
  std::istringstream stream{std::string(text)};
  Reader reader(text, file, complaints, dialect);
  try {
    YAML::Parser parser(stream);
    // The second call finds a second document, or text that follows the first one's end.
    if (parser.HandleNextDocument(reader)) parser.HandleNextDocument(reader);
  } catch (const YAML::Exception& e) {
    const bool placed = !e.mark.is_null() && e.mark.line >= 0;
    complaints.add(placed ? Place{file, e.mark.line + 1, e.mark.column + 1} : Place{file},
                   "not YAML: " + e.msg + tab_hint(text));
    return std::nullopt;
  } catch (const std::exception& e) {
    complaints.add(Place{file}, std::string("not YAML: ") + e.what());
    return std::nullopt;
  }
  return reader.take_root();
}

std::optional<Node> parse_yaml_file(const std::string& path,
                                    Complaints& complaints,
                                    Dialect dialect) {
  const auto text = read_file(path, kMaxFileBytes);
  if (!text) {
    complaints.add(Place{path}, text.error().message);
    return std::nullopt;
  }
  return parse_yaml(*text, path, complaints, dialect);
}

}  // namespace nines::config
