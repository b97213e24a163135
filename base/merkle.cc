// SPDX-License-Identifier: Apache-2.0
#include "base/merkle.h"

#include <algorithm>
#include <bit>

namespace nines {
namespace {

constexpr std::uint8_t kLeaf = 0;
constexpr std::uint8_t kNode = 1;

bool complete(std::uint64_t size) { return std::has_single_bit(size); }

// The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

// Subtrees begin at a multiple of the power of two at or above their size, so a complete one is a
// node of its level.
Digest range_root(std::uint64_t from, std::uint64_t size, const MerkleNodes& nodes) {
  if (complete(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return nodes(level, from >> level);
  }
  const auto split = split_of(size);
  return merkle_node(range_root(from, split, nodes), range_root(from + split, size - split, nodes));
}

void inclusion_path(std::uint64_t index,
                    std::uint64_t from,
                    std::uint64_t size,
                    const MerkleNodes& nodes,
                    std::vector<Digest>& path) {
  if (size == 1) return;
  const auto split = split_of(size);
  if (index < split) {
    inclusion_path(index, from, split, nodes, path);
    path.push_back(range_root(from + split, size - split, nodes));
  } else {
    inclusion_path(index - split, from + split, size - split, nodes, path);
    path.push_back(range_root(from, split, nodes));
  }
}

// SUBPROOF: `known` says that the old root is the hash of this very subtree.
void consistency_path(std::uint64_t old_size,
                      std::uint64_t from,
                      std::uint64_t size,
                      bool known,
                      const MerkleNodes& nodes,
                      std::vector<Digest>& path) {
  if (old_size == size) {
    if (!known) path.push_back(range_root(from, size, nodes));
    return;
  }
  const auto split = split_of(size);
  if (old_size <= split) {
    consistency_path(old_size, from, split, known, nodes, path);
    path.push_back(range_root(from + split, size - split, nodes));
  } else {
    consistency_path(old_size - split, from + split, size - split, false, nodes, path);
    path.push_back(range_root(from, split, nodes));
  }
}

// The complete subtrees of a range without known leaves, from the left.
void give_range(std::uint64_t from,
                std::uint64_t size,
                const MerkleNodes& nodes,
                MerklePart& part) {
  if (complete(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    part.emplace(MerklePlace(level, from >> level), nodes(level, from >> level));
    return;
  }
  const auto split = split_of(size);
  give_range(from, split, nodes, part);
  give_range(from + split, size - split, nodes, part);
}

using Positions = std::vector<std::uint64_t>::const_iterator;

void give_part(Positions begin,
               Positions end,
               std::uint64_t from,
               std::uint64_t size,
               const MerkleNodes& nodes,
               MerklePart& part) {
  if (begin == end) return give_range(from, size, nodes, part);
  if (size == 1) return;
  const auto split = split_of(size);
  const auto middle = std::lower_bound(begin, end, from + split);
  give_part(begin, middle, from, split, nodes, part);
  give_part(middle, end, from + split, size - split, nodes, part);
}

std::optional<Digest> part_root(const std::map<std::uint64_t, Digest>& leaves,
                                std::uint64_t from,
                                std::uint64_t size,
                                const MerklePart& part) {
  const auto known = leaves.lower_bound(from);
  const bool any = known != leaves.end() && known->first - from < size;
  if (any && size == 1) return known->second;
  if (!any && complete(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    const auto given = part.find({level, from >> level});
    if (given == part.end()) return std::nullopt;
    return given->second;
  }
  const auto split = split_of(size);
  const auto left = part_root(leaves, from, split, part);
  const auto right = left ? part_root(leaves, from + split, size - split, part) : std::nullopt;
  if (!right) return std::nullopt;
  return merkle_node(*left, *right);
}

}  // namespace

Digest merkle_leaf(ByteView entry) { return sha256({ByteView(&kLeaf, 1), entry}); }

Digest merkle_node(const Digest& left, const Digest& right) {
  return sha256({ByteView(&kNode, 1), ByteView(left), ByteView(right)});
}

void merkle_append(std::uint64_t index,
                   const Digest& leaf,
                   const MerkleNodes& nodes,
                   const std::function<void(unsigned, std::uint64_t, const Digest&)>& put) {
  Digest hash = leaf;
  put(0, index, hash);
  for (unsigned level = 0; (index & 1) != 0; ++level, index >>= 1) {
    hash = merkle_node(nodes(level, index - 1), hash);
    put(level + 1, index >> 1, hash);
  }
}

Digest merkle_root(std::uint64_t size, const MerkleNodes& nodes) {
  return size == 0 ? sha256(ByteView{}) : range_root(0, size, nodes);
}

std::vector<Digest> inclusion_proof(std::uint64_t index,
                                    std::uint64_t size,
                                    const MerkleNodes& nodes) {
  std::vector<Digest> path;
  if (index < size && size <= kMaxMerkleSize) inclusion_path(index, 0, size, nodes, path);
  return path;
}

std::vector<Digest> consistency_proof(std::uint64_t old_size,
                                      std::uint64_t size,
                                      const MerkleNodes& nodes) {
  std::vector<Digest> path;
  if (old_size > 0 && old_size <= size && size <= kMaxMerkleSize) {
    consistency_path(old_size, 0, size, true, nodes, path);
  }
  return path;
}

bool verify_inclusion(const Digest& leaf,
                      std::uint64_t index,
                      std::uint64_t size,
                      const std::vector<Digest>& proof,
                      const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const auto& sibling : proof) {
    if (last == 0) return false;  // the path is longer than the tree is high
    if ((node & 1) != 0 || node == last) {
      hash = merkle_node(sibling, hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = merkle_node(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size,
                        const Digest& old_root,
                        std::uint64_t size,
                        const Digest& root,
                        const std::vector<Digest>& proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty() && old_root == sha256(ByteView{});
  if (proof.empty() && !complete(old_size)) return false;
  // The old root begins the path where the old tree is a node of the new one.
  auto next = proof.begin();
  const Digest first = complete(old_size) ? old_root : *next++;
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while ((node & 1) != 0) node >>= 1, last >>= 1;
  Digest old_hash = first;
  Digest hash = first;
  for (; next != proof.end(); ++next) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = merkle_node(*next, old_hash);
      hash = merkle_node(*next, hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = merkle_node(hash, *next);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

MerklePart merkle_part(const std::vector<std::uint64_t>& positions,
                       std::uint64_t size,
                       const MerkleNodes& nodes) {
  MerklePart part;
  if (size > 0 && size <= kMaxMerkleSize) {
    give_part(positions.begin(), positions.end(), 0, size, nodes, part);
  }
  return part;
}

std::optional<Digest> merkle_root_of_part(const std::map<std::uint64_t, Digest>& leaves,
                                          std::uint64_t size,
                                          const MerklePart& part) {
  if (size == 0 || size > kMaxMerkleSize) return std::nullopt;
  if (!leaves.empty() && leaves.rbegin()->first >= size) return std::nullopt;
  return part_root(leaves, 0, size, part);
}

}  // namespace nines
