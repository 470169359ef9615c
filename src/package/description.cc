// The layout is described in description.h.
#include "package/description.h"

#include <algorithm>

#include "base/error.h"
#include "package/layout.h"

namespace cortland {
namespace {

bool uses_top_level(const mil::Program& program) {
  return program.functions.size() == 1 && program.functions.front().name == kMainFunction;
}

const InputRange* find_range(const Package& package, std::string_view function, std::string_view input) {
  const auto it = std::find_if(package.ranges.begin(), package.ranges.end(), [&](const InputRange& range) {
    return range.function == function && range.input == input;
  });
  return it == package.ranges.end() ? nullptr : &*it;
}

void encode_array(const mil::ValueInfo& value, std::string_view where, proto::ArrayFeatureType* out) {
  const int code = row_of(value.type.dtype).array_code;
  require(code != 0, ErrorCode::invalid, "{}: element type at the border of a model; got {}, want fp16, fp32 or int32",
          where, mil::to_string(value.type));
  out->set_data_type(code);
  if (!is_fixed(value.type.shape)) return;
  for (const int64_t dim : value.type.shape) out->add_shape(dim);
}

void encode_range(const InputRange* range, const Shape& shape, std::string_view where, proto::ArrayFeatureType* out) {
  require(range != nullptr && range->lower.size() == shape.size() && range->upper.size() == shape.size() &&
              range->initial.size() == shape.size(),
          ErrorCode::invalid, "{}: shape {} is flexible; want a range for each dimension", where, to_string(shape));
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t lower = range->lower[i], upper = range->upper[i], initial = range->initial[i];
    const bool fits = shape[i] == kUnknown ? 0 < lower && lower <= initial && initial <= upper
                                           : lower == shape[i] && upper == shape[i] && initial == shape[i];
    require(fits, ErrorCode::invalid, "{}: dimension {}: got {} to {} and {} at first, want a range of shape {}",
            where, i, lower, upper, initial, to_string(shape));
    out->add_shape(initial);
    proto::SizeRange* sizes = out->mutable_shape_range()->add_size_ranges();
    sizes->set_lower_bound(static_cast<uint64_t>(lower));
    sizes->set_upper_bound(upper);
  }
}

// `Description` is ModelDescription or FunctionDescription: their fields have the same names.
template <typename Description>
void encode_interface(const Package& package, const mil::Function& function, Description* out) {
  require(!function.outputs.empty(), ErrorCode::invalid, "function {}: has no output", function.name);
  for (const mil::ValueId id : function.inputs) {
    const mil::ValueInfo& value = function.value(id);
    const std::string where = fmt::format("function {}: input {}", function.name, value.name);
    proto::FeatureDescription* feature = value.type.is_state ? out->add_state() : out->add_input();
    feature->set_name(value.name);
    proto::ArrayFeatureType* array = value.type.is_state
                                         ? feature->mutable_type()->mutable_state_type()->mutable_array_type()
                                         : feature->mutable_type()->mutable_multi_array_type();
    encode_array(value, where, array);
    if (is_fixed(value.type.shape)) continue;
    require(!value.type.is_state, ErrorCode::invalid, "{}: shape {} of a state; want fixed dimensions", where,
            to_string(value.type.shape));
    encode_range(find_range(package, function.name, value.name), value.type.shape, where, array);
  }
  for (const mil::ValueId id : function.outputs) {
    const mil::ValueInfo& value = function.value(id);
    proto::FeatureDescription* feature = out->add_output();
    feature->set_name(value.name);
    encode_array(value, fmt::format("function {}: output {}", function.name, value.name),
                 feature->mutable_type()->mutable_multi_array_type());
  }
}

void decode_range(const proto::FeatureDescription& feature, const std::string& function, Package* out) {
  const proto::ArrayFeatureType& array = feature.type().multi_array_type();
  if (array.has_enumerated_shapes()) {
    InputChoices& choices = out->choices.emplace_back(InputChoices{function, feature.name(), {}});
    for (const auto& item : array.enumerated_shapes().shapes()) {
      choices.shapes.emplace_back(item.shape().begin(), item.shape().end());
    }
  }
  if (!array.has_shape_range()) return;
  InputRange range{function, feature.name(), {}, {}, {array.shape().begin(), array.shape().end()}};
  for (const proto::SizeRange& sizes : array.shape_range().size_ranges()) {
    range.lower.push_back(static_cast<int64_t>(std::min<uint64_t>(sizes.lower_bound(), INT64_MAX)));
    range.upper.push_back(sizes.upper_bound());
  }
  require(range.lower.size() == range.initial.size(), ErrorCode::corrupt,
          "function {}: input {}: {} ranges for {} dimensions", function, printable(feature.name()),
          range.lower.size(), range.initial.size());
  out->ranges.push_back(std::move(range));
}

}  // namespace

void encode_description(const Package& package, proto::Model* out) {
  const mil::Program& program = package.program;
  require(!program.functions.empty(), ErrorCode::invalid, "program: has no function");
  out->set_specification_version(package.specification_version);
  proto::ModelDescription* description = out->mutable_description();
  if (uses_top_level(program)) {
    encode_interface(package, program.functions.front(), description);
  } else {
    require(program.find(package.default_function) != nullptr, ErrorCode::invalid,
            "program: default function; got \"{}\", want the name of a function", package.default_function);
    for (const mil::Function& function : program.functions) {
      proto::FunctionDescription* part = description->add_functions();
      part->set_name(function.name);
      encode_interface(package, function, part);
    }
    description->set_default_function_name(package.default_function);
  }
  proto::Metadata* metadata = description->mutable_metadata();
  metadata->set_short_description(package.short_description);
  metadata->set_version_string(package.version_string);
  metadata->set_author(package.author);
  metadata->set_license(package.license);
  for (const auto& [key, value] : package.metadata) add_user_defined(key, value, out);
}

void add_user_defined(const std::string& key, const std::string& value, proto::Model* out) {
  out->mutable_description()->mutable_metadata()->mutable_user_defined()->insert({key, value});
}

void decode_description(const proto::Model& model, Package* out) {
  const proto::ModelDescription& description = model.description();
  out->specification_version = model.specification_version();
  out->default_function =
      description.functions_size() > 0 ? description.default_function_name() : std::string(kMainFunction);
  require(out->program.find(out->default_function) != nullptr, ErrorCode::corrupt,
          "description: default function; got \"{}\", want the name of a function",
          printable(out->default_function));
  for (const mil::Function& function : out->program.functions) {
    const InterfaceView interface = find_interface(description, function.name);
    if (!interface) continue;
    for (const proto::FeatureDescription& feature : *interface.input) decode_range(feature, function.name, out);
  }
  const proto::Metadata& metadata = description.metadata();
  out->short_description = metadata.short_description();
  out->version_string = metadata.version_string();
  out->author = metadata.author();
  out->license = metadata.license();
  out->metadata = {metadata.user_defined().begin(), metadata.user_defined().end()};
}

InterfaceView find_interface(const proto::ModelDescription& description, std::string_view function) {
  if (description.functions_size() == 0) {
    if (function != kMainFunction) return {};
    return {&description.input(), &description.output(), &description.state()};
  }
  for (const proto::FunctionDescription& part : description.functions()) {
    if (part.name() == function) return {&part.input(), &part.output(), &part.state()};
  }
  return {};
}

}  // namespace cortland
