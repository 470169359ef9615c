// A good package, one fault at a time, and the rule that must find it. Every rule is broken by at least one fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/bytes.h"
#include "base/memory_file.h"
#include "mil/verify.h"
#include "package/check.h"
#include "package/encode.h"
#include "package/sample.h"
#include "package/value_codec.h"
#include "package/weight_file.h"
#include "package/messages.h"
#include "package/writer.h"

namespace cortland {
namespace {

constexpr const char* kPackage = "out.mlpackage";
constexpr const char* kManifest = "out.mlpackage/Manifest.json";

// A package that can be changed as a message (before it is written) or as files (after).
struct Patient {
  MemoryFileSystem files;
  proto::Model model;

  proto::ModelDescription& description() { return *model.mutable_description(); }
  proto::FunctionDescription& described(int index = 0) { return *description().mutable_functions(index); }
  proto::ArrayFeatureType& input(int index) {
    return *described().mutable_input(index)->mutable_type()->mutable_multi_array_type();
  }
  proto::ArrayFeatureType& state() {
    return *described().mutable_state(0)->mutable_type()->mutable_state_type()->mutable_array_type();
  }
  proto::ValueType& state_input(const std::string& of = "decode") {
    return *function(of).mutable_inputs(5)->mutable_type();
  }
  proto::Program& program() { return *model.mutable_ml_program(); }
  proto::Function& function(const std::string& name = "decode") { return program().mutable_functions()->at(name); }
  proto::Block& block(const std::string& name = "decode") {
    return function(name).mutable_block_specializations()->at("CoreML8");
  }
  proto::Operation& op(std::string_view name, const std::string& of = "decode") {
    for (proto::Operation& operation : *block(of).mutable_operations()) {
      const auto it = operation.attributes().find("name");
      if (it != operation.attributes().end() && it->second.immediate().tensor().strings().values(0) == name) {
        return operation;
      }
    }
    throw std::logic_error("no such operation");
  }
  proto::Argument::Binding& parameter(std::string_view name, const std::string& parameter) {
    return *op(name).mutable_inputs()->at(parameter).mutable_arguments(0);
  }
  // A value of the function whose type is to change: the first result of an operation.
  proto::ValueType& result(std::string_view name) { return *op(name).mutable_outputs(0)->mutable_type(); }
  void set_opset(const std::string& name, const std::string& opset) {
    proto::Function& f = function(name);
    const proto::Block body = f.block_specializations().begin()->second;
    f.clear_block_specializations();
    (*f.mutable_block_specializations())[opset] = body;
    f.set_opset(opset);
  }
  std::string& contract() { return description().mutable_metadata()->mutable_user_defined()->at("cortland.contract"); }
  void replace(std::string& text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("nothing to replace");
    text.replace(at, from.size(), to);
  }
  std::string& weights() { return files.contents(kWeights); }
  template <typename T>
  void set_weight(size_t at, T value) {
    store_le(std::as_writable_bytes(std::span(weights())), at, value);
  }
};

mil::Type half(Shape shape) { return {DType::f16, std::move(shape)}; }

void set_type(proto::ValueType& out, const mil::Type& type) {
  out.Clear();
  encode_type(type, &out);
}

void set_literal(proto::Argument::Binding& binding, const mil::Literal& literal) {
  binding.mutable_value()->Clear();
  encode_literal(literal, binding.mutable_value());
}

// Makes the embedding table of decode a compressed one: int8 [32, 16] with one scale per row.
proto::Operation& compress(Patient& p) {
  proto::Operation& op = p.op("table");
  op.set_type("constexpr_blockwise_shift_scale");
  op.mutable_attributes()->erase("val");
  set_literal(*(*op.mutable_inputs())["data"].add_arguments(), {DType::i8, {32, 16}, std::vector<std::byte>(512), {}});
  set_literal(*(*op.mutable_inputs())["scale"].add_arguments(), {DType::f16, {32, 1}, std::vector<std::byte>(64), {}});
  return op;
}

struct Fault {
  std::string name;
  std::string rule;
  std::function<void(Patient&)> change;          // of the message
  std::function<void(Patient&)> change_files = {};  // afterwards
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

std::vector<Fault> layout_faults() {
  const auto keep = [](Patient&) {};
  const auto edit_manifest = [](std::string from, std::string to) {
    return [from, to](Patient& p) { p.replace(p.files.contents(kManifest), from, to); };
  };
  return {
      {"extra_file", "extra-file", keep, [](auto& p) { p.files.write_text("out.mlpackage/notes.txt", "x"); }},
      {"extra_weight_file", "extra-file", keep,
       [](auto& p) { p.files.write_text("out.mlpackage/Data/com.apple.CoreML/weights/more.bin", "x"); }},
      {"extra_folder", "extra-file", keep, [](auto& p) { p.files.make_directories("out.mlpackage/Data/else"); }},
      {"no_manifest", "manifest", keep, [](auto& p) { p.files.remove_all(kManifest); }},
      {"manifest_syntax", "manifest", keep, edit_manifest("{", "[")},
      {"manifest_key", "manifest", keep, edit_manifest("\"author\"", "\"writer\"")},
      {"manifest_version", "manifest", keep, edit_manifest("1.0.0", "2.0.0")},
      {"manifest_root", "manifest", keep, edit_manifest("\"rootModelIdentifier\": \"", "\"rootModelIdentifier\": \"x")},
      {"manifest_path_outside", "manifest", keep, edit_manifest("com.apple.CoreML/weights", "../weights")},
      {"manifest_path_missing", "manifest-item", keep, edit_manifest("com.apple.CoreML/weights", "com.apple.CoreML/w")},
      {"no_model", "manifest-item", keep, [](auto& p) { p.files.remove_all(kModel); }},
      {"weights_by_another_name", "manifest-item", keep, edit_manifest("\"name\": \"weights\"", "\"name\": \"blobs\"")},
      {"no_protobuf", "model", keep, [](auto& p) { p.files.contents(kModel) = "\xff"; }},
      {"another_kind_of_model", "model", [](auto& p) { p.model.set_neural_network("x"); }},
      {"unknown_field_at_the_top", "unknown-field", keep, [](auto& p) { p.files.contents(kModel) += "\xf8\x07\x01"; }},
      {"unknown_field_in_a_type", "unknown-field", keep,
       [](auto& p) { p.replace(p.files.contents(kModel), "\x0a\x02\x08\x17", "\x0a\x02\x48\x17"); }},
  };
}

std::vector<Fault> model_faults() {
  return {
      {"version_too_high", "spec-version", [](auto& p) { p.model.set_specification_version(10); }},
      {"version_too_low", "spec-version", [](auto& p) { p.model.set_specification_version(8); }},
      {"version_unheard_of", "spec-version", [](auto& p) { p.model.set_specification_version(11); }},
      {"program_version", "program-version", [](auto& p) { p.program().set_version(2); }},
      {"program_attribute", "foreign-attribute", [](auto& p) { (*p.program().mutable_attributes())["x"]; }},
      {"program_doc_string", "foreign-attribute", [](auto& p) { p.program().set_doc_string("x"); }},
      {"function_attribute", "foreign-attribute", [](auto& p) { (*p.function().mutable_attributes())["x"]; }},
      {"block_attribute", "foreign-attribute", [](auto& p) { (*p.block().mutable_attributes())["x"]; }},
      {"type_attribute", "foreign-attribute",
       [](auto& p) { (*p.result("q").mutable_tensor_type()->mutable_attributes())["x"]; }},
      {"value_doc_string", "foreign-attribute",
       [](auto& p) { p.parameter("q", "groups").mutable_value()->set_doc_string("x"); }},
      {"opset_without_block", "opset-block", [](auto& p) { p.function().set_opset("CoreML7"); }},
      {"block_inputs", "opset-block", [](auto& p) { p.block().add_inputs()->set_name("x"); }},
      {"nested_block", "control-flow", [](auto& p) { p.op("q").add_blocks(); }},
      {"opset_older_than_its_ops", "opset-op",
       [](auto& p) {
         p.set_opset("decode", "CoreML7");
         p.set_opset("prefill", "CoreML7");
       }},
      {"opset_older_than_a_parameter", "opset-op",
       [](auto& p) {
         p.set_opset("decode", "CoreML6");
         p.set_opset("prefill", "CoreML6");
       }},
      {"opset_unknown", "opset", [](auto& p) { p.set_opset("decode", "CoreML99"); }},
      {"opsets_differ", "opset", [](auto& p) { p.set_opset("prefill", "CoreML9"); }},
  };
}

std::vector<Fault> program_faults() {
  return {
      {"operation_without_name", "operation-name", [](auto& p) { p.op("q").mutable_attributes()->erase("name"); }},
      {"operation_unknown", "op-unknown", [](auto& p) { p.op("q").set_type("convolution"); }},
      {"operand_undefined", "undefined-name", [](auto& p) { p.parameter("q", "x").set_name("nothing"); }},
      {"operand_of_another_function", "undefined-name",
       [](auto& p) { p.op("q", "prefill").mutable_inputs()->at("x").mutable_arguments(0)->set_name("narrow"); }},
      {"output_undefined", "undefined-name", [](auto& p) { p.block().set_outputs(0, "nothing"); }},
      {"value_name_twice", "name-duplicate", [](auto& p) { p.op("keys").mutable_outputs(0)->set_name("after"); }},
      {"slash_in_a_name", "name-invalid",
       [](auto& p) {
         p.op("q").mutable_outputs(0)->set_name("layer/q");
         p.parameter("lift", "x").set_name("layer/q");
       }},
      {"reserved_word", "name-invalid",
       [](auto& p) {
         p.op("q").mutable_outputs(0)->set_name("tensor");
         p.parameter("lift", "x").set_name("tensor");
       }},
      {"rank_field", "type-form", [](auto& p) { p.result("q").mutable_tensor_type()->set_rank(3); }},
      {"element_type_unknown", "type-form", [](auto& p) { p.result("q").mutable_tensor_type()->set_data_type(99); }},
      {"immediate_count", "immediate",
       [](auto& p) {
         proto::Value& strides = *p.parameter("q", "strides").mutable_value();
         strides.mutable_immediate()->mutable_tensor()->mutable_ints()->add_values(1);
       }},
      {"immediate_missing", "immediate",
       [](auto& p) { p.parameter("q", "groups").mutable_value()->clear_immediate(); }},
      {"blob_bound_to_an_operation", "blob-in-operation",
       [](auto& p) { *p.parameter("q", "weight").mutable_value() = p.op("weight").attributes().at("val"); }},
      {"wrong_result_shape", "result-type", [](auto& p) { set_type(p.result("q"), half({1, 16, 1, 2})); }},
      {"wrong_result_dtype", "result-type", [](auto& p) { set_type(p.result("shares"), {DType::f32, {1, 1, 1, 8}}); }},
      {"wrong_number_of_results", "result-type",
       [](auto& p) { set_type(*p.op("q").add_outputs()->mutable_type(), half({1})); }},
      {"wrong_shape_of_a_const", "result-type", [](auto& p) { set_type(p.result("table"), half({16, 32})); }},
      {"wrong_dtype_of_a_constexpr", "result-type",
       [](auto& p) {
         compress(p);
         set_type(p.result("table"), {DType::f32, {32, 16}});
       }},
      {"constexpr_as_attributes", "parameter",
       [](auto& p) {
         proto::Operation& op = compress(p);
         for (const auto& [name, argument] : op.inputs()) {
           (*op.mutable_attributes())[name] = argument.arguments(0).value();
         }
         op.clear_inputs();
       }},
      {"parameter_missing", "parameter", [](auto& p) { p.op("q").mutable_inputs()->erase("pad_type"); }},
      {"validate_indices_missing", "parameter",
       [](auto& p) { p.op("rows").mutable_inputs()->erase("validate_indices"); }},
      {"parameter_unknown", "parameter",
       [](auto& p) { (*p.op("q").mutable_inputs())["color"].add_arguments()->set_name("x"); }},
      {"attribute_unknown", "parameter",
       [](auto& p) { encode_literal(mil::Literal::of(1), &(*p.op("q").mutable_attributes())["color"]); }},
      {"constant_parameter_from_a_value", "parameter",
       [](auto& p) { p.parameter("rows", "axis").set_name("position"); }},
      {"parameter_of_another_type", "parameter",
       [](auto& p) { set_literal(p.parameter("rows", "axis"), mil::Literal::of(true)); }},
      {"bad_word", "type-rule",
       [](auto& p) { set_literal(p.parameter("wide", "dtype"), mil::Literal::of(std::string("fp23"))); }},
      {"index_dtype", "type-rule", [](auto& p) { p.parameter("rows", "indices").set_name("mask"); }},
      {"operand_dtype", "type-rule", [](auto& p) { p.parameter("q", "x").set_name("position"); }},
      {"concat_ranks", "type-rule", [](auto& p) { p.parameter("joined", "values").set_name("q"); }},
      {"rank_six", "rank", [](auto& p) { set_type(p.result("q"), half({1, 16, 1, 1, 1, 1})); }},
      {"empty_tensor", "shape-empty", [](auto& p) { set_type(p.result("q"), half({1, 16, 1, 0})); }},
      {"concat_of_one", "single-part",
       [](auto& p) { p.op("joined").mutable_inputs()->at("values").mutable_arguments()->RemoveLast(); }},
      {"scalar_index_into_rank_five", "gather-scalar",
       [](auto& p) {
         set_type(*p.function().mutable_inputs(2)->mutable_type(), half({1, 1, 1, 1, 8}));
         set_type(*p.function().mutable_inputs(0)->mutable_type(), {DType::i32, {}});
         p.parameter("rows", "x").set_name("mask");
       }},
      {"scalar_input", "input-scalar",
       [](auto& p) { set_type(*p.function().mutable_inputs(1)->mutable_type(), {DType::i32, {}}); }},
      {"unused_input", "input-unused", [](auto& p) { p.parameter("rotation", "y").set_name("cos"); }},
      {"no_output", "output-missing", [](auto& p) { p.block().clear_outputs(); }},
      {"output_twice", "output-duplicate", [](auto& p) { p.block().add_outputs("logits"); }},
      {"output_is_an_input", "output-input", [](auto& p) { p.block().add_outputs("cos"); }},
      {"infinite_immediate", "non-finite",
       [](auto& p) {
         proto::Value& value = p.op("zero").mutable_attributes()->at("val");
         value.Clear();
         encode_literal(mil::Literal::of(mil::Scalar{INFINITY, DType::f32}), &value);
       }},
  };
}

std::vector<Fault> state_faults() {
  return {
      {"fp32_state", "state-type",
       [](auto& p) { set_type(p.state_input(), {DType::f32, {2, 1, 8, 4}, true}); }},
      {"flexible_state", "state-type",
       [](auto& p) { set_type(p.state_input(), {DType::f16, {2, 1, kUnknown, 4}, true}); }},
      {"read_of_a_tensor", "state-use", [](auto& p) { p.parameter("before", "input").set_name("mask"); }},
      {"state_as_operand", "state-use", [](auto& p) { p.parameter("masked", "y").set_name("kv"); }},
      {"write_of_another_type", "type-rule", [](auto& p) { p.parameter("kv_write", "data").set_name("rotation"); }},
      {"written_value_as_output", "state-output", [](auto& p) { p.block().add_outputs("updated"); }},
      {"state_as_output", "state-output", [](auto& p) { p.block().add_outputs("kv"); }},
      {"state_of_two_types", "state-mixed",
       [](auto& p) { set_type(p.state_input("prefill"), {DType::f16, {2, 1, 9, 4}, true}); }},
  };
}

std::vector<Fault> description_faults() {
  return {
      {"renamed_input", "description-name", [](auto& p) { p.described().mutable_input(0)->set_name("ids"); }},
      {"missing_state", "description-name", [](auto& p) { p.described().clear_state(); }},
      {"extra_output", "description-name",
       [](auto& p) {
         *p.described().add_output() = p.described().output(0);
         p.described().mutable_output(1)->set_name("x");
       }},
      {"output_described_twice", "description-name",
       [](auto& p) { *p.described().add_output() = p.described().output(0); }},
      {"extra_block_output", "description-name", [](auto& p) { p.block().add_outputs("sum_of_all"); }},
      {"wrong_dtype", "description-dtype", [](auto& p) { p.input(0).set_data_type(65568); }},
      {"fp32_state_described", "description-dtype", [](auto& p) { p.state().set_data_type(65568); }},
      {"wrong_shape", "description-shape", [](auto& p) { p.input(2).set_shape(3, 9); }},
      {"no_shape", "description-shape", [](auto& p) { p.input(2).clear_shape(); }},
      {"range_of_a_fixed_input", "description-shape", [](auto& p) { p.input(2).mutable_shape_range(); }},
      {"state_as_array", "description-type",
       [](auto& p) { p.described().mutable_state(0)->mutable_type()->mutable_multi_array_type(); }},
      {"image_input", "description-type",
       [](auto& p) { p.described().mutable_input(0)->mutable_type()->set_image_type("x"); }},
      {"optional_output", "description-optional",
       [](auto& p) { p.described().mutable_output(0)->mutable_type()->set_is_optional(true); }},
      {"optional_input_without_default", "description-optional",
       [](auto& p) { p.described().mutable_input(0)->mutable_type()->set_is_optional(true); }},
      {"state_with_a_default", "description-optional", [](auto& p) { p.state().set_float_default(0); }},
      {"input_at_the_top", "description-form", [](auto& p) { *p.description().add_input() = p.described().input(0); }},
      {"function_undescribed", "description-function",
       [](auto& p) { p.description().mutable_functions()->RemoveLast(); }},
      {"function_described_in_vain", "description-function", [](auto& p) { p.described(1).set_name("other"); }},
      {"default_function", "default-function", [](auto& p) { p.description().set_default_function_name("main"); }},
      {"several_functions_described_as_one", "description-form",
       [](auto& p) { p.description().clear_functions(); }},
  };
}

std::vector<Fault> weight_faults() {
  const auto keep = [](Patient&) {};
  const auto table = [](const std::function<void(proto::Value&)>& change) {
    return [change](Patient& p) { change(p.op("table").mutable_attributes()->at("val")); };
  };
  return {
      {"blob_outside", "blob-file", table([](auto& v) { v.mutable_blob_file()->set_file_name("@model_path/../x"); })},
      {"blob_file_missing", "blob-file", table([](auto& v) { v.mutable_blob_file()->set_file_name("@model_path/x"); })},
      {"blob_offset", "blob-offset", table([](auto& v) { v.mutable_blob_file()->set_offset(128); })},
      {"blob_type", "blob-type", table([](auto& v) { v.mutable_type()->mutable_tensor_type()->set_data_type(22); })},
      {"blob_size", "blob-size",
       table([](auto& v) { set_type(*v.mutable_type(), half({31, 16})); })},
      {"no_header", "weight-header", keep, [](auto& p) { p.weights().resize(63); }},
      {"file_version", "weight-header", keep, [](auto& p) { p.set_weight(4, uint32_t{1}); }},
      {"reserved_bytes", "weight-header", keep, [](auto& p) { p.set_weight(8, uint32_t{1}); }},
      {"count_too_small", "weight-count", keep, [](auto& p) { p.set_weight(0, uint32_t{5}); }},
      {"count_too_big", "weight-count", keep, [](auto& p) { p.set_weight(0, uint32_t{7}); }},
      {"sentinel", "weight-record", keep, [](auto& p) { p.set_weight(64, uint32_t{1}); }},
      {"record_type", "weight-record", keep, [](auto& p) { p.set_weight(68, uint32_t{99}); }},
      {"spare_bits", "weight-record", keep, [](auto& p) { p.set_weight(88, uint64_t{3}); }},
      {"payload_misaligned", "weight-payload", keep, [](auto& p) { p.set_weight(80, uint64_t{130}); }},
      {"payload_shifted", "weight-payload", keep, [](auto& p) { p.set_weight(80, uint64_t{192}); }},
      {"payload_cut", "weight-payload", keep, [](auto& p) { p.weights().pop_back(); }},
      {"trailing_bytes", "weight-trailing", keep, [](auto& p) { p.weights() += "x"; }},
      {"gap_not_zero", "weight-trailing", keep,
       [](auto& p) {
         // The bias, fp16 [16], ends 32 bytes before the next record.
         const auto bytes = std::as_bytes(std::span(p.weights()));
         size_t at = 64;
         while (unpack_record(bytes, at).size != 32) at += round_up(64 + unpack_record(bytes, at).size, 64);
         p.set_weight(at + 64 + 32, uint8_t{1});
       }},
      {"record_unused", "weight-unused", keep,
       [](auto& p) {
         p.set_weight(0, uint32_t{7});
         std::string& file = p.weights();
         file.resize(round_up(file.size(), 64));
         const auto record = pack_record(make_record(DType::u8, 4, file.size()));
         file.append(reinterpret_cast<const char*>(record.data()), record.size());
         file += "abcd";
       }},
      {"infinite_weight", "non-finite", keep, [](auto& p) { p.set_weight(130, uint16_t{0x7c00}); }},
      {"nan_weight", "non-finite", keep, [](auto& p) { p.set_weight(130, uint16_t{0xfe01}); }},
  };
}

std::vector<Fault> contract_faults() {
  const auto edit = [](std::string from, std::string to) {
    return [from, to](Patient& p) { p.replace(p.contract(), from, to); };
  };
  return {
      {"contract_syntax", "contract", edit("{", "")},
      {"contract_version", "contract", edit("\"version\": 1", "\"version\": 2")},
      {"contract_key", "contract", edit("\"vocabulary\"", "\"words\"")},
      {"contract_mask_value", "contract", edit("-10000.0", "-1.0")},
      {"contract_eos", "contract", edit("[2]", "[32]")},
      {"contract_cache_kind", "contract", edit("\"kind\": \"state\"", "\"kind\": \"none\"")},
      {"contract_function", "contract-function", edit("\"name\": \"prefill\"", "\"name\": \"prompt\"")},
      {"contract_input", "contract-name", edit("\"position\": \"position\"", "\"position\": \"start\"")},
      {"contract_state", "contract-name", edit("[\"kv\"]", "[\"cache\"]")},
      {"contract_logits", "contract-name", edit("\"logits\": \"logits\"", "\"logits\": \"scores\"")},
      {"contract_tokens", "contract-shape", edit("\"tokens\": 4", "\"tokens\": 5")},
      {"contract_context", "contract-shape", edit("\"context\": 8", "\"context\": 16")},
      {"contract_vocabulary", "contract-shape", edit("\"vocabulary\": 32", "\"vocabulary\": 64")},
      {"contract_rotary_width", "contract-shape", edit("[1.0, 0.01]", "[1.0, 0.1, 0.01]")},
      {"contract_any_of_fixed_length", "contract-shape", edit("\"role\": \"decode\"", "\"role\": \"any\"")},
  };
}

std::vector<Fault> all_faults() {
  std::vector<Fault> faults;
  for (auto* group : {&layout_faults, &model_faults, &program_faults, &state_faults, &description_faults,
                      &weight_faults, &contract_faults}) {
    for (Fault& fault : group()) faults.push_back(std::move(fault));
  }
  return faults;
}

Patient healthy(const Package& package) {
  Patient patient;
  write_package(patient.files, kPackage, package);
  patient.model.ParseFromString(patient.files.contents(kModel));
  return patient;
}

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.rule + ": " + finding.where + ": " + finding.message + "\n";
  return text;
}

class Faults : public ::testing::TestWithParam<Fault> {};

TEST_P(Faults, AreFound) {
  Patient patient = healthy(sample_package());
  GetParam().change(patient);
  patient.files.contents(kModel) = print_model(patient.model);
  if (GetParam().change_files) GetParam().change_files(patient);
  const std::vector<Finding> findings = check_package(patient.files, kPackage);
  std::set<std::string> rules, known;
  for (const Finding& finding : findings) rules.insert(finding.rule);
  for (const Rule& rule : package_rules()) known.insert(std::string(rule.name));
  EXPECT_THAT(rules, ::testing::Contains(GetParam().rule)) << text_of(findings);
  EXPECT_TRUE(std::includes(known.begin(), known.end(), rules.begin(), rules.end())) << text_of(findings);
}

INSTANTIATE_TEST_SUITE_P(Check, Faults, ::testing::ValuesIn(all_faults()),
                         [](const auto& fault) { return fault.param.name; });

TEST(Check, GoodPackagesHaveNoFindings) {
  EXPECT_EQ(text_of(check_package(healthy(sample_package()).files, kPackage)), "");
  EXPECT_EQ(text_of(check_package(healthy(flexible_package()).files, kPackage)), "");
}

TEST(Check, EveryRuleIsBrokenByAFault) {
  // These stand for what another rule finds first in any package that can be read at all.
  std::set<std::string> broken = {"operand", "program"};
  for (const Fault& fault : all_faults()) broken.insert(fault.rule);
  for (const Rule& rule : package_rules()) {
    EXPECT_EQ(broken.count(std::string(rule.name)), 1u) << rule.name << " has no fault";
    EXPECT_FALSE(rule.summary.empty());
  }
}

TEST(Check, FlexibleInputsNeedTheirRange) {
  const auto message = [](const std::function<void(proto::ArrayFeatureType&)>& change) {
    Patient patient = healthy(flexible_package());
    change(*patient.description().mutable_input(0)->mutable_type()->mutable_multi_array_type());
    patient.files.contents(kModel) = print_model(patient.model);
    return text_of(check_package(patient.files, kPackage));
  };
  const std::string where = "description-shape: description of function main: input x: ";
  EXPECT_EQ(message([](auto& array) { array.clear_flexibility(); }), where + "want a range for [1, ?]\n");
  EXPECT_EQ(message([](auto& array) { array.set_shape(1, 9); }),
            where + "dimension 1: got 1 to 8 and 9 at first, want a range of [1, ?]\n");
  EXPECT_EQ(message([](auto& array) { array.mutable_shape_range()->mutable_size_ranges(1)->set_upper_bound(-1); }),
            where + "dimension 1: got 1 to -1 and 4 at first, want a range of [1, ?]\n");
  EXPECT_EQ(message([](auto& array) { array.mutable_enumerated_shapes()->add_shapes()->add_shape(3); }),
            where + "got [3] among its shapes, want only [1, ?]\n" + where +
                "its initial shape is not among its shapes\n");
}

TEST(Check, FindingsSayWhatAndWhere) {
  Patient patient = healthy(sample_package());
  patient.parameter("q", "x").set_name("position");
  patient.files.contents(kModel) = print_model(patient.model);
  patient.set_weight(130, uint16_t{0x7c00});
  EXPECT_EQ(text_of(check_package(patient.files, kPackage)),
            "type-rule: function decode: operation q (conv): operand position: got int32[1], want fp16 or fp32\n"
            "non-finite: " + std::string(kWeights) + ": byte 64: element 1 is no finite number\n");
}

TEST(Check, VerifierSurvivesOperandsThatDoNotExist) {
  mil::Program program = sample_package().program;
  for (mil::Operation& operation : program.functions[0].operations) {
    if (operation.name == "q") operation.inputs[0].bindings[0] = mil::ValueId{9999};
  }
  const std::vector<mil::Finding> findings = mil::verify(program);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "operand");
  EXPECT_EQ(findings[0].where, "function decode: operation q (conv)");
  EXPECT_EQ(findings[0].message, "parameter x: its value is not defined yet");
}

// Whatever the bytes, the check ends with findings or without.
TEST(Check, FlippedBytesAreSurvived) {
  Patient patient = healthy(sample_package());
  for (const std::string path : {kModel, kWeights, kManifest}) {
    const std::string good = patient.files.contents(path);
    for (size_t i = 0; i < good.size(); i += path == kWeights ? 31 : 11) {
      patient.files.contents(path)[i] = static_cast<char>(good[i] ^ (1 << (i % 8)));
      check_package(patient.files, kPackage);
      patient.files.contents(path) = good.substr(0, i);
      check_package(patient.files, kPackage);
      patient.files.contents(path) = good;
    }
  }
}

}  // namespace
}  // namespace cortland
