// The `gpu` form of every golden checkpoint, read back from disk, against transformers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "package/check.h"
#include "package/reader.h"
#include "package/writer.h"
#include "pipeline/package_fixture.h"
#include "pipeline/runner.h"
#include "pipeline/unwrap.h"
#include "pipeline/verify.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

class GpuGolden : public PackageTest, public testing::WithParamInterface<std::string> {
 protected:
  PackagedModel make_model(const GpuOptions& options) { return read(convert_gpu(golden_.folder, options)); }
  GoldenCase golden_ = load_golden(GetParam());
};

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string text = info.param;
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
}

// Feeds sequences in pieces of so many ids and adds up the difference of every row that has expected logits.
Difference compare_pieces(const GoldenCase& golden, Runner& runner, size_t piece,
                          const std::vector<size_t>& sequences = {0, 1}) {
  const auto vocabulary = static_cast<size_t>(golden.vocabulary);
  DifferenceSum sum;
  for (const size_t s : sequences) {
    runner.clear_states();
    host::Session session(runner.contract());
    const std::vector<int32_t>& ids = golden.ids[s];
    for (size_t at = 0; at < ids.size(); at += piece) {
      const size_t end = std::min(at + piece, ids.size());
      const auto begin = ids.begin();
      const auto calls =
          unwrap(session.feed({begin + std::ptrdiff_t(at), begin + std::ptrdiff_t(end)}), ErrorCode::invalid);
      EXPECT_EQ(calls.size(), 1u);
      const std::vector<float> rows = runner.run(session, calls.front());
      EXPECT_EQ(rows.size(), (end - at) * vocabulary);
      for (size_t t = at; t < end; ++t) {
        const std::span row = std::span(rows).subspan((t - at) * vocabulary, vocabulary);
        if (golden.has_logits(s, t)) sum.add(golden.expected(s, t), row);
        if (!golden.has_all_logits()) {
          EXPECT_EQ(argmax(row), golden.argmax[s][t]) << "position " << t;
        }
      }
    }
  }
  return sum.result();
}

TEST_P(GpuGolden, LogitsAgreeInPiecesOfEverySize) {
  const PackagedModel model = make_model({.context = golden_.context});
  Runner runner(model, Math::fp32);
  EXPECT_GE(compare_pieces(golden_, runner, 1, {0}).psnr_db, 55);
  EXPECT_GE(compare_pieces(golden_, runner, 7).psnr_db, 55);
  EXPECT_GE(compare_pieces(golden_, runner, golden_.ids[0].size()).psnr_db, 55);
}

INSTANTIATE_TEST_SUITE_P(Families, GpuGolden, testing::ValuesIn(golden_names()), test_name);

// A ring with calls of 8 tokens: prompts that go round its end, fill the context, and follow what was taken back.
class GpuRing : public GpuGolden {};

TEST_P(GpuRing, LogitsAgreeInPiecesOfEverySize) {
  const PackagedModel model =
      make_model({.context = golden_.context, .sliding_cache = SlidingCache::ring, .tokens = 8});
  ASSERT_TRUE(model.contract.cache.ring);
  Runner runner(model, Math::fp32);
  DifferenceSum sum;
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    const std::vector<int32_t>& ids = golden_.ids[s];
    runner.clear_states();
    host::Session session(runner.contract());
    const auto feed_up_to = [&](size_t length) {
      const std::vector<float> logits =
          runner.feed(session, {ids.begin() + session.position(), ids.begin() + std::ptrdiff_t(length)});
      if (golden_.has_logits(s, length - 1)) sum.add(golden_.expected(s, length - 1), logits);
    };
    for (const size_t piece : {size_t{1}, size_t{3}, ids.size()}) {
      for (size_t length = piece; length <= ids.size(); length += piece) feed_up_to(length);
      session.rewind(session.position() - 2);
      feed_up_to(ids.size());
      session.rewind(0);
    }
  }
  EXPECT_GE(sum.result().psnr_db, 55);
}

INSTANTIATE_TEST_SUITE_P(Windows, GpuRing,
                         testing::Values("cohere2", "exaone4-hybrid", "gemma3-text", "gpt-neo", "mistral-sliding",
                                         "qwen2-sliding"),
                         test_name);

class GpuForms : public GpuGolden {};

TEST_P(GpuForms, MatmulAttentionAgrees) {
  const PackagedModel model = make_model({.context = golden_.context, .attention = AttentionForm::matmul});
  Runner runner(model, Math::fp32);
  EXPECT_GE(compare_pieces(golden_, runner, 7).psnr_db, 55);
}

TEST_P(GpuForms, Fp16IsNear) {
  const PackagedModel model = make_model({.context = golden_.context});
  Runner runner(model, Math::fp16);
  EXPECT_GE(compare_pieces(golden_, runner, 7).psnr_db, 38);
}

TEST_P(GpuForms, GreedyTextIsIdentical) {
  const PackagedModel model = make_model({.context = golden_.context});
  Runner runner(model, Math::fp32);
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    runner.clear_states();
    host::Session session(runner.contract());
    std::vector<float> logits = runner.feed(session, {golden_.ids[s].begin(), golden_.ids[s].begin() + 8});
    std::vector<int32_t> said;
    while (said.size() < golden_.greedy[s].size()) {
      said.push_back(static_cast<int32_t>(argmax(logits)));
      logits = runner.decode(session, said.back());
    }
    EXPECT_EQ(said, golden_.greedy[s]);
  }
}

TEST_P(GpuForms, RewindForgets) {
  const PackagedModel model = make_model({.context = golden_.context});
  Runner runner(model, Math::fp32);
  const auto part = [&](size_t s, std::ptrdiff_t begin, std::ptrdiff_t end) {
    return std::vector<int32_t>(golden_.ids[s].begin() + begin, golden_.ids[s].begin() + end);
  };
  host::Session session(runner.contract());
  runner.feed(session, part(0, 0, 12));
  runner.feed(session, part(1, 0, 20));
  session.rewind(12);
  EXPECT_GE(compare(golden_.expected(0, 23), runner.feed(session, part(0, 12, 24))).psnr_db, 55);
}

TEST_P(GpuForms, VerifyPassesAndFindsNoBrokenRule) {
  const std::string package = convert_gpu(golden_.folder, {.context = 40});
  Progress silent;
  const VerifyReport report = verify(
      disk(), {.package = package, .checkpoint = golden_.folder, .tokens = 24, .greedy_tokens = 8, .probe = true},
      silent);
  for (const auto& check : report.checks) EXPECT_TRUE(check.passed) << check.name << ": " << check.got;
  EXPECT_TRUE(check_package(disk(), package).empty());
  EXPECT_FALSE(report.probes.empty());
  EXPECT_FALSE(report.parting);
  for (const ActivationPeak& peak : report.peaks) EXPECT_LT(peak.magnitude, 9000) << peak.value;
}

INSTANTIATE_TEST_SUITE_P(Some, GpuForms, testing::Values("exaone4-full", "exaone4-hybrid", "bloom", "opt", "gemma2"),
                         test_name);

class GpuConvert : public PackageTest {
 protected:
  static std::string gpu_command(const Package& package) { return package.metadata.at("cortland.command"); }
};

TEST_F(GpuConvert, RangesAndCommandStandInThePackage) {
  const Package package = read_package(disk(), convert_gpu(golden_folder("exaone4-hybrid"), {.context = 600}));
  std::vector<InputRange> want;
  for (const char* mask : {"causalMask", "slidingCausalMask"}) {
    want.push_back({"main", mask, {1, 1, 1, 1}, {1, 1, 512, 600}, {1, 1, 1, 1}});
  }
  want.insert(want.begin(), InputRange{"main", "inputIds", {1, 1}, {1, 512}, {1, 1}});
  EXPECT_EQ(package.ranges, want);
  EXPECT_EQ(package.specification_version, 9);
  EXPECT_EQ(package.default_function, "main");
  EXPECT_EQ(gpu_command(package),
            "convert --context 600 --precision float16 --profile gpu --target iOS18 --attention sdpa");
}

TEST_F(GpuConvert, APromptOfMoreThanOneCall) {
  const PackagedModel model = read(convert_gpu(golden_folder("exaone4-full"), {.context = 540}));
  Runner runner(model, Math::fp32);
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 530; ++i) ids.push_back(i * 37 % 400);
  host::Session whole(runner.contract()), pieces(runner.contract());
  const std::vector<float> got = runner.feed(whole, ids);
  runner.clear_states();
  std::vector<float> want;
  for (auto at = ids.begin(); at != ids.end(); at += 53) want = runner.feed(pieces, {at, at + 53});
  EXPECT_GE(compare(want, got).psnr_db, 60);
}

// Hosts make calls as long as the contract allows.
TEST_F(GpuConvert, RangesMustReachAsFarAsTheContract) {
  const std::string path = convert_gpu(golden_folder("exaone4-full"), {.context = 48});
  Package package = read_package(disk(), path);
  package.ranges[0].upper[1] = 40;
  package.ranges[1].upper[3] = 47;
  write_package(disk(), path, package, {.overwrite = true});
  std::vector<std::string> found;
  for (const Finding& finding : check_package(disk(), path)) found.push_back(finding.where + ": " + finding.message);
  const std::string where = "contract: function main: ";
  EXPECT_THAT(found, testing::ElementsAre(where + "inputIds: dimension 1: got a range of up to 40, want 48",
                                          where + "causalMask: dimension 3: got a range of up to 47, want 48"));
}

TEST_F(GpuConvert, TheSummaryTellsTheForm) {
  Progress silent;
  const Conversion conversion(
      disk(), {.source = golden_folder("gemma2"), .output = path("X.mlpackage"), .gpu = GpuOptions{.context = 48}},
      silent);
  const ConvertSummary& summary = conversion.summary();
  EXPECT_EQ(summary.profile, "gpu");
  EXPECT_EQ(summary.attention, AttentionForm::matmul);
  EXPECT_FALSE(summary.prefill);
  EXPECT_EQ(summary.functions.at(0).inputs.at(1), "causalMask fp16[1, 1, 1 to 48, 1 to 48]");
  EXPECT_EQ(summary.cache_bytes, 2u * 4 * 2 * 48 * 12 * 2);  // 2 x L K S E, fp16
  EXPECT_EQ(summary.notes, std::vector<std::string>{
                               "no text file is written, so the package takes and gives ids only: "
                               "there is no tokenizer.json"});
}

}  // namespace
}  // namespace cortland
