// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/assert.h"

namespace nines::test {
namespace {

constexpr std::size_t kSector = 512;
using Bytes = std::vector<std::uint8_t>;

enum class EventKind { create, write, sync, sync_failed, rename, sync_directory };

struct Event {
  EventKind kind = EventKind::write;
  int inode = 0;
  std::uint64_t offset = 0;
  Bytes bytes;
  std::string name;
  std::string to;
};

struct Image {
  std::map<std::string, int> names;
  std::map<int, Bytes> files;
};

void apply(Bytes& file, std::uint64_t offset, ByteView bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply_name(std::map<std::string, int>& names, const Event& e) {
  if (e.kind == EventKind::create) names[e.name] = e.inode;
  if (e.kind == EventKind::rename) {
    names[e.to] = e.inode;
    names.erase(e.name);
  }
}

// Sectors of one write that reach the medium.
void apply_some(Bytes& file, const Event& e, Random& random) {
  std::size_t at = 0;
  while (at < e.bytes.size()) {
    const std::size_t n = std::min(kSector - (e.offset + at) % kSector, e.bytes.size() - at);
    if (random.below(2) == 0) apply(file, e.offset + at, ByteView(e.bytes).subspan(at, n));
    at += n;
  }
}

}  // namespace

struct SimDisk::State {
  mutable std::mutex mutex;
  Image base;     // durable before the first event
  Image visible;  // what reads return
  std::vector<Event> events;
  std::vector<DiskFault> faults;
  std::map<DiskOp, std::uint64_t> counts;
  int next_inode = 1;
  Random random{42};

  // Counts the call; the error that it must fail with, or 0.
  const DiskFault* due(DiskOp op, const std::string& name) {
    ++counts[op];
    const DiskFault* found = nullptr;
    for (auto& f : faults) {
      if (f.op != op || (!f.only.empty() && f.only != name)) continue;
      if (f.nth > 1) {
        --f.nth;
      } else if (f.nth == 1) {
        if (!f.persistent) f.nth = 0;
        found = &f;
      }
    }
    return found;
  }
};

namespace {

using State = SimDisk::State;

class SimFile final : public File {
 public:
  SimFile(std::shared_ptr<State> state, int inode, std::string name)
      : state_(std::move(state)), inode_(inode), name_(std::move(name)) {}

  Expected<std::uint64_t> size() override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::size, name_)) return broken("stat", *f);
    return std::uint64_t{bytes().size()};
  }

  Expected<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::read, name_)) return broken("read", *f);
    const Bytes& file = bytes();
    if (offset + out.size() > file.size()) return fail("read " + name_ + ": beyond the end");
    if (!out.empty()) std::memcpy(out.data(), file.data() + offset, out.size());
    return {};
  }

  Expected<void> write_at(std::uint64_t offset, ByteView data) override {
    const std::scoped_lock lock(state_->mutex);
    const auto* f = state_->due(DiskOp::write, name_);
    if (f != nullptr && f->partial) data = data.first(state_->random.below(data.size() + 1));
    if (f == nullptr || f->partial) {
      apply(bytes(), offset, data);
      state_->events.push_back(
          {EventKind::write, inode_, offset, Bytes(data.begin(), data.end()), name_, {}});
    }
    if (f != nullptr) return broken("write", *f);
    return {};
  }

  Expected<void> sync() override {
    const std::scoped_lock lock(state_->mutex);
    const auto* f = state_->due(DiskOp::sync, name_);
    const EventKind kind = f == nullptr ? EventKind::sync : EventKind::sync_failed;
    state_->events.push_back({kind, inode_, 0, {}, name_, {}});
    if (f != nullptr) return broken("sync", *f);
    return {};
  }

 private:
  Bytes& bytes() { return state_->visible.files[inode_]; }

  Unexpected<Error> broken(const char* what, const DiskFault& f) const {
    return fail_errno(std::string(what) + " " + name_, f.error);
  }

  std::shared_ptr<State> state_;
  int inode_;
  std::string name_;
};

class SimDirectory final : public Directory {
 public:
  explicit SimDirectory(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Expected<std::unique_ptr<File>> open(const std::string& name, bool create) override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::open, name))
      return fail_errno("open " + name, f->error);
    auto it = state_->visible.names.find(name);
    if (it == state_->visible.names.end()) {
      if (!create) return fail_errno("open " + name, ENOENT);
      if (const auto* f = state_->due(DiskOp::create, name)) {
        return fail_errno("create " + name, f->error);
      }
      it = state_->visible.names.emplace(name, state_->next_inode++).first;
      state_->visible.files[it->second];
      state_->events.push_back({EventKind::create, it->second, 0, {}, name, {}});
    }
    return std::unique_ptr<File>(std::make_unique<SimFile>(state_, it->second, name));
  }

  Expected<std::vector<std::string>> list() override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::list, {})) return fail_errno("list", f->error);
    std::vector<std::string> out;
    for (const auto& [name, inode] : state_->visible.names) out.push_back(name);
    return out;
  }

  Expected<void> rename(const std::string& from, const std::string& to) override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::rename, from)) {
      return fail_errno("rename " + from, f->error);
    }
    const auto it = state_->visible.names.find(from);
    if (it == state_->visible.names.end()) return fail_errno("rename " + from, ENOENT);
    const Event e{EventKind::rename, it->second, 0, {}, from, to};
    apply_name(state_->visible.names, e);
    state_->events.push_back(e);
    return {};
  }

  Expected<void> sync() override {
    const std::scoped_lock lock(state_->mutex);
    if (const auto* f = state_->due(DiskOp::sync_directory, {})) {
      return fail_errno("sync directory", f->error);
    }
    state_->events.push_back({EventKind::sync_directory, 0, 0, {}, {}, {}});
    return {};
  }

 private:
  std::shared_ptr<State> state_;
};

// Walks through the events and keeps apart what is durable, what is pending, and what a failed
// sync left in limbo.
class Replay {
 public:
  explicit Replay(const Image& base) : durable_(base) {}

  void step(const Event& e) {
    switch (e.kind) {
      case EventKind::create:
        durable_.files[e.inode];
        pending_names_.push_back(&e);
        break;
      case EventKind::rename:
        pending_names_.push_back(&e);
        break;
      case EventKind::write:
        pending_.push_back({&e, false});
        break;
      case EventKind::sync:
        for (const auto& p : pending_) {
          if (p.event->inode == e.inode && !p.limbo) {
            apply(durable_.files[e.inode], p.event->offset, p.event->bytes);
          }
        }
        std::erase_if(pending_,
                      [&](const Pending& p) { return p.event->inode == e.inode && !p.limbo; });
        break;
      case EventKind::sync_failed:
        for (auto& p : pending_) p.limbo = p.limbo || p.event->inode == e.inode;
        break;
      case EventKind::sync_directory:
        for (const auto* n : pending_names_) apply_name(durable_.names, *n);
        pending_names_.clear();
        break;
    }
  }

  Image finish(Tear tear, Random& random) {
    if (tear == Tear::lost) return durable_;
    for (const auto* n : pending_names_) {
      if (tear != Tear::subset || random.below(2) == 0) apply_name(durable_.names, *n);
    }
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const Event& e = *pending_[i].event;
      Bytes& file = durable_.files[e.inode];
      const bool last = i + 1 == pending_.size();
      const std::size_t unit = tear == Tear::torn_512 ? kSector : 8 * kSector;
      if (tear == Tear::subset) {
        apply_some(file, e, random);
      } else if (tear == Tear::kept || !last) {
        apply(file, e.offset, e.bytes);
      } else {
        const std::size_t units = (e.bytes.size() + unit - 1) / unit;
        const std::size_t n = std::min(random.below(units + 1) * unit, e.bytes.size());
        apply(file, e.offset, ByteView(e.bytes).first(n));
      }
    }
    return durable_;
  }

 private:
  struct Pending {
    const Event* event;
    bool limbo;
  };

  Image durable_;
  std::vector<Pending> pending_;
  std::vector<const Event*> pending_names_;
};

std::shared_ptr<State> state_of(Image image, int next_inode) {
  auto state = std::make_shared<State>();
  std::set<int> named;
  for (const auto& [name, inode] : image.names) named.insert(inode);
  std::erase_if(image.files, [&](const auto& f) { return !named.contains(f.first); });
  state->base = image;
  state->visible = std::move(image);
  state->next_inode = next_inode;
  return state;
}

}  // namespace

SimDisk::SimDisk() : state_(std::make_shared<State>()) {}

std::unique_ptr<Directory> SimDisk::directory() { return std::make_unique<SimDirectory>(state_); }

void SimDisk::inject(DiskFault fault) {
  const std::scoped_lock lock(state_->mutex);
  ASSERT(fault.nth > 0);
  state_->faults.push_back(std::move(fault));
}

void SimDisk::clear_faults() {
  const std::scoped_lock lock(state_->mutex);
  state_->faults.clear();
}

std::uint64_t SimDisk::count(DiskOp op) const {
  const std::scoped_lock lock(state_->mutex);
  const auto it = state_->counts.find(op);
  return it == state_->counts.end() ? 0 : it->second;
}

bool SimDisk::exists(const std::string& name) const {
  const std::scoped_lock lock(state_->mutex);
  return state_->visible.names.contains(name);
}

std::vector<std::uint8_t> SimDisk::content(const std::string& name) const {
  const std::scoped_lock lock(state_->mutex);
  return state_->visible.files.at(state_->visible.names.at(name));
}

void SimDisk::set_content(const std::string& name, std::vector<std::uint8_t> bytes) {
  forget();
  const std::scoped_lock lock(state_->mutex);
  auto it = state_->visible.names.find(name);
  if (it == state_->visible.names.end()) {
    it = state_->visible.names.emplace(name, state_->next_inode++).first;
  }
  state_->visible.files[it->second] = std::move(bytes);
  state_->base = state_->visible;
}

void SimDisk::remove(const std::string& name) {
  forget();
  const std::scoped_lock lock(state_->mutex);
  state_->visible.names.erase(name);
  state_->base = state_->visible;
}

void SimDisk::flip(const std::string& name, std::uint64_t bit) {
  const std::scoped_lock lock(state_->mutex);
  const int inode = state_->visible.names.at(name);
  const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
  state_->visible.files.at(inode).at(bit / 8) ^= mask;
  auto& base = state_->base.files[inode];
  if (bit / 8 < base.size()) base[bit / 8] ^= mask;
}

std::vector<std::string> SimDisk::names() const {
  const std::scoped_lock lock(state_->mutex);
  std::vector<std::string> out;
  for (const auto& [name, inode] : state_->visible.names) out.push_back(name);
  return out;
}

std::size_t SimDisk::events() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->events.size();
}

void SimDisk::forget() {
  const std::scoped_lock lock(state_->mutex);
  state_->base = state_->visible;
  state_->events.clear();
}

SimDisk SimDisk::cut(std::size_t event, Tear tear, Random& random) const {
  const std::scoped_lock lock(state_->mutex);
  ASSERT(event <= state_->events.size());
  Replay replay(state_->base);
  for (std::size_t i = 0; i < event; ++i) replay.step(state_->events[i]);
  return SimDisk(state_of(replay.finish(tear, random), state_->next_inode));
}

SimDisk SimDisk::copy() const {
  const std::scoped_lock lock(state_->mutex);
  return SimDisk(state_of(state_->visible, state_->next_inode));
}

}  // namespace nines::test
