#include "mil/registry.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/failure.h"
#include "mil/builder.h"

namespace cortland::mil {
namespace {

TEST(Registry, NamesAreUniqueSortedAndFound) {
  const auto rows = op_rows();
  ASSERT_FALSE(rows.empty());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(find_op(rows[i].name, rows[i].since), &rows[i]);
    EXPECT_TRUE(i == 0 || std::pair(rows[i - 1].name, rows[i - 1].since) < std::pair(rows[i].name, rows[i].since))
        << rows[i].name;
  }
  for (const std::string_view name : {"", "Add", "ad", "addd", "zzz"}) {
    EXPECT_EQ(find_op(name, Opset::coreml8), nullptr) << name;
  }
}

TEST(Registry, TheFormOfAnOpFollowsTheOpset) {
  const auto since = [](Opset opset) { return find_op("constexpr_lut_to_dense", opset)->since; };
  EXPECT_EQ(since(Opset::coreml5), Opset::coreml6);
  EXPECT_EQ(since(Opset::coreml7), Opset::coreml6);
  EXPECT_EQ(since(Opset::coreml8), Opset::coreml8);
  EXPECT_EQ(since(Opset::coreml9), Opset::coreml8);
}

TEST(Registry, EveryRowIsWellFormed) {
  for (const OpRow& row : op_rows()) {
    EXPECT_NE(row.instantiate, nullptr) << row.name;
    EXPECT_FALSE(row.fields.empty()) << row.name;
    EXPECT_GE(row.since, Opset::coreml5) << row.name;
    std::set<std::string_view> names;
    for (const FieldRow& field : row.fields) {
      EXPECT_TRUE(names.insert(field.name).second) << row.name << " has " << field.name << " twice";
      EXPECT_FALSE(field.name.empty()) << row.name;
    }
  }
}

// From coremltools 9.0, converters/mil/mil/ops/defs: the opset that brought each op or parameter.
TEST(Registry, NewerOpsAndParametersSaySo) {
  const std::map<std::string_view, Opset> newer = {{"constexpr_affine_dequantize", Opset::coreml6},
                                                   {"constexpr_blockwise_shift_scale", Opset::coreml8},
                                                   {"constexpr_lut_to_dense", Opset::coreml6},
                                                   {"constexpr_lut_to_sparse", Opset::coreml8},
                                                   {"constexpr_sparse_blockwise_shift_scale", Opset::coreml8},
                                                   {"constexpr_sparse_to_dense", Opset::coreml6},
                                                   {"read_state", Opset::coreml8},
                                                   {"scaled_dot_product_attention", Opset::coreml8},
                                                   {"slice_update", Opset::coreml8},
                                                   {"write_state", Opset::coreml8}};
  std::map<std::string, Opset> newer_fields;
  for (const OpRow& row : op_rows()) {
    const auto it = newer.find(row.name);
    if (find_op(row.name, Opset::coreml5) != &row) continue;  // a later form
    EXPECT_EQ(row.since, it == newer.end() ? Opset::coreml5 : it->second) << row.name;
    for (const FieldRow& field : row.fields) {
      if (field.since > Opset::coreml5)
        newer_fields[std::string(row.name) + "." + std::string(field.name)] = field.since;
    }
  }
  for (const auto& [name, since] : newer) EXPECT_NE(find_op(name, Opset::coreml9), nullptr) << name;
  EXPECT_EQ(newer_fields.at("gather.batch_dims"), Opset::coreml6);
  EXPECT_EQ(newer_fields.at("gather.validate_indices"), Opset::coreml7);
}

TEST(Registry, AnUnknownOperationIsRefusedByName) {
  const Function function = Builder("main", Opset::coreml8).finish();
  Operation operation;
  operation.name = "n";
  operation.type = "no\nsuch";
  EXPECT_EQ(failure([&] { instantiate(function, operation); }),
            "unsupported: n: operation \"no\\x0asuch\" is not known");
}

TEST(Registry, AnOperationWithoutArgumentsMissesItsFirstRequiredOne) {
  const Function function = Builder("main", Opset::coreml8).finish();
  for (const OpRow& row : op_rows()) {
    Operation operation;
    operation.type = std::string(row.name);
    operation.row = &row;
    operation.name = "n";
    const FieldRow* first = nullptr;
    for (const FieldRow& field : row.fields) {
      if (first == nullptr && field.presence == Presence::required) first = &field;
    }
    ASSERT_NE(first, nullptr) << row.name;
    EXPECT_EQ(failure([&] { instantiate(function, operation); }),
              "corrupt: n (" + std::string(row.name) + "): parameter " + std::string(first->name) + " is missing");
  }
}

}  // namespace
}  // namespace cortland::mil
