// SPDX-License-Identifier: Apache-2.0
// A Merkle tree over an append-only list, hashed as RFC 6962 section 2.1 and RFC 9162 section 2.1
// say: a leaf is SHA-256(00 ‖ entry), a node is SHA-256(01 ‖ left ‖ right), the empty tree is
// SHA-256 of nothing. Whoever holds the root of a tree can be shown that an entry is in it
// (inclusion) and that a longer tree begins with it (consistency).
//
// The hashes of complete subtrees are kept by somebody else and read through MerkleNodes; nothing
// here holds more than a path. Sizes are at most kMaxMerkleSize.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace nines {

inline constexpr std::uint64_t kMaxMerkleSize = std::uint64_t{1} << 62;

Digest merkle_leaf(ByteView entry);
Digest merkle_node(const Digest& left, const Digest& right);

// The hash over the leaves [index·2^level, (index+1)·2^level), all of which exist.
using MerkleNodes = std::function<Digest(unsigned level, std::uint64_t index)>;

// What the leaf at `index` completes, beginning with itself: put(level, index, hash) for each.
// `nodes` is asked for what lies to the left.
void merkle_append(std::uint64_t index,
                   const Digest& leaf,
                   const MerkleNodes& nodes,
                   const std::function<void(unsigned, std::uint64_t, const Digest&)>& put);

Digest merkle_root(std::uint64_t size, const MerkleNodes& nodes);

// PATH(index, D[size]), index < size.
std::vector<Digest> inclusion_proof(std::uint64_t index,
                                    std::uint64_t size,
                                    const MerkleNodes& nodes);

// PROOF(old_size, D[size]), 0 < old_size ≤ size; empty where they are equal.
std::vector<Digest> consistency_proof(std::uint64_t old_size,
                                      std::uint64_t size,
                                      const MerkleNodes& nodes);

// RFC 9162 section 2.1.3.2.
bool verify_inclusion(const Digest& leaf,
                      std::uint64_t index,
                      std::uint64_t size,
                      const std::vector<Digest>& proof,
                      const Digest& root);

// RFC 9162 section 2.1.4.2. Every tree begins with the empty one, for which no proof is needed.
bool verify_consistency(std::uint64_t old_size,
                        const Digest& old_root,
                        std::uint64_t size,
                        const Digest& root,
                        const std::vector<Digest>& proof);

// One proof for many entries. `merkle_part` gives the nodes that are missing where only the leaves
// at `positions` (sorted, each below `size`) are known; with them and the leaves
// `merkle_root_of_part` computes the root, and nothing where a node is missing. Each hash is needed
// once, so this is far shorter than a path for each.
using MerklePlace = std::pair<unsigned, std::uint64_t>;  // level, index
using MerklePart = std::map<MerklePlace, Digest>;

MerklePart merkle_part(const std::vector<std::uint64_t>& positions,
                       std::uint64_t size,
                       const MerkleNodes& nodes);
std::optional<Digest> merkle_root_of_part(const std::map<std::uint64_t, Digest>& leaves,
                                          std::uint64_t size,
                                          const MerklePart& part);

}  // namespace nines
