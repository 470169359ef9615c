// A decoder made by hand whose sides cannot be mistaken for each other: L 3, D 24, H 6, K 3 (K' 4), E 10 (E' 32), F 20,
// V 150, R 10, S 64, T 8. Layers 0 and 1 slide over 16 positions and rotate, layer 2 is full without position encoding.
#pragma once

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory_file.h"
#include "lower/ane.h"
#include "lower/gpu.h"
#include "mil/print.h"
#include "support/stored_tensors.h"

namespace cortland {

inline LayerSpec tiny_layer(std::optional<int64_t> window, std::optional<size_t> rope) {
  const NormSpec norm{.epsilon = 1e-5};
  LayerSpec layer;
  layer.attention = {.heads = 6,
                     .kv_heads = 3,
                     .head_dim = 10,
                     .score_scale = 0.25,
                     .window = window,
                     .rope = rope,
                     .qk_norm = QkNormSpec{norm}};
  layer.mlp.width = 20;
  layer.post_attention_norm = norm;
  layer.post_mlp_norm = norm;
  return layer;
}

// Without parameters.
inline ModelSpec tiny_spec() {
  ModelSpec spec;
  spec.model_type = "tiny";
  spec.width = spec.embedding_width = 24;
  spec.vocabulary = 150;
  spec.max_positions = 64;
  spec.layers = {tiny_layer(16, 0), tiny_layer(16, 0), tiny_layer({}, {})};
  spec.rope_tables = {{.kind = "default", .inv_freq = {1, 0.5, 0.25, 0.125, 0.0625}}};
  spec.final_norm = NormSpec{.epsilon = 1e-5};
  spec.tied_head = true;
  spec.bos = 1;
  spec.eos = {2, 3};
  return spec;
}

inline AneOptions tiny_options() { return {.context = 64, .prefill = 8}; }

// `spec` with the parameters that its layers have, called "embedding", "0.query", ...
inline ModelSpec with_parameters(ModelSpec spec) {
  const auto add = [&](Role role, int64_t layer, const Shape& shape) {
    std::string name = (layer < 0 ? "" : std::to_string(layer) + ".") + std::string(role_name(role));
    spec.parameters.push_back({.id = {role, layer}, .shape = shape, .tensors = {std::move(name)}, .stored = shape});
  };
  const int64_t width = spec.width;
  add(Role::embedding, -1, {spec.vocabulary, width});
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const AttentionSpec& a = layer.attention;
    const auto add_norm = [&](const std::optional<NormSpec>& norm, Role role, int64_t n) {
      if (norm) add(role, static_cast<int64_t>(i), {n});
    };
    const auto add_linear = [&](Role role, int64_t out, int64_t in) { add(role, static_cast<int64_t>(i), {out, in}); };
    add_linear(Role::query, a.heads * a.head_dim, width);
    add_linear(Role::key, a.kv_heads * a.head_dim, width);
    add_linear(Role::value, a.kv_heads * a.head_dim, width);
    add_linear(Role::attention_output, width, a.heads * a.head_dim);
    add_linear(Role::gate, layer.mlp.width, width);
    add_linear(Role::up, layer.mlp.width, width);
    add_linear(Role::down, width, layer.mlp.width);
    if (a.qk_norm) {
      add_norm(a.qk_norm->norm, Role::query_norm, a.head_dim);
      add_norm(a.qk_norm->norm, Role::key_norm, a.head_dim);
    }
    add_norm(layer.pre_attention_norm, Role::pre_attention_norm, width);
    add_norm(layer.post_attention_norm, Role::post_attention_norm, width);
    add_norm(layer.pre_mlp_norm, Role::pre_mlp_norm, width);
    add_norm(layer.post_mlp_norm, Role::post_mlp_norm, width);
  }
  add(Role::final_norm, -1, {width});
  if (!spec.tied_head) add(Role::head, -1, {spec.vocabulary, width});
  return spec;
}

inline std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// Multiples of 1/256 from -0.5 to 0.5 (exact in fp16), different for each seed.
inline std::vector<float> tiny_numbers(size_t n, uint32_t seed) {
  std::vector<float> values(n);
  uint32_t bits = 2654435761u * (seed + 1);
  for (float& value : values) {
    bits = bits * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<int32_t>(bits >> 24) - 128) / 256;
  }
  return values;
}

inline Checkpoint open_checkpoint(const std::vector<StoredTensor>& tensors) {
  MemoryFileSystem files;
  write_file(files, "m/model.safetensors", safetensors_text(tensors));
  return Checkpoint::open(files, "m");
}

// Every parameter of the spec as F32; gains lie around 1.
inline std::vector<StoredTensor> tiny_tensors(const ModelSpec& spec) {
  std::vector<StoredTensor> list;
  for (const Parameter& p : spec.parameters) {
    auto numbers = tiny_numbers(static_cast<size_t>(element_count(p.shape)), static_cast<uint32_t>(list.size()));
    for (float& value : numbers) value += p.shape.size() == 1 ? 1.0f : 0.0f;
    list.push_back({p.tensors.front(), "F32", p.shape, bytes_of(numbers)});
  }
  return list;
}

// A lowered model with everything that its program refers to.
struct Tiny {
  explicit Tiny(const ModelSpec& model = tiny_spec(), const AneOptions& options = tiny_options())
      : spec(with_parameters(model)), checkpoint(open_checkpoint(tiny_tensors(spec))), weights(spec, checkpoint),
        plan(make_ane_plan(spec, options)), program(std::move(lower_ane(plan, weights, report).front())) {}
  Tiny(const Tiny&) = delete;
  Tiny& operator=(const Tiny&) = delete;

  const mil::Function& decode() const { return program.functions[0]; }
  const mil::Function& prefill() const { return program.functions[1]; }

  const ModelSpec spec;
  const Checkpoint checkpoint;
  const Weights weights;
  const AnePlan plan;
  WeightReport report;
  const mil::Program program;
};

// The same of the `gpu` profile.
struct TinyGpu {
  explicit TinyGpu(const ModelSpec& model = tiny_spec(), const GpuOptions& options = {.context = 50})
      : spec(with_parameters(model)), checkpoint(open_checkpoint(tiny_tensors(spec))), weights(spec, checkpoint),
        plan(make_gpu_plan(spec, options)), program(lower_gpu(plan, weights, report)) {}
  TinyGpu(const TinyGpu&) = delete;
  TinyGpu& operator=(const TinyGpu&) = delete;

  const mil::Function& main() const { return program.functions[0]; }

  const ModelSpec spec;
  const Checkpoint checkpoint;
  const Weights weights;
  const GpuPlan plan;
  WeightReport report;
  const mil::Program program;
};

// The operation of a name as one line of text.
inline std::string line(const mil::Function& function, std::string_view name) {
  for (const mil::Operation& operation : function.operations) {
    if (operation.name == name) return mil::print_operation(function, operation);
  }
  return fmt::format("no operation {}", name);
}

// Operations of a type.
inline size_t count_of(const mil::Function& function, std::string_view type) {
  size_t count = 0;
  for (const mil::Operation& operation : function.operations) count += operation.type == type ? 1 : 0;
  return count;
}

// The blob of a constant; nullptr when it is none.
inline mil::PayloadPtr blob(const mil::Operation& operation) {
  if (operation.attributes.empty()) return nullptr;
  const auto* payload = std::get_if<mil::PayloadPtr>(&operation.attributes.front().bindings.front());
  return payload == nullptr ? nullptr : *payload;
}
inline mil::PayloadPtr blob(const mil::Function& function, std::string_view name) {
  for (const mil::Operation& operation : function.operations) {
    if (operation.name == name) return blob(operation);
  }
  return nullptr;
}

// The fp16 bits of a blob.
inline std::vector<uint16_t> bits_of_blob(const mil::Payload& payload) {
  const std::vector<std::byte> bytes = mil::produce_all(payload);
  std::vector<uint16_t> bits(bytes.size() / sizeof(uint16_t));
  std::memcpy(bits.data(), bytes.data(), bytes.size());
  return bits;
}

}  // namespace cortland
