// What verify says of good and bad pairs, and of requests that it must cut.
#include "pipeline/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/failure.h"
#include "package/layout.h"
#include "pipeline/changed_checkpoint.h"
#include "pipeline/inspect.h"
#include "pipeline/package_fixture.h"

namespace cortland {
namespace {

using Lines = std::vector<std::string>;

class Notes : public Progress {
 public:
  void note(const std::string& line) override { lines.push_back(line); }
  Lines lines;
};

class Verify : public PackageTest {
 protected:
  VerifyReport run(VerifyRequest request = {}) {
    if (request.package.empty()) request.package = package_;
    if (request.checkpoint.empty()) request.checkpoint = golden_folder("exaone4-full");
    notes_.lines.clear();
    return verify(disk(), request, notes_);
  }

  std::string failure_of(const VerifyRequest& request) {
    return failure([&] { run(request); });
  }

  static Lines failed(const VerifyReport& report) {
    Lines names;
    for (const auto& check : report.checks) {
      if (!check.passed) names.push_back(check.name + ": " + check.got);
    }
    return names;
  }

  // Fills a tensor of a checkpoint, which is BF16, with one value.
  static void fill(const std::string& folder, const std::string& tensor, float value) {
    change_tensor(folder, tensor, [=](float, size_t, size_t) { return value; });
  }

  std::string package_ = convert(golden_folder("exaone4-full"), {.context = 64, .prefill = 8});
  Notes notes_;
};

TEST_F(Verify, AGoodPackagePasses) {
  const VerifyReport report = run();
  EXPECT_EQ(failed(report), Lines{});
  EXPECT_EQ(notes_.lines, Lines{});
  EXPECT_TRUE(report.reference_perplexity.has_value());
  EXPECT_EQ(report.checks.front().name, "package rules");
}

TEST_F(Verify, OneTokenHasNoPerplexity) {
  const VerifyReport report = run({.tokens = 1});
  EXPECT_FALSE(report.reference_perplexity.has_value());
  EXPECT_FALSE(report.package_perplexity.has_value());
  EXPECT_EQ(fmt::format("{:.4f}", report.package_perplexity), "n/a");
  EXPECT_EQ(notes_.lines, Lines{"too few tokens to say much: 1, want at least 8"});
  EXPECT_TRUE(run({.tokens = 8}).reference_perplexity.has_value());
  EXPECT_EQ(notes_.lines, Lines{});
}

TEST_F(Verify, RequestsThatAreCutSaySo) {
  const VerifyReport report = run({.tokens = 8, .greedy_tokens = 100, .ids = std::vector<int32_t>(10, 3)});
  EXPECT_EQ(report.tokens, 8);
  EXPECT_EQ(notes_.lines,
            (Lines{"the first 8 of 10 ids are compared; hint: --tokens 10",
                   "56 tokens of greedy text are compared, not 100: behind a prompt of 8, the context holds no "
                   "more"}));
  run({.tokens = 65});
  EXPECT_EQ(notes_.lines, Lines{"64 tokens are compared: the context holds no more"});
}

TEST_F(Verify, RefusesWhatIsNotOfOneModel) {
  EXPECT_EQ(failure_of({.ids = {1, 400}}), "corrupt: --ids: token 1: got id 400, want 0 to 399");
  EXPECT_THAT(failure_of({.checkpoint = golden_folder("exaone4-hybrid")}), testing::StartsWith("corrupt: "));
}

TEST_F(Verify, AnEmptyModelIsAsCorruptAsATruncatedOne) {
  const std::string model = model_path(package_);
  const auto full = std::filesystem::file_size(model);
  for (const auto size : {full / 2, std::uintmax_t{0}}) {
    std::filesystem::resize_file(model, size);
    EXPECT_THAT(failure_of({}), testing::StartsWith("corrupt: ")) << size;
  }
}

// It computes the right thing, and yet Apple's tools may refuse it.
TEST_F(Verify, ABrokenRuleOfThePackageFails) {
  disk().write_text(join_path(package_, "Data/notes.txt"), "x");
  const VerifyReport report = run({.tokens = 8});
  const PackageView view = inspect_packages(disk(), package_).front();
  ASSERT_EQ(view.findings.size(), 1u);
  EXPECT_EQ(failed(report), Lines{"package rules: broken: " + view.findings[0].rule + " (1 in all)"});
  EXPECT_EQ(notes_.lines,
            Lines{view.findings[0].where + ": " + view.findings[0].message + "; hint: inspect lists every finding"});
}

// Codes that are changed in a row or two: the thresholds of 4 bits may let them pass.
TEST_F(Verify, APackageMustBeWhatWasMeasuredWhenItWasMade) {
  ConvertRequest request{.source = golden_folder("exaone4-full"),
                         .ane = {.context = 64, .prefill = 8},
                         .precision = {.precision = "int4"}};
  const std::string path = convert(request, "int4.mlpackage");
  VerifyReport report = run({.package = path, .tokens = 24});
  EXPECT_EQ(failed(report), Lines{});
  ASSERT_TRUE(report.quality.has_value());
  EXPECT_NEAR(report.quality->measured, report.quality->recorded, 0.1 * report.quality->recorded);
  const std::string weights = join_path(path, "Data/com.apple.CoreML/weights/weight.bin");
  std::fstream file(weights, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(weights) / 2);
  std::string bytes(64, '\0');
  file.seekg(middle);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x44);
  file.seekp(middle);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  report = run({.package = path, .tokens = 24});
  EXPECT_THAT(failed(report), testing::Contains(testing::StartsWith("quality as recorded: KL ")));
}

TEST_F(Verify, ACheckpointThatOverflowsFailsByItself) {
  const std::string checkpoint = copy_golden("exaone4-full", "checkpoint");
  fill(checkpoint, "model.norm.weight", 3e38f);
  const VerifyReport report = run({.checkpoint = checkpoint, .probe = true});
  EXPECT_EQ(failed(report), Lines{"checkpoint itself: overflows at token 0"});
  EXPECT_EQ(report.tokens, 0);
  for (const double number : {report.logits.max_abs, report.logits.psnr_db, report.mean_kl, report.worst_kl,
                              report.top1_agreement, report.logit_scale}) {
    EXPECT_TRUE(std::isfinite(number));
  }
  EXPECT_FALSE(report.reference_perplexity.has_value());
}

TEST_F(Verify, ACheckpointWithoutAnOpinionFailsByItself) {
  const std::string checkpoint = copy_golden("exaone4-full", "checkpoint");
  fill(checkpoint, "model.norm.weight", 0);
  EXPECT_EQ(failed(run({.checkpoint = checkpoint})),
            Lines{"checkpoint itself: gives all tokens the same logit"});
}

}  // namespace
}  // namespace cortland
