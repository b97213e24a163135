// SPDX-License-Identifier: Apache-2.0
#include "agent/identity.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace nines::agent {
namespace {

constexpr std::size_t kMaxIdentity = 4096;
constexpr std::string_view kFirstLine = "nines-agent-identity 1";

std::string identity_text(const std::string& name, const SigningKey& key) {
  return std::string(kFirstLine) + "\nname " + name + "\nkey " + to_hex(as_bytes(key.seed())) +
         "\n";
}

Expected<SigningKey> parse_identity(const std::string& path,
                                    const std::string& text,
                                    const std::string& name) {
  const auto bad = [&] {
    return fail(path +
                " is damaged; restore it from a backup, or move the state folder away to "
                "begin as a new agent");
  };
  const std::string head = std::string(kFirstLine) + "\nname ";
  if (!text.starts_with(head)) return bad();
  const auto end = text.find('\n', head.size());
  if (end == std::string::npos || text.substr(end, 5) != "\nkey ") return bad();
  const auto owner = text.substr(head.size(), end - head.size());
  if (owner != name) {
    return fail("the state folder belongs to agent '" + owner + "', not to '" + name +
                "'; set agent.name to '" + owner + "' or give another agent.state (" + path + ")");
  }
  const auto key_end = text.find('\n', end + 5);
  if (key_end == std::string::npos) return bad();
  const auto seed = from_hex(std::string_view(text).substr(end + 5, key_end - end - 5));
  if (!seed) return bad();
  auto key = SigningKey::from_seed(as_bytes(*seed));
  if (!key) return bad();
  return key;
}

}  // namespace

Expected<Identity> take_identity(const std::string& state_folder, const std::string& name) {
  TRY_VOID(make_directories(state_folder));
  if (::access(state_folder.c_str(), W_OK | X_OK) != 0) {
    return fail_errno("state folder " + state_folder + " is not writable", errno);
  }
  TRY(lock, FileLock::acquire(state_folder + "/lock"));
  const auto path = state_folder + "/identity";
  if (::access(path.c_str(), F_OK) == 0) {
    TRY(text, read_file(path, kMaxIdentity));
    TRY(key, parse_identity(path, text, name));
    return Identity{std::move(lock), std::move(key)};
  }
  if (::access((state_folder + "/spool").c_str(), F_OK) == 0) {
    return fail("the state folder has a spool but no identity (" + path +
                " is missing); restore it, or move the folder away to begin as a new agent");
  }
  auto key = SigningKey::generate();
  TRY_VOID(write_file_durably(path, as_bytes(identity_text(name, key))));
  return Identity{std::move(lock), std::move(key)};
}

std::array<std::uint8_t, 16> read_boot_id() {
  std::array<std::uint8_t, 16> id{};
  auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
  if (!text) return id;
  std::erase_if(*text, [](char c) { return c == '-' || c == '\n'; });
  const auto bytes = from_hex(*text);
  if (bytes && bytes->size() == id.size()) std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

}  // namespace nines::agent
