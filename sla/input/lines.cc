// SPDX-License-Identifier: Apache-2.0
#include "sla/input/lines.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMaxNotes = 20;

bool blank(const std::string& text) { return text.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

Expected<bool> JsonLines::read_line() {
  text_.clear();
  std::streambuf* buffer = in_.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::char_traits<char>::eof()) return false;
  ++line_;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (text_.size() == kMaxLine) return fail(place() + ": the line is longer than 1 MiB");
    text_.push_back(static_cast<char>(c));
  }
  bytes_ += text_.size() + 1;
  if (bytes_ > kMaxFile) return fail(place() + ": the file is larger than 8 GiB");
  return true;
}

Expected<nlohmann::json> JsonLines::next(bool& done) {
  done = false;
  do {
    const auto more = read_line();
    if (!more || !*more) {
      done = true;
      if (!more) return Unexpected(more.error());
      return nlohmann::json();
    }
  } while (blank(text_));
  auto value = nlohmann::json::parse(text_, nullptr, false);
  if (value.is_discarded()) return fail(place() + ": the line is not JSON");
  if (!value.is_object()) return fail(place() + ": the line is not a JSON object");
  return value;
}

const nlohmann::json* member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* key) {
  const nlohmann::json* value = member(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

void LineNotes::add(std::string note) {
  if (++count_ <= kMaxNotes) notes_.push_back(std::move(note));
}

std::vector<std::string> LineNotes::lines() const {
  std::vector<std::string> out = notes_;
  if (count_ > kMaxNotes) out.push_back("and " + std::to_string(count_ - kMaxNotes) + " more");
  return out;
}

}  // namespace nines::sla
