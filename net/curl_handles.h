// SPDX-License-Identifier: Apache-2.0
// libcurl's handles, freed by themselves.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/assert.h"

namespace nines::net {

struct CurlFree {
  void operator()(CURL* p) const { curl_easy_cleanup(p); }

  void operator()(curl_slist* p) const { curl_slist_free_all(p); }

  void operator()(CURLU* p) const { curl_url_cleanup(p); }
};

using CurlEasy = std::unique_ptr<CURL, CurlFree>;
using CurlList = std::unique_ptr<curl_slist, CurlFree>;
using CurlUrl = std::unique_ptr<CURLU, CurlFree>;

inline void append(CurlList& list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list.get(), text.c_str());
  ASSERT(longer != nullptr);
  (void)list.release();
  list.reset(longer);
}

}  // namespace nines::net
