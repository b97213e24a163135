// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: any message is an answer to our question or is not, within bounds; what is
// rendered is one printable line for each record.
#include <algorithm>

#include "base/assert.h"
#include "probes/dns_message.h"

namespace nines::probes {
namespace {

bool printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void run(ByteView bytes) {
  if (bytes.size() < 2) return;
  DnsQuery query;
  query.name = "shop.example";
  query.type = static_cast<std::uint16_t>(bytes[0] | (bytes[1] & 1) << 8);
  query.id = 0x1234;
  const auto asked = encode_query(query);
  ASSERT(asked.size() >= kDnsHeader && asked.size() < 512);
  ASSERT(!answers(asked, query));  // a question is no answer

  // Half of the inputs come with the header and the question that belong here, so that what is
  // behind them is reached.
  std::vector<std::uint8_t> message(bytes.begin() + 2, bytes.end());
  if ((bytes[1] & 2) != 0) {
    std::vector<std::uint8_t> whole(asked.begin(), asked.end() - 11);  // without OPT
    whole[2] |= 0x80;
    whole[7] = static_cast<std::uint8_t>(bytes[1] >> 2 & 7);
    whole[11] = static_cast<std::uint8_t>(bytes[1] >> 5);
    whole.insert(whole.end(), message.begin(), message.end());
    message = std::move(whole);
  }
  static_cast<void>(answers(message, query));
  const auto answer = decode_answer(message, query);
  if (!answer) return;
  ASSERT(answer->records.size() <= message.size());
  for (const auto& record : answer->records) ASSERT(printable(record));
  DnsReader data(message, std::min(message.size(), kDnsHeader));
  const auto text = render_record(query.type, data);
  ASSERT(data.failed() || printable(text));
}

}  // namespace
}  // namespace nines::probes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nines::probes::run({data, size});
  return 0;
}
