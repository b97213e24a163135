// SPDX-License-Identifier: Apache-2.0
// The probers tcp, icmp, dns and grpc.
#include <re2/re2.h>

#include <algorithm>

#include "cli/import_blackbox.h"

namespace nines::cli {
namespace {

using config::Node;

// A plain address as a host-and-port wants it: IPv6 in brackets.
std::string with_brackets(const std::string& host) {
  const bool bare_v6 = std::count(host.begin(), host.end(), ':') > 1 && !host.starts_with('[');
  return bare_v6 ? "[" + host + "]" : host;
}

std::string hex_of(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    out += kDigits[u >> 4U];
    out += kDigits[u & 15U];
  }
  return out;
}

// One entry of query_response: expect, then send, then starttls.
void steps_of(const Node& node,
              const ModuleContext& context,
              std::vector<std::string>& steps,
              Draft& draft) {
  ForeignKeys keys(&node, "query_response of " + context.module, draft);
  const auto expect = keys.text("expect");
  const auto exact = keys.text("expect_bytes");
  if (expect && !expect->empty()) {
    steps.push_back(Flow().text("expect", line_pattern(*expect)).inline_text());
  }
  if (exact && !exact->empty()) {
    steps.push_back(Flow().text("expect_hex", hex_of(*exact)).inline_text());
  }
  const auto send = keys.text("send");
  if (send && !send->empty()) {
    const bool grouped = expect && !expect->empty();
    std::string trouble;
    const auto text = sent_text(*send + "\n", grouped ? &*expect : nullptr, trouble);
    if (!trouble.empty()) keys.note("send", trouble);
    steps.push_back(Flow().text("send", text).inline_text());
  }
  if (keys.flag("starttls").value_or(false)) {
    steps.push_back(Flow().raw("starttls", "true").inline_text());
  }
  keys.note_rest();
}

// Lines of answers hold spaces where the exporter's hold tabs.
std::string answer_pattern(const std::string& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\t') {
      out += "[ ]";
    } else if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[i + 1] == 't' ? " " : pattern.substr(i, 2);
      ++i;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

// Patterns over the records of one section.
Flow answer_of(const Node* node, const ModuleContext& context, Draft& draft) {
  ForeignKeys keys(node, "validate_answer_rrs of " + context.module, draft);
  const auto patterns = [&](std::string_view key) {
    auto out = keys.texts(key);
    for (auto& one : out) one = answer_pattern(one);
    return out;
  };
  auto matches = patterns("fail_if_none_matches_regexp");
  const auto each = patterns("fail_if_not_matches_regexp");
  if (!each.empty()) {
    keys.note("fail_if_not_matches_regexp",
              "fail_if_not_matches_regexp: one record of the answer must match, not every one");
    matches.insert(matches.end(), each.begin(), each.end());
  }
  Flow answer;
  answer.list("matches", matches);
  answer.list("not_matches", patterns("fail_if_matches_regexp"));
  keys.note_rest();
  return answer;
}

}  // namespace

std::string line_pattern(const std::string& pattern) {
  std::string out = "(?m)(?:";
  std::size_t opened = 0;  // one past the '[' that opened the class, 0 outside of one
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto pair = pattern.substr(i, 2);
    if (pair.size() == 2 && pair[0] == '\\') {
      out += pair;
      ++i;
    } else if (opened == 0 && pair[0] == '[') {
      out += pair == "[^" ? pair : "[";
      i += pair == "[^" ? 1 : 0;
      opened = i + 1;
    } else if (opened != 0 && pair == "[:") {
      const auto close = pattern.find(":]", i);
      const auto end = close == std::string::npos ? pattern.size() - 1 : close + 1;
      out += pattern.substr(i, end + 1 - i);
      i = end;
    } else {
      if (pair[0] == ']' && i > opened) opened = 0;
      out += pair[0] == '$' && opened == 0 ? "(?:\\r?$)" : pair.substr(0, 1);
    }
  }
  return out + ")[^\\n]*\\n";
}

std::string sent_text(const std::string& text, const std::string* pattern, std::string& trouble) {
  std::string out;
  if (pattern == nullptr) return literal_send(text);
  const RE2 compiled(*pattern, RE2::Quiet);
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    if (text.substr(i, 2) == "$$") {
      out += text.substr(i + 2, 1) == "{" ? "$$" : "$";  // "$$" is "$", and ours before "{" doubles
      ++i;
      continue;
    }
    const bool braces = text.substr(i + 1, 1) == "{";
    const std::size_t from = i + (braces ? 2 : 1);
    std::size_t end = from;
    while (end < text.size() && word(text[end])) ++end;
    if (end == from || (braces && (end == text.size() || text[end] != '}'))) {
      out += braces ? "$$" : "$";
      continue;
    }
    const auto name = text.substr(from, end - from);
    const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
    int group = digits && name.size() < 3 ? std::stoi(name) : -1;
    const bool named = compiled.ok() && compiled.NamedCapturingGroups().contains(name);
    if (!digits && named) group = compiled.NamedCapturingGroups().at(name);
    const bool known =
        compiled.ok() && group >= 1 && group <= 9 && group <= compiled.NumberOfCapturingGroups();
    if (known) {
      out += "${" + std::to_string(group) + "}";
    } else {
      trouble = "the reference " + config::shown(text.substr(i, end + (braces ? 1 : 0) - i)) +
                " of 'send' is left empty";
    }
    i = end - (braces ? 0 : 1);
  }
  return out;
}

void draft_tcp(const Node* node, const ModuleContext& context, Draft& draft) {
  draft.kind = "tcp";
  ForeignKeys keys(node, context.module, draft);
  const auto& target = context.target.target;
  const bool unix = target.starts_with("unix://");
  draft.spec.text("address", unix ? "unix:" + target.substr(7) : target);
  const Node* tls_config = keys.take("tls_config");
  const bool secure = keys.flag("tls").value_or(false);
  std::vector<std::string> steps;
  bool upgrades = false;
  if (const Node* list = keys.take("query_response")) {
    for (const auto& item : list->items()) {
      upgrades = upgrades || item.find("starttls") != nullptr;
      steps_of(item, context, steps, draft);
    }
  }
  if (secure || upgrades) {
    const auto tls = tls_of(tls_config, context.target.hostname, context, draft);
    draft.spec.raw("tls", tls.inline_text());
  }
  std::string list;
  for (const auto& step : steps) list += (list.empty() ? "" : ", ") + step;
  if (!list.empty()) draft.spec.raw("steps", "[" + list + "]");
  if (!unix) {
    put_family(keys, host_of(target), draft.spec);
    put_source(keys, draft.spec);
  }
  keys.note_rest();
}

void draft_icmp(const Node* node, const ModuleContext& context, Draft& draft) {
  constexpr int kLeast = 16;
  constexpr int kMost = 1472;
  draft.kind = "icmp";
  ForeignKeys keys(node, context.module, draft);
  auto host = context.target.target;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  draft.spec.text("host", host);
  draft.spec.raw("count", "1");
  if (const auto text = keys.text("payload_size"); text && *text != "0") {
    const bool number = text->size() < 7 && text->find_first_not_of("0123456789") == text->npos;
    const int size = number && !text->empty() ? std::stoi(*text) : 0;
    const int bent = std::clamp(size, kLeast, kMost);
    if (bent != size) {
      keys.note("payload_size", "a payload of " + config::shown(*text) + " bytes became one of " +
                                    std::to_string(bent));
    }
    draft.spec.raw("size", std::to_string(bent));
  }
  const auto ttl = keys.text("ttl").value_or("0");
  if (ttl != "0" && ttl.find_first_not_of("0123456789") == ttl.npos) draft.spec.raw("ttl", ttl);
  if (keys.flag("dont_fragment").value_or(false)) draft.spec.raw("dont_fragment", "true");
  put_family(keys, host, draft.spec);
  put_source(keys, draft.spec);
  keys.note_rest();
}

void draft_dns(const Node* node, const ModuleContext& context, Draft& draft) {
  draft.kind = "dns";
  ForeignKeys keys(node, context.module, draft);
  auto& spec = draft.spec;
  spec.text("server", with_brackets(context.target.target));
  spec.text("name", keys.text("query_name").value_or(""));
  spec.text("type", keys.text("query_type").value_or("ANY"));
  const bool over_tls = keys.flag("dns_over_tls").value_or(false);
  const auto transport = keys.text("transport_protocol").value_or("udp");
  spec.raw("transport", over_tls ? "tls" : transport == "tcp" ? "tcp" : "udp");
  const Node* tls_config = keys.take("tls_config");
  if (over_tls) spec.flow("tls", tls_of(tls_config, "", context, draft));
  if (const auto type = keys.text("query_class"); type && *type != "IN") {
    keys.note("query_class", "only class IN is asked for");
  }
  if (!keys.flag("recursion_desired").value_or(true)) {
    keys.note("recursion_desired", "recursion is always desired by a dns check");
  }
  Flow expect;
  const auto codes = keys.texts("valid_rcodes");
  if (codes.size() > 1) {
    keys.note("valid_rcodes", "of several codes the first is expected");
  }
  if (!codes.empty()) expect.text("rcode", codes[0]);
  expect.flow("answer", answer_of(keys.take("validate_answer_rrs"), context, draft));
  spec.flow("expect", expect);
  put_family(keys, host_of(context.target.target), spec);
  put_source(keys, spec);
  keys.note_rest();
}

void draft_grpc(const Node* node, const ModuleContext& context, Draft& draft) {
  draft.kind = "grpc";
  ForeignKeys keys(node, context.module, draft);
  const auto& target = context.target.target;
  draft.spec.text("address", target);
  const auto service = keys.text("service").value_or("");
  if (!service.empty()) draft.spec.text("service", service);
  if (const Node* metadata = keys.take("metadata")) {
    Flow pairs;
    for (const auto& [key, value] : metadata->entries()) {
      std::string name = key.text();
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      const Node* first = &value;
      if (!value.items().empty()) first = &value.items()[0];
      if (value.items().size() > 1) {
        draft.note(value.place(), "of several values of metadata the first is sent");
      }
      pairs.text(name, first->text());
    }
    draft.spec.flow("metadata", pairs);
  }
  const Node* tls_config = keys.take("tls_config");
  if (keys.flag("tls").value_or(false)) {
    draft.spec.raw("tls", tls_of(tls_config, "", context, draft).inline_text());
  }
  put_family(keys, host_of(target), draft.spec);
  keys.note_rest();
}

}  // namespace nines::cli
