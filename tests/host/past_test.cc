// A cache that the host keeps: what a package sees through the masks is what was said, whatever happened before.
#include "host/past.h"

#include <gtest/gtest.h>

#include <numeric>

#include "host/contract_text.h"
#include "host/session.h"

namespace cortland::host {
namespace {

using Ids = std::vector<int32_t>;

Ids some_ids(int32_t from, int64_t n) {
  Ids ids(static_cast<size_t>(n));
  std::iota(ids.begin(), ids.end(), from);
  for (int32_t& id : ids) id %= 1000;
  return ids;
}

// A package whose keys are the ids themselves, other ones in each plane and element.
class Package {
 public:
  Package(const Contract& contract, Session& session) : contract_(contract), session_(session) {}

  // Makes the calls for n ids and checks everything that a session promises about them.
  void feed(int64_t n) {
    const int64_t begin = session_.position();
    const auto calls = session_.feed(some_ids(static_cast<int32_t>(begin * 7 + n), n));
    ASSERT_TRUE(calls) << calls.message();
    int64_t at = begin;
    for (const Call& call : *calls) {
      const Rows& rows = call.rows;
      ASSERT_TRUE(rows.start == at || (rows.start < at && rows.start + rows.tokens == contract_.context));
      ASSERT_LE(rows.start + rows.tokens, contract_.context);
      at = rows.start + rows.used;
      // Only the last call is padded.
      ASSERT_TRUE(rows.used == rows.tokens || at == session_.position());
      ASSERT_NO_FATAL_FAILURE(run(call));
    }
    ASSERT_EQ(at, begin + n);
  }

 private:
  static constexpr int32_t kStep = 1000;  // from plane to plane

  void run(const Call& call) {
    const std::vector<float> mask = make_mask(contract_, {"mask", {}}, call.rows);
    for (int64_t i = 0; i < call.rows.used; ++i) {
      const auto end = session_.ids().begin() + call.rows.start + i + 1;
      ASSERT_EQ(seen(call, mask, i), Ids(session_.ids().begin(), end)) << "row " << i;
    }
    for (Past& past : session_.past()) past.append(call.rows, columns(call));
  }

  // The ids in the slots that a row may see, in the order of the slots; the same in every plane of keys and values.
  Ids seen(const Call& call, const std::vector<float>& mask, int64_t row) const {
    const auto& [layers, heads, slots, width] = contract_.cache.shape;
    Ids ids;
    for (int64_t slot = 0; slot < contract_.context; ++slot) {
      if (mask[static_cast<size_t>(row * contract_.context + slot)] != 0) continue;
      if (slot >= slots) {
        ids.push_back(call.ids[static_cast<size_t>(slot - slots)]);
        continue;
      }
      ids.push_back(session_.past()[0].values()[static_cast<size_t>(slot * width)]);
      for (const Past& past : session_.past()) {
        for (int64_t k = 0; k < layers * heads * width; ++k) {
          const int64_t plane = k / width;
          const uint16_t value = past.values()[static_cast<size_t>((plane * slots + slot) * width + k % width)];
          EXPECT_EQ(value, static_cast<uint16_t>(ids.back() + kStep * k)) << "slot " << slot << " element " << k;
        }
      }
    }
    return ids;
  }

  // What the package gives: [L, K', T, E'].
  std::vector<uint16_t> columns(const Call& call) const {
    const auto& [layers, heads, slots, width] = contract_.cache.shape;
    std::vector<uint16_t> out;
    for (int64_t plane = 0; plane < layers * heads; ++plane) {
      for (const int32_t id : call.ids) {
        for (int64_t e = 0; e < width; ++e) out.push_back(static_cast<uint16_t>(id + kStep * (plane * width + e)));
      }
    }
    return out;
  }

  const Contract& contract_;
  Session& session_;
};

TEST(Past, EveryPromptAtEveryPosition) {
  for (const int64_t tokens : {1, 2, 3, 5, 8}) {
    const int64_t context = 3 * tokens + 2;
    const Contract contract = small_explicit_contract(context, tokens);
    for (int64_t position = 0; position < context; ++position) {
      for (int64_t n = 1; n <= context - position; ++n) {
        Session session(contract);
        Package package(contract, session);
        if (position > 0) package.feed(position);
        package.feed(n);
        if (HasFatalFailure()) FAIL() << "T " << tokens << " position " << position << " n " << n;
      }
    }
  }
}

TEST(Past, ACallHoldsAsManyTokensAsItTakes) {
  const Contract contract = small_explicit_contract(32, 8);
  Session session(contract);
  const auto calls = session.feed(some_ids(10, 14));
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls->size(), 2u);
  EXPECT_EQ((*calls)[0].ids, some_ids(10, 8));
  EXPECT_EQ((*calls)[1].rows.start, 8);
  EXPECT_EQ((*calls)[1].rows.used, 6);
  EXPECT_EQ((*calls)[1].ids, (Ids{18, 19, 20, 21, 22, 23, 0, 0}));
}

// Step by step, to the last slot: from S - T on, a call computes its beginning again.
TEST(Past, TheContextFillsToItsLastSlot) {
  for (const int64_t tokens : {1, 3, 8, 15}) {
    const Contract contract = small_explicit_contract(16, tokens);
    Session session(contract);
    Package package(contract, session);
    for (int64_t i = 0; i < 16; ++i) ASSERT_NO_FATAL_FAILURE(package.feed(1)) << "T " << tokens << " token " << i;
    EXPECT_EQ(session.room(), 0);
    const auto more = session.feed({1});
    ASSERT_FALSE(more);
    EXPECT_EQ(more.message(), "context: got 1 tokens at position 16, want at most 0");
  }
}

TEST(Past, WhatIsTakenBackIsForgotten) {
  const Contract contract = small_explicit_contract(19, 4);
  for (int64_t first = 1; first <= 19; ++first) {
    for (int64_t back = 0; back <= first; ++back) {
      Session session(contract);
      Package package(contract, session);
      package.feed(first);
      session.rewind(back);
      if (back < 19) package.feed(std::min<int64_t>(3, 19 - back));
      if (session.room() > 0) package.feed(session.room());
      if (HasFatalFailure()) FAIL() << "first " << first << " back " << back;
    }
  }
}

TEST(Past, BeginsWithZeros) {
  const Contract contract = small_explicit_contract(8, 3);
  const Session session(contract);
  ASSERT_EQ(session.past().size(), 2u);
  EXPECT_EQ(std::vector<uint16_t>(session.past()[0].values().begin(), session.past()[0].values().end()),
            std::vector<uint16_t>(2 * 3 * 5 * 2, 0));
  const Contract other = small_contract(8, 3);
  EXPECT_TRUE(Session(other).past().empty());
}

// Parts with layers have pasts of their own.
TEST(Past, EachPartHasItsLayers) {
  Contract contract = small_explicit_contract(32, 8);
  contract.parts = {{"a", 0, 1, {}}, {"b", 1, 2, {}}, {"head", 2, 2, {}}};
  const Session session(contract);
  ASSERT_EQ(session.past().size(), 4u);
  for (const Past& past : session.past()) EXPECT_EQ(past.values().size(), 1u * 3 * 24 * 2);
}

}  // namespace
}  // namespace cortland::host
