// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: a pointer, an operand and a text of anybody's making. The text is JSON or is
// not, and says so the same as an independent parser; comparisons of numbers are a total order.
#include "probes/json_assertion.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/assert.h"

namespace nines::probes {
namespace {

// Takes whatever is grammar. What it calls out of range is a number that no double holds.
struct Grammar : nlohmann::json_sax<nlohmann::json> {
  bool too_large = false;

  bool null() override { return true; }

  bool boolean(bool) override { return true; }

  bool number_integer(std::int64_t) override { return true; }

  bool number_unsigned(std::uint64_t) override { return true; }

  bool number_float(double, const std::string&) override { return true; }

  bool string(std::string&) override { return true; }

  bool binary(nlohmann::json::binary_t&) override { return true; }

  bool start_object(std::size_t) override { return true; }

  bool key(std::string&) override { return true; }

  bool end_object() override { return true; }

  bool start_array(std::size_t) override { return true; }

  bool end_array() override { return true; }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& e) override {
    too_large = e.id == 406;
    return false;
  }
};

bool is_json(std::string_view text) {
  Grammar grammar;
  return nlohmann::json::sax_parse(text, &grammar) || grammar.too_large;
}

std::string_view next(std::string_view& rest) {
  const auto end = std::min(rest.find('\0'), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool is_number(const JsonValue& value) { return value.kind == JsonValue::Kind::number; }

void run(std::string_view rest) {
  const std::string pointer(next(rest));
  const std::string operand(next(rest));
  const std::vector<std::string> pointers{"", pointer, "/0", "/a"};
  const auto found = find_values(rest, pointers);
  if (!found) {
    ASSERT(!found.error().message.empty());
    return;
  }
  ASSERT(is_json(rest));
  ASSERT(found->size() == pointers.size());
  for (const auto& a : *found) {
    if (!is_number(a)) continue;
    ASSERT(compare_decimals(a.text, a.text) == 0);
    for (const auto& b : *found) {
      if (!is_number(b)) continue;
      const auto ab = compare_decimals(a.text, b.text);
      const auto ba = compare_decimals(b.text, a.text);
      ASSERT((ab < 0) == (ba > 0) && (ab == 0) == (ba == 0));
    }
  }
  const auto wanted = find_values(operand, {""});
  if (!wanted) return;
  for (const auto op : {JsonExpect::Op::equals, JsonExpect::Op::not_equals, JsonExpect::Op::below,
                        JsonExpect::Op::above, JsonExpect::Op::exists}) {
    const bool number = is_number(wanted->front());
    if ((op == JsonExpect::Op::below || op == JsonExpect::Op::above) && !number) continue;
    const bool boolean = wanted->front().kind == JsonValue::Kind::boolean;
    if (op == JsonExpect::Op::exists && !boolean) continue;
    const JsonExpect expect{pointer, op, operand};
    for (const auto& value : *found) static_cast<void>(judge_value(expect, value));
  }
}

}  // namespace
}  // namespace nines::probes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::probes::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
