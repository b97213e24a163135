// SPDX-License-Identifier: Apache-2.0
#include "net/dns_channel.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/random.h"
#include "net/descriptor_watch.h"
#include "net/kernel_stamp.h"

namespace nines::net {
namespace {

constexpr int kTryMs = 1000;  // doubled at each round
constexpr int kTries = 5;     // 31 s in all for one server: longer than any deadline of ours
constexpr std::size_t kMaxDomains = 6;
constexpr int kMaxRecords = 32;  // of one answer; the resolver keeps 16 in all
constexpr int kServerFailure = 2;
constexpr int kNoSuchName = 3;
constexpr int kRefused = 5;

std::string code_text(int code) {
  constexpr std::array<const char*, 6> kNames = {"NOERROR",  "FORMERR", "SERVFAIL",
                                                 "NXDOMAIN", "NOTIMP",  "REFUSED"};
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : "RCODE " + std::to_string(code);
}

Resolution refusal(int code) {
  return {code == kRefused ? ResolveStatus::refused : ResolveStatus::servfail,
          {},
          "the name server answered " + code_text(code)};
}

}  // namespace

struct DnsChannel::Impl : std::enable_shared_from_this<DnsChannel::Impl> {
  Impl(asio::io_context& io, const Clock& c)
      : clock(c), timer(io), watch(io, [this](const DescriptorWatch::Ready& r) { on_ready(r); }) {}

  ~Impl() {
    if (channel != nullptr) ares_destroy(channel);
  }

  // What c-ares hands back to on_answer(), which frees it.
  struct Pending {
    Impl* impl;
    std::uint16_t id;
  };

  bool initialise(const std::string& servers, const std::string& resolv_conf);
  void on_ready(const DescriptorWatch::Ready& ready);
  void arm_timer();
  void note_packet(const std::uint8_t* bytes, ares_ssize_t size, const msghdr& message);
  Resolution conclude(const DnsQuestion& question, int status, const std::uint8_t* reply, int size);

  static void on_state(void* self, ares_socket_t socket, int readable, int writable);
  static void on_answer(void* pending, int status, int, unsigned char* reply, int size);
  static ares_socket_t do_socket(int domain, int type, int protocol, void* self);
  static int do_close(ares_socket_t socket, void* self);
  static int do_connect(ares_socket_t socket, const sockaddr* to, ares_socklen_t size, void* self);
  static ares_ssize_t do_receive(ares_socket_t,
                                 void* out,
                                 size_t size,
                                 int flags,
                                 sockaddr* from,
                                 ares_socklen_t*,
                                 void* self);
  static ares_ssize_t do_send(ares_socket_t socket, const iovec* parts, int count, void* self);

  const Clock& clock;
  ares_channel channel = nullptr;
  asio::steady_timer timer;
  DescriptorWatch watch;
  std::map<std::uint16_t, std::shared_ptr<DnsQuestion>> pending;  // by the identifier sent
  std::vector<std::string> domains;
  std::size_t dots = 1;
  int trouble = 0;            // the last errno of our own sockets
  std::uint64_t answers = 0;  // packets that belong to a question of ours
};

std::shared_ptr<DnsChannel> DnsChannel::open(asio::io_context& io,
                                             const Clock& clock,
                                             const std::string& servers,
                                             const std::string& resolv_conf) {
  static const int once = ares_library_init(ARES_LIB_INIT_ALL);
  if (once != ARES_SUCCESS) return nullptr;
  auto impl = std::make_shared<Impl>(io, clock);
  if (!impl->initialise(servers, resolv_conf)) return nullptr;
  std::shared_ptr<DnsChannel> opened(new DnsChannel());
  opened->impl_ = std::move(impl);
  return opened;
}

DnsChannel::~DnsChannel() = default;

bool DnsChannel::Impl::initialise(const std::string& servers, const std::string& resolv_conf) {
  std::string path = resolv_conf;  // c-ares takes a char*
  ares_options options = {};
  options.timeout = kTryMs;
  options.tries = kTries;
  options.sock_state_cb = &Impl::on_state;
  options.sock_state_cb_data = this;
  options.resolvconf_path = path.data();
  if (ares_init_options(&channel, &options,
                        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
                            ARES_OPT_RESOLVCONF) != ARES_SUCCESS) {
    channel = nullptr;
    return false;
  }
  static const ares_socket_functions kFunctions = {
      &Impl::do_socket, &Impl::do_close, &Impl::do_connect, &Impl::do_receive, &Impl::do_send};
  ares_set_socket_functions(channel, &kFunctions, this);
  if (!servers.empty() && ares_set_servers_ports_csv(channel, servers.c_str()) != ARES_SUCCESS) {
    return false;
  }
  ares_options found = {};
  int mask = 0;
  if (ares_save_options(channel, &found, &mask) == ARES_SUCCESS) {
    if ((mask & ARES_OPT_NDOTS) != 0) dots = static_cast<std::size_t>(std::max(found.ndots, 0));
    const auto count = static_cast<std::size_t>(std::max(found.ndomains, 0));
    for (std::size_t i = 0; i < std::min(count, kMaxDomains); ++i) {
      domains.emplace_back(found.domains[i]);
    }
  }
  ares_destroy_options(&found);
  return true;
}

std::shared_ptr<DnsQuestion> DnsChannel::send(const std::string& name,
                                              DnsType type,
                                              const std::shared_ptr<Event>& changed) {
  auto question = std::make_shared<DnsQuestion>();
  question->type = type;
  question->changed = changed;
  question->asked = impl_->clock.boot();
  // Unpredictable, and not in use: what comes back is told by it. The resolver's bound on lookups
  // keeps most of the 65536 free.
  std::uint16_t id = 0;
  do {
    std::array<std::uint8_t, 2> random{};
    fill_entropy(random);
    id = static_cast<std::uint16_t>(random[0] << 8 | random[1]);
  } while (impl_->pending.contains(id));

  unsigned char* packet = nullptr;
  int size = 0;
  const int made =
      ares_create_query(name.c_str(), ns_c_in, static_cast<int>(type), id, 1, &packet, &size, 0);
  if (made != ARES_SUCCESS) {
    question->answer = impl_->conclude(*question, made, nullptr, 0);
    return question;
  }
  impl_->pending.emplace(id, question);
  ares_send(impl_->channel, packet, size, &Impl::on_answer, new Impl::Pending{impl_.get(), id});
  ares_free_string(packet);
  impl_->arm_timer();
  return question;
}

Resolution DnsChannel::take(const DnsQuestion& question) {
  if (question.answer) return *question.answer;
  ++abandoned;
  if (question.refusal != 0) return refusal(question.refusal);
  return {ResolveStatus::timed_out, {}, "no name server answered in time"};
}

std::uint64_t DnsChannel::heard() const { return impl_->answers; }

const std::vector<std::string>& DnsChannel::search_domains() const { return impl_->domains; }

std::size_t DnsChannel::ndots() const { return impl_->dots; }

void DnsChannel::Impl::on_ready(const DescriptorWatch::Ready& ready) {
  const bool read = ready.readable || ready.failed;
  const bool write = ready.writable || ready.failed;
  ares_process_fd(channel, read ? ready.descriptor : ARES_SOCKET_BAD,
                  write ? ready.descriptor : ARES_SOCKET_BAD);
  arm_timer();
}

void DnsChannel::Impl::arm_timer() {
  timeval limit = {};
  if (ares_timeout(channel, nullptr, &limit) == nullptr) {
    timer.cancel();
    return;
  }
  // One millisecond more than asked, so that the time is over when c-ares looks.
  timer.expires_after(std::chrono::seconds(limit.tv_sec) +
                      std::chrono::microseconds(limit.tv_usec) + std::chrono::milliseconds(1));
  timer.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_timer();
  });
}

// c-ares drops packets that say SERVFAIL, NOTIMP or REFUSED and asks the next server; when none is
// left only this memory knows why.
void DnsChannel::Impl::note_packet(const std::uint8_t* bytes,
                                   ares_ssize_t size,
                                   const msghdr& message) {
  constexpr ares_ssize_t kHeader = 12;
  if (size < kHeader || (bytes[2] & 0x80) == 0) return;
  const auto at = pending.find(static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]));
  if (at == pending.end()) return;
  const int code = bytes[3] & 0x0f;
  at->second->heard = true;
  // One that was cut short says that the answer comes over TCP, where nothing is stamped.
  const bool cut = (bytes[2] & 0x02) != 0;
  at->second->arrived = cut ? std::nullopt : kernel_stamp(message, clock, at->second->asked);
  ++answers;
  if (code != 0 && code != kNoSuchName) at->second->refusal = code;
}

void DnsChannel::Impl::on_answer(void* given, int status, int, unsigned char* reply, int size) {
  const std::unique_ptr<Pending> pending(static_cast<Pending*>(given));
  auto& all = pending->impl->pending;
  const auto at = all.find(pending->id);
  ASSERT(at != all.end());
  const auto question = std::move(at->second);
  all.erase(at);
  question->answer = pending->impl->conclude(*question, status, reply, size);
  // After a timeout what was heard before did not end the waiting.
  if (status != ARES_ETIMEOUT) question->answer->arrived = question->arrived;
  question->changed->notify();
}

namespace {

Resolution read_addresses(DnsType type, const std::uint8_t* reply, int size) {
  Resolution result{ResolveStatus::ok, {}, {}};
  if (type == DnsType::ns) return result;  // that there is an answer is all that is asked
  int count = kMaxRecords;
  int status = ARES_SUCCESS;
  if (type == DnsType::a) {
    std::array<ares_addrttl, kMaxRecords> records = {};
    status = ares_parse_a_reply(reply, size, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
      const auto& record = records[static_cast<std::size_t>(i)];
      result.addresses.emplace_back(asio::ip::address_v4(ntohl(record.ipaddr.s_addr)));
    }
  } else {
    std::array<ares_addr6ttl, kMaxRecords> records = {};
    status = ares_parse_aaaa_reply(reply, size, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &records[static_cast<std::size_t>(i)].ip6addr, bytes.size());
      result.addresses.emplace_back(asio::ip::address_v6(bytes));
    }
  }
  if (status == ARES_ENOMEM) return {ResolveStatus::no_resolver, {}, "out of memory"};
  if (status != ARES_SUCCESS && status != ARES_ENODATA) {
    return {ResolveStatus::malformed, {}, "the name server's answer does not parse"};
  }
  if (result.addresses.empty()) {
    const char* kind = type == DnsType::a ? "A" : "AAAA";
    return {ResolveStatus::no_address, {}, std::string("the name has no ") + kind + " record"};
  }
  return result;
}

}  // namespace

Resolution DnsChannel::Impl::conclude(const DnsQuestion& question,
                                      int status,
                                      const std::uint8_t* reply,
                                      int size) {
  if (status == ARES_SUCCESS && size >= 12) {
    const int code = reply[3] & 0x0f;
    if (code == kNoSuchName) return {ResolveStatus::not_found, {}, "no such name (NXDOMAIN)"};
    return code == 0 ? read_addresses(question.type, reply, size) : refusal(code);
  }
  if (question.refusal != 0) return refusal(question.refusal);
  switch (status) {
    case ARES_ETIMEOUT:
      return {ResolveStatus::timed_out, {}, "no name server answered"};
    case ARES_EBADNAME:
    case ARES_EFORMERR:
      return {ResolveStatus::not_found, {}, "not a host name"};
    case ARES_SUCCESS:
    case ARES_EBADRESP:
      return {ResolveStatus::malformed, {}, "the name server's answer does not parse"};
    default:
      break;
  }
  // A truncated answer over UDP whose repetition over TCP failed.
  if (question.heard) return refusal(kServerFailure);
  std::string detail = "no name server can be reached";
  if (trouble != 0) detail += std::string(": ") + std::strerror(trouble);
  return {ResolveStatus::no_resolver, {}, std::move(detail)};
}

void DnsChannel::Impl::on_state(void* self, ares_socket_t socket, int readable, int writable) {
  auto& impl = *static_cast<Impl*>(self);
  if (readable == 0 && writable == 0) {
    impl.watch.forget(socket);
  } else if (!impl.watch.watch(socket, readable != 0, writable != 0)) {
    impl.trouble = ENOMEM;  // the question ends at its deadline
  }
}

ares_socket_t DnsChannel::Impl::do_socket(int domain, int type, int protocol, void* self) {
  const int made = ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (made < 0) {
    static_cast<Impl*>(self)->trouble = errno;
  } else if (type == SOCK_DGRAM) {
    ask_for_arrivals(made);
  }
  return made;
}

int DnsChannel::Impl::do_close(ares_socket_t socket, void*) { return ::close(socket); }

int DnsChannel::Impl::do_connect(ares_socket_t socket,
                                 const sockaddr* to,
                                 ares_socklen_t size,
                                 void* self) {
  const int done = ::connect(socket, to, size);
  if (done < 0 && errno != EINPROGRESS) static_cast<Impl*>(self)->trouble = errno;
  return done;
}

ares_ssize_t DnsChannel::Impl::do_receive(ares_socket_t socket,
                                          void* out,
                                          size_t size,
                                          int flags,
                                          sockaddr* from,
                                          ares_socklen_t* from_size,
                                          void* self) {
  alignas(cmsghdr) std::array<char, 128> control;
  iovec part{out, size};
  msghdr message = {};
  message.msg_name = from;
  message.msg_namelen = from_size != nullptr ? *from_size : 0;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = ::recvmsg(socket, &message, flags);
  if (got >= 0 && from_size != nullptr) *from_size = message.msg_namelen;
  auto& impl = *static_cast<Impl*>(self);
  if (got < 0 && errno != EAGAIN && errno != EINTR) impl.trouble = errno;
  // c-ares asks for the sender of datagrams only; a stream's pieces are not whole answers.
  if (from != nullptr) impl.note_packet(static_cast<const std::uint8_t*>(out), got, message);
  return got;
}

ares_ssize_t DnsChannel::Impl::do_send(ares_socket_t socket,
                                       const iovec* parts,
                                       int count,
                                       void* self) {
  // "Port unreachable" of an earlier question waits on the socket. Sending would take it away, and
  // the earlier question would wait a second for nothing; left alone, the next read tells c-ares,
  // which then repeats all questions of this server.
  pollfd state = {socket, 0, 0};
  if (::poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0) {
    ares_ssize_t size = 0;
    for (int i = 0; i < count; ++i) size += static_cast<ares_ssize_t>(parts[i].iov_len);
    return size;
  }
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(parts);  // sendmsg(2) does not write to them
  message.msg_iovlen = static_cast<std::size_t>(count);
  const auto sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) static_cast<Impl*>(self)->trouble = errno;
  return sent;
}

}  // namespace nines::net
