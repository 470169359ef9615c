// The plain forward pass against transformers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include <nlohmann/json.hpp>
#include "model/families.h"
#include "reference/reference.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

class ReferenceGolden : public testing::TestWithParam<std::string> {
 protected:
  GoldenCase golden_ = load_golden(GetParam());
  ModelSpec spec_ = read_spec(parse_json(disk().read_text(golden_.folder + "/config.json"), "config.json"));
  Checkpoint checkpoint_ = Checkpoint::open(disk(), golden_.folder);
  Weights weights_{spec_, checkpoint_};
  Reference reference_{spec_, weights_, golden_.context};
};

TEST_P(ReferenceGolden, LogitsAgree) {
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    reference_.restart();
    const std::vector<float> logits = reference_.forward(golden_.ids[s]);
    const auto width = static_cast<size_t>(golden_.vocabulary);
    for (size_t t = 0; t < golden_.ids[s].size(); ++t) {
      const auto row = std::span(logits).subspan(t * width, width);
      if (golden_.has_logits(s, t)) {
        EXPECT_LT(compare(golden_.expected(s, t), row).max_abs, 1e-3) << "sequence " << s << " position " << t;
      }
      if (!golden_.has_all_logits()) {
        EXPECT_EQ(argmax(row), golden_.argmax[s][t]) << "position " << t;
      }
    }
  }
}

TEST_P(ReferenceGolden, ResidualStreamAgrees) {
  const auto size = static_cast<size_t>(golden_.tokens * spec_.width);
  size_t seen = 0;
  reference_.forward(golden_.ids[0], LogitRows::last, [&](Point point, int64_t layer, std::span<const float> x) {
    const auto index = static_cast<size_t>(layer + 1);
    // The recorded state of the last layer is the one behind the final norm.
    if (point == Point::after_attention || index == spec_.layers.size()) return;
    EXPECT_LT(compare(std::span(golden_.hidden).subspan(index * size, size), x).max_abs, 1e-4) << "layer " << layer;
    ++seen;
  });
  EXPECT_EQ(seen, spec_.layers.size());
}

TEST_P(ReferenceGolden, GreedyTextAgreesStepByStep) {
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    reference_.restart();
    std::vector<float> logits = reference_.forward(std::span(golden_.ids[s]).first(8), LogitRows::last);
    std::vector<int32_t> said;
    while (said.size() < golden_.greedy[s].size()) {
      said.push_back(static_cast<int32_t>(argmax(logits)));
      logits = reference_.forward(std::span(&said.back(), 1), LogitRows::last);
    }
    EXPECT_EQ(said, golden_.greedy[s]);
  }
}

TEST_P(ReferenceGolden, PiecesGiveWhatOnePassGives) {
  const std::vector<float> whole = reference_.forward(golden_.ids[0], LogitRows::last);
  reference_.restart();
  reference_.forward(std::span(golden_.ids[0]).first(5));
  reference_.forward(std::span(golden_.ids[0]).subspan(5, 1));
  const std::vector<float> pieces = reference_.forward(std::span(golden_.ids[0]).subspan(6), LogitRows::last);
  EXPECT_LT(compare(whole, pieces).max_abs, 1e-4);
  EXPECT_EQ(reference_.position(), golden_.tokens);
}

TEST_P(ReferenceGolden, RefusesIdsOutsideTheVocabulary) {
  const auto beyond = static_cast<int32_t>(spec_.vocabulary);
  try {
    reference_.forward(std::vector<int32_t>{0, beyond});
    FAIL() << "want an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_EQ(std::string(error.what()), fmt::format("token 1: got id {}, want 0 to {}", beyond, beyond - 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Families, ReferenceGolden, testing::ValuesIn(golden_names()), [](const auto& golden) {
  std::string name = golden.param;
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
});

}  // namespace
}  // namespace cortland
