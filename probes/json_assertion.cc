// SPDX-License-Identifier: Apache-2.0
#include "probes/json_assertion.h"

#include <algorithm>
#include <charconv>

#include "probes/run.h"

namespace nines::probes {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the '/' that config/ has seen
    const auto end = std::min(pointer.find('/'), pointer.size());
    std::string token;
    for (std::size_t i = 0; i < end; ++i) {
      const bool escaped = pointer[i] == '~' && i + 1 < end;
      token += escaped ? (pointer[++i] == '1' ? '/' : '~') : pointer[i];
    }
    tokens.push_back(std::move(token));
    pointer.remove_prefix(end);
  }
  return tokens;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// Walks the text once with a stack of its own. A pointer is live while all of the path down to the
// present value is its beginning; `matched` counts how much of it is.
class JsonWalk {
 public:
  JsonWalk(std::string_view text, const std::vector<std::string>& pointers) : text_(text) {
    for (const auto& pointer : pointers) wanted_.push_back({tokens_of(pointer), 0, {}});
  }

  // Empty, or what is wrong.
  std::string run();

  std::vector<JsonValue> values() {
    std::vector<JsonValue> found;
    for (auto& wanted : wanted_) found.push_back(std::move(wanted.found));
    return found;
  }

 private:
  enum class Next { value, first_item, first_key, key, after_value, end, bad };

  struct Wanted {
    std::vector<std::string> tokens;
    std::size_t matched = 0;
    JsonValue found;
  };

  struct Level {
    bool object = false;
    std::size_t index = 0;
  };

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  Next value();
  Next open(bool object);
  Next key();
  Next after_value();
  void enter(std::string_view token);
  void leave();
  void found(JsonValue::Kind kind, std::string_view text);
  bool is_wanted() const;
  bool number();
  bool digits();
  bool string(std::string* out);
  bool escape(std::string* out);
  bool hex(unsigned& code);

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  std::vector<Wanted> wanted_;
  bool too_deep_ = false;
};

void JsonWalk::enter(std::string_view token) {
  const auto depth = levels_.size();
  for (auto& w : wanted_) {
    if (w.matched != depth - 1 || w.tokens.size() < depth || w.tokens[depth - 1] != token) continue;
    w.matched = depth;
    w.found = {};  // of an earlier key of the same name
  }
}

void JsonWalk::leave() {
  for (auto& w : wanted_) {
    if (w.matched == levels_.size()) --w.matched;
  }
}

bool JsonWalk::is_wanted() const {
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& w) {
    return w.matched == levels_.size() && w.tokens.size() == levels_.size();
  });
}

void JsonWalk::found(JsonValue::Kind kind, std::string_view text) {
  for (auto& w : wanted_) {
    if (w.matched != levels_.size() || w.tokens.size() != levels_.size()) continue;
    w.found = {kind, std::string(text)};
  }
}

JsonWalk::Next JsonWalk::open(bool object) {
  found(object ? JsonValue::Kind::object : JsonValue::Kind::array, {});
  too_deep_ = levels_.size() == kMaxJsonDepth;
  if (too_deep_) return Next::bad;
  ++at_;
  levels_.push_back({object, 0});
  return object ? Next::first_key : Next::first_item;
}

JsonWalk::Next JsonWalk::value() {
  using Kind = JsonValue::Kind;
  const char c = peek();
  if (c == '{' || c == '[') return open(c == '{');
  const auto from = at_;
  if (c == '"') {
    std::string decoded;
    if (!string(is_wanted() ? &decoded : nullptr)) return Next::bad;
    found(Kind::string, decoded);
    return Next::after_value;
  }
  if (c == '-' || is_digit(c)) {
    if (!number()) return Next::bad;
    found(Kind::number, text_.substr(from, at_ - from));
    return Next::after_value;
  }
  constexpr std::pair<std::string_view, Kind> kWords[] = {
      {"true", Kind::boolean}, {"false", Kind::boolean}, {"null", Kind::null}};
  for (const auto& [word, kind] : kWords) {
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    found(kind, kind == Kind::null ? "" : word);
    return Next::after_value;
  }
  return Next::bad;
}

bool JsonWalk::digits() {
  const auto from = at_;
  while (is_digit(peek())) ++at_;
  return at_ > from;
}

bool JsonWalk::number() {
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    return digits();
  }
  return true;
}

bool JsonWalk::hex(unsigned& code) {
  if (text_.size() - at_ < 4) return false;
  const char* from = text_.data() + at_;
  const auto [end, error] = std::from_chars(from, from + 4, code, 16);
  at_ += 4;
  return error == std::errc() && end == from + 4;
}

bool JsonWalk::escape(std::string* out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
  const char c = peek();
  ++at_;
  unsigned code = 0;
  if (c == 'u') {
    if (!hex(code)) return false;
    if (code >= 0xDC00 && code < 0xE000) return false;  // the second half of a pair alone
    if (code >= 0xD800 && code < 0xDC00) {
      unsigned low = 0;
      if (!take('\\') || !take('u') || !hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
  } else {
    const auto which = kNames.find(c);
    if (which == kNames.npos) return false;
    code = static_cast<unsigned char>(kBytes[which]);
  }
  if (out != nullptr) append_utf8(*out, code);
  return true;
}

bool JsonWalk::string(std::string* out) {
  ++at_;  // the quote
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    ++at_;
    if (c == '\\') {
      if (!escape(out)) return false;
    } else if (out != nullptr) {
      *out += c;
    }
  }
  return false;
}

JsonWalk::Next JsonWalk::key() {
  std::string name;
  if (peek() != '"' || !string(&name)) return Next::bad;
  skip_space();
  if (!take(':')) return Next::bad;
  enter(name);
  return Next::value;
}

JsonWalk::Next JsonWalk::after_value() {
  if (levels_.empty()) return at_ == text_.size() ? Next::end : Next::bad;
  leave();
  auto& level = levels_.back();
  if (take(',')) {
    if (level.object) return Next::key;
    enter(std::to_string(++level.index));
    return Next::value;
  }
  if (!take(level.object ? '}' : ']')) return Next::bad;
  levels_.pop_back();
  return Next::after_value;
}

std::string JsonWalk::run() {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  Next next = Next::value;
  while (next != Next::end && next != Next::bad) {
    skip_space();
    switch (next) {
      case Next::value:
        next = value();
        break;
      case Next::first_item:
      case Next::first_key: {
        const bool object = next == Next::first_key;
        if (take(object ? '}' : ']')) {
          levels_.pop_back();
          next = Next::after_value;
        } else if (object) {
          next = Next::key;
        } else {
          enter("0");
          next = Next::value;
        }
        break;
      }
      case Next::key:
        next = key();
        break;
      default:
        next = after_value();
    }
  }
  if (too_deep_) return "more than " + std::to_string(kMaxJsonDepth) + " levels";
  if (next == Next::end) return {};
  return at_ >= text_.size() ? "ends too early" : "wrong at byte " + std::to_string(at_);
}

// 0.DIGITS * 10^exponent, without zeros at either end; zero has no digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

std::int64_t bounded_exponent(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  std::int64_t value = 0;
  if (text.size() > 15) {
    value = kMost;
  } else {
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return negative ? -value : value;
}

Decimal decimal_of(std::string_view text) {
  Decimal d;
  d.negative = text.starts_with('-');
  if (d.negative) text.remove_prefix(1);
  const auto e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) d.exponent = bounded_exponent(text.substr(e + 1));
  const auto mantissa = text.substr(0, e);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  d.digits = mantissa.substr(0, point);
  d.exponent += static_cast<std::int64_t>(point);
  if (point < mantissa.size()) d.digits += mantissa.substr(point + 1);
  const auto first = std::min(d.digits.find_first_not_of('0'), d.digits.size());
  d.digits.erase(0, first);
  d.exponent -= static_cast<std::int64_t>(first);
  d.digits.erase(d.digits.find_last_not_of('0') + 1);
  if (d.digits.empty()) d = {};
  return d;
}

std::string text_of(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::missing:
      return "missing";
    case JsonValue::Kind::null:
      return "null";
    case JsonValue::Kind::array:
      return "an array";
    case JsonValue::Kind::object:
      return "an object";
    default:
      break;
  }
  constexpr std::size_t kShown = 40;
  const auto text = value.text.size() > kShown ? value.text.substr(0, kShown) + "..." : value.text;
  return value.kind == JsonValue::Kind::string ? "\"" + text + "\"" : text;
}

}  // namespace

Expected<std::vector<JsonValue>> find_values(std::string_view json,
                                             const std::vector<std::string>& pointers) {
  if (json.empty()) return fail("empty");
  if (valid_text(std::string(json)) != json) return fail("not UTF-8");
  JsonWalk walk(json, pointers);
  const auto wrong = walk.run();
  if (!wrong.empty()) return fail(wrong);
  return walk.values();
}

std::strong_ordering compare_decimals(std::string_view a, std::string_view b) {
  const auto x = decimal_of(a);
  const auto y = decimal_of(b);
  const auto sign = [](const Decimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
  if (sign(x) != sign(y)) return sign(x) <=> sign(y);
  // Neither digits begins nor ends with a zero: a longer one with the same beginning is larger.
  auto larger = x.exponent <=> y.exponent;
  if (larger == 0) larger = x.digits.compare(y.digits) <=> 0;
  return x.negative ? 0 <=> larger : larger;
}

std::string judge_value(const JsonExpect& expect, const JsonValue& value) {
  using Op = JsonExpect::Op;
  using Kind = JsonValue::Kind;
  const auto is = (expect.pointer.empty() ? "the document" : expect.pointer) + " is ";
  const auto wanted = [&](std::string_view how) {
    return is + text_of(value) + ", expected " + std::string(how) + expect.operand;
  };
  if (expect.op == Op::exists) {
    const bool exists = value.kind != Kind::missing;
    if (exists == (expect.operand != "false")) return {};
    return is + (exists ? "there, and must not be" : "missing");
  }
  const auto parsed = find_values(expect.operand, {""});
  if (!parsed) return "the operand " + expect.operand + " is no JSON";
  const auto& operand = parsed->front();
  if (expect.op == Op::below || expect.op == Op::above) {
    const bool below = expect.op == Op::below;
    const auto order = value.kind == Kind::number ? compare_decimals(value.text, operand.text)
                                                  : std::strong_ordering::equal;
    return (below ? order < 0 : order > 0) ? "" : wanted(below ? "below " : "above ");
  }
  if (value.kind == Kind::missing) return wanted(expect.op == Op::equals ? "" : "another than ");
  bool same = value.kind == operand.kind;
  if (same) {
    same = value.kind == Kind::number ? compare_decimals(value.text, operand.text) == 0
                                      : value.text == operand.text;
  }
  if (value.kind == Kind::array || value.kind == Kind::object) same = false;
  if (expect.op == Op::equals) return same ? "" : wanted("");
  return same ? wanted("another than ") : "";
}

}  // namespace nines::probes
