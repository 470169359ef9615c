// The spec in words.
#include <algorithm>

#include <fmt/format.h>

#include "model/spec.h"

namespace cortland {
namespace {

std::string_view activation_name(Activation activation) {
  switch (activation) {
    case Activation::silu: return "silu";
    case Activation::gelu: return "gelu";
    case Activation::gelu_tanh: return "gelu (tanh)";
    case Activation::relu: return "relu";
    case Activation::relu_squared: return "squared relu";
    case Activation::xielu: return "xielu";
  }
  return "";
}

std::string norm_text(const NormSpec& norm) {
  return fmt::format("{} norm (epsilon {:g})", norm.kind == NormKind::rms ? "RMS" : "layer", norm.epsilon);
}

std::string attention_text(const AttentionSpec& a, const ModelSpec& spec) {
  std::string text = fmt::format("{} query heads, {} key/value heads of width {}, scores x {:g}", a.heads, a.kv_heads,
                                 a.head_dim, a.score_scale);
  if (a.score_cap) text += fmt::format(" capped at {:g}", *a.score_cap);
  text += a.window ? fmt::format(", sliding window {}", *a.window) : ", full attention";
  if (a.rope) {
    const RopeTable& table = spec.rope_tables[*a.rope];
    text += fmt::format(", RoPE {} over {} dimensions", table.kind, 2 * table.inv_freq.size());
  } else if (!a.alibi_slopes.empty()) {
    text += ", ALiBi";
  } else if (spec.position_rows == 0) {
    text += ", no position encoding";
  }
  if (a.qk_norm) {
    text += fmt::format(", {} on {}{}", norm_text(a.qk_norm->norm),
                        a.qk_norm->whole ? "all queries and all keys" : "each query and key head",
                        a.qk_norm->after_rope ? " behind RoPE" : "");
  }
  if (a.clamp) text += fmt::format(", projections within {:g}", *a.clamp);
  return text;
}

// What layers have in common, so that equal ones are told once.
std::string layer_text(const LayerSpec& layer, const ModelSpec& spec) {
  std::string text = attention_text(layer.attention, spec);
  text += fmt::format("; {} feed-forward of width {} with {}{}", layer.mlp.gated ? "gated" : "plain", layer.mlp.width,
                      activation_name(layer.mlp.activation), layer.parallel ? " beside attention" : "");
  const std::pair<const std::optional<NormSpec>&, const char*> norms[] = {
      {layer.pre_attention_norm, "before attention"},    {layer.post_attention_norm, "behind attention"},
      {layer.attention_sum_norm, "behind the first sum"}, {layer.pre_mlp_norm, "before feed-forward"},
      {layer.post_mlp_norm, "behind feed-forward"},      {layer.mlp_sum_norm, "behind the second sum"}};
  for (const auto& [norm, place] : norms) {
    if (norm) text += fmt::format("; {} {}", norm_text(*norm), place);
  }
  if (layer.branch_scale != 1) text += fmt::format("; branches x {:g}", layer.branch_scale);
  return text;
}

std::string embedding_text(const ModelSpec& spec) {
  std::string text;
  if (spec.embedding_width != spec.width) text += fmt::format(", projected from width {}", spec.embedding_width);
  if (spec.embedding_scale != 1) text += fmt::format(", x {:g}", spec.embedding_scale);
  if (spec.position_rows > 0) {
    text += fmt::format(", plus learned positions ({} rows, the first {} unused)", spec.position_rows,
                        spec.position_offset);
  }
  if (spec.embedding_norm) text += ", " + norm_text(*spec.embedding_norm);
  return text;
}

}  // namespace

std::vector<std::string> describe(const ModelSpec& spec) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{}: {} layer{} of width {}, vocabulary {}, up to {} positions", spec.model_type,
                              spec.layers.size(), spec.layers.size() == 1 ? "" : "s", spec.width, spec.vocabulary,
                              spec.max_positions));
  if (const std::string text = embedding_text(spec); !text.empty()) lines.push_back("embedding" + text);
  std::vector<std::pair<std::string, std::vector<size_t>>> groups;  // by their first layer
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const std::string text = layer_text(spec.layers[i], spec);
    const auto known =
        std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == text; });
    (known == groups.end() ? groups.emplace_back(text, std::vector<size_t>{}) : *known).second.push_back(i);
  }
  for (const auto& [text, members] : groups) {
    std::string list;
    for (const size_t i : members) list += (list.empty() ? "" : ",") + std::to_string(i);
    lines.push_back(fmt::format("layers {}: {}", members.size() == spec.layers.size() ? "all" : list, text));
  }
  lines.push_back(fmt::format("{}, {} output head{}{}",
                              spec.final_norm ? "final " + norm_text(*spec.final_norm) : "no final norm",
                              spec.tied_head ? "tied" : "separate",
                              spec.logit_scale == 1 ? "" : fmt::format(", logits x {:g}", spec.logit_scale),
                              spec.logit_cap ? fmt::format(", capped at {:g}", *spec.logit_cap) : ""));
  lines.push_back(fmt::format("{} weights in {} tensors", spec.weight_count(), spec.parameters.size()));
  return lines;
}

}  // namespace cortland
