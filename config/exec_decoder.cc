// SPDX-License-Identifier: Apache-2.0
// The `exec:` mapping of a check.
#include "config/kind_decoders.h"

namespace nines::config {
namespace {

constexpr std::size_t kMaxWords = 64;
constexpr std::size_t kMaxArgument = 4096;

}  // namespace

ExecSpec decode_exec(const Node& node, const KindContext& context, Complaints& complaints) {
  ExecSpec spec;
  Mapping mapping(node, complaints, "exec of " + context.check);
  if (const Node* command = mapping.require("command"); command != nullptr && !command->broken()) {
    if (command->kind() != Node::Kind::sequence || command->items().empty() ||
        command->items().size() > kMaxWords) {
      complaints.add(command->place(),
                     "a list is wanted here: an absolute path and up to 63 arguments; there is no "
                     "shell that would take a line apart");
    } else {
      for (const auto& item : command->items()) {
        const auto word = as_text(item, complaints);
        if (!word) continue;
        if (word->size() > kMaxArgument) {
          complaints.add(item.place(), "an argument is at most 4KiB");
        }
        spec.command.push_back(*word);
      }
      if (!spec.command.empty() && !spec.command[0].starts_with('/')) {
        complaints.add(command->items()[0].place(),
                       shown(spec.command[0]) + " is no absolute path (there is no search path)");
      }
    }
  }
  spec.max_output = mapping.take_size("max_output", 1, 1 << 20).value_or(spec.max_output);
  spec.max_memory =
      mapping.take_size("max_memory", 1 << 20, std::uint64_t{1} << 40).value_or(spec.max_memory);
  spec.expect = decode_limits(mapping, "expect", context, false, complaints);
  spec.warn = decode_limits(mapping, "warn", context, false, complaints);
  mapping.finish();
  return spec;
}

}  // namespace nines::config
