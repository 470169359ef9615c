#include "pipeline/quantize.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "lower/encoded_op.h"
#include "lower/graph.h"
#include "mil/ops/constant.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/registry.h"
#include "package/reader.h"
#include "package/staging.h"
#include "pipeline/quantization.h"
#include "pipeline/warm_up.h"
#include "quant/kernels.h"
#include "quant/row_importance.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr const char* kQuantizationKey = "cortland.quantization";
constexpr const char* kQualityKey = "cortland.quality";
constexpr const char* kCommandKey = "cortland.command";

// A constant of a package as the rows of a matrix.
class ConstantRows : public RowSource {
 public:
  ConstantRows(std::string name, mil::PayloadPtr payload, std::vector<float> row_importance)
      : name_(std::move(name)), payload_(std::move(payload)), row_importance_(std::move(row_importance)) {}
  int64_t rows() const override { return payload_->shape().front(); }
  int64_t cols() const override { return element_count(payload_->shape()) / rows(); }
  const std::string& key() const override { return payload_->key(); }
  void read(int64_t first, std::span<float> out) const override {
    const auto size = static_cast<uint64_t>(bits_of(payload_->dtype()) / 8);
    std::vector<std::byte> bytes(out.size() * size);
    payload_->produce(static_cast<uint64_t>(first * cols()) * size, bytes);
    to_floats(payload_->dtype(), bytes.data(), out);
    require(is_all_finite(out), ErrorCode::corrupt, "weight {}: holds a NaN or an infinity", printable(name_));
  }
  std::vector<float> row_importance(int64_t first, int64_t rows) const override {
    if (row_importance_.empty()) return {};
    return {row_importance_.begin() + first, row_importance_.begin() + first + rows};
  }

 private:
  std::string name_;
  mil::PayloadPtr payload_;
  std::vector<float> row_importance_;
};

// The payload of a const operation; nullptr when there is none.
mil::PayloadPtr payload_of(const mil::Operation& operation) {
  if (operation.type != mil::Const::kName) return nullptr;
  for (const mil::Argument& attribute : operation.attributes) {
    if (attribute.name != mil::Const::kValue || attribute.bindings.size() != 1) continue;
    const auto* payload = std::get_if<mil::PayloadPtr>(&attribute.bindings.front());
    return payload == nullptr ? nullptr : *payload;
  }
  return nullptr;
}

// That of a float matrix; nullptr for any other.
mil::PayloadPtr weight_of(const mil::Operation& operation) {
  const mil::PayloadPtr payload = payload_of(operation);
  if (payload == nullptr || payload->shape().size() < 2) return nullptr;
  return payload->dtype() == DType::f16 || payload->dtype() == DType::f32 ? payload : nullptr;
}

// What each constant of a function is for; those that no linear layer and no look-up reads are not here.
std::map<mil::ValueId, WeightPlace> find_places(const mil::Function& function, int64_t vocabulary) {
  std::map<mil::ValueId, WeightPlace> places;
  const auto note = [&](const mil::Operation& operation, std::string_view parameter, WeightPlace place) {
    for (const mil::Argument& argument : operation.inputs) {
      if (argument.name != parameter) continue;
      const auto* id = std::get_if<mil::ValueId>(&argument.bindings.front());
      if (id == nullptr) continue;
      const auto [it, is_new] = places.emplace(*id, place);
      if (!is_new && place == WeightPlace::embedding) it->second = place;  // a head that is tied to it follows
    }
  };
  for (const mil::Operation& operation : function.operations) {
    if (operation.type == mil::Gather::kName) note(operation, "x", WeightPlace::embedding);
    if (operation.type != mil::Conv::kName && operation.type != mil::Linear::kName) continue;
    const bool is_head = function.value(operation.outputs.front()).name.starts_with("head_");
    const Shape& shape = function.value(operation.outputs.front()).type.shape;
    const bool is_last = std::find(shape.begin(), shape.end(), vocabulary) != shape.end();
    note(operation, "weight", is_head || is_last ? WeightPlace::head : WeightPlace::body);
  }
  return places;
}

// Of the rows of a weight that a norm comes behind, found by the names that lowering gives; empty where there is none.
std::vector<float> row_importance_of(const mil::Function& function, const std::string& weight, int64_t rows) {
  const auto layer = static_cast<size_t>(std::max<int64_t>(layer_of(weight), 0));
  const std::string_view norm = weight == layer_name(layer, "o_weight")      ? "post_attention_norm_gain"
                                : weight == layer_name(layer, "down_weight") ? "post_mlp_norm_gain"
                                                                             : "";
  if (norm.empty()) return {};
  for (const mil::Operation& operation : function.operations) {
    if (operation.type != mil::Const::kName ||
        function.value(operation.outputs.front()).name != layer_name(layer, norm)) {
      continue;
    }
    const mil::PayloadPtr payload = payload_of(operation);
    // A norm of x and -x has zeros behind the gains.
    if (payload == nullptr || payload->dtype() != DType::f16 || element_count(payload->shape()) < rows) return {};
    const std::vector<std::byte> bytes = mil::produce_all(*payload);
    std::vector<float> gains(static_cast<size_t>(rows));
    to_floats(DType::f16, bytes.data(), gains);
    return row_importance(gains);
  }
  return {};
}

int64_t vocabulary_of(const Package& package) {
  const auto contract = package.metadata.find("cortland.contract");
  if (contract == package.metadata.end()) return -1;
  const OrderedJson json = read_if_json(contract->second);
  return json.is_object() ? json.value("vocabulary", int64_t{-1}) : -1;
}

// Replaces the constants of a program; functions share what they shared.
class Quantizer {
 public:
  Quantizer(const WeightPolicy& policy, QuantizeSummary& summary) : policy_(policy), summary_(summary) {}

  const WeightReport& report() const { return report_; }

  void run(mil::Function& function, int64_t vocabulary) {
    mil::Opset opset{};
    require(mil::find_opset(function.opset, &opset), ErrorCode::unsupported, "function {}: opset {} is not known",
            function.name, printable(function.opset));
    const std::map<mil::ValueId, WeightPlace> places = find_places(function, vocabulary);
    for (mil::Operation& operation : function.operations) {
      const mil::PayloadPtr payload = weight_of(operation);
      if (payload == nullptr) continue;
      const auto place = places.find(operation.outputs.front());
      if (place != places.end()) replace(function, operation, payload, place->second, opset);
    }
  }

 private:
  void replace(const mil::Function& function, mil::Operation& operation, const mil::PayloadPtr& payload,
               WeightPlace place, mil::Opset opset) {
    const mil::ValueInfo& value = function.value(operation.outputs.front());
    const int64_t rows = payload->shape().front();
    const SchemeChoice choice = choose_scheme(policy_, place, value.name, rows, element_count(payload->shape()) / rows);
    const auto seen = matrices_.find(payload->key());
    const bool is_new = seen == matrices_.end();
    if (choice.scheme.codec == Codec::half || payload->dtype() != DType::f16) {
      summary_.kept += is_new ? 1 : 0;
      if (is_new) matrices_[payload->key()] = nullptr;
      return;
    }
    if (is_new) {
      auto source = std::make_shared<ConstantRows>(value.name, payload, row_importance_of(function, value.name, rows));
      report_.add_matrix({value.name, std::make_shared<EncodedMatrix>(std::move(source), choice.scheme), choice});
      matrices_[payload->key()] = report_.matrices().back().matrix;
      ++summary_.matrices;
    }
    const EncodedOp encoded = make_encoded_op(matrices_[payload->key()], payload->shape(), opset);
    mil::Operation replaced = std::visit(
        [](const auto& op) {
          using Op = std::decay_t<decltype(op)>;
          return mil::encode_op(Op::kName, Op::kSince, &op);
        },
        encoded);
    replaced.name = operation.name;
    replaced.outputs = operation.outputs;
    operation = std::move(replaced);
  }

  const WeightPolicy& policy_;
  QuantizeSummary& summary_;
  WeightReport report_;
  std::map<std::string, std::shared_ptr<const EncodedMatrix>> matrices_;  // by key of the constant; nullptr: it stays
};

WeightFormats formats_of(const Package& package) {
  mil::Opset opset{};
  const bool is_new = mil::find_opset(package.program.functions.front().opset, &opset) && opset >= mil::Opset::coreml8;
  return {.blocks = is_new, .grouped_palettes = is_new};
}

}  // namespace

QuantizeSummary quantize_package(FileSystem& files, const QuantizeRequest& request, Progress& progress) {
  QuantizeSummary summary;
  summary.input = find_package(files, request.input);
  summary.output = output_paths(request.output, "quantized");
  require(summary.output.bundle.empty(), ErrorCode::invalid, "--output: got {}, want NAME.mlpackage", request.output);
  const Staging::Existing existing = request.overwrite ? Staging::Existing::replace : Staging::Existing::refuse;
  check_output(files, summary.output.package, {.overwrite = request.overwrite});
  progress.stage("reading the package");
  Package package = read_package(files, summary.input.package);
  require(!package.metadata.contains("cortland.part"), ErrorCode::unsupported,
          "{}: is a part of a model, and parts are not quantized; hint: convert the checkpoint with --precision",
          request.input);
  require(!package.program.functions.empty(), ErrorCode::corrupt, "{}: has no function", request.input);
  summary.input_bytes = planned_weight_bytes(package);
  const WeightPolicy policy = make_policy(request.precision, formats_of(package));
  summary.precision = find_preset(request.precision.precision)->name;
  Quantizer quantizer(policy, summary);
  const int64_t vocabulary = vocabulary_of(package);
  for (mil::Function& function : package.program.functions) quantizer.run(function, vocabulary);
  require(summary.matrices > 0, ErrorCode::unsupported,
          "{}: has no fp16 weight that {} makes smaller; hint: convert the checkpoint, or quantize the float16 package",
          request.input, canonical_text(request.precision));
  summary.fallbacks = target_fallbacks(quantizer.report());
  if (request.strict) refuse_fallbacks(summary.fallbacks);
  for (const std::string& line : summary.fallbacks) progress.note(line);
  add_fallbacks(package.metadata, summary.fallbacks);
  package.metadata[kQuantizationKey] = quantization_text(policy, summary.precision, quantizer.report());
  package.metadata.erase(kQualityKey);
  package.metadata.erase(kWarmUpKey);
  package.metadata[kCommandKey] += fmt::format("{}quantize {}", package.metadata[kCommandKey].empty() ? "" : "; ",
                                               canonical_text(request.precision));
  std::optional<Staging> text;
  summary.has_text = !summary.input.text.empty() && files.kind(summary.input.text) == FileKind::file;
  if (summary.has_text) {
    text.emplace(files, summary.output.text, existing, Staging::Form::file);
    files.write_text(text->staged(), files.read_text(summary.input.text));
  }
  progress.stage("writing weights");
  const WriteOptions options{.overwrite = request.overwrite,
                             .progress = [&](uint64_t done, uint64_t total) { progress.advance(done, total); }};
  summary.written = write_package(files, summary.output.package, package, options);
  if (text) text->place();
  for (const std::string& line : encoding_lines(quantizer.report())) progress.detail(line);
  return summary;
}

}  // namespace cortland
