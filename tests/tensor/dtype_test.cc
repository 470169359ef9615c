#include "tensor/dtype.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace cortland {
namespace {

TEST(DType, TheTableIsInTheOrderOfTheEnum) {
  const auto rows = dtype_rows();
  ASSERT_EQ(rows.size(), static_cast<size_t>(DType::u64) + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(rows[i].dtype), i);
    EXPECT_EQ(&row_of(rows[i].dtype), &rows[i]);
    EXPECT_EQ(name_of(rows[i].dtype), rows[i].name);
    EXPECT_EQ(bits_of(rows[i].dtype), rows[i].bits);
    EXPECT_EQ(is_float(rows[i].dtype), rows[i].is_float);
  }
}

TEST(DType, EveryRowIsFoundByEachOfItsCodesAndNoCodeNamesTwo) {
  std::set<std::string_view> names, tags;
  std::set<int> mil, blob, array;
  for (const DTypeRow& row : dtype_rows()) {
    EXPECT_EQ(find_dtype(row.name), &row);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_mil_dtype(row.mil_code), &row);
    EXPECT_TRUE(mil.insert(row.mil_code).second) << row.name;
    if (!row.safetensors.empty()) {
      EXPECT_EQ(find_safetensors_dtype(row.safetensors), &row);
      EXPECT_TRUE(tags.insert(row.safetensors).second) << row.name;
    }
    if (row.blob_code != 0) {
      EXPECT_EQ(find_blob_dtype(row.blob_code), &row);
      EXPECT_TRUE(blob.insert(row.blob_code).second) << row.name;
    }
    if (row.array_code != 0) {
      EXPECT_EQ(find_array_dtype(row.array_code), &row);
      EXPECT_TRUE(array.insert(row.array_code).second) << row.name;
    }
  }
}

TEST(DType, CodesThatNameNothingFindNothing) {
  EXPECT_EQ(find_dtype("float16"), nullptr);
  EXPECT_EQ(find_dtype(""), nullptr);
  EXPECT_EQ(find_safetensors_dtype("f16"), nullptr);
  EXPECT_EQ(find_safetensors_dtype(""), nullptr);
  EXPECT_EQ(find_mil_dtype(0), nullptr);
  EXPECT_EQ(find_blob_dtype(0), nullptr);
  EXPECT_EQ(find_blob_dtype(18), nullptr);
  EXPECT_EQ(find_array_dtype(0), nullptr);
}

// Copied from coremltools 9.0: MIL.proto (DataType), MILBlob BlobDataType.hpp, FeatureTypes.proto (ArrayDataType).
TEST(DType, CodesAreThoseOfTheFormats) {
  const std::map<std::string_view, int> mil = {
      {"bool", 1},   {"string", 2}, {"fp16", 10},  {"fp32", 11},  {"fp64", 12},  {"bf16", 13},      {"int8", 21},
      {"int16", 22}, {"int32", 23}, {"int64", 24}, {"int4", 25},  {"uint8", 31}, {"uint16", 32},    {"uint32", 33},
      {"uint64", 34}, {"uint4", 35}, {"uint2", 36}, {"uint1", 37}, {"uint6", 38}, {"uint3", 39},
      {"fp8e4m3fn", 40}, {"fp8e5m2", 41}};
  const std::map<std::string_view, int> blob = {
      {"fp16", 1},   {"fp32", 2},  {"uint8", 3},  {"int8", 4},   {"bf16", 5},   {"int16", 6},  {"uint16", 7},
      {"int4", 8},   {"uint1", 9}, {"uint2", 10}, {"uint4", 11}, {"uint3", 12}, {"uint6", 13}, {"int32", 14},
      {"uint32", 15}, {"fp8e4m3fn", 16}, {"fp8e5m2", 17}};
  const std::map<std::string_view, int> array = {
      {"fp32", 65568}, {"fp64", 65600}, {"int32", 131104}, {"int8", 131080}, {"fp16", 65552}};
  EXPECT_EQ(mil.size(), dtype_rows().size());
  for (const DTypeRow& row : dtype_rows()) {
    EXPECT_EQ(row.mil_code, mil.at(row.name)) << row.name;
    EXPECT_EQ(row.blob_code, blob.count(row.name) ? blob.at(row.name) : 0) << row.name;
    EXPECT_EQ(row.array_code, array.count(row.name) ? array.at(row.name) : 0) << row.name;
  }
}

TEST(DType, TheNameTellsTheWidthAndTheKind) {
  for (const DTypeRow& row : dtype_rows()) {
    if (row.dtype == DType::boolean || row.dtype == DType::string) continue;
    const bool floating = row.name.find("fp") == 0 || row.name.find("bf") == 0;
    EXPECT_EQ(row.is_float, floating) << row.name;
    EXPECT_EQ(row.bits, std::stoi(std::string(row.name.substr(row.name.find_first_of("0123456789"))))) << row.name;
    // Safetensors spells I32, U8, F16 with the same width.
    if (!row.safetensors.empty()) {
      const auto digits = row.safetensors.find_first_of("0123456789");
      EXPECT_EQ(row.bits, std::stoi(std::string(row.safetensors.substr(digits)))) << row.name;
    }
  }
}

TEST(DType, StoredSizePacksSubByteElements) {
  EXPECT_EQ(stored_size(3, DType::f16), 6u);
  EXPECT_EQ(stored_size(3, DType::u3), 2u);
  EXPECT_EQ(stored_size(8, DType::u3), 3u);
  EXPECT_EQ(stored_size(9, DType::u1), 2u);
  EXPECT_EQ(stored_size(5, DType::i4), 3u);
  EXPECT_EQ(stored_size(0, DType::u6), 0u);
  EXPECT_EQ(stored_size(4, DType::u6), 3u);
  EXPECT_EQ(stored_size(3, DType::boolean), 3u);
}

}  // namespace
}  // namespace cortland
