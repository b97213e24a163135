// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_writer.h"

#include <algorithm>

namespace nines::config {
namespace {

constexpr std::size_t kWidth = 100;

// A plain scalar that every YAML reader takes for the same text or number as ours.
bool plain_is_safe(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  constexpr std::string_view kStart = "-?:,[]{}#&*!|>'\"%@`~";
  if (kStart.find(text.front()) != std::string_view::npos) return false;
  return text.find_first_of("\n\r\t,[]{}#\"\\:") == std::string_view::npos;
}

std::string scalar(const Node& node) {
  if (!node.quoted() && plain_is_safe(node.text())) return node.text();
  return quoted_yaml(node.text());
}

std::string key_text(const Node& key) { return scalar(key); }

std::string flow(const Node& node) {
  if (node.kind() == Node::Kind::scalar) return scalar(node);
  std::string out;
  if (node.kind() == Node::Kind::mapping) {
    for (const auto& [key, value] : node.entries()) {
      out += (out.empty() ? "" : ", ") + key_text(key) + ": " + flow(value);
    }
    return "{" + out + "}";
  }
  for (const Node& item : node.items()) out += (out.empty() ? "" : ", ") + flow(item);
  return "[" + out + "]";
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool fits(const std::string& line, std::size_t indent) { return columns(line) + indent <= kWidth; }

void write(const Node& node, std::size_t indent, std::string& out);

// After "key:" or "-": on the same line where it fits, else below.
void write_value(const Node& value, std::size_t used, std::size_t indent, std::string& out) {
  const std::string line = flow(value);
  const bool empty = value.entries().empty() && value.items().empty();
  if (value.kind() == Node::Kind::scalar || empty || (used > 0 && fits(line, used))) {
    out += " " + line + "\n";
    return;
  }
  out += "\n";
  write(value, indent, out);
}

void write(const Node& node, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  for (const auto& [key, value] : node.entries()) {
    const std::string name = key_text(key);
    out += margin + name + ":";
    // The outermost layers are always spread out: one line for each section.
    const std::size_t used = indent == 0 ? 0 : indent + columns(name) + 2;
    write_value(value, used, indent + 2, out);
  }
  for (const Node& item : node.items()) {
    const std::string line = flow(item);
    if (item.kind() == Node::Kind::scalar || fits(line, indent + 2)) {
      out += margin + "- " + line + "\n";
      continue;
    }
    std::string below;
    write(item, indent + 2, below);
    below.replace(0, indent + 2, margin + "- ");
    out += below;
  }
}

}  // namespace

std::string quoted_yaml(std::string_view text) {
  constexpr const char* kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (u < 0x20 || u == 0x7F) {
      out += std::string("\\x") + kHex[u >> 4U] + kHex[u & 0xFU];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string yaml_text(const Node& node) {
  if (node.kind() == Node::Kind::scalar) return scalar(node) + "\n";
  if (node.entries().empty() && node.items().empty()) return flow(node) + "\n";
  std::string out;
  write(node, 0, out);
  return out;
}

}  // namespace nines::config
