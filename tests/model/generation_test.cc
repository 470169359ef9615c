#include "model/generation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/failure.h"

namespace cortland {
namespace {

using Ids = std::vector<int64_t>;

// Ids as config.json gave them: 1, and 2.
ModelSpec spec_after(std::string_view text) {
  ModelSpec spec;
  spec.vocabulary = 16;
  spec.bos = 1;
  spec.eos = {2};
  read_generation_config(parse_json(text, "generation_config.json"), spec);
  return spec;
}

TEST(Generation, ItsIdsReplaceThoseOfTheConfig) {
  const ModelSpec spec = spec_after(R"({"bos_token_id": 0, "eos_token_id": [3, 15], "temperature": 0.6})");
  EXPECT_EQ(spec.bos, 0);
  EXPECT_EQ(spec.eos, (Ids{3, 15}));
}

TEST(Generation, WhatItDoesNotSayStays) {
  for (const char* text : {"{}", R"({"bos_token_id": null, "eos_token_id": null})", R"({"eos_token_id": []})"}) {
    const ModelSpec spec = spec_after(text);
    EXPECT_EQ(spec.bos, 1) << text;
    EXPECT_EQ(spec.eos, Ids{2}) << text;
  }
}

TEST(Generation, IdsOutsideTheVocabularyAreRejected) {
  EXPECT_EQ(failure([] { spec_after(R"({"bos_token_id": -1, "eos_token_id": [3, 16]})"); }),
            "corrupt: generation_config.json: 2 reasons:\n"
            "  - bos_token_id: got -1, want 0 to 15\n"
            "  - eos_token_id: got 16, want 0 to 15");
  EXPECT_EQ(failure([] { spec_after(R"({"eos_token_id": "</s>"})"); }),
            R"(corrupt: generation_config.json: eos_token_id: got "</s>", want an integer)");
  EXPECT_EQ(failure([] { spec_after("[]"); }), "corrupt: generation_config.json: want an object");
}

}  // namespace
}  // namespace cortland
