#include "package/decode.h"

#include <google/protobuf/stubs/common.h>

#include <algorithm>
#include <climits>
#include <unordered_map>

#include "base/error.h"
#include "mil/registry.h"
#include "package/value_codec.h"

namespace cortland {
namespace {

std::string_view kind_of(const proto::Model& model) {
  switch (model.type_case()) {
    case proto::Model::kPipelineClassifier:
    case proto::Model::kPipelineRegressor:
    case proto::Model::kPipeline: return "a pipeline";
    case proto::Model::kNeuralNetworkRegressor:
    case proto::Model::kNeuralNetworkClassifier:
    case proto::Model::kNeuralNetwork: return "a neural network in the older format";
    case proto::Model::kCustomModel: return "a custom model";
    case proto::Model::kLinkedModel: return "a linked model";
    case proto::Model::kIdentity: return "an identity model";
    case proto::Model::kSerializedModel: return "a serialized model";
    default: return "no model at all, or one of an unknown kind";
  }
}

// Runs `body`; its errors get `where` in front.
template <typename Body>
auto within(const std::string& where, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", where, error.what());
  }
}

class FunctionDecoder {
 public:
  FunctionDecoder(const std::string& name, const proto::Function& message, const BlobSource& blobs)
      : message_(message), blobs_(blobs) {
    function_.name = name;
    function_.opset = message.opset();
    mil::find_opset(function_.opset, &opset_);
  }

  mil::Function decode() {
    for (const proto::NamedValueType& input : message_.inputs()) {
      const mil::ValueId id = within("input " + printable(input.name()), [&] { return define(input, -1); });
      function_.inputs.push_back(id);
    }
    const auto& blocks = message_.block_specializations();
    const auto block = blocks.find(function_.opset);
    require(block != blocks.end(), ErrorCode::corrupt, "no block for its opset \"{}\"", printable(function_.opset));
    require(block->second.inputs_size() == 0, ErrorCode::corrupt, "its block has inputs of its own");
    for (const proto::Operation& operation : block->second.operations()) {
      within(title(operation), [&] { decode_operation(operation); });
    }
    for (const std::string& output : block->second.outputs()) {
      const auto it = names_.find(output);
      require(it != names_.end(), ErrorCode::corrupt, "output {}: no value has this name", printable(output));
      function_.outputs.push_back(it->second);
    }
    return std::move(function_);
  }

 private:
  static std::string name_attribute(const proto::Operation& operation) {
    const auto it = operation.attributes().find("name");
    if (it == operation.attributes().end()) return {};
    const auto& strings = it->second.immediate().tensor().strings().values();
    return strings.empty() ? std::string() : strings[0];
  }

  static std::string title(const proto::Operation& operation) {
    std::string name = name_attribute(operation);
    if (name.empty() && operation.outputs_size() > 0) name = operation.outputs(0).name();
    return fmt::format("operation {} ({})", printable(name), printable(operation.type()));
  }

  mil::ValueId define(const proto::NamedValueType& value, int32_t producer) {
    const auto id = static_cast<mil::ValueId>(function_.values.size());
    if (!names_.emplace(value.name(), id).second) {
      fail(ErrorCode::corrupt, "the name {} is taken", printable(value.name()));
    }
    function_.values.push_back({value.name(), decode_type(value.type()), producer});
    return id;
  }

  mil::Binding decode_value(const proto::Value& value) const {
    require(value.value_case() != proto::Value::VALUE_NOT_SET, ErrorCode::corrupt, "constant: has no value");
    if (!value.has_blob_file()) return decode_literal(value);
    return blobs_(value.blob_file().file_name(), value.blob_file().offset(), decode_fixed_type(value.type()));
  }

  mil::Binding decode_binding(const proto::Argument::Binding& binding) const {
    if (binding.has_value()) return decode_value(binding.value());
    require(binding.binding_case() == proto::Argument::Binding::kName, ErrorCode::corrupt, "is bound to nothing");
    const auto it = names_.find(binding.name());
    if (it == names_.end()) fail(ErrorCode::corrupt, "{} is not defined before its use", printable(binding.name()));
    return it->second;
  }

  void decode_operation(const proto::Operation& message) {
    mil::Operation out;
    out.type = message.type();
    out.row = mil::find_op(out.type, opset_);
    out.has_blocks = message.blocks_size() > 0;
    require(!out.has_blocks || out.row == nullptr, ErrorCode::unsupported,
            "blocks inside of an operation that has none");
    out.name = name_attribute(message);
    for (const auto& [name, argument] : message.inputs()) {
      mil::Argument decoded{name, {}};
      within("parameter " + printable(name), [&, &bindings = argument.arguments()] {
        for (const proto::Argument::Binding& binding : bindings) decoded.bindings.push_back(decode_binding(binding));
      });
      out.inputs.push_back(std::move(decoded));
    }
    for (const auto& [name, value] : message.attributes()) {
      if (name == "name") continue;
      within("attribute " + printable(name),
             [&, &key = name, &v = value] { out.attributes.push_back({key, {decode_value(v)}}); });
    }
    sort_arguments(out.row, &out.inputs);
    sort_arguments(out.row, &out.attributes);
    for (const proto::NamedValueType& output : message.outputs()) {
      const auto producer = static_cast<int32_t>(function_.operations.size());
      out.outputs.push_back(within("result " + printable(output.name()), [&] { return define(output, producer); }));
    }
    function_.operations.push_back(std::move(out));
  }

  // Maps have no order of their own.
  static void sort_arguments(const mil::OpRow* row, std::vector<mil::Argument>* list) {
    const auto rank = [&](const mil::Argument& argument) -> size_t {
      if (row == nullptr) return 0;
      const auto it = std::find_if(row->fields.begin(), row->fields.end(),
                                   [&](const mil::FieldRow& field) { return field.name == argument.name; });
      return static_cast<size_t>(it - row->fields.begin());
    };
    std::sort(list->begin(), list->end(), [&](const mil::Argument& a, const mil::Argument& b) {
      return std::pair(rank(a), std::string_view(a.name)) < std::pair(rank(b), std::string_view(b.name));
    });
  }

  const proto::Function& message_;
  const BlobSource& blobs_;
  mil::Function function_;
  mil::Opset opset_ = mil::Opset::coreml5;  // the oldest where it is not known, which is found elsewhere
  std::unordered_map<std::string, mil::ValueId> names_;
};

}  // namespace

void parse_model(std::span<const std::byte> bytes, proto::Model& model) {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  const google::protobuf::LogSilencer silence;  // the library would print what the error says anyway
#endif
  // No bytes at all would be a message without fields.
  require(
      !bytes.empty() && bytes.size() <= INT_MAX && model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
      ErrorCode::corrupt, "not a Core ML model: its {} bytes are no protobuf message of that kind", bytes.size());
  require(model.has_ml_program(), ErrorCode::unsupported, "not an ML Program; got {}", kind_of(model));
}

std::vector<std::string> function_names(const proto::Model& model) {
  const auto& functions = model.ml_program().functions();
  std::vector<std::string> names;
  for (const proto::FunctionDescription& part : model.description().functions()) {
    const bool listed = std::find(names.begin(), names.end(), part.name()) != names.end();
    if (functions.count(part.name()) != 0 && !listed) names.push_back(part.name());
  }
  std::vector<std::string> rest;
  for (const auto& [name, function] : functions) {
    if (std::find(names.begin(), names.end(), name) == names.end()) rest.push_back(name);
  }
  std::sort(rest.begin(), rest.end());
  names.insert(names.end(), rest.begin(), rest.end());
  return names;
}

mil::Function decode_function(const std::string& name, const proto::Function& function, const BlobSource& blobs) {
  return within("function " + printable(name), [&] { return FunctionDecoder(name, function, blobs).decode(); });
}

mil::Program decode_program(const proto::Model& model, const BlobSource& blobs) {
  const proto::Program& message = model.ml_program();
  require(message.version() == 1, ErrorCode::unsupported, "program: version; got {}, want 1", message.version());
  mil::Program program;
  for (const std::string& name : function_names(model)) {
    program.functions.push_back(decode_function(name, message.functions().at(name), blobs));
  }
  return program;
}

}  // namespace cortland
