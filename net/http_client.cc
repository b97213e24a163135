// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "net/curl_handles.h"

namespace nines::net {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64 << 10;
constexpr Duration kAddressesFresh = minutes(1);
// Network address translators forget idle connections after a minute or more.
constexpr long kIdleSeconds = 45;
// A new name of the collector, or a new certificate of ours, is taken up after this at the latest.
constexpr long kLifetimeSeconds = 600;
constexpr Duration kBelt = milliseconds(250);

// What must be found by name before libcurl may connect.
struct Place {
  std::string scheme;
  std::string host;  // as in the URL, an IPv6 literal in brackets
  std::string port;
};

// What one exchange gathers while libcurl runs.
struct Collected {
  HttpResponse response;
  std::size_t limit = 0;
  std::size_t header_bytes = 0;
  bool head_complete = false;
  bool too_long = false;
};

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return {};
  }
  std::string out = text;
  curl_free(text);
  return out;
}

Expected<Place> place_of(const std::string& url) {
  const CurlUrl parsed(curl_url());
  ASSERT(parsed != nullptr);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) !=
      CURLUE_OK) {
    return fail("the URL " + url + " does not parse; write it as https://host:port");
  }
  Place place{part(parsed.get(), CURLUPART_SCHEME), part(parsed.get(), CURLUPART_HOST),
              part(parsed.get(), CURLUPART_PORT)};
  if (place.host.empty()) return fail("the URL " + url + " names no host");
  return place;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::size_t on_body(char* data, std::size_t one, std::size_t count, void* to) {
  auto& collected = *static_cast<Collected*>(to);
  const std::size_t size = one * count;
  if (collected.response.body.size() + size > collected.limit) {
    collected.too_long = true;
    return 0;
  }
  collected.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t one, std::size_t count, void* to) {
  auto& collected = *static_cast<Collected*>(to);
  const std::size_t size = one * count;
  collected.header_bytes += size;
  if (collected.header_bytes > kMaxHeaderBytes) {
    collected.too_long = true;
    return 0;
  }
  std::string_view line(data, size);
  // The headers of a 100 Continue come first; the last set is the answer's.
  if (line.starts_with("HTTP/")) collected.response.headers.clear();
  collected.head_complete = line == "\r\n" || line == "\n";
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return size;
  auto value = line.substr(colon + 1);
  constexpr std::string_view kBlank = " \t\r\n";
  value.remove_prefix(std::min(value.find_first_not_of(kBlank), value.size()));
  value = value.substr(0, value.find_last_not_of(kBlank) + 1);
  collected.response.headers.emplace_back(line.substr(0, colon), value);
  return size;
}

bool is_tls_code(CURLcode code) {
  constexpr std::array kCodes = {CURLE_SSL_CONNECT_ERROR,
                                 CURLE_PEER_FAILED_VERIFICATION,
                                 CURLE_SSL_CERTPROBLEM,
                                 CURLE_SSL_CACERT_BADFILE,
                                 CURLE_SSL_CIPHER,
                                 CURLE_SSL_ISSUER_ERROR,
                                 CURLE_SSL_INVALIDCERTSTATUS,
                                 CURLE_SSL_CRL_BADFILE,
                                 CURLE_SSL_CLIENTCERT,
                                 CURLE_USE_SSL_FAILED};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

// "resolve", "connect", "TLS", "answer" or "request": how far the exchange came.
const char* phase_of(CURL* easy, CURLcode code, bool tls, std::string_view text) {
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) return "resolve";
  if (code == CURLE_COULDNT_CONNECT) return "connect";
  // libcurl tells the times of a connection only when TLS is through, so its text has to do. And a
  // server that dislikes our certificate says so in TLS 1.3 only after the handshake.
  const bool secure = text.find("SSL") != text.npos || text.find("alert") != text.npos;
  if (is_tls_code(code) || (tls && secure)) return "TLS";
  curl_off_t connected = 0;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
  if (connected > 0) return "answer";
  const bool ours = code == CURLE_URL_MALFORMAT || code == CURLE_FAILED_INIT ||
                    code == CURLE_OUT_OF_MEMORY || code == CURLE_UNSUPPORTED_PROTOCOL ||
                    code == CURLE_BAD_FUNCTION_ARGUMENT;
  return ours ? "request" : "connect";
}

}  // namespace

struct HttpClient::Impl {
  Impl(asio::io_context& loop, const Clock& c, CurlMulti& m, Resolver& r, ClientOptions o)
      : io(loop), clock(c), multi(m), resolver(r), options(std::move(o)) {}

  struct Transfer {
    CurlEasy easy;
    CurlList headers;
    CurlList pins;
    Collected collected;
    std::array<char, CURL_ERROR_SIZE> text{};
    std::string url;
  };

  Expected<Place> place_to_find() const;
  Task<Expected<std::string>> find(Place place, BootTime deadline, Stop& stop);
  static Expected<void> prepare_headers(Transfer& transfer, const ClientRequest& request);
  Expected<void> prepare(Transfer& transfer, const ClientRequest& request) const;
  void prepare_method(CURL* easy, const ClientRequest& request) const;
  void prepare_tls(CURL* easy) const;
  static Error failure(Transfer& transfer, CURLcode code);

  asio::io_context& io;
  const Clock& clock;
  CurlMulti& multi;
  Resolver& resolver;
  ClientOptions options;
  std::string pin;  // "host:port:address,address", the last that was found
  BootTime pinned_at{};
};

// The proxy where there is one: it looks up the server itself.
Expected<Place> HttpClient::Impl::place_to_find() const {
  return place_of(options.proxy.empty() ? options.url : options.proxy);
}

// The pin for CURLOPT_RESOLVE; empty for a literal. While name servers are in trouble the last good
// addresses serve: TLS still proves who is there.
Task<Expected<std::string>> HttpClient::Impl::find(Place place, BootTime deadline, Stop& stop) {
  if (!pin.empty() && clock.boot() - pinned_at < kAddressesFresh) co_return pin;
  asio::error_code not_literal;
  const bool brackets = place.host.front() == '[';
  asio::ip::make_address(place.host, not_literal);
  if (brackets || !not_literal) co_return std::string();
  auto resolving = resolver.resolve(place.host, Family::any, deadline, stop);
  const Resolution found = co_await std::move(resolving);
  if (found.status != ResolveStatus::ok) {
    if (!pin.empty() && found.status != ResolveStatus::stopped) co_return pin;
    co_return fail("resolve " + place.host + ": " + found.detail);
  }
  pin = place.host + ":" + place.port + ":";
  for (std::size_t i = 0; i < found.addresses.size(); ++i) {
    const auto& address = found.addresses[i];
    const std::string text = address.to_string();
    pin += (i == 0 ? "" : ",") + (address.is_v6() ? "[" + text + "]" : text);
  }
  pinned_at = clock.boot();
  co_return pin;
}

void HttpClient::Impl::prepare_tls(CURL* easy) const {
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!options.tls) return;
  // Our CA alone, read for each connection: a new one counts without a restart.
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAINFO, options.tls->ca.c_str());
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  if (options.tls->certificate.empty()) return;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, options.tls->certificate.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLKEY, options.tls->key.c_str());
}

Expected<void> HttpClient::Impl::prepare_headers(Transfer& transfer, const ClientRequest& request) {
  bool typed = false;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_control(name) || has_control(value) ||
        name.find(':') != std::string::npos) {
      return fail("request: a header holds what no header may hold: " + name);
    }
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    typed = typed || lower == "content-type";
    append(transfer.headers, value.empty() ? name + ";" : name + ": " + value);
  }
  append(transfer.headers, "Expect:");                    // no round trip before the body
  if (!typed) append(transfer.headers, "Content-Type:");  // libcurl would call it a form
  curl_easy_setopt(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.headers.get());
  return {};
}

void HttpClient::Impl::prepare_method(CURL* easy, const ClientRequest& request) const {
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (body) {
    // In memory, so that libcurl can send it again when a kept connection turns out to be dead.
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  if (request.method != (body ? "POST" : "GET")) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

Expected<void> HttpClient::Impl::prepare(Transfer& transfer, const ClientRequest& request) const {
  transfer.easy.reset(curl_easy_init());
  CURL* easy = transfer.easy.get();
  if (easy == nullptr) return fail("request: out of memory");
  const bool method_good =
      !request.method.empty() && std::all_of(request.method.begin(), request.method.end(),
                                             [](unsigned char c) { return std::isupper(c) != 0; });
  if (!method_good) return fail("request: " + request.method + " is not a method");
  if (request.path.empty() || request.path.front() != '/' || has_control(request.path) ||
      request.path.find_first_of(" #") != std::string::npos) {
    return fail("request: the path must start with / and be encoded: " + request.path);
  }
  transfer.url = options.url;
  while (!transfer.url.empty() && transfer.url.back() == '/') transfer.url.pop_back();
  transfer.url += request.path;
  transfer.collected.limit = options.max_response;

  curl_easy_setopt(easy, CURLOPT_URL, transfer.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY,
                   options.proxy.c_str());  // empty: none, whatever the environment
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleSeconds);
  curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, kLifetimeSeconds);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.text.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer.collected);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer.collected);
  if (!options.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
  }
  prepare_tls(easy);
  prepare_method(easy, request);
  return prepare_headers(transfer, request);
}

Error HttpClient::Impl::failure(Transfer& transfer, CURLcode code) {
  const std::string_view text = transfer.text.data();
  std::string why = text.empty() ? curl_easy_strerror(code) : std::string(text);
  if (transfer.collected.too_long) why = "it is longer than is allowed here";
  const bool tls = transfer.url.starts_with("https:");
  std::string message = phase_of(transfer.easy.get(), code, tls, text);
  long error_number = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_OS_ERRNO, &error_number);
  if (code == CURLE_COULDNT_CONNECT && error_number != 0) {
    why = std::strerror(static_cast<int>(error_number));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) why = "not in time (" + why + ")";
  return {message + " " + transfer.url + ": " + why, static_cast<int>(code)};
}

HttpClient::HttpClient(asio::io_context& io,
                       const Clock& clock,
                       CurlMulti& multi,
                       Resolver& resolver,
                       ClientOptions options)
    : impl_(std::make_unique<Impl>(io, clock, multi, resolver, std::move(options))) {}

HttpClient::~HttpClient() = default;

Task<Expected<HttpResponse>> HttpClient::exchange(ClientRequest request, Stop& stop) {
  Impl& impl = *impl_;
  const BootTime start = impl.clock.boot();
  const BootTime deadline = start + request.timeout;
  const auto transfer = std::make_unique<Impl::Transfer>();
  CO_TRY(place, impl.place_to_find());
  auto prepared = impl.prepare(*transfer, request);
  if (!prepared) co_return Unexpected(std::move(prepared.error()));

  if (impl.options.unix_socket.empty()) {
    auto finding = impl.find(place, std::min(deadline, start + request.connect_timeout), stop);
    Expected<std::string> pin = co_await std::move(finding);
    if (!pin) co_return Unexpected(std::move(pin.error()));
    if (!pin->empty()) append(transfer->pins, *pin);
  }
  CURL* easy = transfer->easy.get();
  curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->pins.get());
  const auto left = std::max<Duration>(deadline - impl.clock.boot(), milliseconds(1));
  const auto in_ms = [](Duration d) {
    return static_cast<long>(std::chrono::ceil<milliseconds>(d).count());
  };
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, in_ms(left));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, in_ms(std::min(left, request.connect_timeout)));

  auto performing = impl.multi.perform(easy, impl.clock, deadline + kBelt, stop);
  const auto code = static_cast<CURLcode>(co_await std::move(performing));
  if (code == CURLE_ABORTED_BY_CALLBACK) co_return fail("stopped", static_cast<int>(code));
  if (code != CURLE_OK) {
    // Whatever it was, the name may have moved: ask again next time.
    impl.pinned_at = impl.clock.boot() - kAddressesFresh;
    co_return Unexpected(Impl::failure(*transfer, code));
  }
  // libcurl takes a connection that ends among the headers for a whole answer without a body.
  if (!transfer->collected.head_complete) {
    co_return fail("answer " + transfer->url + ": it ends in the middle of its headers");
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer->collected.response.status = static_cast<int>(status);
  co_return std::move(transfer->collected.response);
}

}  // namespace nines::net
