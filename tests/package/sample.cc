#include "package/sample.h"

#include "base/bytes.h"
#include "base/sha256.h"
#include "mil/builder.h"
#include "mil/ops/constant.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"
#include "mil/print.h"

namespace cortland {
namespace {

using mil::Builder;
using mil::Value;

constexpr int32_t kWidth = 16, kVocabulary = 32, kContext = 8, kRotary = 4;

constexpr const char* kContract = R"({"version": 1, "profile": "ane", "context": 8, "vocabulary": 32,
 "functions": [{"name": "decode", "role": "decode", "tokens": 1}, {"name": "prefill", "role": "prefill", "tokens": 4}],
 "ids": "input_ids", "position": "position", "logits": "logits",
 "mask": {"value": -10000.0, "inputs": [{"name": "mask", "window": null}]},
 "rope": [{"cos": "cos", "sin": "sin", "inv_freq": [1.0, 0.01], "attention_factor": 1.0}],
 "cache": {"kind": "state", "names": ["kv"], "slots": "position"},
 "embedding": "graph", "parts": [], "bos": 1, "eos": [2]})";

Value ints(Builder& b, const char* name, std::vector<int32_t> values) {
  return b.constant(name, mil::Literal::of(values));
}

mil::Function sample_function(const std::string& name, int32_t tokens) {
  Builder b(name, mil::Opset::coreml8);
  const Value ids = b.input("input_ids", {DType::i32, {1, tokens}});
  const Value position = b.input("position", {DType::i32, {1}});
  const Value mask = b.input("mask", {DType::f16, {1, 1, tokens, kContext}});
  const Value cos = b.input("cos", {DType::f16, {1, 1, tokens, kRotary}});
  const Value sin = b.input("sin", {DType::f16, {1, 1, tokens, kRotary}});
  const Value kv = b.input("kv", {DType::f16, {2, 1, kContext, kRotary}, true});

  const Value table = b.constant("table", sample_weights({kVocabulary, kWidth}, 1));
  const Value rows = b.add("rows", mil::Gather{.x = table, .indices = ids, .validate_indices = true});
  const Value turned = b.add("turned", mil::Transpose{.x = rows, .perm = {0, 2, 1}});
  const Value x = b.add("x", mil::ExpandDims{.x = turned, .axes = {2}});
  const Value weight = b.constant("weight", sample_weights({kWidth, kWidth, 1, 1}, 2));
  const Value bias = b.constant("bias", sample_weights({kWidth}, 3));
  const Value q = b.add("q", mil::Conv{.x = x, .weight = weight, .bias = bias});

  const Value rotation = b.add("rotation", mil::Mul{.x = cos, .y = sin});
  const Value zero = ints(b, "zero", {0}), one = ints(b, "one", {1}), width = ints(b, "width", {kRotary});
  const Value stop = b.add("stop", mil::Add{.x = position, .y = ints(b, "tokens", {tokens})});
  const Value begin = b.add("begin", mil::Concat{.values = {zero, zero, position, zero}});
  const Value end = b.add("end", mil::Concat{.values = {one, one, stop, width}});
  const Value before = b.add("before", mil::ReadState{.input = kv});
  const Value updated =
      b.add("updated", mil::SliceUpdate{.x = before, .update = rotation, .begin = begin, .end = end});
  b.add_effect("kv_write", mil::WriteState{.input = kv, .data = updated});
  const Value after = b.add("after", mil::ReadState{.input = kv});

  const Value keys = b.add("keys", mil::SliceBySize{.x = after,
                                                    .begin = std::vector<int32_t>{0, 0, 0, 0},
                                                    .size = {1, 1, kContext, kRotary}});
  const Value scores = b.add("scores", mil::Matmul{.x = rotation, .y = keys, .transpose_y = true});
  const Value masked = b.add("masked", mil::Add{.x = scores, .y = mask});
  const Value shares = b.add("shares", mil::Softmax{.x = masked, .axis = -1});
  const Value found = b.add("found", mil::Matmul{.x = shares, .y = keys});

  const Value flat = b.add("flat", mil::Reshape{.x = found, .shape = std::vector<int32_t>{1, tokens, kRotary}});
  const Value joined = b.add("joined", mil::Concat{.values = {rows, flat}, .axis = 2});
  const bool has_head = name == "decode";
  const Value head = b.constant("head", sample_weights({kWidth + kRotary, has_head ? kVocabulary : kWidth}, 4));
  const Value lift = b.add("lift", mil::Transpose{.x = q, .perm = {0, 2, 3, 1}});
  const Value lifted = b.add("lifted", mil::Squeeze{.x = lift, .axes = std::vector<int32_t>{1}});
  const Value product = b.add("product", mil::Matmul{.x = joined, .y = head});
  if (has_head) {
    const Value tail = b.constant("tail", sample_weights({kWidth, kVocabulary}, 5));
    const Value more = b.add("more", mil::Matmul{.x = lifted, .y = tail});
    const Value wide = b.add("wide", mil::Cast{.x = more, .dtype = "fp32"});
    const Value narrow = b.add("narrow", mil::Cast{.x = wide, .dtype = "fp16"});
    b.output(b.add("sum", mil::Add{.x = product, .y = narrow}), "logits");
  } else {
    b.output(b.add("sum", mil::Add{.x = product, .y = lifted}), "hidden");
  }
  return b.finish();
}

}  // namespace

mil::PayloadPtr sample_weights(Shape shape, uint32_t seed) {
  std::vector<std::byte> bytes(static_cast<size_t>(element_count(shape)) * 2);
  for (size_t i = 0; i < bytes.size(); i += 2) {
    store_le(std::span(bytes), i, static_cast<uint16_t>(0x2e00 + (i * 37 + seed * 101) % 0x600));
  }
  return mil::make_bytes_payload(DType::f16, std::move(shape), std::move(bytes));
}

Package sample_package() {
  Package package;
  package.program.functions = {sample_function("decode", 1), sample_function("prefill", 4)};
  package.default_function = "decode";
  package.short_description = "A sample";
  package.author = "Somebody";
  package.license = "MIT";
  package.version_string = "1.2";
  package.metadata = {{"cortland.contract", kContract}, {"cortland.tool", "test"}};
  return package;
}

Package flexible_package() {
  Builder b("main", mil::Opset::coreml8);
  const Value x = b.input("x", {DType::f16, {1, kUnknown}});
  b.output(b.add("relu", mil::Relu{.x = x}), "y");
  Package package;
  package.program.functions = {b.finish()};
  package.default_function = "main";
  package.ranges = {{"main", "x", {1, 1}, {1, 8}, {1, 4}}};
  return package;
}

std::string describe(const Package& package) {
  std::string text = fmt::format("version {}, default {}\n{} | {} | {} | {}\n", package.specification_version,
                                 package.default_function, package.short_description, package.author, package.license,
                                 package.version_string);
  for (const auto& [key, value] : package.metadata) text += key + " = " + value + "\n";
  for (const InputRange& range : package.ranges) {
    text += fmt::format("{} {}: {} to {}, {} at first\n", range.function, range.input, to_string(range.lower),
                        to_string(range.upper), to_string(range.initial));
  }
  for (const mil::Function& function : package.program.functions) {
    text += mil::print_function(function);
    for (const mil::Operation& operation : function.operations) {
      text += operation.name + (operation.row == nullptr ? "?" : "") + ": ";
      for (const mil::Argument& attribute : operation.attributes) {
        const auto* payload = std::get_if<mil::PayloadPtr>(&attribute.bindings.front());
        if (payload == nullptr) continue;
        const std::vector<std::byte> bytes = mil::produce_all(**payload);
        text += sha256_of(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace cortland
