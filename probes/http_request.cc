// SPDX-License-Identifier: Apache-2.0
// What libcurl is told before a request: everything that it would decide by itself is decided here.
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>

#include "probes/http_exchange.h"

namespace nines::probes {
namespace {

// The deadline is kept by CurlMulti to the microsecond; libcurl's clock of whole milliseconds may
// run out before it and stands behind it.
constexpr long kBelt = 250;

// libcurl makes an SSL_CTX for each connection. Ours has the CA store and the client's key parsed.
bool lend(SSL_CTX* from, SSL_CTX* to) {
  ::SSL_CTX_set1_cert_store(to, ::SSL_CTX_get_cert_store(from));
  X509* certificate = ::SSL_CTX_get0_certificate(from);
  if (certificate == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  return ::SSL_CTX_get0_chain_certs(from, &chain) == 1 &&
         ::SSL_CTX_use_cert_and_key(to, certificate, ::SSL_CTX_get0_privatekey(from), chain, 1) ==
             1;
}

}  // namespace

// libcurl's C callbacks; `self` is the exchange, which outlives its connection: the easy handle
// goes first, and FORBID_REUSE closes the socket before the transfer ends.
struct CurlCallbacks {
  static HttpExchange& exchange(void* self) { return *static_cast<HttpExchange*>(self); }

  static std::size_t header(char* data, std::size_t, std::size_t n, void* self) {
    return exchange(self).on_header({data, n}) ? n : 0;
  }

  static std::size_t body(char* data, std::size_t, std::size_t n, void* self) {
    return exchange(self).on_body({data, n}) ? n : 0;
  }

  static curl_socket_t open(void* self, curlsocktype, curl_sockaddr*) {
    return exchange(self).socket_.release();  // -1 is CURL_SOCKET_BAD, where it was given already
  }

  static int connected(void*, curl_socket_t, curlsocktype) {
    return CURL_SOCKOPT_ALREADY_CONNECTED;
  }

  static int close(void* self, curl_socket_t descriptor) {
    exchange(self).on_close(descriptor);
    return ::close(descriptor);
  }

  static CURLcode context(CURL*, void* context, void* self) {
    auto& e = exchange(self);
    auto* theirs = static_cast<SSL_CTX*>(context);
    const bool ready = lend(e.context_.get(), theirs) && watch(theirs, e.witness_, e.verify_name_);
    return ready ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  }
};

bool HttpExchange::has_header(const char* name) const {
  for (const auto& [key, value] : hop_.headers) {
    if (same_name(key, name)) return true;
  }
  return false;
}

// An empty value needs libcurl's own form; "Name:" would leave the header out.
void HttpExchange::add_header(const std::string& name, const std::string& value) {
  const auto line = value.empty() ? name + ";" : name + ": " + value;
  if (auto* longer = ::curl_slist_append(headers_, line.c_str())) headers_ = longer;
}

bool HttpExchange::prepare_request(const std::string& url) {
  CURL* easy = easy_.get();
  const auto& cookies = hop_.cookies;
  for (const auto& [name, value] : hop_.headers) {
    const bool merged = !cookies.empty() && same_name(name, "Cookie");
    add_header(name, merged ? value + "; " + cookies : value);
  }
  if (!cookies.empty() && !has_header("Cookie")) add_header("Cookie", cookies);
  if (hop_.compression != Compression::none && !has_header("Accept-Encoding")) {
    add_header("Accept-Encoding", std::string(coding_name(hop_.compression)));
  }
  // libcurl's inventions for requests with a body: we send what the check says.
  for (const char* name : {"Expect", "Content-Type"}) {
    if (has_header(name)) continue;
    const auto left_out = std::string(name) + ":";
    if (auto* longer = ::curl_slist_append(headers_, left_out.c_str())) headers_ = longer;
  }
  const auto set = [easy](auto option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  bool ready = set(CURLOPT_URL, url.c_str()) && set(CURLOPT_HTTPHEADER, headers_) &&
               set(CURLOPT_USERAGENT, "nines/0.1");
  if (!hop_.body.empty() || hop_.method == "POST") {
    ready = ready && set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(hop_.body.size())) &&
            set(CURLOPT_POSTFIELDS, hop_.body.c_str());
  }
  if (hop_.method == "HEAD") {
    ready = ready && set(CURLOPT_NOBODY, 1L);
  } else if (hop_.method != "GET" || !hop_.body.empty()) {
    ready = ready && set(CURLOPT_CUSTOMREQUEST, hop_.method.c_str());
  }
  if (!hop_.url.user.empty()) {
    ready = ready && set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC) &&
            set(CURLOPT_USERNAME, hop_.url.user.c_str()) &&
            set(CURLOPT_PASSWORD, hop_.url.password.c_str());
  }
  return ready;
}

// libcurl is given addresses that are only names for the socket that we hand over: no resolver is
// ever asked, and no variable of the environment.
bool HttpExchange::prepare_way() {
  CURL* easy = easy_.get();
  const auto set = [easy](auto option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  const auto connect_to = [&](const std::string& where) {
    connect_to_ = ::curl_slist_append(nullptr, where.c_str());
    return connect_to_ != nullptr && set(CURLOPT_CONNECT_TO, connect_to_);
  };
  if (!hop_.proxy) {
    return connect_to("::127.0.0.1:1") && set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "*");
  }
  const auto& proxy = *hop_.proxy;
  const bool socks = proxy.scheme == "socks5";
  bool ready = set(CURLOPT_PROXY, "127.0.0.1:1") && set(CURLOPT_NOPROXY, "") &&
               set(CURLOPT_PROXYTYPE, socks ? CURLPROXY_SOCKS5_HOSTNAME : CURLPROXY_HTTP) &&
               set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!proxy.user.empty()) {
    ready = ready && set(CURLOPT_PROXYAUTH, CURLAUTH_BASIC) &&
            set(CURLOPT_PROXYUSERNAME, proxy.user.c_str()) &&
            set(CURLOPT_PROXYPASSWORD, proxy.password.c_str());
  }
  // The URL may name the server for its certificate; the proxy is asked for the host all the same.
  if (!hop_.url.secure() || hop_.tls.server_name.empty()) return ready;
  return ready && connect_to("::" + hop_.url.host + ":" + std::to_string(hop_.url.port));
}

bool HttpExchange::prepare_limits() {
  CURL* easy = easy_.get();
  const auto set = [easy](auto option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  const void* self = this;
  const bool prior_knowledge = hop_.only_http2 && !hop_.url.secure();
  return prepare_way() && set(CURLOPT_OPENSOCKETFUNCTION, &CurlCallbacks::open) &&
         set(CURLOPT_OPENSOCKETDATA, self) &&
         set(CURLOPT_SOCKOPTFUNCTION, &CurlCallbacks::connected) &&
         set(CURLOPT_CLOSESOCKETFUNCTION, &CurlCallbacks::close) &&
         set(CURLOPT_CLOSESOCKETDATA, self) &&
         set(CURLOPT_HEADERFUNCTION, &CurlCallbacks::header) && set(CURLOPT_HEADERDATA, self) &&
         set(CURLOPT_WRITEFUNCTION, &CurlCallbacks::body) && set(CURLOPT_WRITEDATA, self) &&
         set(CURLOPT_ERRORBUFFER, &error_[0]) && set(CURLOPT_NOSIGNAL, 1L) &&
         set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_FRESH_CONNECT, 1L) && set(CURLOPT_FORBID_REUSE, 1L) &&
         set(CURLOPT_QUICK_EXIT, 1L) && set(CURLOPT_DNS_CACHE_TIMEOUT, 0L) &&
         set(CURLOPT_SSL_SESSIONID_CACHE, 0L) && set(CURLOPT_HTTP_CONTENT_DECODING, 0L) &&
         set(CURLOPT_HTTP_VERSION,
             prior_knowledge ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS) &&
         set(CURLOPT_TIMEOUT_MS, run_.left_ms() + kBelt);
}

Failure HttpExchange::prepare() {
  Failure no_memory{Reason::agent_no_memory, "libcurl has no memory for a request"};
  if (easy_ == nullptr || !prepare_limits()) return no_memory;
  std::string url = hop_.url.text;
  if (hop_.url.secure()) {
    auto context = tools_.tls.get(hop_.tls);
    if (!context) {
      return {
          context.error().code == ENOMEM ? Reason::agent_no_memory : Reason::agent_configuration,
          context.error().message};
    }
    context_ = *context;
    verify_name_ = tls_name(hop_.tls, hop_.url.host);
    if (!hop_.tls.server_name.empty()) {
      // libcurl takes the SNI from the URL: the URL names the server, Host what was asked for.
      auto renamed = with_host(hop_.url, hop_.tls.server_name);
      if (!renamed) return {Reason::agent_configuration, renamed.error().message};
      url = *renamed;
      const auto port = hop_.url.port == 443 ? "" : ":" + std::to_string(hop_.url.port);
      if (!has_header("Host")) add_header("Host", hop_.url.host + port);
    }
    const auto set = [this](auto option, auto value) {
      return ::curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
    };
    const char* none = nullptr;
    const long version =
        hop_.tls.min_version == "1.3" ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
    const void* self = this;
    // watch() has OpenSSL verify chain and name with the store of `context_`, and failure_of()
    // takes no answer without that. libcurl's own verification is off: it would put a store of its
    // own, kept in the multi from another check, in place of ours.
    const bool ready = set(CURLOPT_SSL_CTX_FUNCTION, &CurlCallbacks::context) &&
                       set(CURLOPT_SSL_CTX_DATA, self) && set(CURLOPT_CAINFO, none) &&
                       set(CURLOPT_CAPATH, none) && set(CURLOPT_SSL_VERIFYHOST, 0L) &&
                       set(CURLOPT_SSL_VERIFYPEER, 0L) && set(CURLOPT_SSLVERSION, version);
    if (!ready) return no_memory;
  }
  return prepare_request(url) ? Failure{} : no_memory;
}

}  // namespace nines::probes
