#include "model/spec_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "model/generation.h"

namespace cortland {
namespace {

constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxHeads = 1024;
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxVocabulary = 1 << 24;
constexpr int64_t kMaxPositions = int64_t{1} << 40;

struct ActivationRow {
  std::string_view name;  // as configs call it
  Activation activation;
};

constexpr std::array kActivations = {
    ActivationRow{"silu", Activation::silu},
    ActivationRow{"swish", Activation::silu},
    ActivationRow{"gelu", Activation::gelu},
    ActivationRow{"gelu_new", Activation::gelu_tanh},
    ActivationRow{"gelu_fast", Activation::gelu_tanh},
    ActivationRow{"gelu_pytorch_tanh", Activation::gelu_tanh},
    ActivationRow{"relu", Activation::relu},
    ActivationRow{"relu2", Activation::relu_squared},
    ActivationRow{"xielu", Activation::xielu},
};

std::vector<int64_t> range(int64_t first, int64_t count) {
  std::vector<int64_t> list(static_cast<size_t>(count));
  std::iota(list.begin(), list.end(), first);
  return list;
}

void append(std::vector<int64_t>& list, int64_t first, int64_t count) {
  const std::vector<int64_t> more = range(first, count);
  list.insert(list.end(), more.begin(), more.end());
}

}  // namespace

Activation read_activation(ConfigReader& config, std::string_view key, std::string_view otherwise) {
  const std::string name = config.text(key, std::string(otherwise));
  std::vector<std::string_view> names;
  for (const ActivationRow& row : kActivations) {
    // Xielu has parameters, which only the family that uses it by default knows to find.
    if (row.activation == Activation::xielu && otherwise != row.name) continue;
    if (row.name == name) return row.activation;
    names.push_back(row.name);
  }
  config.refuse(
      fmt::format("{}: activation \"{}\" is not supported; want {}", key, printable(name), fmt::join(names, ", ")));
  return Activation::silu;
}

SpecBuilder::SpecBuilder(ConfigReader& config_reader, std::string_view model_type) : config(config_reader) {
  spec.model_type = model_type;
}

void SpecBuilder::read_sizes(const SizeKeys& keys) {
  spec.width = config.size(keys.width, kMaxWidth);
  spec.embedding_width = spec.width;
  const auto given = [](int64_t value) { return value > 0 ? std::optional(value) : std::nullopt; };
  spec.vocabulary = config.size("vocab_size", kMaxVocabulary, given(keys.default_vocabulary));
  spec.max_positions = config.size(keys.positions, kMaxPositions, given(keys.default_positions));
  read_token_ids(config, spec);
  const int64_t layers = config.size(keys.layers, kMaxLayers);
  LayerSpec layer;
  AttentionSpec& attention = layer.attention;
  attention.heads = config.size(keys.heads, kMaxHeads, given(keys.default_heads));
  const int64_t kv_heads = given(keys.default_kv_heads).value_or(attention.heads);
  attention.kv_heads = keys.kv_heads.empty() ? attention.heads : config.size(keys.kv_heads, kMaxHeads, kv_heads);
  const int64_t head_dim = given(keys.default_head_dim).value_or(std::max<int64_t>(1, spec.width / attention.heads));
  attention.head_dim = config.size("head_dim", kMaxWidth, head_dim);
  attention.score_scale = 1 / std::sqrt(static_cast<double>(attention.head_dim));
  // A family without a key for one of these sets it itself.
  if (!keys.mlp_width.empty()) {
    layer.mlp.width = config.size(keys.mlp_width, kMaxWidth, given(keys.default_mlp_width ? 4 * spec.width : 0));
  }
  layer.mlp.activation = read_activation(config, keys.activation, keys.default_activation);
  spec.layers.assign(static_cast<size_t>(layers), layer);
  if (!config.is_sound()) return;
  // What hostile files must not make us list row by row; real models have a few millions.
  constexpr int64_t kMaxRows = 1 << 24;
  if (layers * attention.heads * attention.head_dim > kMaxRows || layers * layer.mlp.width > kMaxRows) {
    config.reject(
        fmt::format("{} layers of {} heads of width {} and {} feed-forward channels are more than any model has",
                    layers, attention.heads, attention.head_dim, layer.mlp.width));
  }
  if (attention.heads % attention.kv_heads != 0) {
    config.reject(
        fmt::format("{} {} is no multiple of {} {}", keys.heads, attention.heads, keys.kv_heads, attention.kv_heads));
  }
  if (attention.head_dim % 2 != 0) {
    config.reject(fmt::format("head_dim: got {}, want an even number", attention.head_dim));
  }
}

NormSpec SpecBuilder::norm(NormKind kind, std::string_view key, std::optional<double> otherwise) {
  const NormSpec norm{kind, config.number(key, otherwise)};
  if (!(norm.epsilon >= 0)) {
    config.reject(fmt::format("{}: got {}, want a number that is not negative", key, norm.epsilon));
  }
  return norm;
}

double SpecBuilder::rotary_fraction(double otherwise) {
  const Json* parameters = config.find_set("rope_parameters");
  if (parameters != nullptr && parameters->is_object() && parameters->contains("partial_rotary_factor")) {
    const Json& value = (*parameters)["partial_rotary_factor"];
    if (value.is_number()) otherwise = value.get<double>();
  }
  return config.number("partial_rotary_factor", otherwise);
}

void SpecBuilder::add_rope(double fraction, RopeRequest request) {
  const AttentionSpec& a = spec.layers.front().attention;
  if (!(fraction > 0 && fraction <= 1)) {
    config.reject(fmt::format("the rotary part of a head: got {}, want more than 0 and at most 1", fraction));
    return;
  }
  add_rope_dims(static_cast<int64_t>(static_cast<double>(a.head_dim) * fraction), request);
}

void SpecBuilder::add_rope_dims(int64_t dims, RopeRequest request) {
  const AttentionSpec& a = spec.layers.front().attention;
  if (dims < 2 || dims % 2 != 0 || dims > a.head_dim) {
    if (config.is_sound()) {
      config.reject(fmt::format("rotary dimensions: got {}, want an even number up to {}", dims, a.head_dim));
    }
    dims = 2;  // to find what else is wrong
  }
  request.rotary_dims = dims;
  request.head_dim = a.head_dim;
  request.max_positions = spec.max_positions;
  const size_t index = spec.rope_tables.size();
  spec.rope_tables.push_back(read_rope_table(config, request));
  for (LayerSpec& layer : spec.layers) layer.attention.rope = index;
}

void SpecBuilder::each_layer(const std::function<void(LayerSpec&, size_t)>& change) {
  for (size_t i = 0; i < spec.layers.size(); ++i) change(spec.layers[i], i);
}

void SpecBuilder::for_each(std::string_view pattern, const std::function<void(int64_t, const std::string&)>& add) {
  if (pattern.find("{}") == std::string_view::npos) return add(-1, std::string(pattern));
  for (size_t i = 0; i < spec.layers.size(); ++i) add(static_cast<int64_t>(i), fmt::format(fmt::runtime(pattern), i));
}

void SpecBuilder::add(ParameterId id, std::string name, Shape stored, std::vector<int64_t> rows, double offset) {
  Parameter p;
  p.id = id;
  p.shape = spec.shape_of(id);
  p.tensors = {std::move(name)};
  p.stored = std::move(stored);
  p.rows = std::move(rows);
  p.offset = offset;
  spec.parameters.push_back(std::move(p));
}

void SpecBuilder::weight(Role role, std::string_view pattern, bool has_bias, double offset) {
  for_each(pattern, [&](int64_t layer, const std::string& name) {
    const ParameterId weight{role, layer}, bias{role, layer, Part::bias};
    add(weight, name + ".weight", spec.shape_of(weight), {}, offset);
    if (has_bias) add(bias, name + ".bias", spec.shape_of(bias));
  });
}

void SpecBuilder::head_gains(Role role, std::string_view pattern, const Shape& stored) {
  for_each(pattern, [&](int64_t layer, const std::string& name) {
    add({role, layer}, name + ".weight", stored);
    spec.parameters.back().shape = {element_count(stored)};
  });
}

void SpecBuilder::tensor(Role role, std::string_view pattern) {
  for_each(pattern,
           [&](int64_t layer, const std::string& name) { add({role, layer}, name, spec.shape_of({role, layer})); });
}

void SpecBuilder::joined_head_gains(Role role, std::string_view pattern, int64_t heads) {
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const int64_t head_dim = spec.layers[i].attention.head_dim;
    add({role, static_cast<int64_t>(i)}, "", {head_dim});
    Parameter& p = spec.parameters.back();
    p.shape = {heads * head_dim};
    p.tensors.clear();
    for (int64_t head = 0; head < heads; ++head) {
      p.tensors.push_back(fmt::format(fmt::runtime(pattern), i, head) + ".weight");
    }
  }
}

void SpecBuilder::fused_attention(std::string_view pattern, bool has_bias, FusedRows order) {
  for_each(pattern, [&](int64_t layer, const std::string& name) {
    const AttentionSpec& a = spec.layers[static_cast<size_t>(layer)].attention;
    const int64_t e = a.head_dim, queries = a.heads * e, keys = a.kv_heads * e;
    const int64_t all = queries + 2 * keys, group = a.heads / a.kv_heads * e;
    std::vector<int64_t> q, k, v;
    switch (order) {
      case FusedRows::blocks:
        q = range(0, queries);
        k = range(queries, keys);
        v = range(queries + keys, keys);
        break;
      case FusedRows::kv_groups:
        for (int64_t head = 0; head < a.kv_heads; ++head) {
          const int64_t first = head * (group + 2 * e);
          append(q, first, group);
          append(k, first + group, e);
          append(v, first + group + e, e);
        }
        break;
    }
    const auto add_part = [&](Role role, std::vector<int64_t> rows) {
      if (has_bias) add({role, layer, Part::bias}, name + ".bias", {all}, rows);
      add({role, layer}, name + ".weight", {all, spec.width}, std::move(rows));
    };
    add_part(Role::query, std::move(q));
    add_part(Role::key, std::move(k));
    add_part(Role::value, std::move(v));
  });
}

void SpecBuilder::fused_gate_up(std::string_view pattern) {
  for_each(pattern, [&](int64_t layer, const std::string& name) {
    const int64_t width = spec.layers[static_cast<size_t>(layer)].mlp.width;
    add({Role::gate, layer}, name + ".weight", {2 * width, spec.width}, range(0, width));
    add({Role::up, layer}, name + ".weight", {2 * width, spec.width}, range(width, width));
  });
}

void SpecBuilder::transposed(std::initializer_list<Role> roles) {
  for (Parameter& p : spec.parameters) {
    if (p.id.part != Part::weight || std::find(roles.begin(), roles.end(), p.id.role) == roles.end()) continue;
    p.transposed = true;
    std::swap(p.stored[0], p.stored[1]);
  }
}

void interleave_rope(ModelSpec& spec) {
  for (Parameter& p : spec.parameters) {
    const bool is_norm = p.id.role == Role::query_norm || p.id.role == Role::key_norm;
    if (p.id.role != Role::query && p.id.role != Role::key && !is_norm) continue;
    const AttentionSpec& a = spec.layers[static_cast<size_t>(p.id.layer)].attention;
    if (!a.rope) continue;
    const int64_t half = static_cast<int64_t>(spec.rope_tables[*a.rope].inv_freq.size());
    std::vector<int64_t> rows(static_cast<size_t>(p.shape[0]));
    for (int64_t row = 0; row < p.shape[0]; ++row) {
      const int64_t e = row % a.head_dim;
      const int64_t from = e < half ? 2 * e : e < 2 * half ? 2 * (e - half) + 1 : e;
      const int64_t stored = row - e + from;
      rows[static_cast<size_t>(row)] = p.rows.empty() ? stored : p.rows[static_cast<size_t>(stored)];
    }
    p.rows = std::move(rows);
  }
}

void SpecBuilder::ignore_tensors(std::initializer_list<std::string_view> patterns) {
  for (const std::string_view pattern : patterns) spec.ignored_tensors.emplace_back(pattern);
}

void SpecBuilder::ends(std::string_view embedding, std::string_view final_norm, std::string_view head, EndsBias bias) {
  weight(Role::embedding, embedding);
  if (spec.final_norm && !final_norm.empty()) weight(Role::final_norm, final_norm, bias.final_norm);
  if (spec.tied_head) {
    ignore_tensors({std::string(head) + ".weight"});  // a stale copy of the embedding
  } else {
    weight(Role::head, head, bias.head);
  }
}

std::vector<double> alibi_slopes(int64_t heads) {
  const auto power = static_cast<int64_t>(std::exp2(std::floor(std::log2(static_cast<double>(heads)))));
  std::vector<double> slopes;
  for (int64_t k = 1; k <= power; ++k) {
    slopes.push_back(std::exp2(-8.0 * static_cast<double>(k) / static_cast<double>(power)));
  }
  for (int64_t k = 1; static_cast<int64_t>(slopes.size()) < heads; k += 2) {
    slopes.push_back(std::exp2(-4.0 * static_cast<double>(k) / static_cast<double>(power)));
  }
  return slopes;
}

}  // namespace cortland
