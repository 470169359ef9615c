// Types and immediate constants on the wire. Private: includes protobuf.
//
//   type      ValueType{tensorType{dataType, rank, dimensions}}, or stateType{wrappedType} around it
//   constant  Value{type, immediate{tensor{one list}}}; which list depends on the element type:
//               bool -> bools; int32, int16, uint16 -> ints; int64, uint64 -> longInts; fp32 -> floats;
//               fp64 -> doubles; string -> strings; fp16, int8, uint8, uint32, sub-byte -> bytes, little-endian, packed
//   blob      Value{type, blobFile{"@model_path/weights/weight.bin", offset of the record}}
#pragma once

#include "coreml.pb.h"
#include "mil/literal.h"
#include "mil/program.h"

namespace cortland {

void encode_type(const mil::Type& type, proto::ValueType* out);
// Errors: unsupported for lists, tuples and dictionaries; corrupt when the rank, a size or the element type is wrong.
mil::Type decode_type(const proto::ValueType& type);
// As decode_type(), and a tensor whose dimensions are all known.
mil::Type decode_fixed_type(const proto::ValueType& type);

// Errors: invalid when the literal holds another number of elements than its shape, or its type has no immediate form.
void encode_literal(const mil::Literal& literal, proto::Value* out);
void encode_blob(DType dtype, const Shape& shape, uint64_t record_offset, proto::Value* out);
// REQUIRES: value.has_immediate(). Errors: unsupported, corrupt.
mil::Literal decode_literal(const proto::Value& value);

}  // namespace cortland
