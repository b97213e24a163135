// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dns_server.h"

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/steady_timer.hpp>
#include <cctype>
#include <utility>

namespace nines::test {
namespace {

using Packet = std::vector<std::uint8_t>;

constexpr std::size_t kHeader = 12;

void put16(Packet& packet, unsigned value) {
  packet.push_back(static_cast<std::uint8_t>(value >> 8));
  packet.push_back(static_cast<std::uint8_t>(value & 0xff));
}

// The single question of a well-formed query; its end is where answers start.
bool read_question(const Packet& query, DnsQuery& out, std::size_t& end) {
  std::size_t at = kHeader;
  while (at < query.size() && query[at] != 0) {
    const std::size_t size = query[at];
    if (size > 63 || at + 1 + size >= query.size()) return false;
    if (!out.name.empty()) out.name += '.';
    for (std::size_t i = 1; i <= size; ++i) {
      out.name += static_cast<char>(std::tolower(query[at + i]));
    }
    at += 1 + size;
  }
  if (at + 5 > query.size()) return false;
  out.type = query[at + 1] << 8 | query[at + 2];
  end = at + 5;
  return true;
}

void put_record(Packet& packet, const asio::ip::address& address) {
  put16(packet, 0xc00c);  // the name of the question
  put16(packet, address.is_v4() ? 1 : 28);
  put16(packet, 1);
  put16(packet, 0);
  put16(packet, 60);  // seconds to live
  const auto append = [&](const auto& bytes) {
    put16(packet, static_cast<unsigned>(bytes.size()));
    packet.insert(packet.end(), bytes.begin(), bytes.end());
  };
  if (address.is_v4()) {
    append(address.to_v4().to_bytes());
  } else {
    append(address.to_v6().to_bytes());
  }
}

Packet make_packet(const Packet& query, std::size_t question_end, int type, const DnsReply& reply) {
  using Kind = DnsReply::Kind;
  if (reply.kind == Kind::garbage) return {'n', 'o', ' ', 'd', 'n', 's'};
  Packet packet(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question_end));
  packet[2] = 0x81;  // a response, recursion desired
  packet[3] = static_cast<std::uint8_t>(0x80 | (reply.kind == Kind::code ? reply.code : 0));
  std::fill(packet.begin() + 6, packet.begin() + kHeader, std::uint8_t{0});
  std::uint8_t count = 0;
  for (const auto& address : reply.addresses) {
    if (address.is_v4() != (type == 1)) continue;
    put_record(packet, address);
    ++count;
  }
  packet[7] = count;
  if (reply.kind == Kind::malformed) {
    packet[7] = 1;
    put16(packet, 0xc00c);
    put16(packet, static_cast<unsigned>(type));
  }
  if (reply.kind == Kind::forged) packet[1] = static_cast<std::uint8_t>(packet[1] + 1);
  return packet;
}

}  // namespace

struct DnsServer::Impl : std::enable_shared_from_this<DnsServer::Impl> {
  Impl(asio::io_context& loop, Script s)
      : io(loop),
        script(std::move(s)),
        socket(loop, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  void receive() {
    socket.async_receive_from(
        asio::buffer(buffer), sender,
        [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
          if (!self->socket.is_open()) return;
          if (!error) self->serve(size);
          self->receive();
        });
  }

  void serve(std::size_t size) {
    const Packet query(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    DnsQuery question;
    std::size_t end = 0;
    if (!read_question(query, question, end)) return;
    queries.push_back(question);
    const DnsReply reply = script(question);
    if (reply.kind == DnsReply::Kind::silent) return;
    send(make_packet(query, end, question.type, reply), reply.delay);
  }

  void send(Packet packet, std::chrono::milliseconds delay) {
    if (delay.count() == 0) {
      asio::error_code ignored;
      socket.send_to(asio::buffer(packet), sender, 0, ignored);
      return;
    }
    auto timer = std::make_shared<asio::steady_timer>(io, delay);
    timer->async_wait([self = shared_from_this(), timer, packet = std::move(packet),
                       to = sender](const asio::error_code& error) {
      asio::error_code ignored;
      if (!error && self->socket.is_open()) {
        self->socket.send_to(asio::buffer(packet), to, 0, ignored);
      }
    });
  }

  asio::io_context& io;
  Script script;
  asio::ip::udp::socket socket;
  asio::ip::udp::endpoint sender;
  std::array<std::uint8_t, 1500> buffer{};
  std::vector<DnsQuery> queries;
};

DnsServer::DnsServer(asio::io_context& io, Script script)
    : impl_(std::make_shared<Impl>(io, std::move(script))) {
  impl_->receive();
}

DnsServer::~DnsServer() {
  asio::error_code ignored;
  impl_->socket.close(ignored);
}

std::string DnsServer::address() const {
  return "127.0.0.1:" + std::to_string(impl_->socket.local_endpoint().port());
}

const std::vector<DnsQuery>& DnsServer::queries() const { return impl_->queries; }

std::size_t DnsServer::asked(const std::string& name) const {
  return static_cast<std::size_t>(
      std::count_if(impl_->queries.begin(), impl_->queries.end(),
                    [&](const DnsQuery& query) { return query.name == name; }));
}

std::string dead_dns_address() {
  asio::io_context io;
  asio::ip::udp::socket socket(io, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  return "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
}

}  // namespace nines::test
