#include "host/inputs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "host/contract_text.h"

namespace cortland::host {
namespace {

// May row i see slot j? Said once more, slot by slot (design.md section 4).
bool may_see(const Rows& rows, std::optional<int64_t> window, int64_t i, int64_t j) {
  const int64_t p = rows.start + i;
  if (i >= rows.used) return j == p;
  return j <= p && (!window || p - j < *window);
}

TEST(Inputs, MasksAgainstBruteForce) {
  for (const int64_t context : {1, 2, 8, 13}) {
    const Contract contract = small_contract(context, 0);
    for (const std::optional<int64_t> window : {std::optional<int64_t>(), {1}, {2}, {5}, {100}}) {
      const Contract::Mask mask{"mask", window};
      for (int64_t tokens = 1; tokens <= context; ++tokens) {
        for (int64_t start = 0; start + tokens <= context; ++start) {
          for (int64_t used = 1; used <= tokens; ++used) {
            const Rows rows{start, tokens, used};
            const std::vector<float> got = make_mask(contract, mask, rows);
            ASSERT_EQ(got.size(), static_cast<size_t>(tokens * context));
            for (size_t k = 0; k < got.size(); ++k) {
              const auto i = static_cast<int64_t>(k) / context, j = static_cast<int64_t>(k) % context;
              ASSERT_EQ(got[k], may_see(rows, window, i, j) ? 0.0f : -10000.0f)
                  << "S " << context << " W " << window.value_or(0) << " start " << start << " T " << tokens << " used "
                  << used << " row " << i << " slot " << j;
            }
          }
        }
      }
    }
  }
}

// The same for a cache that the host keeps.
TEST(Inputs, MasksOfPastAndNewAgainstBruteForce) {
  for (const int64_t context : {2, 8, 13}) {
    for (int64_t tokens = 1; tokens < context; ++tokens) {
      const Contract contract = small_explicit_contract(context, tokens);
      const int64_t past = context - tokens;
      for (const std::optional<int64_t> window : {std::optional<int64_t>(), {1}, {3}, {100}}) {
        for (int64_t start = 0; start <= past; ++start) {
          for (int64_t used = 1; used <= tokens; ++used) {
            const Rows rows{start, tokens, used};
            const std::vector<float> got = make_mask(contract, {"mask", window}, rows),
                                     far = make_distance(contract, rows);
            ASSERT_EQ(got.size(), static_cast<size_t>(tokens * context));
            for (size_t k = 0; k < got.size(); ++k) {
              const auto i = static_cast<int64_t>(k) / context, slot = static_cast<int64_t>(k) % context;
              const bool is_written = slot < start || slot >= past;
              const int64_t j = slot < past ? slot : start + slot - past;
              ASSERT_EQ(got[k], is_written && may_see(rows, window, i, j) ? 0.0f : -10000.0f)
                  << "S " << context << " W " << window.value_or(0) << " start " << start << " T " << tokens << " used "
                  << used << " row " << i << " slot " << slot;
              ASSERT_EQ(far[k], is_written && j <= start + i ? static_cast<float>(j - start - i) : 0.0f);
            }
          }
        }
      }
    }
  }
}

TEST(Inputs, TheRowIsTheLastThatCounts) {
  EXPECT_EQ(make_row({5, 4, 1}), (std::vector<float>{1, 0, 0, 0}));
  EXPECT_EQ(make_row({5, 4, 4}), (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(make_row({5, 1, 1}), std::vector<float>{1});
}

TEST(Inputs, ASmallMaskInFull) {
  Contract contract = small_contract(4, 0);
  contract.mask_value = -65504;
  constexpr float x = -65504;
  EXPECT_EQ(make_mask(contract, {"mask", {}}, {1, 3, 2}), (std::vector<float>{0, 0, x, x,  //
                                                                              0, 0, 0, x,  //
                                                                              x, x, x, 0}));
  EXPECT_EQ(make_mask(contract, {"mask", 2}, {1, 3, 3}), (std::vector<float>{0, 0, x, x,  //
                                                                             x, 0, 0, x,  //
                                                                             x, x, 0, 0}));
  Contract kept = small_explicit_contract(6, 3);  // two positions are past, the slot of the third is free
  kept.mask_value = x;
  EXPECT_EQ(make_mask(kept, {"mask", {}}, {2, 3, 2}), (std::vector<float>{0, 0, x, 0, x, x,  //
                                                                          0, 0, x, 0, 0, x,  //
                                                                          x, x, x, x, x, 0}));
}

// Calls of any length tell about the slots that are in use afterwards, and no more.
TEST(Inputs, MasksOfFlexibleCallsEndWithTheirLastToken) {
  const Contract contract = flexible_contract(8, 4);
  constexpr float x = -10000;
  EXPECT_EQ(mask_slots(contract, {2, 3, 3}), 5);
  EXPECT_EQ(mask_slots(small_contract(8, 4), {2, 3, 3}), 8);
  EXPECT_EQ(make_mask(contract, {"causalMask", {}}, {2, 3, 3}), (std::vector<float>{0, 0, 0, x, x,  //
                                                                                    0, 0, 0, 0, x,  //
                                                                                    0, 0, 0, 0, 0}));
  EXPECT_EQ(make_mask(contract, {"slidingCausalMask", 2}, {2, 3, 3}), (std::vector<float>{x, 0, 0, x, x,  //
                                                                                          x, x, 0, 0, x,  //
                                                                                          x, x, x, 0, 0}));
  EXPECT_EQ(make_mask(contract, {"causalMask", {}}, {7, 1, 1}), std::vector<float>(8, 0));
  EXPECT_EQ(make_distance(contract, {1, 2, 2}), (std::vector<float>{-1, 0, 0, -2, -1, 0}));
}

TEST(Inputs, RotaryRows) {
  const Contract::Rope rope{"cos", "sin", {1.0, 0.25, 1e-7}, 1.5};
  for (const int64_t start : {int64_t{0}, int64_t{7}, int64_t{1'000'000}}) {
    const Rows rows{start, 3, 2};
    const RopeRows got = make_rope(rope, rows);
    ASSERT_EQ(got.cos.size(), 3u * 6);
    ASSERT_EQ(got.sin.size(), 3u * 6);
    for (size_t i = 0; i < 3; ++i) {
      for (size_t k = 0; k < 3; ++k) {
        const double angle = static_cast<double>(start + static_cast<int64_t>(i)) * rope.inv_freq[k];
        const auto c = static_cast<float>(1.5 * std::cos(angle)), s = static_cast<float>(1.5 * std::sin(angle));
        EXPECT_FLOAT_EQ(got.cos[i * 6 + k], c);
        EXPECT_FLOAT_EQ(got.cos[i * 6 + 3 + k], c);
        EXPECT_FLOAT_EQ(got.sin[i * 6 + k], -s);
        EXPECT_FLOAT_EQ(got.sin[i * 6 + 3 + k], s);
      }
    }
  }
}

TEST(Inputs, RotatingByHalvesKeepsLengthsAndTurnsByTheAngle) {
  const Contract::Rope rope{"cos", "sin", {0.1}, 1};
  const RopeRows rows = make_rope(rope, {5, 1, 1});
  // x * cos + swap_halves(x) * sin, of x = (3, 4).
  const float a = 3 * rows.cos[0] + 4 * rows.sin[0], b = 4 * rows.cos[1] + 3 * rows.sin[1];
  EXPECT_NEAR(a, 3 * std::cos(0.5) - 4 * std::sin(0.5), 1e-6);
  EXPECT_NEAR(b, 4 * std::cos(0.5) + 3 * std::sin(0.5), 1e-6);
}

}  // namespace
}  // namespace cortland::host
