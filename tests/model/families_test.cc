// Every family has a golden case: none is claimed that nothing proves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/failure.h"
#include "base/file.h"
#include "base/json.h"
#include "model/families.h"
#include "model/spec_builder.h"
#include "support/golden.h"

namespace cortland {
namespace {

TEST(Families, EachHasAGoldenCaseAndARowInTheTable) {
  std::vector<std::string> proved;
  for (const std::string& name : golden_names()) {
    const std::string path = load_golden(name).folder + "/config.json";
    const ModelSpec spec = read_spec(parse_json(disk().read_text(path), path));
    EXPECT_FALSE(describe(spec).empty());
    for (const Parameter& p : spec.parameters) {
      EXPECT_TRUE(p.rows.empty() || static_cast<int64_t>(p.rows.size()) == p.shape[0]) << to_string(p.id);
    }
    proved.push_back(spec.model_type);
  }
  const std::string table = disk().read_text(std::string(CORTLAND_ROOT) + "/docs/models.md");
  for (const std::string& family : family_names()) {
    EXPECT_THAT(proved, testing::Contains(family));
    EXPECT_THAT(table, testing::HasSubstr("`" + family + "`"));
  }
}

TEST(Families, RefusedOnesSayWhy) {
  for (const auto& [type, reason] : refused_families()) {
    const Json config = {{"model_type", type}};
    EXPECT_EQ(failure([&] { read_spec(config); }),
              fmt::format("unsupported: config.json: model_type \"{}\" is not supported: it has {}", type, reason));
    EXPECT_THAT(family_names(), testing::Not(testing::Contains(std::string(type))));
  }
}

TEST(Families, AlibiSlopesOfAnyNumberOfHeads) {
  EXPECT_EQ(alibi_slopes(4), (std::vector<double>{0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8}));
  // Beyond a power of two: every other slope of twice as many heads.
  EXPECT_EQ(alibi_slopes(6), (std::vector<double>{0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8, 0x1p-1, 0x1p-3}));
}

}  // namespace
}  // namespace cortland
