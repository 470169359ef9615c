#include "model/spec.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace cortland {
namespace {

struct RoleName {
  Role role;
  std::string_view name;
};

constexpr std::array kRoleNames = {
    RoleName{Role::embedding, "embedding"},
    RoleName{Role::position_table, "position_table"},
    RoleName{Role::embedding_norm, "embedding_norm"},
    RoleName{Role::embedding_projection, "embedding_projection"},
    RoleName{Role::query, "query"},
    RoleName{Role::key, "key"},
    RoleName{Role::value, "value"},
    RoleName{Role::attention_output, "attention_output"},
    RoleName{Role::query_norm, "query_norm"},
    RoleName{Role::key_norm, "key_norm"},
    RoleName{Role::gate, "gate"},
    RoleName{Role::up, "up"},
    RoleName{Role::down, "down"},
    RoleName{Role::xielu_p, "xielu_p"},
    RoleName{Role::xielu_n, "xielu_n"},
    RoleName{Role::xielu_b, "xielu_b"},
    RoleName{Role::pre_attention_norm, "pre_attention_norm"},
    RoleName{Role::post_attention_norm, "post_attention_norm"},
    RoleName{Role::attention_sum_norm, "attention_sum_norm"},
    RoleName{Role::pre_mlp_norm, "pre_mlp_norm"},
    RoleName{Role::post_mlp_norm, "post_mlp_norm"},
    RoleName{Role::mlp_sum_norm, "mlp_sum_norm"},
    RoleName{Role::final_norm, "final_norm"},
    RoleName{Role::head_projection, "head_projection"},
    RoleName{Role::head, "head"},
};

Shape weight_shape(const ModelSpec& spec, const ParameterId& id) {
  const LayerSpec& layer = spec.layers[static_cast<size_t>(std::max<int64_t>(0, id.layer))];
  const AttentionSpec& a = layer.attention;
  switch (id.role) {
    case Role::embedding:
    case Role::head: return {spec.vocabulary, spec.embedding_width};
    case Role::position_table: return {spec.position_rows, spec.width};
    case Role::embedding_projection: return {spec.width, spec.embedding_width};
    case Role::head_projection: return {spec.embedding_width, spec.width};
    case Role::query: return {a.heads * a.head_dim, spec.width};
    case Role::key:
    case Role::value: return {a.kv_heads * a.head_dim, spec.width};
    case Role::attention_output: return {spec.width, a.heads * a.head_dim};
    case Role::query_norm:
    case Role::key_norm: return {a.head_dim};
    case Role::gate:
    case Role::up: return {layer.mlp.width, spec.width};
    case Role::down: return {spec.width, layer.mlp.width};
    case Role::xielu_p:
    case Role::xielu_n: return {1};
    case Role::xielu_b: return {};
    case Role::embedding_norm:
    case Role::pre_attention_norm:
    case Role::post_attention_norm:
    case Role::attention_sum_norm:
    case Role::pre_mlp_norm:
    case Role::post_mlp_norm:
    case Role::mlp_sum_norm:
    case Role::final_norm: return {spec.width};
  }
  return {};
}

}  // namespace

std::string_view role_name(Role role) {
  const auto it =
      std::find_if(kRoleNames.begin(), kRoleNames.end(), [&](const RoleName& row) { return row.role == role; });
  return it == kRoleNames.end() ? "unknown" : it->name;
}

std::string to_string(const ParameterId& id) {
  return fmt::format("{}{}{}", role_name(id.role), id.part == Part::bias ? " bias" : "",
                     id.layer < 0 ? "" : fmt::format(" of layer {}", id.layer));
}

const Parameter* ModelSpec::find(const ParameterId& id) const {
  const auto it = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.id == id; });
  return it == parameters.end() ? nullptr : &*it;
}

Shape ModelSpec::shape_of(const ParameterId& id) const {
  Shape shape = weight_shape(*this, id);
  // The bias of a norm is as long as its gain, that of a linear layer as its output.
  if (id.part == Part::bias) shape.resize(1);
  return shape;
}

int64_t ModelSpec::weight_count() const {
  int64_t count = 0;
  for (const Parameter& p : parameters) count += element_count(p.shape);
  return count;
}

}  // namespace cortland
