// SPDX-License-Identifier: Apache-2.0
#include "cli/probe_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "cli/fields.h"
#include "cli/terminal.h"

namespace nines::cli {
namespace {

constexpr std::size_t kLabel = 14;   // columns of a row's name, indent included
constexpr std::size_t kNumber = 11;  // columns of a row's duration
constexpr int kMostPackets = 12;     // bars of round trips; more are summed up

std::string us_text(std::int64_t us) { return human_duration(microseconds(us)); }

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 1024) return plural(bytes, "byte");
  char text[32];
  const double kib = static_cast<double>(bytes) / 1024;
  if (kib < 1024) {
    std::snprintf(text, sizeof text, "%.1f KiB", kib);
  } else {
    std::snprintf(text, sizeof text, "%.1f MiB", kib / 1024);
  }
  return text;
}

struct Span {
  std::string label;
  std::int64_t from_us = 0, length_us = 0;
};

std::vector<Span> spans(const Phases& p) {
  const std::pair<const char*, const std::optional<std::int64_t>*> phases[] = {
      {"dns", &p.dns_us},
      {"connect", &p.connect_us},
      {"tls", &p.tls_us},
      {"first byte", &p.first_byte_us},
      {"transfer", &p.transfer_us}};
  std::vector<Span> found;
  std::int64_t at = 0;
  for (const auto& [label, length] : phases) {
    if (!*length) continue;
    found.push_back({label, at, **length});
    at += **length;
  }
  return found;
}

class View {
 public:
  View(const Check& check, const ProbeResult& result, WallTime started, const ViewStyle& style)
      : check_(check),
        result_(result),
        started_(started),
        style_(style),
        ink_{style.colour, style.width} {}

  std::string render();

 private:
  void headline();
  void reason();
  void waterfall();
  void packets();
  void facts();
  void certificate();
  void answers();
  void program();
  void warnings();
  void hop(const HopDetail& hop);
  void addresses();
  void row(const std::string& label, const std::string& text, Paint paint = Paint::plain);
  void bar_row(const Span& span, std::int64_t scale_us, Paint paint);
  std::string bar(const Span& span, std::int64_t scale_us) const;
  std::string in_ascii(std::string_view text) const;

  const Check& check_;
  const ProbeResult& result_;
  WallTime started_;
  ViewStyle style_;
  Style ink_;
  std::string out_;
};

std::string View::in_ascii(std::string_view text) const {
  static constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"✓", "+"}, {"✗", "x"}, {"…", "~"}, {"→", ">"}, {"·", "-"}};
  std::string ascii;
  while (!text.empty()) {
    std::size_t taken = 1;
    std::string sign(1, text[0]);
    if (static_cast<unsigned char>(text[0]) >= 0x80) {
      sign = "?";
      for (const auto& [unicode, plain] : kSigns) {
        if (!text.starts_with(unicode)) continue;
        sign = plain;
        taken = unicode.size();
      }
      while (taken < text.size() && (static_cast<unsigned char>(text[taken]) & 0xC0) == 0x80) {
        ++taken;
      }
    }
    ascii += sign;
    text.remove_prefix(taken);
  }
  return ascii;
}

// "✗ down  shop-http  https://shop.example/                    48.2 ms"
void View::headline() {
  const auto outcome = name(result_.outcome);
  const auto verdict = std::string(mark_of(outcome)) + " " + std::string(outcome);
  const auto total = result_.total_us ? us_text(*result_.total_us) : "not run";
  const auto target = check_.target();
  const auto subject = check_.name == target || check_.name.empty()
                           ? printable(target)
                           : printable(check_.name) + "  " + printable(target);
  const std::size_t used = display_width(verdict) + 2 + kNumber;
  const auto room = style_.width > used ? style_.width - used : 1;
  out_ += painted(ink_, paint_of(outcome), verdict) + "  " +
          painted(ink_, Paint::strong, padded(subject, room)) + padded(total, kNumber, true) + "\n";
}

void View::reason() {
  const bool plain = result_.reason == Reason::ok && result_.detail.empty() && !check_.invert;
  if (plain) return;
  auto text = std::string(name(result_.reason));
  if (!result_.detail.empty()) text += ": " + result_.detail;
  if (check_.invert) text += " (a check that must fail)";
  const auto paint =
      result_.outcome == Outcome::up ? Paint::faint : paint_of(name(result_.outcome));
  // The reason is what a reader came for: wrapped, never cut.
  auto rest = printable(text);
  const std::size_t width = style_.width - 2;
  while (!rest.empty()) {
    auto end = rest.size();
    if (display_width(rest) > width) {
      end = rest.rfind(' ', width);
      if (end == rest.npos || end == 0) {
        out_ += "  " + painted(ink_, paint, fitted(rest, width)) + "\n";
        return;
      }
    }
    out_ += "  " + painted(ink_, paint, rest.substr(0, end)) + "\n";
    rest.erase(0, std::min(rest.size(), end + 1));
  }
}

// Blanks up to where the span begins, then blocks: eighths of a cell where the terminal has them.
std::string View::bar(const Span& span, std::int64_t scale_us) const {
  static constexpr std::array kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto cells = static_cast<std::int64_t>(style_.width - kLabel - kNumber);
  const auto scale = std::max<std::int64_t>(scale_us, 1);
  const auto eighths_at = [&](std::int64_t us) {
    const double share = static_cast<double>(us) / static_cast<double>(scale);
    return std::clamp<std::int64_t>(std::llround(share * static_cast<double>(cells * 8)), 0,
                                    cells * 8);
  };
  const auto begin = std::min(eighths_at(span.from_us) / 8, cells - 1);
  auto eighths = std::max<std::int64_t>(eighths_at(span.from_us + span.length_us) - begin * 8, 1);
  eighths = std::min(eighths, (cells - begin) * 8);
  std::string text(static_cast<std::size_t>(begin), ' ');
  if (!style_.unicode) {
    const auto whole = std::max<std::int64_t>((eighths + 4) / 8, 1);
    return text + std::string(static_cast<std::size_t>(whole), '#');
  }
  for (std::int64_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[static_cast<std::size_t>(eighths % 8)];
}

void View::bar_row(const Span& span, std::int64_t scale_us, Paint paint) {
  const auto drawn = bar(span, scale_us);
  const auto cells = style_.width - kLabel - kNumber;
  const auto columns = display_width(drawn);
  out_ += "  " + painted(ink_, Paint::faint, padded(span.label, kLabel - 2)) +
          painted(ink_, paint, drawn) + std::string(cells - std::min(cells, columns), ' ') +
          padded(us_text(span.length_us), kNumber, true) + "\n";
}

void View::waterfall() {
  const auto phases = spans(result_.phases);
  if (phases.empty()) return;
  const auto end = phases.back().from_us + phases.back().length_us;
  const auto scale = std::max(end, result_.total_us.value_or(end));
  out_ += "\n";
  for (std::size_t i = 0; i < phases.size(); ++i) {
    // The phase in which it ended carries the outcome's colour.
    const bool last = i + 1 == phases.size() && result_.outcome != Outcome::up;
    bar_row(phases[i], scale, last ? paint_of(name(result_.outcome)) : Paint::good);
  }
}

void View::packets() {
  if (!result_.icmp || result_.icmp->rtt_us.empty()) return;
  const auto& rtts = result_.icmp->rtt_us;
  const auto longest = *std::max_element(rtts.begin(), rtts.end());
  out_ += "\n";
  const auto shown = std::min<std::size_t>(rtts.size(), kMostPackets);
  for (std::size_t i = 0; i < shown; ++i) {
    bar_row({"reply " + std::to_string(i + 1), 0, rtts[i]}, longest, Paint::good);
  }
  const auto more = static_cast<std::int64_t>(rtts.size() - shown);
  if (more > 0) row("", "and " + std::to_string(more) + " more", Paint::faint);
}

void View::row(const std::string& label, const std::string& text, Paint paint) {
  out_ += "  " + painted(ink_, Paint::faint, padded(label, kLabel - 2)) +
          painted(ink_, paint, fitted(text, style_.width - kLabel)) + "\n";
}

void View::certificate() {
  if (!result_.tls) return;
  const auto& tls = *result_.tls;
  const auto how = std::string(tls.verified ? "verified" : "not verified") +
                   (tls.version.empty() ? "" : ", " + tls.version);
  if (!tls.expires) {
    if (!tls.version.empty()) row("certificate", how);
    return;
  }
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const auto left = (*tls.expires - started_).count();
  const auto day = format_rfc3339(*tls.expires).substr(0, 10);
  Paint paint = Paint::plain;
  std::string text;
  if (left < 0) {
    text = "expired " + day + ", " + plural(-left / kDay, "day") + " ago";
    paint = Paint::bad;
  } else {
    text = "expires " + day + ", in " + plural(left / kDay, "day");
    if (left < 21 * kDay) paint = Paint::doubtful;
  }
  row("certificate", text + " (" + how + ")", paint);
  if (tls.chain_expires && *tls.chain_expires < *tls.expires) {
    row("", "its chain expires " + format_rfc3339(*tls.chain_expires).substr(0, 10),
        Paint::doubtful);
  }
}

void View::answers() {
  if (result_.step) row("failed at", "step " + std::to_string(*result_.step));
  if (!result_.grpc_status.empty()) row("health", printable(result_.grpc_status));
  if (!result_.dns || result_.dns->rcode.empty()) return;
  const auto& dns = *result_.dns;
  auto text = printable(dns.rcode);
  if (dns.authoritative) text += ", authoritative";
  if (dns.authenticated) text += ", authenticated";
  if (dns.truncated) text += ", truncated over UDP";
  row("answer", text);
  for (const auto& line : dns.answers) row("", printable(line));
}

void View::program() {
  if (!result_.exec) return;
  if (result_.exec->exit) row("exit code", std::to_string(*result_.exec->exit));
  if (!result_.exec->perfdata.empty()) row("perfdata", printable(result_.exec->perfdata));
}

void View::warnings() {
  bool first = true;
  for (const auto& text : result_.warnings) {
    row(first ? "warning" : "", printable(text), Paint::doubtful);
    first = false;
  }
}

// Where it led, and below it who said so and what each phase of that took.
void View::hop(const HopDetail& hop) {
  row("redirected", std::to_string(hop.status) + " → " + printable(hop.url));
  std::string text;
  for (const auto& span : spans(hop.phases)) {
    text += (text.empty() ? "" : ", ") + span.label + " " + us_text(span.length_us);
  }
  if (!hop.address.empty()) text = hop.address + (text.empty() ? "" : ": ") + text;
  if (!text.empty()) row("", text, Paint::faint);
}

// One row for each address where every one was measured.
void View::addresses() {
  std::size_t widest = 0;
  for (const auto& one : result_.addresses) widest = std::max(widest, display_width(one.address));
  bool first = true;
  for (const auto& one : result_.addresses) {
    const auto took = one.total_us ? "  " + us_text(*one.total_us) : "";
    row(first ? "each" : "",
        padded(one.address, widest) + "  " + std::string(name(one.reason)) + took,
        paint_of(name(outcome_of(one.reason))));
    first = false;
  }
}

void View::facts() {
  out_ += "\n";
  if (!result_.address.empty()) row("address", result_.address);
  if (result_.http) {
    const auto& http = *result_.http;
    for (const auto& one : http.hops) hop(one);
    if (http.status) {
      row("answer", "HTTP/" + http.version + " " + std::to_string(*http.status) + ", body " +
                        bytes_text(http.body_bytes) + ", received " + bytes_text(http.wire_bytes));
    }
  }
  certificate();
  answers();
  program();
  if (result_.icmp) {
    const auto& icmp = *result_.icmp;
    const auto lost = icmp.sent - icmp.received;
    auto text = std::to_string(icmp.sent) + " sent, " + std::to_string(icmp.received) +
                " answered, " + std::to_string(lost) + " lost";
    if (icmp.duplicates > 0) text += ", " + plural(icmp.duplicates, "duplicate");
    row("packets", text, lost > 0 ? Paint::doubtful : Paint::plain);
    if (!icmp.rtt_us.empty()) {
      std::int64_t sum = 0;
      for (const auto rtt : icmp.rtt_us) sum += rtt;
      const auto [low, high] = std::minmax_element(icmp.rtt_us.begin(), icmp.rtt_us.end());
      row("round trip", "min " + us_text(*low) + " · mean " +
                            us_text(sum / static_cast<std::int64_t>(icmp.rtt_us.size())) +
                            " · max " + us_text(*high));
    }
  }
  addresses();
  warnings();
  const WallTime to_the_ms{started_.ns - started_.ns % 1'000'000};
  row("started", format_rfc3339(to_the_ms));
}

std::string View::render() {
  headline();
  reason();
  waterfall();
  packets();
  facts();
  return style_.unicode ? out_ : in_ascii(out_);
}

bool locale_is_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    std::string text(value);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.find("utf-8") != text.npos || text.find("utf8") != text.npos;
  }
  return false;
}

}  // namespace

std::string probe_view(const Check& check,
                       const ProbeResult& result,
                       WallTime started,
                       bool colour) {
  const ViewStyle style{colour, locale_is_utf8(), 80};
  return probe_view(check, result, started, style);
}

std::string probe_view(const Check& check,
                       const ProbeResult& result,
                       WallTime started,
                       const ViewStyle& style) {
  ViewStyle usable = style;
  usable.width = std::max<std::size_t>(style.width, 40);
  return View(check, result, started, usable).render();
}

}  // namespace nines::cli
