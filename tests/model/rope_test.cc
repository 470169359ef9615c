#include "model/rope.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/failure.h"

namespace cortland {
namespace {

RopeTable read(std::string_view text, int64_t rotary_dims) {
  const Json json = parse_json(text, "config.json");
  ConfigReader config(json);
  RopeTable table = read_rope_table(config, {.rotary_dims = rotary_dims, .head_dim = rotary_dims, .max_positions = 64});
  config.finish();
  return table;
}

constexpr const char* kLlama3 = R"({"rope_theta": 1000000, "rope_scaling": {"rope_type": "llama3", "factor": 16.0,
    "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}})";

TEST(Rope, DefaultFrequencies) {
  for (const char* text : {"{}", R"({"rope_theta": null, "rope_scaling": null})", R"({"rope_scaling": {}})",
                           R"({"rope_scaling": {"rope_type": "default", "factor": 8}})", R"({"rope_theta": 1e4})"}) {
    const RopeTable table = read(text, 8);
    EXPECT_EQ(table.kind, "default");
    ASSERT_EQ(table.inv_freq.size(), 4u);
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(table.inv_freq[i], std::pow(10.0, -static_cast<double>(i)), 1e-15);
  }
}

TEST(Rope, LinearDividesEveryFrequency) {
  const RopeTable plain = read("{}", 16), table = read(R"({"rope_scaling": {"type": "linear", "factor": 2.5}})", 16);
  EXPECT_EQ(table.kind, "linear");
  for (size_t i = 0; i < 8; ++i) EXPECT_DOUBLE_EQ(table.inv_freq[i], plain.inv_freq[i] / 2.5);
}

// By the number of turns over the original length instead of by wavelength.
double llama3(double theta, int64_t i, int64_t dims, double factor, double low, double high, double original) {
  const double plain = std::exp(-std::log(theta) * 2 * static_cast<double>(i) / static_cast<double>(dims));
  const double turns = original * plain / (2 * std::acos(-1.0));
  const double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
  return plain / factor + smooth * (plain - plain / factor);
}

TEST(Rope, Llama3AgainstAnotherComputation) {
  for (const int64_t dims : {2, 64, 80, 128, 256}) {
    const RopeTable table = read(kLlama3, dims);
    EXPECT_EQ(table.kind, "llama3");
    ASSERT_EQ(table.inv_freq.size(), static_cast<size_t>(dims / 2));
    for (int64_t i = 0; i < dims / 2; ++i) {
      const double want = llama3(1e6, i, dims, 16, 1, 4, 8192);
      EXPECT_NEAR(table.inv_freq[static_cast<size_t>(i)], want, want * 1e-13) << dims << " " << i;
    }
  }
}

// models.md, section 1.2.
TEST(Rope, CheckVectorsOfExaone4) {
  const std::pair<size_t, double> of_64[] = {{0, 1.0}, {13, 3.651741273e-3}, {14, 1.698341255e-3}, {15, 5.812029373e-4},
                                             {16, 1.574366543e-4}, {17, 4.058635197e-5}, {31, 9.624540788e-8}};
  const std::pair<size_t, double> of_128[] = {{26, 3.651741273e-3}, {27, 2.792574273e-3}, {28, 1.698341255e-3},
                                              {33, 6.312133240e-5}, {34, 4.058635197e-5}, {63, 7.755861005e-8}};
  const RopeTable table_64 = read(kLlama3, 64), table_128 = read(kLlama3, 128);
  for (const auto& [i, want] : of_64) EXPECT_NEAR(table_64.inv_freq[i], want, want * 2e-10) << i;
  for (const auto& [i, want] : of_128) EXPECT_NEAR(table_128.inv_freq[i], want, want * 2e-10) << i;
}

TEST(Rope, RefusesBadNumbers) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"rope_theta": 1})", "rope_theta: got 1, want more than 1"},
      {R"({"rope_theta": -5})", "rope_theta: got -5, want more than 1"},
      {R"({"rope_theta": "x"})", R"(rope_theta: got "x", want a number)"},
      {R"({"rope_scaling": {"rope_theta": 0.5}})", "rope_theta: got 0.5, want more than 1"},
      {R"({"rope_scaling": "linear"})", R"(rope_scaling: got "linear", want an object)"},
      {R"({"rope_parameters": []})", "rope_parameters: got [], want an object"},
      {R"({"rope_parameters": {"full_attention": 3}})", "rope_parameters.full_attention: got 3, want an object"},
      {R"({"rope_scaling": {"rope_type": 3}})", "rope_scaling.rope_type: got 3, want a string"},
      {R"({"rope_scaling": {"rope_type": null, "type": "default"}})",
       "rope_scaling.rope_type: got null, want a string"},
      {R"({"rope_scaling": {"rope_type": "linear"}})", "rope_scaling.factor: got nothing, want a positive number"},
      {R"({"rope_scaling": {"rope_type": "linear", "factor": 0}})",
       "rope_scaling.factor: got 0, want a positive number"},
      {R"({"rope_scaling": {"rope_type": "linear", "factor": "2"}})",
       R"(rope_scaling.factor: got "2", want a positive number)"},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4,
           "original_max_position_embeddings": 8192}})",
       "rope_scaling: high_freq_factor 4 is not above low_freq_factor 4"},
      {R"({"rope_scaling": {"rope_type": "llama3"}})",
       "4 reasons:\n  - rope_scaling.factor: got nothing, want a positive number\n"
       "  - rope_scaling.low_freq_factor: got nothing, want a positive number\n"
       "  - rope_scaling.high_freq_factor: got nothing, want a positive number\n"
       "  - rope_scaling.original_max_position_embeddings: got nothing, want a positive number"},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(failure([&] { read(text, 8); }), "corrupt: config.json: " + std::string(want)) << text;
  }
}

}  // namespace
}  // namespace cortland
