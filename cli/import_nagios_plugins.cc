// SPDX-License-Identifier: Apache-2.0
// check_tcp, check_icmp, check_ping, and every other plugin, which is run as it is. Defaults of the
// plugins are written out, so that a check judges as the plugin did.
#include <algorithm>
#include <array>

#include "cli/import_nagios.h"
#include "cli/import_nagios_http.h"
#include "cli/import_nagios_options.h"

namespace nines::cli {
namespace {

using enum PluginOption::Value;

constexpr Duration kExecTimeout = seconds(60);  // service_check_timeout of Nagios

constexpr std::array kTcpOptions{
    PluginOption{'H', "hostname", wanted},    PluginOption{'p', "port", wanted},
    PluginOption{'s', "send", wanted},        PluginOption{'e', "expect", wanted},
    PluginOption{'q', "quit", wanted},        PluginOption{'E', "escape", none},
    PluginOption{'A', "all", none},           PluginOption{'S', "ssl", none},
    PluginOption{'D', "certificate", wanted}, PluginOption{'M', "mismatch", wanted},
    PluginOption{'w', "warning", wanted},     PluginOption{'c', "critical", wanted},
    PluginOption{'t', "timeout", wanted},     PluginOption{'j', "jail", none},
    PluginOption{'v', "verbose", none},       PluginOption{'4', "use-ipv4", none},
    PluginOption{'6', "use-ipv6", none},      PluginOption{'n', "sni", wanted}};

constexpr std::array kPingOptions{
    PluginOption{'H', "hostname", wanted}, PluginOption{'w', "warning", wanted},
    PluginOption{'c', "critical", wanted}, PluginOption{'p', "packets", wanted},
    PluginOption{'n', "", none},           PluginOption{'L', "link", none},
    PluginOption{'t', "timeout", wanted},  PluginOption{'4', "use-ipv4", none},
    PluginOption{'6', "use-ipv6", none}};

constexpr std::array kIcmpOptions{
    PluginOption{'H', "Host", wanted},    PluginOption{'w', "", wanted},
    PluginOption{'c', "", wanted},        PluginOption{'n', "", wanted},
    PluginOption{'p', "", wanted},        PluginOption{'s', "", wanted},
    PluginOption{'b', "", wanted},        PluginOption{'l', "", wanted},
    PluginOption{'t', "", wanted},        PluginOption{'v', "", none},
    PluginOption{'4', "ipv4-only", none}, PluginOption{'6', "ipv6-only", none}};

// The value of an option, `usual` where there is none; bent to what a check can hold, and said so.
int number(
    const PluginOptions& options, char letter, int least, int most, int usual, Draft& draft) {
  if (!options.has(letter)) return usual;
  const auto text = options.last(letter);
  const bool good =
      !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == std::string::npos;
  const int bent = good ? std::clamp(std::stoi(text), least, most) : usual;
  if (!good || std::to_string(bent) != text) {
    draft.note(draft.place, std::string("-") + letter + " " + config::shown(text) + " became " +
                                std::to_string(bent));
  }
  return bent;
}

// What the dialogue's text means after -E.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto pair = text.substr(i, 2);
    const bool escape = pair == "\\n" || pair == "\\r" || pair == "\\t" || pair == "\\\\";
    out += !escape          ? text[i]
           : pair[1] == 'n' ? '\n'
           : pair[1] == 'r' ? '\r'
           : pair[1] == 't' ? '\t'
                            : '\\';
    i += escape ? 1 : 0;
  }
  return out;
}

bool draft_check_tcp(const std::vector<std::string>& words, Draft& draft) {
  const PluginOptions options(words, kTcpOptions, draft);
  draft.timeout = plugin_timeout(options);
  const auto host = options.has('H') ? options.last('H') : std::string("127.0.0.1");
  if (!options.has('p')) {
    draft.note(draft.place, "check_tcp without a port");
    return false;
  }
  draft.kind = "tcp";
  draft.spec.text("address", host_and_port(host, options.last('p')));
  const bool secure = options.has('S') || options.has('D');
  if (secure) {
    Flow tls;
    if (options.has('n')) tls.text("server_name", options.last('n'));
    tls.raw("skip_verify", "true");
    draft.spec.flow("tls", tls);
    note_unverified(draft);
  }
  const bool escapes = options.has('E');
  const auto sent = [&](const std::string& text) {
    return Flow().text("send", literal_send(escapes ? unescaped(text) : text)).inline_text();
  };
  std::string steps;
  const auto step = [&](const std::string& one) { steps += (steps.empty() ? "" : ", ") + one; };
  if (!options.last('s').empty()) step(sent(options.last('s')));
  std::string pattern;
  for (const auto& text : options.all('e')) {
    pattern += (pattern.empty() ? "" : "|") + quoted_pattern(text);
  }
  if (!pattern.empty()) {
    step(Flow().text("expect", pattern).inline_text());
    if (options.has('A') && options.all('e').size() > 1) {
      draft.note(draft.place, "-A: one of the texts must come, not all of them");
    }
    if (options.last('M') != "crit") {
      draft.note(draft.place, "another answer than the expected one is down, not a warning");
    }
  }
  if (!options.last('q').empty()) step(sent(options.last('q') + (escapes ? "\\r\\n" : "\r\n")));
  if (!steps.empty()) draft.spec.raw("steps", "[" + steps + "]");
  put_plugin_family(options, host, draft);
  Flow expect;
  Flow warn;
  put_latency(options, draft, expect, warn);
  if (options.has('D')) put_days(options.last('D'), draft, expect, warn);
  draft.spec.flow("expect", expect).flow("warn", warn);
  return true;
}

// "100.0,20%" and the like: the round trip in milliseconds and the share that is lost.
struct Threshold {
  std::string rtt;
  std::string loss;
};

Threshold threshold_of(const std::string& text) {
  const auto comma = std::min(text.find(','), text.size());
  auto loss = text.substr(std::min(comma + 1, text.size()));
  if (loss.ends_with('%')) loss.pop_back();
  return {text.substr(0, comma), loss};
}

// The plugins call a share bad that reaches the threshold, we one that exceeds it: the largest
// count of lost packets below it.
void put_loss(const std::string& percent, int count, Draft& draft, Flow& flow) {
  const auto point = std::min(percent.find('.'), percent.size());
  const auto whole = percent.substr(0, point);
  auto fraction = percent.substr(std::min(point + 1, percent.size())).substr(0, 3);
  fraction.resize(3, '0');
  const auto digits = whole + fraction;
  if (whole.empty() || whole.size() > 4 ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    draft.note(draft.place, "the loss " + config::shown(percent) + " is not carried over");
    return;
  }
  const std::int64_t thousandths = std::stoll(digits);  // of a percent
  int allowed = 0;
  while (allowed < count - 1 && (allowed + 1) * 100'000LL < thousandths * count) ++allowed;
  flow.text("loss", allowed == 0 ? "0" : std::to_string(allowed) + "/" + std::to_string(count));
}

void put_threshold(const std::string& text, int count, Draft& draft, Flow& flow) {
  const auto threshold = threshold_of(text);
  const auto rtt = plugin_seconds(threshold.rtt, milliseconds(1), draft);
  if (rtt && *rtt <= std::min(draft.timeout, draft.every)) {
    flow.raw("latency", format_duration(*rtt));
  } else if (rtt) {
    draft.note(draft.place, "the threshold " + config::shown(threshold.rtt) +
                                " is longer than the timeout, and left out");
  }
  put_loss(threshold.loss, count, draft, flow);
}

bool draft_ping(const std::vector<std::string>& words, bool icmp, Draft& draft) {
  const auto table = icmp ? std::span<const PluginOption>(kIcmpOptions)
                          : std::span<const PluginOption>(kPingOptions);
  const PluginOptions options(words, table, draft);
  draft.timeout = plugin_timeout(options);
  auto hosts = options.all('H');
  hosts.insert(hosts.end(), options.others().begin(), options.others().end());
  if (hosts.empty()) {
    draft.note(draft.place, "no host is named");
    return false;
  }
  if (hosts.size() > 1) draft.note(draft.place, "of several hosts the first is measured");
  draft.kind = "icmp";
  auto& spec = draft.spec;
  spec.text("host", hosts[0]);
  const char packets = icmp && options.has('n') ? 'n' : 'p';
  const int count = number(options, packets, 1, 100, 5, draft);
  spec.raw("count", std::to_string(count));
  if (icmp) {
    spec.raw("size", std::to_string(number(options, 'b', 16, 1472, 68, draft)));
    if (options.has('l')) spec.raw("ttl", std::to_string(number(options, 'l', 1, 255, 64, draft)));
    if (options.has('s')) spec.text("source", options.last('s'));
  }
  put_plugin_family(options, hosts[0], draft);
  const auto usual = [&](char letter, const char* text) {
    return options.has(letter) ? options.last(letter) : std::string(icmp ? text : "");
  };
  Flow expect;
  Flow warn;
  const auto critical = usual('c', "500ms,80%");
  const auto warning = usual('w', "200ms,40%");
  if (!critical.empty()) put_threshold(critical, count, draft, expect);
  if (!warning.empty()) put_threshold(warning, count, draft, warn);
  spec.flow("expect", expect).flow("warn", warn);
  return true;
}

bool draft_exec(const std::vector<std::string>& words, Draft& draft) {
  if (!words[0].starts_with('/')) {
    draft.note(draft.place, config::shown(words[0]) +
                                " has no path: a plugin is run by its "
                                "absolute path");
    return false;
  }
  draft.kind = "exec";
  draft.timeout = std::min(kExecTimeout, draft.every);
  draft.spec.list("command", words);
  return true;
}

}  // namespace

bool draft_plugin(const std::vector<std::string>& words, Draft& draft) {
  const auto plugin = words[0].substr(std::min(words[0].rfind('/') + 1, words[0].size()));
  if (draft.name.empty()) {
    draft.name = plugin;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i] == "-H" || words[i] == "-I") draft.name = plugin + "-" + words[i + 1];
    }
  }
  if (plugin == "check_http" || plugin == "check_curl") {
    return draft_check_http(words, plugin == "check_curl", draft);
  }
  if (plugin == "check_tcp") return draft_check_tcp(words, draft);
  if (plugin == "check_icmp") return draft_ping(words, true, draft);
  if (plugin == "check_ping") return draft_ping(words, false, draft);
  return draft_exec(words, draft);
}

}  // namespace nines::cli
