// Every case of golden/text/sampler.jsonl, as its README says.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "portable/json.h"
#include "text/sampler.h"

namespace cortland::text {
namespace {

using portable::JsonValue;

double number(const JsonValue& value, std::string_view key) { return value.find(key)->number().value(); }

std::vector<int32_t> ids_of(const JsonValue& value) {
  std::vector<int32_t> ids;
  for (const JsonValue& id : *value.array()) ids.push_back(static_cast<int32_t>(*id.integer()));
  return ids;
}

SamplingOptions options_of(const JsonValue& params) {
  SamplingOptions options;
  options.repetition_penalty = number(params, "repetition_penalty");
  options.frequency_penalty = number(params, "frequency_penalty");
  options.presence_penalty = number(params, "presence_penalty");
  options.no_repeat_ngram = *params.find("no_repeat_ngram_size")->integer();
  options.temperature = number(params, "temperature");
  options.top_k = *params.find("top_k")->integer();
  options.top_p = number(params, "top_p");
  options.min_p = number(params, "min_p");
  return options;
}

void check(const JsonValue& root) {
  std::vector<float> logits;
  for (const JsonValue& logit : *root.find("logits")->array()) {
    logits.push_back(static_cast<float>(logit.number().value()));
  }
  const int64_t count = static_cast<int64_t>(logits.size());
  portable::Result<Sampler> sampler = Sampler::make(options_of(*root.find("params")), count);
  ASSERT_TRUE(sampler) << sampler.message();
  ASSERT_FALSE(sampler->begin(ids_of(*root.find("prompt"))));
  for (const int32_t id : ids_of(*root.find("generated"))) ASSERT_FALSE(sampler->add(id));
  const auto id = sampler->sample({.data = logits.data(), .type = LogitType::fp32, .count = count});
  ASSERT_TRUE(id) << id.message();

  EXPECT_EQ(sampler->top(1).front().id, *root.find("greedy")->integer());
  const JsonValue* probabilities = root.find("probs");
  if (probabilities == nullptr) {
    EXPECT_EQ(*id, *root.find("greedy")->integer());
  }
  const std::vector<TokenProbability> found = sampler->candidates();
  EXPECT_EQ(static_cast<int64_t>(found.size()), *root.find("kept")->integer());
  if (root.find("tie_at_cut") != nullptr) return;
  std::map<int32_t, TokenProbability> by_id;
  for (const TokenProbability& token : found) by_id[token.id] = token;
  for (int32_t i = 0; i < count; ++i) {
    const JsonValue& score = (*root.find("scores")->array())[static_cast<size_t>(i)];
    ASSERT_EQ(by_id.contains(i), !score.is_null()) << "token " << i;
    if (score.is_null()) continue;
    EXPECT_NEAR(by_id[i].score, score.number().value(), 1e-5 * std::abs(score.number().value())) << "token " << i;
    if (probabilities == nullptr) continue;
    const double probability = (*probabilities->array())[static_cast<size_t>(i)].number().value();
    EXPECT_NEAR(by_id[i].probability, probability, 1e-6) << "token " << i;
    if (probability > 1e-30) {
      EXPECT_NEAR(by_id[i].log_probability, std::log(probability), 1e-4) << "token " << i;
    }
  }
}

TEST(SamplerGolden, EveryCase) {
  std::ifstream file(CORTLAND_TEST_DATA "/golden/text/sampler.jsonl");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const auto parsed = portable::parse_json(line);
    ASSERT_TRUE(parsed) << parsed.message();
    SCOPED_TRACE(*parsed->find("name")->text());
    check(*parsed);
  }
  EXPECT_EQ(cases, 60);
}

}  // namespace
}  // namespace cortland::text
