// SPDX-License-Identifier: Apache-2.0
// Readiness of descriptors that a C library (libcurl, c-ares) opens and closes by itself. A watched
// descriptor is only borrowed: it is released from the loop, never closed, when the library forgets
// it. Readiness is level-like: a descriptor that stays readable is reported again.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>

namespace nines::net {

class DescriptorWatch {
 public:
  struct Ready {
    int descriptor = -1;
    bool readable = false;
    bool writable = false;
    bool failed = false;  // the loop cannot tell any more; the library should look for itself
  };

  using Callback = std::function<void(const Ready&)>;

  DescriptorWatch(asio::io_context& io, Callback callback);
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;
  ~DescriptorWatch();  // releases all; no callback comes afterwards

  // Reports readiness until changed or forgotten. False where the loop cannot watch it (the kernel
  // has no memory, or the descriptor is watched already under another number's file).
  bool watch(int descriptor, bool read, bool write);
  void forget(int descriptor);  // call it before the descriptor is closed

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry;
  static void arm(const std::shared_ptr<Entry>& entry);
  static void report(const std::shared_ptr<Entry>& entry, Ready ready);

  asio::io_context& io_;
  Callback callback_;
  std::map<int, std::shared_ptr<Entry>> entries_;
};

}  // namespace nines::net
