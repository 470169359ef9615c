// The form of each function, then its meaning.
#include <algorithm>
#include <unordered_set>

#include "mil/ops/constant.h"
#include "mil/verify.h"
#include "package/check_parts.h"
#include "package/decode.h"
#include "package/finite.h"
#include "package/value_codec.h"
#include "package/weight_source.h"

namespace cortland {
namespace {

constexpr std::string_view kNameAttribute = "name";

// Stands for a blob that the check of the weights complains about.
class MissingPayload : public mil::Payload {
 public:
  explicit MissingPayload(const mil::Type& type) : type_(type) {}
  const std::string& key() const override { return key_; }
  DType dtype() const override { return type_.dtype; }
  const Shape& shape() const override { return type_.shape; }
  void produce(uint64_t, std::span<std::byte>) const override { fail(ErrorCode::corrupt, "its blob cannot be read"); }

 private:
  std::string key_ = "missing";
  mil::Type type_;
};

// Walks the protobuf form of one function.
class FunctionForm {
 public:
  FunctionForm(const std::string& name, const proto::Function& function, Findings& findings,
               std::vector<BlobReference>& references)
      : function_(function), where_("function " + printable(name)), findings_(findings), references_(references) {}

  void check() {
    if (!function_.attributes().empty()) findings_.add("foreign-attribute", where_, "has attributes");
    for (const proto::NamedValueType& input : function_.inputs()) define(input, where_);
    const auto it = function_.block_specializations().find(function_.opset());
    if (it == function_.block_specializations().end()) {
      findings_.add("opset-block", where_, "no block for its opset \"{}\"", printable(function_.opset()));
      return;
    }
    const proto::Block& block = it->second;
    if (block.inputs_size() > 0) findings_.add("opset-block", where_, "its block has inputs of its own");
    if (!block.attributes().empty()) findings_.add("foreign-attribute", where_, "its block has attributes");
    for (const proto::Operation& operation : block.operations()) check_operation(operation);
    for (const std::string& output : block.outputs()) {
      if (names_.count(output) == 0) {
        findings_.add("undefined-name", where_ + ": output " + printable(output), "no value has this name");
      }
    }
  }

 private:
  void define(const proto::NamedValueType& value, const std::string& where) {
    const std::string place = where + ": value " + printable(value.name());
    if (!names_.insert(value.name()).second) findings_.add("name-duplicate", place, "another value has this name");
    check_type_attributes(value.type(), place);
    findings_.attempt("type-form", place, [&] { decode_type(value.type()); });
  }

  void check_type_attributes(const proto::ValueType& type, const std::string& where) {
    const proto::ValueType& inner = type.has_state_type() ? type.state_type().wrapped_type() : type;
    if (!inner.tensor_type().attributes().empty()) findings_.add("foreign-attribute", where, "its type has attributes");
  }

  std::string title(const proto::Operation& operation) const {
    const auto it = operation.attributes().find(std::string(kNameAttribute));
    std::string_view name = operation.outputs_size() > 0 ? std::string_view(operation.outputs(0).name()) : "";
    if (it != operation.attributes().end()) {
      const auto& strings = it->second.immediate().tensor().strings().values();
      if (!strings.empty()) name = strings[0];
    }
    return fmt::format("{}: operation {} ({})", where_, printable(name), printable(operation.type()));
  }

  void check_operation(const proto::Operation& operation) {
    const std::string where = title(operation);
    const bool is_weight = operation.type() == mil::Const::kName || operation.type().starts_with(mil::kConstexprPrefix);
    if (operation.attributes().count(std::string(kNameAttribute)) == 0) {
      findings_.add("operation-name", where, "has no name");
    }
    if (operation.blocks_size() > 0) findings_.add("control-flow", where, "has blocks inside");
    for (const std::string& name : sorted_keys(operation.inputs())) {
      for (const proto::Argument::Binding& binding : operation.inputs().at(name).arguments()) {
        const std::string place = where + ": parameter " + printable(name);
        if (binding.has_value()) {
          check_value(binding.value(), place);
          if (binding.value().has_blob_file() && !is_weight) {
            findings_.add("blob-in-operation", place, "is a blob; hint: put it into a const operation");
          }
        } else if (names_.count(binding.name()) == 0) {
          findings_.add("undefined-name", place, "got {}, which is not defined before", printable(binding.name()));
        }
      }
    }
    for (const std::string& name : sorted_keys(operation.attributes())) {
      check_value(operation.attributes().at(name), where + ": attribute " + printable(name));
    }
    for (const proto::NamedValueType& output : operation.outputs()) define(output, where);
  }

  void check_value(const proto::Value& value, const std::string& where) {
    if (!value.doc_string().empty()) findings_.add("foreign-attribute", where, "has a doc string");
    check_type_attributes(value.type(), where);
    mil::Type type;
    if (!findings_.attempt("type-form", where, [&] { type = decode_fixed_type(value.type()); })) return;
    if (value.has_blob_file()) {
      references_.push_back({where, value.blob_file().file_name(), value.blob_file().offset(), type});
    } else if (!value.has_immediate()) {
      findings_.add("immediate", where, "the constant has no value");
    } else {
      findings_.attempt("immediate", where, [&] {
        const mil::Literal literal = decode_literal(value);
        if (const auto at = find_non_finite(literal.dtype, literal.bytes)) {
          findings_.add("non-finite", where, "element {} is no finite number", *at);
        }
      });
    }
  }

  template <typename Map>
  static std::vector<std::string> sorted_keys(const Map& map) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : map) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  const proto::Function& function_;
  std::string where_;
  Findings& findings_;
  std::vector<BlobReference>& references_;
  std::unordered_set<std::string> names_;
};

}  // namespace

std::vector<BlobReference> check_program(const proto::Model& model, const FileSystem& files,
                                         const std::string& model_folder, Findings& findings) {
  std::vector<BlobReference> references;
  WeightSource weights(files, model_folder);
  const BlobSource blobs = [&](const std::string& file, uint64_t offset, const mil::Type& type) -> mil::PayloadPtr {
    try {
      return weights.payload(file, offset, type);
    } catch (const Error&) {
      return std::make_shared<MissingPayload>(type);
    }
  };
  mil::Program program;
  for (const std::string& name : function_names(model)) {
    const proto::Function& function = model.ml_program().functions().at(name);
    const size_t before = findings.size();
    FunctionForm(name, function, findings, references).check();
    const auto decode = [&] { program.functions.push_back(decode_function(name, function, blobs)); };
    // What breaks the form usually keeps the function from being read; saying so again would not help.
    try {
      decode();
    } catch (const Error& error) {
      if (findings.size() == before) findings.add("program", "function " + printable(name), "{}", error.what());
    }
  }
  for (const mil::Finding& finding : mil::verify(program)) {
    findings.add(finding.rule, finding.where, "{}", finding.message);
  }
  return references;
}

}  // namespace cortland
