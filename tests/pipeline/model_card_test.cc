#include "pipeline/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortland {
namespace {

using testing::HasSubstr;
using testing::Not;

ConvertSummary summary() {
  ConvertSummary summary;
  summary.source = {.folder = "f", .id = "org/model", .revision = "abc"};
  summary.paths = {.bundle = "out/Model", .package = "out/Model/Model.mlpackage", .text = "out/Model/Model.text"};
  summary.has_text = true;
  summary.model_type = "exaone4";
  return summary;
}

TEST(ModelCard, NamesSourceLicenceAndCommand) {
  const Licence licence{.id = "other", .name = "exaone", .link = "LICENSE", .files = {"f/LICENSE"}};
  const std::string card = model_card(summary(), licence, "convert --context 64", {});
  EXPECT_THAT(card, testing::StartsWith("---\nlibrary_name: coreml\n"));
  EXPECT_THAT(card, HasSubstr("base_model: org/model\nlicense: other\nlicense_name: exaone\nlicense_link: LICENSE\n"));
  EXPECT_THAT(card, HasSubstr("`org/model` at commit `abc`"));
  EXPECT_THAT(card, HasSubstr("cortland convert --context 64 -o Model/ org/model\n"));
  EXPECT_THAT(card, HasSubstr("stays under its licence: exaone. Its text lies beside this file"));
  EXPECT_THAT(card, HasSubstr("Not measured."));
}

TEST(ModelCard, WhatIsUnknownIsLeftOut) {
  ConvertSummary local = summary();
  local.source = {.folder = "f", .id = "demo", .revision = ""};
  local.has_text = false;
  const std::string card = model_card(local, {}, "convert", {});
  EXPECT_THAT(card, Not(HasSubstr("base_model")));
  EXPECT_THAT(card, Not(HasSubstr("license")));
  EXPECT_THAT(card, Not(HasSubstr("Model.text")));
  EXPECT_THAT(card, HasSubstr("The checkpoint names no licence."));
}

TEST(ModelCard, HasWhatWasMeasured) {
  MeasuredQuality quality{.math = Math::fp16, .report = {}};
  quality.report.tokens = 16;
  quality.report.logits.psnr_db = 71.4;
  quality.report.mean_kl = 2e-6;
  quality.report.top1_agreement = 0.9375;
  const std::string card = model_card(summary(), {}, "convert", {quality});
  EXPECT_THAT(card, HasSubstr("compared with the checkpoint on 16 tokens"));
  EXPECT_THAT(card, HasSubstr("| float16 | 71 dB | 2e-06 | 93.8 % |"));
}

}  // namespace
}  // namespace cortland
