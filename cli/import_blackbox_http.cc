// SPDX-License-Identifier: Apache-2.0
// The prober http.
#include <algorithm>
#include <array>
#include <set>

#include "cli/import_blackbox.h"
#include "config/address.h"

namespace nines::cli {
namespace {

using config::Node;

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// One page, piece by piece; what must be known for a later piece is a member.
class HttpDraft {
 public:
  HttpDraft(const Node* node, const ModuleContext& context, Draft& draft)
      : keys_(node, context.module, draft), context_(context), draft_(draft), spec_(draft.spec) {}

  void fill() {
    draft_.kind = "http";
    url();
    request();
    credentials();
    transport();
    expectations();
    keys_.note_rest();
  }

 private:
  void url();
  void request();
  void headers();
  void credentials();
  void authorization(const Node* node);
  void oauth2(const Node* node);
  void transport();
  void body_limit();
  void expectations();
  void status(Flow& expect);
  std::string header_patterns(std::string_view key, std::string_view ours);
  void scheme_rules();

  ForeignKeys keys_;
  const ModuleContext& context_;
  Draft& draft_;
  Flow& spec_;
  std::string host_;         // of the URL
  std::string host_header_;  // Host, where one is given
  std::string user_;         // of the URL, "user:password"
  bool https_ = false;
  bool follows_ = true;
};

// Without a scheme the exporter takes http://. Neither a user name nor a fragment is sent as such.
void HttpDraft::url() {
  auto url = context_.target.target;
  if (!url.starts_with("http://") && !url.starts_with("https://")) url = "http://" + url;
  https_ = url.starts_with("https://");
  url = url.substr(0, url.find('#'));
  const auto from = url.find("://") + 3;
  const auto end = std::min(url.find_first_of("/?", from), url.size());
  const auto at = url.rfind('@', end);
  if (at != std::string::npos && at > from && at < end) {
    user_ = url.substr(from, at - from);
    url.erase(from, at + 1 - from);
  }
  spec_.text("url", url);
  const auto parsed = config::parse_url(url);
  if (parsed) host_ = parsed->host;
}

void HttpDraft::request() {
  const auto method = keys_.text("method").value_or("");
  if (!method.empty()) spec_.text("method", method);
  headers();
  if (const auto body = keys_.text("body"); body && !body->empty()) spec_.text("body", *body);
  if (const auto file = keys_.text("body_file"); file && !file->empty()) {
    spec_.text("body_file", absolute_path(context_.file, *file));
  }
  const auto compression = keys_.text("compression").value_or("");
  if (!compression.empty()) spec_.raw("compression", compression);
  follows_ = keys_.flag("follow_redirects").value_or(true) &&
             !keys_.flag("no_follow_redirects").value_or(false);
  if (!follows_) spec_.raw("redirects", "0");
}

void HttpDraft::headers() {
  Flow out;
  std::set<std::string> given;
  const bool coded = keys_.take("compression") != nullptr;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (coded && same_name(name, "Accept-Encoding")) return;
    if (same_name(name, "Host")) host_header_ = value;
    if (given.insert(name).second) out.text(name, value);
  };
  if (!context_.target.hostname.empty()) add("Host", context_.target.hostname);
  if (const Node* list = keys_.take("headers")) {
    for (const auto& [name, value] : list->entries()) {
      if (!context_.target.hostname.empty() && same_name(name.text(), "Host")) continue;
      add(name.text(), value.text());
    }
  }
  if (const Node* list = keys_.take("http_headers")) {
    for (const auto& [name, value] : list->entries()) {
      ForeignKeys inner(&value, "http_headers of " + context_.module, draft_);
      auto texts = inner.texts("values");
      for (auto& secret : inner.texts("secrets")) texts.push_back(std::move(secret));
      if (texts.size() > 1) {
        draft_.note(value.place(), "of several values of a header the first is sent");
      }
      if (!texts.empty()) add(name.text(), texts[0]);
      inner.note_rest();
    }
  }
  spec_.flow("headers", out);
}

void HttpDraft::credentials() {
  const Node* basic = keys_.take("basic_auth");
  if (basic != nullptr) {
    ForeignKeys inner(basic, "basic_auth of " + context_.module, draft_);
    Flow out;
    out.text("username", inner.text("username").value_or(""));
    const auto file = inner.text("password_file").value_or("");
    if (file.empty()) out.text("password", inner.text("password").value_or(""));
    if (!file.empty()) out.text("password_file", absolute_path(context_.file, file));
    inner.ignore({"password"});
    inner.note_rest();
    spec_.flow("basic", out);
  } else if (!user_.empty()) {
    const auto colon = std::min(user_.find(':'), user_.size());
    spec_.flow("basic", Flow()
                            .text("username", user_.substr(0, colon))
                            .text("password", user_.substr(std::min(colon + 1, user_.size()))));
  }
  if (const auto token = keys_.text("bearer_token"); token && !token->empty()) {
    spec_.text("bearer", *token);
  }
  if (const auto file = keys_.text("bearer_token_file"); file && !file->empty()) {
    spec_.text("bearer_file", absolute_path(context_.file, *file));
  }
  if (const Node* node = keys_.take("authorization")) authorization(node);
  if (const Node* node = keys_.take("oauth2")) oauth2(node);
}

void HttpDraft::authorization(const Node* node) {
  ForeignKeys inner(node, "authorization of " + context_.module, draft_);
  const auto type = inner.text("type").value_or("Bearer");
  if (!same_name(type, "Bearer")) {
    inner.ignore({"credentials", "credentials_file"});
    inner.note("type", "authorization of type " + config::shown(type) +
                           " is not carried over: write a header");
  } else if (const auto file = inner.text("credentials_file"); file && !file->empty()) {
    spec_.text("bearer_file", absolute_path(context_.file, *file));
  } else if (const auto token = inner.text("credentials"); token && !token->empty()) {
    spec_.text("bearer", *token);
  }
  inner.note_rest();
}

void HttpDraft::oauth2(const Node* node) {
  ForeignKeys inner(node, "oauth2 of " + context_.module, draft_);
  Flow out;
  out.text("token_url", inner.text("token_url").value_or(""));
  out.text("client_id", inner.text("client_id").value_or(""));
  const auto file = inner.text("client_secret_file").value_or("");
  if (file.empty()) out.text("client_secret", inner.text("client_secret").value_or(""));
  if (!file.empty()) out.text("client_secret_file", absolute_path(context_.file, file));
  out.list("scopes", inner.texts("scopes"));
  inner.note_rest();
  spec_.flow("oauth2", out);
}

void HttpDraft::transport() {
  put_family(keys_, host_, spec_);
  put_source(keys_, spec_);
  const auto proxy = keys_.text("proxy_url").value_or("");
  if (!proxy.empty()) spec_.text("proxy", proxy);
  keys_.ignore({"skip_resolve_phase_with_proxy"});  // with a proxy we never look the name up
  if (!keys_.flag("enable_http2").value_or(true)) {
    keys_.note("enable_http2", "HTTP/2 cannot be switched off for a check");
  }
  const Node* tls_config = keys_.take("tls_config");
  // The exporter shows the name of the Host header where the target is reached under another one.
  auto name = host_header_.empty() ? "" : host_of(host_header_);
  if (name == host_) name.clear();
  const bool needed = https_ || follows_;
  if (needed) spec_.flow("tls", tls_of(tls_config, https_ ? name : "", context_, draft_));
  body_limit();
}

// "10MB", "1MiB", "512B": powers of 1024 both. The exporter has no limit unless one is written.
void HttpDraft::body_limit() {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kUnits{{{"KiB", "KiB"},
                                                                                 {"MiB", "MiB"},
                                                                                 {"GiB", "GiB"},
                                                                                 {"KB", "KiB"},
                                                                                 {"MB", "MiB"},
                                                                                 {"GB", "GiB"},
                                                                                 {"B", "B"},
                                                                                 {"", "B"}}};
  const auto text = keys_.text("body_size_limit").value_or("0");
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  for (const auto& [theirs, ours] : kUnits) {
    if (text.substr(digits) != theirs) continue;
    const auto number = text.substr(0, digits);
    if (number.find_first_not_of('0') == std::string::npos) {
      spec_.raw("max_body", "64MiB");
    } else {
      spec_.raw("max_body", number + std::string(ours));
    }
    return;
  }
  keys_.note("body_size_limit", config::shown(text) + " is no size; 64MiB is taken");
  spec_.raw("max_body", "64MiB");
}

// The list as ranges.
void HttpDraft::status(Flow& expect) {
  std::set<int> codes;
  for (const auto& text : keys_.texts("valid_status_codes")) {
    const bool number = text.size() == 3 && text.find_first_not_of("0123456789") == text.npos;
    if (number) codes.insert(std::stoi(text));
    if (!number) {
      keys_.note("valid_status_codes", config::shown(text) + " is no status code, and left out");
    }
  }
  std::string out;
  for (auto it = codes.begin(); it != codes.end();) {
    const int first = *it;
    int last = first;
    while (++it != codes.end() && *it == last + 1) last = *it;
    out += (out.empty() ? "" : ",") + std::to_string(first);
    if (last != first) out += "-" + std::to_string(last);
  }
  if (!out.empty()) expect.text("status", out);
}

// The entries of our `headers` for one of the exporter's lists.
std::string HttpDraft::header_patterns(std::string_view key, std::string_view ours) {
  std::string out;
  const Node* list = keys_.take(key);
  if (list == nullptr) return out;
  for (const auto& item : list->items()) {
    ForeignKeys inner(&item, std::string(key) + " of " + context_.module, draft_);
    Flow one;
    one.text("name", inner.text("header").value_or(""));
    one.list(ours, {inner.text("regexp").value_or("")});
    if (inner.flag("allow_missing").value_or(false)) one.raw("allow_missing", "true");
    inner.note_rest();
    out += (out.empty() ? "" : ", ") + one.inline_text();
  }
  return out;
}

// A check knows no rule of its own on how the last page was reached.
void HttpDraft::scheme_rules() {
  if (keys_.flag("fail_if_ssl").value_or(false) && (https_ || follows_)) {
    keys_.note("fail_if_ssl",
               https_ ? "fail_if_ssl of an https:// page: not carried over"
                      : "fail_if_ssl: a redirect to https would be up (write redirects: 0)");
  }
  if (keys_.flag("fail_if_not_ssl").value_or(false) && (!https_ || follows_)) {
    keys_.note("fail_if_not_ssl",
               https_ ? "fail_if_not_ssl: a redirect to http would be up (write redirects: 0)"
                      : "fail_if_not_ssl of an http:// page: not carried over (write https://)");
  }
}

void HttpDraft::expectations() {
  scheme_rules();
  Flow expect;
  status(expect);
  std::vector<std::string> versions;
  for (const auto& text : keys_.texts("valid_http_versions")) {
    const auto number = text.substr(std::min(text.find('/') + 1, text.size()));
    versions.push_back(number == "2.0" ? "2" : number);
  }
  expect.list("version", versions);
  Flow body;
  body.list("matches", keys_.texts("fail_if_body_not_matches_regexp"));
  body.list("not_matches", keys_.texts("fail_if_body_matches_regexp"));
  expect.flow("body", body);
  auto headers = header_patterns("fail_if_header_not_matches", "matches");
  const auto not_matches = header_patterns("fail_if_header_matches", "not_matches");
  if (!headers.empty() && !not_matches.empty()) headers += ", ";
  headers += not_matches;
  if (!headers.empty()) expect.raw("headers", "[" + headers + "]");
  spec_.flow("expect", expect);
}

}  // namespace

void draft_http(const Node* node, const ModuleContext& context, Draft& draft) {
  HttpDraft(node, context, draft).fill();
}

}  // namespace nines::cli
