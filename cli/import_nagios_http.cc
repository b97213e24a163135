// SPDX-License-Identifier: Apache-2.0
#include "cli/import_nagios_http.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "cli/import_nagios_options.h"

namespace nines::cli {
namespace {

using enum PluginOption::Value;

constexpr char kSni = '\1';
constexpr char kInvert = '\2';
constexpr char kContinue = '\3';
constexpr char kMaxRedirects = '\4';

constexpr std::array kOptions{PluginOption{'H', "hostname", wanted},
                              PluginOption{'I', "IP-address", wanted},
                              PluginOption{'p', "port", wanted},
                              PluginOption{'u', "url", wanted},
                              PluginOption{'S', "ssl", optional},
                              PluginOption{kSni, "sni", none},
                              PluginOption{'C', "certificate", wanted},
                              PluginOption{kContinue, "continue-after-certificate", none},
                              PluginOption{'J', "client-cert", wanted},
                              PluginOption{'K', "private-key", wanted},
                              PluginOption{'D', "verify-cert", none},
                              PluginOption{'e', "expect", wanted},
                              PluginOption{'s', "string", wanted},
                              PluginOption{'r', "regex", wanted},
                              PluginOption{'r', "ereg", wanted},
                              PluginOption{'R', "eregi", wanted},
                              PluginOption{'l', "linespan", none},
                              PluginOption{kInvert, "invert-regex", none},
                              PluginOption{'P', "post", wanted},
                              PluginOption{'j', "method", wanted},
                              PluginOption{'T', "content-type", wanted},
                              PluginOption{'M', "max-age", wanted},
                              PluginOption{'a', "authorization", wanted},
                              PluginOption{'A', "useragent", wanted},
                              PluginOption{'k', "header", wanted},
                              PluginOption{'f', "onredirect", wanted},
                              PluginOption{kMaxRedirects, "max-redirs", wanted},
                              PluginOption{'N', "no-body", none},
                              PluginOption{'L', "link", none},
                              PluginOption{'E', "extended-perfdata", none},
                              PluginOption{'v', "verbose", none},
                              PluginOption{'w', "warning", wanted},
                              PluginOption{'c', "critical", wanted},
                              PluginOption{'t', "timeout", wanted},
                              PluginOption{'4', "use-ipv4", none},
                              PluginOption{'6', "use-ipv6", none}};

std::string without_zone_or_port(const std::string& host, std::string& port) {
  const auto colon = host.rfind(':');
  const bool one = colon != std::string::npos && host.find(':') == colon;
  const bool bracketed =
      host.starts_with('[') && colon != std::string::npos && colon == host.find(']') + 1;
  if (!one && !bracketed) return host;
  port = host.substr(colon + 1);
  return host.substr(0, colon);
}

class CheckHttp {
 public:
  CheckHttp(const std::vector<std::string>& words, bool curl, Draft& draft)
      : options_(words, kOptions, draft), curl_(curl), draft_(draft), spec_(draft.spec) {}

  bool fill();

 private:
  void certificate();
  void where();
  void request();
  Flow tls();
  void status(Flow& expect, Flow& warn);
  void body(Flow& expect);

  PluginOptions options_;
  bool curl_;
  Draft& draft_;
  Flow& spec_;
  std::string host_;     // of the URL
  std::string address_;  // -I, where it differs
  std::string port_;
  bool https_ = false;
};

bool CheckHttp::fill() {
  draft_.timeout = plugin_timeout(options_);
  https_ = options_.has('S') || options_.has('C');
  host_ = without_zone_or_port(options_.last('H'), port_);
  address_ = options_.last('I');
  if (options_.has('p')) port_ = options_.last('p');
  if (host_.empty()) host_ = address_;
  if (address_ == host_) address_.clear();
  if (host_.empty()) {
    draft_.note(draft_.place, "neither -H nor -I");
    return false;
  }
  if (options_.has('C')) {
    certificate();
    return true;
  }
  draft_.kind = "http";
  where();
  request();
  Flow expect;
  Flow warn;
  status(expect, warn);
  body(expect);
  if (options_.has('M')) {
    auto age = options_.last('M');
    if (!age.empty() && age.find_first_not_of("0123456789") == age.npos) age += "s";
    const auto parsed = parse_foreign_duration(age);
    if (parsed) expect.raw("modified_within", format_duration(*parsed));
  }
  put_latency(options_, draft_, expect, warn);
  spec_.flow("expect", expect).flow("warn", warn);
  return true;
}

// With -C the certificate alone is looked at.
void CheckHttp::certificate() {
  if (options_.has(kContinue)) {
    draft_.note(draft_.place, "--continue-after-certificate: only the certificate is checked");
  }
  draft_.kind = "tls";
  spec_.text("address",
             host_and_port(address_.empty() ? host_ : address_, port_.empty() ? "443" : port_));
  if (!address_.empty() && !is_ip_address(host_)) spec_.text("server_name", host_);
  if (!options_.has('D')) {
    spec_.raw("skip_verify", "true");
    note_unverified(draft_);
  }
  put_plugin_family(options_, address_.empty() ? host_ : address_, draft_);
  Flow expect;
  Flow warn;
  put_days(options_.last('C'), draft_, expect, warn);
  put_latency(options_, draft_, expect, warn);
  spec_.flow("expect", expect).flow("warn", warn);
}

// The URL names the virtual host; -I is where it is reached.
void CheckHttp::where() {
  auto path = options_.has('u') ? options_.last('u') : std::string("/");
  if (!path.starts_with('/')) path = "/" + path;
  const bool named = !address_.empty() && !is_ip_address(address_);
  spec_.text("url", (https_ ? "https://" : "http://") +
                        host_and_port(named ? address_ : host_, port_) + path);
  if (!address_.empty() && !named) spec_.text("resolve", address_);
  const auto action = options_.has('f') ? options_.last('f') : std::string("ok");
  const bool follows =
      action == "follow" || action == "sticky" || action == "stickyport" || action == "curl";
  if (action.starts_with("sticky")) {
    draft_.note(draft_.place,
                "a redirect is followed to the host that it names (-f " + action + ")");
  }
  const bool status_only = options_.has('e');
  if (!follows || status_only) spec_.raw("redirects", "0");
  spec_.flow("tls", https_ || follows ? tls() : Flow());
  put_plugin_family(options_, host_, draft_);
}

Flow CheckHttp::tls() {
  Flow out;
  const auto version = options_.last('S');
  if (version.starts_with("1.3")) out.text("min_version", "1.3");
  if (!version.empty() && version != "1.2+" && version != "1.3" && version != "1.3+" &&
      version != "1+" && version != "1.1+") {
    draft_.note(draft_.place, "-S" + version + ": TLS 1.2 and newer are accepted");
  }
  for (const auto& [letter, key] : {std::pair{'J', "certificate"}, std::pair{'K', "key"}}) {
    if (options_.has(letter)) out.text(key, options_.last(letter));
  }
  const bool named = !address_.empty() && !is_ip_address(address_);
  if (named && !is_ip_address(host_)) out.text("server_name", host_);
  if (https_ && !(curl_ && options_.has('D'))) {
    out.raw("skip_verify", "true");
    note_unverified(draft_);
  }
  return out;
}

void CheckHttp::request() {
  if (options_.has('j')) {
    spec_.text("method", options_.last('j'));
  } else if (options_.has('P')) {
    spec_.text("method", "POST");
  }
  Flow headers;
  const bool named = !address_.empty() && !is_ip_address(address_);
  if (named) headers.text("Host", host_and_port(host_, port_));
  if (options_.has('A')) headers.text("User-Agent", options_.last('A'));
  if (options_.has('T')) headers.text("Content-Type", options_.last('T'));
  if (!options_.has('T') && options_.has('P')) {
    headers.text("Content-Type", "application/x-www-form-urlencoded");
  }
  for (const auto& header : options_.all('k')) {
    const auto colon = header.find(':');
    if (colon == std::string::npos) continue;
    const auto value = header.find_first_not_of(" \t", colon + 1);
    headers.text(header.substr(0, colon), value == header.npos ? "" : header.substr(value));
  }
  spec_.flow("headers", headers);
  if (options_.has('a')) {
    const auto both = options_.last('a');
    const auto colon = std::min(both.find(':'), both.size());
    spec_.flow("basic", Flow()
                            .text("username", both.substr(0, colon))
                            .text("password", both.substr(std::min(colon + 1, both.size()))));
  }
  if (options_.has('P')) spec_.text("body", options_.last('P'));
}

// Without -e the plugin calls 5xx critical, 4xx a warning, and 3xx what -f says.
void CheckHttp::status(Flow& expect, Flow& warn) {
  if (!options_.has('e')) {
    const auto action = options_.last('f');
    expect.text("status", action == "critical" ? "100-299,400-499" : "100-499");
    warn.text("status", action == "warning" || action == "critical" ? "100-299" : "100-399");
    return;
  }
  const RE2 form(R"((?:HTTP/[\d.]+ )?(\d{3})(?: .*)?)");
  const auto text = options_.last('e');
  std::string codes;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    std::string code;
    if (!RE2::FullMatch(re2::StringPiece(text.data() + at, end - at), form, &code)) {
      draft_.note(draft_.place,
                  "-e " + config::shown(text) + " names no status codes; any status is up");
      codes = "100-599";
      break;
    }
    codes += (codes.empty() ? "" : ",") + code;
    at = end + 1;
  }
  expect.text("status", codes);
}

// As regcomp() took it: '^' and '$' at lines, unless -l makes one text of all lines.
void CheckHttp::body(Flow& expect) {
  std::vector<std::string> patterns;
  if (!options_.last('s').empty()) patterns.push_back(quoted_pattern(options_.last('s')));
  const bool folded = options_.has('R');
  const auto regex = folded ? options_.last('R') : options_.last('r');
  const std::string flags = std::string(options_.has('l') ? "s" : "m") + (folded ? "i" : "");
  const auto pattern = regex.empty() ? std::string() : "(?" + flags + ")" + regex;
  Flow body;
  const bool inverted = options_.has(kInvert);
  if (!pattern.empty() && !inverted) patterns.push_back(pattern);
  body.list("matches", patterns);
  if (!pattern.empty() && inverted) body.list("not_matches", {pattern});
  expect.flow("body", body);
}

}  // namespace

bool draft_check_http(const std::vector<std::string>& words, bool curl, Draft& draft) {
  return CheckHttp(words, curl, draft).fill();
}

}  // namespace nines::cli
