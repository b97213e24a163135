// SPDX-License-Identifier: Apache-2.0
// What an evidence bundle costs, to make and to verify: a month of checks every 30 s from one
// vantage, in batches of a minute each, in a store of its own. `bench_bundle [CHECKS]` prints for
// each step how long it took and the most memory that its process had. A check makes 86,400
// results; 35 of them, when left out, make three million.
#include "collector/bundle.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/disk.h"
#include "base/random.h"
#include "cli/bundle.h"
#include "collector/agreement_texts.h"
#include "collector/reports.h"
#include "collector/store.h"

namespace nines::collector {
namespace {

constexpr std::int64_t kEvery = 30;              // s
constexpr std::int64_t kBatches = 30 * 24 * 60;  // of a minute
constexpr std::size_t kMostChecks = 1000;
constexpr WallTime kMonth{1'793'491'200'000'000'000};  // 2026-11-01T00:00:00Z
const WallTime kSealed = kMonth + hours(33 * 24);

template <class T>
T must(Expected<T> value) {
  if (!value) {
    std::fprintf(stderr, "%s\n", value.error().message.c_str());
    std::exit(1);
  }
  return *std::move(value);
}

void must(const Expected<void>& done) {
  if (!done) must(Expected<int>(Unexpected(done.error())));
}

struct Bench {
  std::string folder;
  std::int64_t checks = 35;

  std::string bundle() const { return folder + "/bundle"; }

  std::unique_ptr<Store> store() const { return must(Store::open(folder + "/state")); }

  std::shared_ptr<const Agreements> agreements() const {
    return must(Agreements::load(folder + "/agreements"));
  }
};

std::string check_name(std::int64_t i) { return "web-" + std::to_string(i); }

void write_agreement(const Bench& bench) {
  std::filesystem::create_directories(bench.folder + "/agreements");
  std::ofstream out(bench.folder + "/agreements/bench.yaml");
  out << "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: bench, version: \"1.0.0\"}\n"
         "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
         "  scope: {services: [{name: shop}]}\n  measurement:\n    lateDataUntil: 2d\n"
         "    checks:\n";
  for (std::int64_t i = 0; i < bench.checks; ++i) {
    out << "      - {name: " << check_name(i) << ", every: 30s, http: {url: \"https://shop.example/"
        << i << "\"}}\n";
  }
  out << "  objectives: [{name: availability, target: \"99.9\"}]\n";
}

CheckTable table_of(const sla::Agreement& agreement) {
  CheckTable table;
  for (std::size_t i = 0; i < agreement.checks.size(); ++i) {
    const auto& check = agreement.checks[i].check;
    CheckEntry entry;
    entry.name = check.name;
    entry.kind = CheckKind::http;
    entry.target = "https://shop.example/" + std::to_string(i);
    entry.grid = {seconds(kEvery), Duration(0)};
    entry.timeout = seconds(10);
    entry.canonical = nines::canonical_text(check);
    table.checks.push_back(std::move(entry));
  }
  return table;
}

Result result_of(Random& random, std::int64_t slot, std::uint64_t seq) {
  Result r;
  r.seq = seq;
  r.slot = slot;
  r.late_us = static_cast<std::int64_t>(random.below(3000));
  r.probe.outcome = Outcome::up;
  r.probe.reason = Reason::ok;
  r.probe.total_us = 80'000 + static_cast<std::int64_t>(random.below(20'000));
  if (slot % 5000 < 4) r.probe.outcome = Outcome::down, r.probe.reason = Reason::http_status;
  return r;
}

void fill(const Bench& bench) {
  write_agreement(bench);
  const auto loaded = bench.agreements();
  const auto store = bench.store();
  must(store->write([&](Database& db) -> Expected<void> {
    record_agreements(db, loaded->sources(), kMonth);
    return {};
  }));
  const auto table = table_of(loaded->find("bench")->front());
  const auto table_bytes = proto::encode_table(table);
  const auto key = *SigningKey::from_seed(as_bytes(std::string(32, 'k')));
  Random random(1);
  BatchHeader header;
  header.agent = "edge";
  header.epoch.fill(1);
  header.public_key = key.public_key();
  header.table_digest = sha256(as_bytes(table_bytes));
  header.version = "bench";
  std::uint64_t seq = 1;
  std::vector<Arrival> arrivals;
  for (std::int64_t minute = 0; minute < kBatches; ++minute) {
    const auto from = kMonth + minutes(minute);
    BatchBody body;
    if (minute == 0) body.table = table_bytes;
    header.number = header.last_number = static_cast<std::uint64_t>(minute) + 1;
    header.first_seq = seq;
    header.sealed.wall = from + seconds(60);
    for (std::uint32_t check = 0; check < table.checks.size(); ++check) {
      CheckResults series{check, {}};
      const auto slot = table.checks[check].grid.slot_at(from);
      for (int i = 0; i < 2; ++i) series.results.push_back(result_of(random, slot + i, seq++));
      body.series.push_back(std::move(series));
    }
    header.result_count = seq - header.first_seq;
    auto sealed = proto::seal(header, body, key);
    header.previous_hash = sealed.hash;
    auto opened = must(proto::open_header(as_bytes(sealed.bytes)));
    arrivals.push_back({std::move(sealed.bytes), std::move(opened), from + seconds(61), "bench"});
    if (arrivals.size() == 500 || minute + 1 == kBatches) {
      must(store->settle(arrivals));
      arrivals.clear();
    }
  }
}

void seal(const Bench& bench) {
  const auto loaded = bench.agreements();
  const auto store = bench.store();
  for (const auto& plan : must(due_reports(store->database(), *loaded, kSealed))) {
    if (plan.period != "2026-11") continue;
    const auto report = must(make_report(store->database(), *loaded, plan));
    must(store->write([&](Database& db) -> Expected<void> {
      store_report(db, report, kSealed);
      return {};
    }));
  }
}

void bundle(const Bench& bench) {
  const auto loaded = bench.agreements();
  const auto store = bench.store();
  const auto made = must(make_bundle(store->database(), *loaded, {"bench", "2026-11", 0, true},
                                     store->incarnation(), store->log_key(), kSealed + hours(1)));
  std::ofstream(bench.bundle(), std::ios::binary) << made;
}

// As `nines verify` does.
void verify(const Bench& bench) {
  auto bytes = must(read_file(bench.bundle(), std::size_t{1} << 30));
  auto opened = must(cli::open_bundle(std::move(bytes)));
  cli::verify_log(opened);
  cli::verify_statements(opened);
  cli::verify_batches(opened);
  must(cli::recompute(opened));
  for (const auto& good : opened.good) std::printf("  %.100s\n", good.c_str());
  for (const auto& finding : opened.findings) std::printf("  altered: %s\n", finding.c_str());
}

// In a process of its own, whose memory begins with nothing.
void measure(const char* name, const std::function<void()>& step) {
  std::fflush(stdout);
  const auto before = std::chrono::steady_clock::now();
  const auto child = fork();
  if (child == 0) {
    step();
    std::exit(0);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) std::exit(1);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  std::printf("%-28s %8.1f s %8ld MiB\n", name, took.count(), usage.ru_maxrss / 1024);
}

void run(std::int64_t checks) {
  std::string folder = (std::filesystem::temp_directory_path() / "bench_bundle.XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return std::perror(folder.c_str());
  const Bench bench{folder, checks};
  std::printf("%lld results in %lld batches\n", static_cast<long long>(checks * kBatches * 2),
              static_cast<long long>(kBatches));
  measure("fill the store", [&] { fill(bench); });
  measure("judge and seal", [&] { seal(bench); });
  measure("make the bundle", [&] { bundle(bench); });
  measure("verify the bundle", [&] { verify(bench); });
  std::printf("the bundle                   %8.1f MiB\n",
              static_cast<double>(std::filesystem::file_size(bench.bundle())) / (1 << 20));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace nines::collector

int main(int count, char** words) {
  const auto checks = count > 1 ? std::strtoll(words[1], nullptr, 10) : 35;
  if (checks < 1 || checks > static_cast<long long>(nines::collector::kMostChecks)) {
    std::fprintf(stderr, "usage: bench_bundle [CHECKS], 1 to 1000\n");
    return 1;
  }
  nines::collector::run(checks);
}
