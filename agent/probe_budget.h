// SPDX-License-Identifier: Apache-2.0
// How many probes may run at once: on this host as a whole, since each takes descriptors, and
// towards one target, which must not be overrun by those who watch it. A slot that finds no room is
// shed, and recorded as shed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "model/check.h"

namespace nines::agent {

class ProbeBudget {
 public:
  static constexpr std::size_t kMost = 512;
  static constexpr std::size_t kMostForTarget = 64;

  // From what this process may open, with room left for links, API and files.
  static std::size_t limit_for(std::uint64_t descriptors);

  explicit ProbeBudget(std::size_t limit = kMost) : limit_(limit) {}

  // A host that checks share, and how many of their probes run.
  struct Target {
    std::string name;
    std::size_t in_flight = 0;
  };

  // The one of this check. Kept while anybody holds it.
  std::shared_ptr<Target> target_of(const Check& check);

  // Room taken by one probe; given back when it goes.
  class Place {
   public:
    Place() = default;
    Place(ProbeBudget& budget, std::shared_ptr<Target> target);
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();

    explicit operator bool() const { return target_ != nullptr; }

   private:
    ProbeBudget* budget_ = nullptr;
    std::shared_ptr<Target> target_;
  };

  // A place, or the reason why there is none in `why`. The last places are kept for what matters
  // most: priority 1 may use all of them, priority 9 the first half.
  Place enter(int priority, const std::shared_ptr<Target>& target, std::string& why);

  void set_limit(std::size_t limit) { limit_ = limit; }

  std::size_t limit() const { return limit_; }

  std::size_t in_flight() const { return in_flight_; }

  std::uint64_t shed() const { return shed_; }

 private:
  std::size_t limit_;
  std::size_t in_flight_ = 0;
  std::uint64_t shed_ = 0;
  std::map<std::string, std::weak_ptr<Target>> targets_;
};

// What a check's target has in common with others on the same host: "https://shop.example".
std::string target_host(const Check& check);

}  // namespace nines::agent
