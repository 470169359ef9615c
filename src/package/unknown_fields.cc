// The layout is described in unknown_fields.h.
#include "package/unknown_fields.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "coreml.pb.h"

namespace cortland {
namespace {

// Every message of coreml.proto; `leaf` is what has no fields. Map entries have key 1 and value 2.
enum class Message : uint8_t {
  leaf, model, description, function_description, feature, feature_type, state_feature, array, shape, shapes, ranges,
  range, metadata, text_entry, program, function_entry, function, block_entry, block, value_entry, operation,
  argument_entry, argument, binding, named_type, type, tensor_type, dimension, size, unknown, tuple_type, list_type,
  dictionary_type, state_type, value, immediate, blob_file, tensor, numbers, list, dictionary, dictionary_entry,
};

struct Field {
  Message message;
  int number;
  Message child;
};

using M = Message;

#define CORTLAND_FIELD(message, Class, Name, child) {M::message, proto::Class::k##Name##FieldNumber, M::child}
constexpr Field kFields[] = {
    CORTLAND_FIELD(model, Model, SpecificationVersion, leaf),
    CORTLAND_FIELD(model, Model, Description, description),
    CORTLAND_FIELD(model, Model, IsUpdatable, leaf),
    CORTLAND_FIELD(model, Model, MlProgram, program),
    CORTLAND_FIELD(description, ModelDescription, Input, feature),
    CORTLAND_FIELD(description, ModelDescription, Output, feature),
    CORTLAND_FIELD(description, ModelDescription, State, feature),
    CORTLAND_FIELD(description, ModelDescription, PredictedFeatureName, leaf),
    CORTLAND_FIELD(description, ModelDescription, PredictedProbabilitiesName, leaf),
    CORTLAND_FIELD(description, ModelDescription, TrainingInput, feature),
    CORTLAND_FIELD(description, ModelDescription, Functions, function_description),
    CORTLAND_FIELD(description, ModelDescription, DefaultFunctionName, leaf),
    CORTLAND_FIELD(description, ModelDescription, Metadata, metadata),
    CORTLAND_FIELD(function_description, FunctionDescription, Name, leaf),
    CORTLAND_FIELD(function_description, FunctionDescription, Input, feature),
    CORTLAND_FIELD(function_description, FunctionDescription, Output, feature),
    CORTLAND_FIELD(function_description, FunctionDescription, PredictedFeatureName, leaf),
    CORTLAND_FIELD(function_description, FunctionDescription, PredictedProbabilitiesName, leaf),
    CORTLAND_FIELD(function_description, FunctionDescription, State, feature),
    CORTLAND_FIELD(metadata, Metadata, ShortDescription, leaf),
    CORTLAND_FIELD(metadata, Metadata, VersionString, leaf),
    CORTLAND_FIELD(metadata, Metadata, Author, leaf),
    CORTLAND_FIELD(metadata, Metadata, License, leaf),
    CORTLAND_FIELD(metadata, Metadata, UserDefined, text_entry),
    CORTLAND_FIELD(feature, FeatureDescription, Name, leaf),
    CORTLAND_FIELD(feature, FeatureDescription, ShortDescription, leaf),
    CORTLAND_FIELD(feature, FeatureDescription, Type, feature_type),
    CORTLAND_FIELD(feature_type, FeatureType, Int64Type, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, DoubleType, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, StringType, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, ImageType, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, MultiArrayType, array),
    CORTLAND_FIELD(feature_type, FeatureType, DictionaryType, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, SequenceType, leaf),
    CORTLAND_FIELD(feature_type, FeatureType, StateType, state_feature),
    CORTLAND_FIELD(feature_type, FeatureType, IsOptional, leaf),
    CORTLAND_FIELD(state_feature, StateFeatureType, ArrayType, array),
    CORTLAND_FIELD(array, ArrayFeatureType, Shape, leaf),
    CORTLAND_FIELD(array, ArrayFeatureType, DataType, leaf),
    CORTLAND_FIELD(array, ArrayFeatureType, EnumeratedShapes, shapes),
    CORTLAND_FIELD(array, ArrayFeatureType, ShapeRange, ranges),
    CORTLAND_FIELD(array, ArrayFeatureType, IntDefault, leaf),
    CORTLAND_FIELD(array, ArrayFeatureType, FloatDefault, leaf),
    CORTLAND_FIELD(array, ArrayFeatureType, DoubleDefault, leaf),
    CORTLAND_FIELD(shape, ArrayFeatureType_Shape, Shape, leaf),
    CORTLAND_FIELD(shapes, ArrayFeatureType_EnumeratedShapes, Shapes, shape),
    CORTLAND_FIELD(ranges, ArrayFeatureType_ShapeRange, SizeRanges, range),
    CORTLAND_FIELD(range, SizeRange, LowerBound, leaf),
    CORTLAND_FIELD(range, SizeRange, UpperBound, leaf),
    CORTLAND_FIELD(program, Program, Version, leaf),
    CORTLAND_FIELD(program, Program, Functions, function_entry),
    CORTLAND_FIELD(program, Program, DocString, leaf),
    CORTLAND_FIELD(program, Program, Attributes, value_entry),
    CORTLAND_FIELD(function, Function, Inputs, named_type),
    CORTLAND_FIELD(function, Function, Opset, leaf),
    CORTLAND_FIELD(function, Function, BlockSpecializations, block_entry),
    CORTLAND_FIELD(function, Function, Attributes, value_entry),
    CORTLAND_FIELD(block, Block, Inputs, named_type),
    CORTLAND_FIELD(block, Block, Outputs, leaf),
    CORTLAND_FIELD(block, Block, Operations, operation),
    CORTLAND_FIELD(block, Block, Attributes, value_entry),
    CORTLAND_FIELD(operation, Operation, Type, leaf),
    CORTLAND_FIELD(operation, Operation, Inputs, argument_entry),
    CORTLAND_FIELD(operation, Operation, Outputs, named_type),
    CORTLAND_FIELD(operation, Operation, Blocks, block),
    CORTLAND_FIELD(operation, Operation, Attributes, value_entry),
    CORTLAND_FIELD(argument, Argument, Arguments, binding),
    CORTLAND_FIELD(binding, Argument_Binding, Name, leaf),
    CORTLAND_FIELD(binding, Argument_Binding, Value, value),
    CORTLAND_FIELD(named_type, NamedValueType, Name, leaf),
    CORTLAND_FIELD(named_type, NamedValueType, Type, type),
    CORTLAND_FIELD(type, ValueType, TensorType, tensor_type),
    CORTLAND_FIELD(type, ValueType, ListType, list_type),
    CORTLAND_FIELD(type, ValueType, TupleType, tuple_type),
    CORTLAND_FIELD(type, ValueType, DictionaryType, dictionary_type),
    CORTLAND_FIELD(type, ValueType, StateType, state_type),
    CORTLAND_FIELD(tensor_type, TensorType, DataType, leaf),
    CORTLAND_FIELD(tensor_type, TensorType, Rank, leaf),
    CORTLAND_FIELD(tensor_type, TensorType, Dimensions, dimension),
    CORTLAND_FIELD(tensor_type, TensorType, Attributes, value_entry),
    CORTLAND_FIELD(dimension, Dimension, Constant, size),
    CORTLAND_FIELD(dimension, Dimension, Unknown, unknown),
    CORTLAND_FIELD(size, Dimension_Constant, Size, leaf),
    CORTLAND_FIELD(unknown, Dimension_Unknown, Variadic, leaf),
    CORTLAND_FIELD(tuple_type, TupleType, Types, type),
    CORTLAND_FIELD(list_type, ListType, Type, type),
    CORTLAND_FIELD(list_type, ListType, Length, dimension),
    CORTLAND_FIELD(dictionary_type, DictionaryType, KeyType, type),
    CORTLAND_FIELD(dictionary_type, DictionaryType, ValueType, type),
    CORTLAND_FIELD(state_type, StateType, WrappedType, type),
    CORTLAND_FIELD(value, Value, DocString, leaf),
    CORTLAND_FIELD(value, Value, Type, type),
    CORTLAND_FIELD(value, Value, Immediate, immediate),
    CORTLAND_FIELD(value, Value, BlobFile, blob_file),
    CORTLAND_FIELD(immediate, Value_Immediate, Tensor, tensor),
    CORTLAND_FIELD(immediate, Value_Immediate, Tuple, list),
    CORTLAND_FIELD(immediate, Value_Immediate, List, list),
    CORTLAND_FIELD(immediate, Value_Immediate, Dictionary, dictionary),
    CORTLAND_FIELD(blob_file, Value_BlobFile, FileName, leaf),
    CORTLAND_FIELD(blob_file, Value_BlobFile, Offset, leaf),
    CORTLAND_FIELD(tensor, TensorValue, Floats, numbers),
    CORTLAND_FIELD(tensor, TensorValue, Ints, numbers),
    CORTLAND_FIELD(tensor, TensorValue, Bools, numbers),
    CORTLAND_FIELD(tensor, TensorValue, Strings, numbers),
    CORTLAND_FIELD(tensor, TensorValue, LongInts, numbers),
    CORTLAND_FIELD(tensor, TensorValue, Doubles, numbers),
    CORTLAND_FIELD(tensor, TensorValue, Bytes, numbers),
    CORTLAND_FIELD(numbers, TensorValue_Floats, Values, leaf),
    CORTLAND_FIELD(list, ListValue, Values, value),
    CORTLAND_FIELD(dictionary, DictionaryValue, Values, dictionary_entry),
    CORTLAND_FIELD(dictionary_entry, DictionaryValue_Entry, Key, value),
    CORTLAND_FIELD(dictionary_entry, DictionaryValue_Entry, Value, value),
    {M::text_entry, 1, M::leaf}, {M::text_entry, 2, M::leaf},
    {M::function_entry, 1, M::leaf}, {M::function_entry, 2, M::function},
    {M::block_entry, 1, M::leaf}, {M::block_entry, 2, M::block},
    {M::value_entry, 1, M::leaf}, {M::value_entry, 2, M::value},
    {M::argument_entry, 1, M::leaf}, {M::argument_entry, 2, M::argument},
};
#undef CORTLAND_FIELD

const Field* find_field(Message message, uint64_t number) {
  for (const Field& field : kFields) {
    if (field.message == message && static_cast<uint64_t>(field.number) == number) return &field;
  }
  return nullptr;
}

class Walk {
 public:
  void visit(Message message, std::span<const std::byte> bytes, const std::string& path) {
    size_t at = 0;
    while (at < bytes.size()) {
      const auto tag = read_varint(bytes, &at);
      if (!tag) return;
      const auto body = read_value(bytes, &at, *tag & 7);
      if (!body) return;
      const Field* field = find_field(message, *tag >> 3);
      const bool has_fields = field != nullptr && field->child != M::leaf;
      if (field != nullptr && !has_fields) continue;
      const std::string here = path + (path.empty() ? "" : ".") + std::to_string(*tag >> 3);
      if (has_fields) {
        visit(field->child, *body, here);
      } else if (std::find(unknown_.begin(), unknown_.end(), here) == unknown_.end()) {
        unknown_.push_back(here);
      }
    }
  }

  std::vector<std::string> take() { return std::move(unknown_); }

 private:
  static std::optional<uint64_t> read_varint(std::span<const std::byte> bytes, size_t* at) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && *at < bytes.size(); shift += 7) {
      const auto byte = static_cast<uint64_t>(bytes[(*at)++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  // The bytes of a length-delimited value; empty for the other kinds.
  static std::optional<std::span<const std::byte>> read_value(std::span<const std::byte> bytes, size_t* at,
                                                              uint64_t wire_type) {
    uint64_t size = 0;
    size_t start = *at;
    switch (wire_type) {
      case 0: {
        if (!read_varint(bytes, at)) return std::nullopt;
        return std::span<const std::byte>();
      }
      case 1: size = 8; break;
      case 2: {
        const auto length = read_varint(bytes, at);
        if (!length) return std::nullopt;
        size = *length;
        start = *at;
        break;
      }
      case 5: size = 4; break;
      default: return std::nullopt;  // groups are no longer in use
    }
    if (size > bytes.size() - start) return std::nullopt;
    *at = start + size;
    return wire_type == 2 ? bytes.subspan(start, size) : std::span<const std::byte>();
  }

  std::vector<std::string> unknown_;
};

}  // namespace

std::vector<std::string> find_unknown_fields(std::span<const std::byte> model) {
  Walk walk;
  walk.visit(Message::model, model, "");
  return walk.take();
}

}  // namespace cortland
