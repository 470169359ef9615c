// A real model, SmolLM2-135M-Instruct, against transformers. CORTLAND_SMOLLM2 names its package (model_test.py makes
// it); tools/golden/smollm2.py made what is expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "pipeline/long_conversation.h"
#include "pipeline/packaged_model.h"
#include "pipeline/runner.h"
#include "pipeline/unwrap.h"
#include "support/expected.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

constexpr size_t kStride = 512;

struct Comparison {
  double psnr_db = 0;
  double kl = 0;      // mean of the positions, nats
  size_t top1 = 0;    // positions whose best id agrees
  size_t positions = 0;
};

class SmolLm2 : public testing::Test {
 protected:
  static const PackagedModel& model() {
    static const PackagedModel read = read_model(disk(), std::getenv("CORTLAND_SMOLLM2"));
    return read;
  }
  static const Expected& expected() {
    static const Expected values(CORTLAND_TEST_DATA "/golden/smollm2/expected.safetensors");
    return values;
  }

  // Step by step, or in one call where a call gives logits for all of its rows.
  static std::vector<std::vector<float>> logits_behind_each(Runner& runner, const std::vector<int32_t>& ids) {
    host::Session session(runner.contract());
    std::vector<std::vector<float>> rows;
    if (runner.contract().find("any") == nullptr) {
      for (const int32_t id : ids) rows.push_back(runner.decode(session, id));
      return rows;
    }
    for (const host::Call& call : unwrap(session.feed(ids), ErrorCode::invalid)) {
      const std::vector<float> logits = runner.run(session, call);
      const auto width = static_cast<std::ptrdiff_t>(logits.size()) / call.rows.used;
      for (auto row = logits.begin(); row != logits.end(); row += width) rows.emplace_back(row, row + width);
    }
    return rows;
  }

  static Comparison compare_positions(Math math, size_t count) {
    std::vector<int32_t> ids = expected().all<int32_t>("ids");
    ids.resize(std::min(ids.size(), count));
    const auto samples = expected().rows<float>("sample"), top_logits = expected().rows<float>("top_logits");
    const auto top_ids = expected().rows<int32_t>("top_ids");
    const std::vector<float> log_sum_exp = expected().all<float>("log_sum_exp");
    Runner runner(model(), math);
    const std::vector<std::vector<float>> rows = logits_behind_each(runner, ids);
    DifferenceSum difference;
    Comparison out;
    for (size_t t = 0; t < ids.size(); ++t) {
      const std::vector<float>& logits = rows[t];
      difference.add(samples[t], sample_of(logits, t));
      difference.add(top_logits[t], values_at(logits, top_ids[t]));
      out.kl += coarse_kl(top_ids[t], top_logits[t], static_cast<double>(log_sum_exp[t]), logits) /
                static_cast<double>(ids.size());
      out.top1 += argmax(logits) == top_ids[t][0];
    }
    out.psnr_db = difference.result().psnr_db;
    out.positions = ids.size();
    return out;
  }

  static void print(const Comparison& result) {
    std::printf("PSNR %.1f dB, mean KL %.2g nats, top-1 %zu of %zu\n", result.psnr_db, result.kl, result.top1,
                result.positions);
  }

  static std::vector<int32_t> greedy(Math math, size_t count) {
    Runner runner(model(), math);
    host::Session session(runner.contract());
    std::vector<float> logits = runner.feed(session, expected().all<int32_t>("prompt"));
    std::vector<int32_t> said;
    while (said.size() < count) {
      said.push_back(static_cast<int32_t>(argmax(logits)));
      logits = runner.decode(session, said.back());
    }
    return said;
  }

 private:
  static std::vector<float> sample_of(const std::vector<float>& logits, size_t position) {
    std::vector<float> out;
    for (size_t id = position % kStride; id < logits.size(); id += kStride) out.push_back(logits[id]);
    return out;
  }
  static std::vector<float> values_at(const std::vector<float>& logits, const std::vector<int32_t>& ids) {
    std::vector<float> out;
    for (const int32_t id : ids) out.push_back(logits[static_cast<size_t>(id)]);
    return out;
  }
  static double log_sum(const std::vector<float>& logits) {
    double sum = 0;
    const auto largest = static_cast<double>(logits[static_cast<size_t>(argmax(logits))]);
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
    return largest + std::log(sum);
  }

  // KL of the two distributions with all that is outside of `ids` taken as one outcome.
  static double coarse_kl(const std::vector<int32_t>& ids, const std::vector<float>& reference, double reference_sum,
                          const std::vector<float>& logits) {
    const double sum = log_sum(logits);
    double kl = 0, rest_reference = 1, rest = 1;
    for (size_t i = 0; i < ids.size(); ++i) {
      const double p = static_cast<double>(reference[i]) - reference_sum;
      const double q = static_cast<double>(logits[static_cast<size_t>(ids[i])]) - sum;
      kl += std::exp(p) * (p - q);
      rest_reference -= std::exp(p);
      rest -= std::exp(q);
    }
    if (rest_reference > 0 && rest > 0) kl += rest_reference * std::log(rest_reference / rest);
    return kl;
  }
};

// A call for many rows computes all that is expected, steps a part of it.
TEST_F(SmolLm2, LogitsAgreeInFp32) {
  const size_t positions = model().contract.find("any") == nullptr ? 96 : 256;
  const Comparison result = compare_positions(Math::fp32, positions);
  print(result);
  EXPECT_GE(result.psnr_db, 55);
  EXPECT_LE(result.kl, 1e-5);
  EXPECT_EQ(result.positions, positions);
  EXPECT_GE(result.top1, positions - 1);  // one is a tie up to the rounding of cos and sin to fp16
}

TEST_F(SmolLm2, LogitsAgreeInFp16) {
  const Comparison result = compare_positions(Math::fp16, 40);
  print(result);
  EXPECT_GE(result.psnr_db, 50);
  EXPECT_EQ(result.positions, 40u);
  EXPECT_GE(result.top1, 39u);
}

TEST_F(SmolLm2, GreedyTextIsIdentical) {
  const std::vector<int32_t> want = expected().all<int32_t>("greedy");
  ASSERT_EQ(want.size(), 48u);
  EXPECT_EQ(greedy(Math::fp32, 48), want);
  EXPECT_EQ(greedy(Math::fp16, 16), std::vector<int32_t>(want.begin(), want.begin() + 16));
}

// The same model with a window: CORTLAND_SMOLLM2 with a full cache, CORTLAND_SMOLLM2_OTHER in parts, with a ring.
TEST(SmolLm2InParts, SaysTheSameWithARing) {
  const PackagedModel whole = read_model(disk(), std::getenv("CORTLAND_SMOLLM2"));
  const PackagedModel cut = read_model(disk(), std::getenv("CORTLAND_SMOLLM2_OTHER"));
  ASSERT_TRUE(cut.contract.cache.ring);
  ASSERT_EQ(cut.contract.parts.size(), 3u);
  ASSERT_EQ(cut.contract.contexts, (std::vector<int64_t>{32, 64}));
  EXPECT_EQ(converse(cut), converse(whole));
}

}  // namespace
}  // namespace cortland
