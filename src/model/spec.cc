#include "model/spec.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace cortland {
namespace {

std::string norm_text(const std::optional<NormSpec>& norm, std::string_view place) {
  return norm ? fmt::format(" {} RMS norm (epsilon {:g})", place, norm->epsilon) : "";
}

// What layers have in common, so that equal ones are told once.
std::string layer_text(const LayerSpec& layer, const std::vector<RopeTable>& tables) {
  const AttentionSpec& a = layer.attention;
  std::string text = fmt::format("{} query heads, {} key/value heads of width {}, scores x {:g}", a.heads, a.kv_heads,
                                 a.head_dim, a.score_scale);
  text += a.window ? fmt::format(", sliding window {}", *a.window) : ", full attention";
  text += a.rope ? fmt::format(", RoPE {} over {} dimensions", tables[*a.rope].kind, 2 * tables[*a.rope].inv_freq.size())
                 : ", no position encoding";
  if (a.qk_norm) text += fmt::format(", RMS norm on each query and key head (epsilon {:g})", a.qk_norm->epsilon);
  text += fmt::format("; gated feed-forward of width {} with silu;", layer.mlp.width);
  return text + norm_text(layer.pre_attention_norm, "pre-attention") +
         norm_text(layer.post_attention_norm, "post-attention") + norm_text(layer.pre_mlp_norm, "pre-feed-forward") +
         norm_text(layer.post_mlp_norm, "post-feed-forward");
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::embedding: return "embedding";
    case Role::query: return "query";
    case Role::key: return "key";
    case Role::value: return "value";
    case Role::attention_output: return "attention_output";
    case Role::query_norm: return "query_norm";
    case Role::key_norm: return "key_norm";
    case Role::gate: return "gate";
    case Role::up: return "up";
    case Role::down: return "down";
    case Role::pre_attention_norm: return "pre_attention_norm";
    case Role::post_attention_norm: return "post_attention_norm";
    case Role::pre_mlp_norm: return "pre_mlp_norm";
    case Role::post_mlp_norm: return "post_mlp_norm";
    case Role::final_norm: return "final_norm";
    case Role::head: return "head";
  }
  return "unknown";
}

const Parameter& ModelSpec::parameter(Role role, int64_t layer) const {
  const auto it = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& p) { return p.role == role && p.layer == layer; });
  require(it != parameters.end(), ErrorCode::invalid, "the model has no parameter {} in layer {}", role_name(role),
          layer);
  return *it;
}

int64_t ModelSpec::weight_count() const {
  int64_t count = 0;
  for (const Parameter& p : parameters) count += element_count(p.shape);
  return count;
}

std::vector<std::string> describe(const ModelSpec& spec) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{}: {} layers of width {}, vocabulary {}, up to {} positions", spec.model_type,
                              spec.layers.size(), spec.width, spec.vocabulary, spec.max_positions));
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t i = 0; i < spec.layers.size(); ++i) groups[layer_text(spec.layers[i], spec.rope_tables)].push_back(i);
  for (const auto& [text, members] : groups) {
    std::string list;
    for (const size_t i : members) list += (list.empty() ? "" : ",") + std::to_string(i);
    lines.push_back(fmt::format("layers {}: {}", members.size() == spec.layers.size() ? "all" : list, text));
  }
  lines.push_back(fmt::format("final RMS norm (epsilon {:g}), {} output head", spec.final_norm.epsilon,
                              spec.tied_head ? "tied" : "separate"));
  lines.push_back(fmt::format("{} weights in {} tensors", spec.weight_count(), spec.parameters.size()));
  return lines;
}

}  // namespace cortland
