// SPDX-License-Identifier: Apache-2.0
#include "net/mail_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>
#include <cstring>

#include "base/assert.h"
#include "net/curl_handles.h"

namespace nines::net {
namespace {

constexpr Duration kMailBelt = milliseconds(250);

// What libcurl reads from while it runs.
struct Transfer {
  CurlEasy easy;
  CurlList recipients, pins;
  std::string text;
  std::size_t read = 0;
  std::string url, from;
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t on_read(char* to, std::size_t one, std::size_t count, void* from) {
  auto& transfer = *static_cast<Transfer*>(from);
  const auto size = std::min(one * count, transfer.text.size() - transfer.read);
  std::memcpy(to, transfer.text.data() + transfer.read, size);
  transfer.read += size;
  return size;
}

std::size_t on_answer(char*, std::size_t one, std::size_t count, void*) { return one * count; }

bool is_address(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 127 && c != '<' && c != '>';
  });
}

std::string in_url(const MailServer& server) {
  const bool six = server.host.find(':') != std::string::npos;
  return (server.tls ? "smtps://" : "smtp://") + (six ? "[" + server.host + "]" : server.host) +
         ":" + std::to_string(server.port);
}

Expected<void> prepare(Transfer& transfer, const MailServer& server, const Letter& letter) {
  transfer.easy.reset(curl_easy_init());
  CURL* easy = transfer.easy.get();
  if (easy == nullptr) return fail("mail: out of memory");
  const bool good = is_address(letter.from) && !letter.to.empty() &&
                    std::all_of(letter.to.begin(), letter.to.end(), is_address);
  if (!good) return fail("mail: an address holds what no address may hold");
  transfer.url = in_url(server);
  transfer.text = letter.text;
  transfer.from = "<" + letter.from + ">";
  for (const auto& each : letter.to) append(transfer.recipients, "<" + each + ">");
  curl_easy_setopt(easy, CURLOPT_URL, transfer.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, transfer.from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer.recipients.get());
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.text.size()));
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_answer);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  const bool secure = server.tls || server.require_tls;
  curl_easy_setopt(easy, CURLOPT_USE_SSL, long{secure ? CURLUSESSL_ALL : CURLUSESSL_NONE});
  if (!server.ca.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAINFO, server.ca.c_str());
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  }
  if (!server.username.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, server.username.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, server.password.c_str());
  }
  return {};
}

Error failure(Transfer& transfer, CURLcode code) {
  const std::string_view text = transfer.error.data();
  std::string why = text.empty() ? curl_easy_strerror(code) : std::string(text);
  if (code == CURLE_OPERATION_TIMEDOUT) why = "not in time (" + why + ")";
  long reply = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &reply);
  // Replies of success are those before what went wrong.
  constexpr long kFirstFailure = 400;
  return {"mail by " + transfer.url + ": " + why,
          reply >= kFirstFailure ? static_cast<int>(reply) : 0};
}

}  // namespace

Task<Expected<std::string>> MailClient::find(MailServer server, BootTime deadline, Stop& stop) {
  asio::error_code not_literal;
  asio::ip::make_address(server.host, not_literal);
  if (!not_literal) co_return std::string();
  auto resolving = resolver_.resolve(server.host, Family::any, deadline, stop);
  const Resolution found = co_await std::move(resolving);
  if (found.status != ResolveStatus::ok) {
    co_return fail("resolve " + server.host + ": " + found.detail);
  }
  std::string pin = server.host + ":" + std::to_string(server.port) + ":";
  for (std::size_t i = 0; i < found.addresses.size(); ++i) {
    const auto& address = found.addresses[i];
    const std::string text = address.to_string();
    pin += (i == 0 ? "" : ",") + (address.is_v6() ? "[" + text + "]" : text);
  }
  co_return pin;
}

Task<Expected<void>> MailClient::send(MailServer server, Letter letter, Stop& stop) {
  const BootTime deadline = clock_.boot() + letter.timeout;
  const auto transfer = std::make_unique<Transfer>();
  auto prepared = prepare(*transfer, server, letter);
  if (!prepared) co_return Unexpected(std::move(prepared.error()));
  auto finding = find(server, deadline, stop);
  Expected<std::string> pin = co_await std::move(finding);
  if (!pin) co_return Unexpected(std::move(pin.error()));
  if (!pin->empty()) append(transfer->pins, *pin);
  CURL* easy = transfer->easy.get();
  curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->pins.get());
  const auto left = std::max<Duration>(deadline - clock_.boot(), milliseconds(1));
  const auto left_ms = static_cast<long>(std::chrono::ceil<milliseconds>(left).count());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                   std::max(1L, static_cast<long>(std::chrono::ceil<seconds>(left).count())));
  auto performing = multi_.perform(easy, clock_, deadline + kMailBelt, stop);
  const auto code = static_cast<CURLcode>(co_await std::move(performing));
  if (code == CURLE_ABORTED_BY_CALLBACK) co_return fail("stopped");
  if (code != CURLE_OK) co_return Unexpected(failure(*transfer, code));
  co_return Expected<void>();
}

}  // namespace nines::net
