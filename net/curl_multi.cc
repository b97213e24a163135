// SPDX-License-Identifier: Apache-2.0
#include "net/curl_multi.h"

#include <curl/curl.h>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "net/descriptor_watch.h"

namespace nines::net {
namespace {

// Idle connections kept for the shipper and the command line; checks never leave one behind.
constexpr long kIdleConnections = 16;

void initialise_library() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  ASSERT(once == CURLE_OK);
  // OpenSSL inside libcurl writes by write(2): a peer that closes early would end the process.
  struct sigaction current = {};
  if (::sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

}  // namespace

struct Transfer {
  explicit Transfer(asio::io_context& io) : changed(io) {}

  Event changed;
  std::optional<int> result;
};

// What the callbacks need. Coroutines hold it too, so that a frame which the loop destroys after
// the multi handle finds it gone instead of freed.
struct CurlMulti::Impl {
  explicit Impl(asio::io_context& loop);
  ~Impl();

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* own);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void on_ready(const DescriptorWatch::Ready& ready);
  CURLMcode add(CURL* easy);
  void act(curl_socket_t socket, int flags);
  void collect_finished();
  void finish(CURL* easy, int code);

  asio::io_context& io;
  CURLM* multi = nullptr;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  asio::steady_timer timer;
  std::uint64_t timer_wishes = 0;  // so far; only the last one holds
  bool adding = false;             // a handle: what libcurl wants at once is done right after
  bool wanted_at_once = false;
  DescriptorWatch watch;
  std::map<CURL*, std::shared_ptr<Transfer>> transfers;
  std::map<CURL*, Readable> readable;
  std::map<CURL*, Worked> worked;  // of those whose request is not out yet
  std::map<int, CURL*> users;      // the transfer that last asked to watch a descriptor
};

CurlMulti::Impl::Impl(asio::io_context& loop)
    : io(loop), timer(loop), watch(loop, [this](const DescriptorWatch::Ready& r) { on_ready(r); }) {
  initialise_library();
  multi = curl_multi_init();
  ASSERT(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kIdleConnections);
}

CurlMulti::Impl::~Impl() {
  *alive = false;
  for (const auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi, easy);
  curl_multi_cleanup(multi);
}

// libcurl refuses to be called from its own callbacks: they only note what it wants.
int CurlMulti::Impl::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) {
  auto& impl = *static_cast<Impl*>(self);
  if (what == CURL_POLL_REMOVE) {
    impl.watch.forget(socket);
    impl.users.erase(socket);
    return 0;
  }
  impl.users[socket] = easy;
  const bool watched = impl.watch.watch(socket, what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                                        what == CURL_POLL_OUT || what == CURL_POLL_INOUT);
  // Without readiness the transfer would hang until its timeout and read as a slow peer.
  if (!watched) impl.finish(easy, CURLE_OUT_OF_MEMORY);
  return 0;
}

int CurlMulti::Impl::on_timer(CURLM*, long milliseconds, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  impl.timer.cancel();
  const auto wish = ++impl.timer_wishes;
  if (milliseconds < 0) return 0;
  if (milliseconds == 0) {  // no timer of the kernel is needed for "at once"
    impl.wanted_at_once = impl.adding;
    if (impl.adding) return 0;
    asio::post(impl.io, [self = &impl, alive = impl.alive, wish] {
      if (*alive && self->timer_wishes == wish) self->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }
  impl.timer.expires_after(std::chrono::milliseconds(milliseconds));
  impl.timer.async_wait([self = &impl, alive = impl.alive](const asio::error_code& error) {
    if (!error && *alive) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::Impl::on_ready(const DescriptorWatch::Ready& ready) {
  if (ready.readable) {
    const auto user = users.find(ready.descriptor);
    const auto callback = user == users.end() ? readable.end() : readable.find(user->second);
    if (callback != readable.end()) {
      const Readable call = callback->second;  // it may be forgotten meanwhile
      call(ready.descriptor);
    }
  }
  act(ready.descriptor, (ready.readable ? CURL_CSELECT_IN : 0) |
                            (ready.writable ? CURL_CSELECT_OUT : 0) |
                            (ready.failed ? CURL_CSELECT_ERR : 0));
}

// A new transfer gets its first turn here and now, and not with the loop's next one.
CURLMcode CurlMulti::Impl::add(CURL* easy) {
  wanted_at_once = false;
  adding = true;
  const CURLMcode added = curl_multi_add_handle(multi, easy);
  adding = false;
  if (added == CURLM_OK && wanted_at_once) act(CURL_SOCKET_TIMEOUT, 0);
  return added;
}

void CurlMulti::Impl::act(curl_socket_t socket, int flags) {
  int running = 0;
  curl_multi_socket_action(multi, socket, flags, &running);
  std::erase_if(worked, [](const auto& one) { return one.second(); });
  collect_finished();
}

void CurlMulti::Impl::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  }
}

void CurlMulti::Impl::finish(CURL* easy, int code) {
  const auto at = transfers.find(easy);
  if (at == transfers.end() || at->second->result) return;
  at->second->result = code;
  at->second->changed.notify();
}

namespace {

// A private cache of names for each transfer: what CURLOPT_RESOLVE pins stays in the multi's own
// cache for ever, and another check of the same name must not see it.
class NameCache {
 public:
  explicit NameCache(CURL* easy) : easy_(easy), share_(curl_share_init()) {
    if (share_ == nullptr) return;
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_easy_setopt(easy_, CURLOPT_SHARE, share_);
  }

  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;

  ~NameCache() {
    if (share_ == nullptr) return;
    curl_easy_setopt(easy_, CURLOPT_SHARE, nullptr);
    curl_share_cleanup(share_);
  }

 private:
  CURL* easy_;
  CURLSH* share_;
};

}  // namespace

CurlMulti::CurlMulti(asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}

CurlMulti::~CurlMulti() = default;

void CurlMulti::on_readable(CURL* easy, Readable callback) {
  impl_->readable[easy] = std::move(callback);
}

void CurlMulti::on_worked(CURL* easy, Worked callback) {
  impl_->worked[easy] = std::move(callback);
}

Task<int> CurlMulti::perform(CURL* easy, const Clock& clock, BootTime deadline, Stop& stop) {
  // Takes the transfer out of the multi however this coroutine ends, destruction included.
  struct Attached {
    Attached(Impl& to, CURL* handle) : impl(to), alive(to.alive), easy(handle) {}

    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;

    ~Attached() {
      if (!*alive) return;
      curl_multi_remove_handle(impl.multi, easy);
      impl.transfers.erase(easy);
      impl.readable.erase(easy);
      impl.worked.erase(easy);
    }

    Impl& impl;
    std::shared_ptr<bool> alive;
    CURL* easy;
  };

  const auto transfer = std::make_shared<Transfer>(impl_->io);
  const NameCache names(easy);
  const Attached attached(*impl_, easy);
  if (stop.requested()) co_return CURLE_ABORTED_BY_CALLBACK;
  const bool fresh = impl_->transfers.emplace(easy, transfer).second;
  ASSERT(fresh);  // a handle runs once at a time
  const CURLMcode added = impl_->add(easy);
  if (added != CURLM_OK) co_return CURLE_FAILED_INIT;
  auto* changed = &transfer->changed;
  const Stop::Callback on_stop(stop, [changed] { changed->notify(); });
  while (!transfer->result && !stop.requested()) {
    auto wait = transfer->changed.wait_until(clock, deadline);
    const bool notified = co_await std::move(wait);
    if (!notified && clock.boot() >= deadline) break;
  }
  if (transfer->result) co_return *transfer->result;
  co_return stop.requested() ? CURLE_ABORTED_BY_CALLBACK : CURLE_OPERATION_TIMEDOUT;
}

}  // namespace nines::net
