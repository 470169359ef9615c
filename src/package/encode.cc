#include "package/encode.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

#include "base/error.h"
#include "package/description.h"
#include "package/value_codec.h"

namespace cortland {
namespace {

void encode_value(const mil::Binding& binding, const WeightPlan& plan, proto::Value* out) {
  if (const auto* literal = std::get_if<mil::Literal>(&binding)) return encode_literal(*literal, out);
  const mil::Payload& payload = *std::get<mil::PayloadPtr>(binding);
  encode_blob(payload.dtype(), payload.shape(), plan.record_offset(payload), out);
}

void encode_named_type(const mil::ValueInfo& value, proto::NamedValueType* out) {
  out->set_name(value.name);
  encode_type(value.type, out->mutable_type());
}

void encode_operation(const mil::Function& function, const mil::Operation& operation, const WeightPlan& plan,
                      proto::Operation* out) {
  require(!operation.has_blocks, ErrorCode::unsupported, "control flow with blocks inside");
  out->set_type(operation.type);
  for (const mil::Argument& argument : operation.inputs) {
    proto::Argument& list = (*out->mutable_inputs())[argument.name];
    for (const mil::Binding& binding : argument.bindings) {
      proto::Argument::Binding* item = list.add_arguments();
      if (const auto* id = std::get_if<mil::ValueId>(&binding)) {
        item->set_name(function.value(*id).name);
      } else {
        encode_value(binding, plan, item->mutable_value());
      }
    }
  }
  for (const mil::ValueId id : operation.outputs) encode_named_type(function.value(id), out->add_outputs());
  if (!operation.name.empty()) {
    encode_literal(mil::Literal::of(operation.name), &(*out->mutable_attributes())["name"]);
  }
  for (const mil::Argument& attribute : operation.attributes) {
    require(attribute.bindings.size() == 1 && !std::holds_alternative<mil::ValueId>(attribute.bindings.front()),
            ErrorCode::invalid, "attribute {}: want one constant", attribute.name);
    encode_value(attribute.bindings.front(), plan, &(*out->mutable_attributes())[attribute.name]);
  }
}

void encode_function(const mil::Function& function, const WeightPlan& plan, proto::Function* out) {
  for (const mil::ValueId id : function.inputs) encode_named_type(function.value(id), out->add_inputs());
  out->set_opset(function.opset);
  proto::Block& block = (*out->mutable_block_specializations())[function.opset];
  for (const mil::Operation& operation : function.operations) {
    try {
      encode_operation(function, operation, plan, block.add_operations());
    } catch (const Error& error) {
      fail(error.code(), "function {}: {} ({}): {}", function.name, operation.name, operation.type, error.what());
    }
  }
  for (const mil::ValueId id : function.outputs) block.add_outputs(function.value(id).name);
}

}  // namespace

void encode_model(const Package& package, const WeightPlan& plan, proto::Model* out) {
  encode_description(package, out);
  proto::Program* program = out->mutable_ml_program();
  program->set_version(1);
  for (const mil::Function& function : package.program.functions) {
    require(program->functions().count(function.name) == 0, ErrorCode::invalid, "function {}: appears twice",
            function.name);
    encode_function(function, plan, &(*program->mutable_functions())[function.name]);
  }
}

std::string print_model(const proto::Model& model) {
  const size_t size = model.ByteSizeLong();
  require(size <= INT_MAX, ErrorCode::unsupported, "model: its description is too large; got {} bytes, want at most {}",
          size, INT_MAX);
  std::string text;
  text.reserve(size);
  google::protobuf::io::StringOutputStream stream(&text);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  model.SerializeWithCachedSizes(&coded);
  coded.Trim();
  return text;
}

}  // namespace cortland
