// SPDX-License-Identifier: Apache-2.0
#include "net/descriptor_watch.h"

#include <asio/posix/stream_descriptor.hpp>
#include <utility>

namespace nines::net {

// Waits that are still queued hold the entry; `owner` is null once the descriptor is forgotten.
struct DescriptorWatch::Entry {
  explicit Entry(asio::io_context& io) : descriptor(io) {}

  asio::posix::stream_descriptor descriptor;
  DescriptorWatch* owner = nullptr;
  int number = -1;
  bool want_read = false;
  bool want_write = false;
  bool reading = false;  // a wait is queued
  bool writing = false;
};

DescriptorWatch::DescriptorWatch(asio::io_context& io, Callback callback)
    : io_(io), callback_(std::move(callback)) {}

DescriptorWatch::~DescriptorWatch() {
  while (!entries_.empty()) forget(entries_.begin()->first);
}

bool DescriptorWatch::watch(int descriptor, bool read, bool write) {
  auto& entry = entries_[descriptor];
  if (!entry) {
    auto fresh = std::make_shared<Entry>(io_);
    asio::error_code error;
    fresh->descriptor.assign(descriptor, error);
    if (error) {
      entries_.erase(descriptor);
      return false;
    }
    fresh->owner = this;
    fresh->number = descriptor;
    entry = std::move(fresh);
  }
  entry->want_read = read;
  entry->want_write = write;
  arm(entry);
  return true;
}

void DescriptorWatch::forget(int descriptor) {
  const auto at = entries_.find(descriptor);
  if (at == entries_.end()) return;
  const auto entry = std::move(at->second);
  entries_.erase(at);
  entry->owner = nullptr;
  entry->descriptor.release();  // cancels the waits; the library closes the descriptor
}

void DescriptorWatch::arm(const std::shared_ptr<Entry>& entry) {
  using Wait = asio::posix::descriptor_base;
  if (entry->want_read && !entry->reading) {
    entry->reading = true;
    entry->descriptor.async_wait(Wait::wait_read, [entry](const asio::error_code& error) {
      entry->reading = false;
      if (!entry->want_read) return;
      report(entry, {entry->number, !error, false, static_cast<bool>(error)});
    });
  }
  if (entry->want_write && !entry->writing) {
    entry->writing = true;
    entry->descriptor.async_wait(Wait::wait_write, [entry](const asio::error_code& error) {
      entry->writing = false;
      if (!entry->want_write) return;
      report(entry, {entry->number, false, !error, static_cast<bool>(error)});
    });
  }
}

void DescriptorWatch::report(const std::shared_ptr<Entry>& entry, Ready ready) {
  if (entry->owner == nullptr) return;
  entry->owner->callback_(ready);
  if (entry->owner == nullptr) return;
  // A broken wait would come back at once and for ever: the library's own timers take over.
  if (ready.failed) return;
  arm(entry);
}

}  // namespace nines::net
