#include "tensor/dtype.h"

#include <algorithm>
#include <array>

namespace cortland {
namespace {

constexpr std::array kRows = {
    // dtype            MIL       safetensors bits mil blob array   float
    DTypeRow{DType::boolean, "bool", "BOOL", 8, 1, 0, 0, false},
    DTypeRow{DType::string, "string", "", 0, 2, 0, 0, false},
    DTypeRow{DType::f16, "fp16", "F16", 16, 10, 1, 65552, true},
    DTypeRow{DType::bf16, "bf16", "BF16", 16, 13, 5, 0, true},
    DTypeRow{DType::f32, "fp32", "F32", 32, 11, 2, 65568, true},
    DTypeRow{DType::f64, "fp64", "F64", 64, 12, 0, 65600, true},
    DTypeRow{DType::f8_e4m3, "fp8e4m3fn", "F8_E4M3", 8, 40, 16, 0, true},
    DTypeRow{DType::f8_e5m2, "fp8e5m2", "F8_E5M2", 8, 41, 17, 0, true},
    DTypeRow{DType::i4, "int4", "", 4, 25, 8, 0, false},
    DTypeRow{DType::i8, "int8", "I8", 8, 21, 4, 131080, false},
    DTypeRow{DType::i16, "int16", "I16", 16, 22, 6, 0, false},
    DTypeRow{DType::i32, "int32", "I32", 32, 23, 14, 131104, false},
    DTypeRow{DType::i64, "int64", "I64", 64, 24, 0, 0, false},
    DTypeRow{DType::u1, "uint1", "", 1, 37, 9, 0, false},
    DTypeRow{DType::u2, "uint2", "", 2, 36, 10, 0, false},
    DTypeRow{DType::u3, "uint3", "", 3, 39, 12, 0, false},
    DTypeRow{DType::u4, "uint4", "", 4, 35, 11, 0, false},
    DTypeRow{DType::u6, "uint6", "", 6, 38, 13, 0, false},
    DTypeRow{DType::u8, "uint8", "U8", 8, 31, 3, 0, false},
    DTypeRow{DType::u16, "uint16", "U16", 16, 32, 7, 0, false},
    DTypeRow{DType::u32, "uint32", "U32", 32, 33, 15, 0, false},
    DTypeRow{DType::u64, "uint64", "U64", 64, 34, 0, 0, false},
};

template <typename Match>
const DTypeRow* find(Match match) {
  const auto it = std::find_if(kRows.begin(), kRows.end(), match);
  return it == kRows.end() ? nullptr : &*it;
}

}  // namespace

std::span<const DTypeRow> dtype_rows() { return kRows; }

const DTypeRow& row_of(DType dtype) { return kRows[static_cast<size_t>(dtype)]; }

const DTypeRow* find_dtype(std::string_view mil_name) {
  return find([&](const DTypeRow& row) { return row.name == mil_name; });
}
const DTypeRow* find_safetensors_dtype(std::string_view tag) {
  return find([&](const DTypeRow& row) { return !tag.empty() && row.safetensors == tag; });
}
const DTypeRow* find_mil_dtype(int code) {
  return find([&](const DTypeRow& row) { return row.mil_code == code; });
}
const DTypeRow* find_blob_dtype(int code) {
  return find([&](const DTypeRow& row) { return code != 0 && row.blob_code == code; });
}
const DTypeRow* find_array_dtype(int code) {
  return find([&](const DTypeRow& row) { return code != 0 && row.array_code == code; });
}

}  // namespace cortland
