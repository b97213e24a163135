// SPDX-License-Identifier: Apache-2.0
#include "base/merkle.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace nines::merkle_test {
namespace {

// A tree in memory, built by appending alone.
class Tree {
 public:
  void append(std::string_view entry) {
    leaves_.push_back(merkle_leaf(as_bytes(entry)));
    merkle_append(leaves_.size() - 1, leaves_.back(), nodes(),
                  [this](unsigned level, std::uint64_t index, const Digest& hash) {
                    EXPECT_TRUE(nodes_.emplace(std::pair(level, index), hash).second);
                  });
  }

  MerkleNodes nodes() const {
    return [this](unsigned level, std::uint64_t index) {
      const auto found = nodes_.find({level, index});
      EXPECT_NE(found, nodes_.end()) << level << " " << index;
      return found == nodes_.end() ? Digest{} : found->second;
    };
  }

  Digest root(std::uint64_t size) const { return merkle_root(size, nodes()); }

  // MTH of RFC 6962 section 2.1, word for word, as a second opinion.
  Digest defined_root(std::uint64_t from, std::uint64_t to) const {
    if (to == from) return sha256(ByteView{});
    if (to - from == 1) return leaves_[from];
    std::uint64_t split = 1;
    while (split * 2 < to - from) split *= 2;
    return merkle_node(defined_root(from, from + split), defined_root(from + split, to));
  }

  const Digest& leaf(std::uint64_t index) const { return leaves_[index]; }

 private:
  std::vector<Digest> leaves_;
  std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_;
};

// The eight entries and the roots that Certificate Transparency's logs are tested with.
const std::vector<std::string> kInputs = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
const std::string kTwoThree = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const std::string kFourFive = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";

Tree known_tree() {
  Tree tree;
  for (const auto& input : kInputs) tree.append(*from_hex(input));
  return tree;
}

std::vector<std::string> texts(const std::vector<Digest>& digests) {
  std::vector<std::string> out;
  for (const auto& digest : digests) out.push_back(hex(digest));
  return out;
}

void flip(std::vector<Digest>& path, Random& random) {
  auto& byte = path[random.below(path.size())][random.below(32)];
  byte = static_cast<std::uint8_t>(byte ^ (1U << random.below(8)));
}

TEST(Merkle, HasTheRootsOfCertificateTransparency) {
  const Tree tree = known_tree();
  for (std::uint64_t size = 0; size <= 8; ++size) {
    EXPECT_EQ(hex(tree.root(size)), kRoots[size]) << size;
  }
}

TEST(Merkle, ProvesInclusionAsCertificateTransparencyDoes) {
  const Tree tree = known_tree();
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts(inclusion_proof(0, 1, tree.nodes())), Texts{});
  EXPECT_EQ(texts(inclusion_proof(0, 8, tree.nodes())),
            (Texts{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", kTwoThree,
                   "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(texts(inclusion_proof(5, 8, tree.nodes())),
            (Texts{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", kFourFive,
                   kRoots[4]}));
  EXPECT_EQ(texts(inclusion_proof(2, 3, tree.nodes())), Texts{kRoots[2]});
  EXPECT_EQ(texts(inclusion_proof(1, 5, tree.nodes())),
            (Texts{kRoots[1], kTwoThree,
                   "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Merkle, ProvesConsistencyAsCertificateTransparencyDoes) {
  const Tree tree = known_tree();
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts(consistency_proof(1, 1, tree.nodes())), Texts{});
  EXPECT_EQ(texts(consistency_proof(1, 8, tree.nodes())),
            (Texts{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", kTwoThree,
                   "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(texts(consistency_proof(6, 8, tree.nodes())),
            (Texts{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", kFourFive,
                   kRoots[4]}));
  EXPECT_EQ(texts(consistency_proof(2, 5, tree.nodes())),
            (Texts{kTwoThree, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Merkle, ProvesEveryLeafOfEveryTreeAndEveryPairOfTrees) {
  Tree tree;
  constexpr std::uint64_t kSize = 70;
  for (std::uint64_t i = 0; i < kSize; ++i) tree.append("entry " + std::to_string(i));
  for (std::uint64_t size = 0; size <= kSize; ++size) {
    const Digest root = tree.root(size);
    EXPECT_EQ(root, tree.defined_root(0, size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, tree.nodes());
      EXPECT_TRUE(verify_inclusion(tree.leaf(index), index, size, proof, root))
          << index << " of " << size;
    }
    for (std::uint64_t old = 0; old <= size; ++old) {
      const auto proof = consistency_proof(old, size, tree.nodes());
      EXPECT_TRUE(verify_consistency(old, tree.root(old), size, root, proof))
          << old << " to " << size;
    }
  }
}

// Whatever is changed in a true statement, it is no longer proved.
TEST(Merkle, BelievesNoChangedInclusion) {
  Tree tree;
  constexpr std::uint64_t kSize = 40;
  for (std::uint64_t i = 0; i < kSize; ++i) tree.append(std::to_string(i));
  const std::uint64_t seed = 20261101;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 3000; ++round) {
    const std::uint64_t size = 2 + random.below(kSize - 1);
    const std::uint64_t index = random.below(size);
    const Digest root = tree.root(size);
    auto proof = inclusion_proof(index, size, tree.nodes());
    const std::uint64_t other = (index + 1 + random.below(size - 1)) % size;
    EXPECT_FALSE(verify_inclusion(tree.leaf(other), index, size, proof, root));
    EXPECT_FALSE(verify_inclusion(tree.leaf(index), other, size, proof, root));
    EXPECT_FALSE(verify_inclusion(tree.leaf(index), size + index, size, proof, root));
    auto changed = proof;
    flip(changed, random);
    EXPECT_FALSE(verify_inclusion(tree.leaf(index), index, size, changed, root));
    changed = proof;
    changed.push_back(tree.leaf(0));
    EXPECT_FALSE(verify_inclusion(tree.leaf(index), index, size, changed, root));
    proof.pop_back();
    EXPECT_FALSE(verify_inclusion(tree.leaf(index), index, size, proof, root));
  }
}

TEST(Merkle, BelievesNoChangedConsistency) {
  Tree tree;
  constexpr std::uint64_t kSize = 40;
  for (std::uint64_t i = 0; i < kSize; ++i) tree.append(std::to_string(i));
  const std::uint64_t seed = 20261102;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 3000; ++round) {
    const std::uint64_t size = 2 + random.below(kSize - 1);
    const std::uint64_t old = 1 + random.below(size - 1);
    const Digest root = tree.root(size);
    const Digest old_root = tree.root(old);
    auto proof = consistency_proof(old, size, tree.nodes());
    ASSERT_FALSE(proof.empty());
    EXPECT_FALSE(verify_consistency(old, tree.root(old - 1), size, root, proof));
    EXPECT_FALSE(verify_consistency(old, old_root, size, tree.root(size - 1), proof));
    EXPECT_FALSE(verify_consistency(size, old_root, old, root, proof));
    auto changed = proof;
    flip(changed, random);
    EXPECT_FALSE(verify_consistency(old, old_root, size, root, changed));
    changed = proof;
    changed.push_back(root);
    EXPECT_FALSE(verify_consistency(old, old_root, size, root, changed));
    proof.pop_back();
    EXPECT_FALSE(verify_consistency(old, old_root, size, root, proof));
  }
}

TEST(Merkle, ProvesManyEntriesAtOnce) {
  Tree tree;
  constexpr std::uint64_t kSize = 100;
  for (std::uint64_t i = 0; i < kSize; ++i) tree.append(std::to_string(i));
  const std::uint64_t seed = 20261103;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t size = 1 + random.below(kSize);
    std::vector<std::uint64_t> positions;
    std::map<std::uint64_t, Digest> leaves;
    const std::uint64_t one_in = 1 + random.below(12);
    for (std::uint64_t i = 0; i < size; ++i) {
      if (random.below(one_in) != 0) continue;
      positions.push_back(i);
      leaves[i] = tree.leaf(i);
    }
    auto part = merkle_part(positions, size, tree.nodes());
    EXPECT_EQ(merkle_root_of_part(leaves, size, part), tree.root(size));
    if (leaves.empty()) continue;
    // Another leaf, or a leaf at another place, is another root or none.
    auto changed = leaves;
    changed.begin()->second = merkle_leaf(as_bytes("forged"));
    EXPECT_NE(merkle_root_of_part(changed, size, part), tree.root(size));
    changed = leaves;
    changed.erase(changed.begin());
    EXPECT_NE(merkle_root_of_part(changed, size, part), tree.root(size));
    if (part.empty()) continue;
    part.erase(part.begin());
    EXPECT_EQ(merkle_root_of_part(leaves, size, part), std::nullopt);
  }
}

TEST(Merkle, DoesNotTakeANodeForALeaf) {
  const Tree tree = known_tree();
  // The pair of leaf hashes is no entry, though its bytes hash to a node (RFC 6962: the prefixes).
  std::string pair(as_text(tree.leaf(0)));
  pair += as_text(tree.leaf(1));
  EXPECT_NE(merkle_leaf(as_bytes(pair)), merkle_node(tree.leaf(0), tree.leaf(1)));
}

}  // namespace
}  // namespace nines::merkle_test
