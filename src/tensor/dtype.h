// The one table of element types.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cortland {

enum class DType : uint8_t {
  boolean, string,
  f16, bf16, f32, f64, f8_e4m3, f8_e5m2,
  i4, i8, i16, i32, i64,
  u1, u2, u3, u4, u6, u8, u16, u32, u64,
};

struct DTypeRow {
  DType dtype;
  std::string_view name;         // MIL's spelling: "fp16"
  std::string_view safetensors;  // "F16"; empty where the format has none
  int bits;                      // 0 for string
  int mil_code;                  // MILSpec.DataType
  int blob_code;                 // weight.bin record type; 0 = cannot stand there
  int array_code;                // ArrayFeatureType.ArrayDataType; 0 = cannot be a model input or output
  bool is_float;
};

// Every type, in the order of the enum. Sources: coreml-format sections 2.2, 2.3, 3.3; safetensors tensor.rs.
std::span<const DTypeRow> dtype_rows();

const DTypeRow& row_of(DType dtype);
inline std::string_view name_of(DType dtype) { return row_of(dtype).name; }
inline int bits_of(DType dtype) { return row_of(dtype).bits; }
inline bool is_float(DType dtype) { return row_of(dtype).is_float; }

// Look-ups by the code of one format; nullptr when the code is not known.
const DTypeRow* find_dtype(std::string_view mil_name);
const DTypeRow* find_safetensors_dtype(std::string_view tag);
const DTypeRow* find_mil_dtype(int code);
const DTypeRow* find_blob_dtype(int code);
const DTypeRow* find_array_dtype(int code);

// Bytes of `count` elements stored as one dense bit stream (sub-byte types are packed).
constexpr uint64_t stored_size(uint64_t count, int bits) { return (count * static_cast<uint64_t>(bits) + 7) / 8; }
inline uint64_t stored_size(uint64_t count, DType dtype) { return stored_size(count, bits_of(dtype)); }

}  // namespace cortland
