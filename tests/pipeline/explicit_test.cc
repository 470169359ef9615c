// Packages whose cache the host keeps: verify judges them, and their contract is checked and obeyed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "package/check.h"
#include "package/reader.h"
#include "package/writer.h"
#include "pipeline/package_fixture.h"
#include "pipeline/runner.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

class Explicit : public PackageTest {
 protected:
  // The package with a part of its contract replaced.
  std::string changed(const std::string& from, const std::string& to) {
    Package package = read_package(disk(), package_);
    std::string& contract = package.metadata.at(std::string(host::kContractKey));
    const size_t at = contract.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    contract.replace(at, from.size(), to);
    write_package(disk(), path("Y.mlpackage"), package, {.overwrite = true});
    return path("Y.mlpackage");
  }

  std::string package_ =
      convert(golden_folder("exaone4-full"), {.context = 64, .prefill = 8, .target = targets().front()});
};

TEST_F(Explicit, VerifyComparesIt) {
  Progress silent;
  const VerifyReport report = verify(
      disk(), {.package = package_, .checkpoint = golden_folder("exaone4-full"), .tokens = 64, .probe = true}, silent);
  for (const auto& check : report.checks) EXPECT_TRUE(check.passed) << check.name << ": " << check.got;
  // The probe looks at the row that counts, also where a call computes its beginning again.
  ASSERT_EQ(report.probes.size(), 5u);
  for (const ProbeResult& probe : report.probes) EXPECT_GE(probe.difference.psnr_db, 55) << probe.place;
  EXPECT_EQ(report.parting, std::nullopt);
}

// A mask is no activation, in whatever form it reaches the scores: tiled for groups of heads, or with ALiBi added.
TEST_F(Explicit, MasksAreNoActivations) {
  for (const char* golden : {"exaone4-full", "bloom"}) {
    convert(golden_folder(golden), {.context = 64, .target = targets().front()});
    Progress silent;
    const VerifyReport report =
        verify(disk(), {.package = package_, .checkpoint = golden_folder(golden), .tokens = 8}, silent);
    for (const ActivationPeak& peak : report.peaks) EXPECT_LT(peak.magnitude, 1000) << golden << " " << peak.value;
  }
}

TEST_F(Explicit, EveryPartOfTheContractIsChecked) {
  EXPECT_TRUE(check_package(disk(), package_).empty());
  const struct {
    const char *from, *to, *rule, *message;
  } cases[] = {
      {R"("past_keys")", R"("keys")", "contract-name", "the function has no such input"},
      {R"("new_values")", R"("values")", "contract-name", "the function has no such output"},
      {R"("row":"row")", R"("row":"line")", "contract-name", "the function has no such input"},
      {R"(,56,)", ",55,", "contract-shape", "want "},
      {R"("shape":[2,)", R"("shape":[3,)", "contract-shape", "want fp16[3, "},
      {R"("new_names":["new_keys",)", R"("new_names":[)", "contract", "want as many of both and 4 sides"},
      {R"("new_names")", R"("names_of_new")", "contract", "new_names"},
  };
  for (const auto& [from, to, rule, message] : cases) {
    const std::vector<Finding> findings = check_package(disk(), changed(from, to));
    ASSERT_FALSE(findings.empty()) << to;
    EXPECT_EQ(findings.front().rule, rule) << to;
    EXPECT_THAT(findings.front().message, testing::HasSubstr(message)) << to;
  }
}

// What does not fit is refused, not read beyond its end.
TEST_F(Explicit, AHostThatIsToldAnotherShapeStops) {
  for (const auto& [from, to] : {std::pair(R"("shape":[2,)", R"("shape":[1,)"), {R"("new_keys")", R"("logits")"}}) {
    const PackagedModel model = read(changed(from, to));
    EXPECT_NE(failure([&] {
                Runner runner(model, Math::fp32);
                host::Session session(runner.contract());
                runner.decode(session, 1);
              }),
              failure([] {}))
        << to;
  }
}

}  // namespace
}  // namespace cortland
