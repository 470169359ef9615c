// A decoder as numbers and enumerated features. No family has a name here; families.cc fills a spec, and everything
// after it (lowering, reference, contract) reads only this.
//
// Dimension letters: B batch, T query tokens, S cache length (context), L layers, D model width, H query heads,
// K key/value heads, E head width, F feed-forward width, V vocabulary, R rotary dimensions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace cortland {

enum class NormKind { rms };  // x * rsqrt(mean(x^2) + epsilon) * gain

struct NormSpec {
  NormKind kind = NormKind::rms;
  double epsilon = 0;
};

enum class Activation { silu };

// One table of rotary frequencies. angle = position * inv_freq[i]; the pairs are (i, i + R/2), R = 2 * size.
struct RopeTable {
  std::string kind;               // as the config calls it: "default", "llama3", ...
  std::vector<double> inv_freq;   // [R/2]
  double attention_factor = 1.0;  // multiplies cos and sin
};

struct AttentionSpec {
  int64_t heads = 0;      // H
  int64_t kv_heads = 0;   // K; query head h reads key/value head h / (H/K)
  int64_t head_dim = 0;   // E
  double score_scale = 0;  // multiplies q . k
  std::optional<int64_t> window;    // sliding: key j is visible to query p when p - j < window
  std::optional<size_t> rope;       // index into ModelSpec::rope_tables; none: no position encoding
  std::optional<NormSpec> qk_norm;  // per head over E, one gain for all heads, before RoPE
};

// Gated: down(activation(gate(x)) * up(x)).
struct MlpSpec {
  int64_t width = 0;  // F
  Activation activation = Activation::silu;
};

// x = x + post(attention(pre(x))); x = x + post(mlp(pre(x))); an absent norm does nothing.
struct LayerSpec {
  AttentionSpec attention;
  MlpSpec mlp;
  std::optional<NormSpec> pre_attention_norm;
  std::optional<NormSpec> post_attention_norm;
  std::optional<NormSpec> pre_mlp_norm;
  std::optional<NormSpec> post_mlp_norm;
};

// What a parameter is for.
enum class Role {
  embedding,            // [V, D]
  query, key, value,    // [H*E, D], [K*E, D], [K*E, D]
  attention_output,     // [D, H*E]
  query_norm, key_norm,  // [E]
  gate, up, down,       // [F, D], [F, D], [D, F]
  pre_attention_norm, post_attention_norm, pre_mlp_norm, post_mlp_norm,  // [D]
  final_norm,           // [D]
  head,                 // [V, D]; absent when tied
};
std::string_view role_name(Role role);  // "query", "post_mlp_norm", ...

// Where a parameter is stored: linear weights are [out, in], row-major.
struct Parameter {
  Role role = Role::embedding;
  int64_t layer = -1;  // -1: not of a layer
  std::string tensor;  // its name in the checkpoint
  Shape shape;
};

struct ModelSpec {
  std::string model_type;  // as config.json says, for messages and metadata
  int64_t width = 0;       // D
  int64_t vocabulary = 0;  // V
  int64_t max_positions = 0;
  std::vector<LayerSpec> layers;
  std::vector<RopeTable> rope_tables;
  NormSpec final_norm;
  bool tied_head = false;
  std::optional<int64_t> bos;
  std::vector<int64_t> eos;
  std::vector<Parameter> parameters;         // every tensor the model needs
  std::vector<std::string> ignored_tensors;  // patterns of tensors that may be there and mean nothing; `*` = any text

  // REQUIRES: the parameter exists.
  const Parameter& parameter(Role role, int64_t layer = -1) const;
  int64_t weight_count() const;  // elements of all parameters
};

// The spec in words, one line per fact, for --verbose.
std::vector<std::string> describe(const ModelSpec& spec);

}  // namespace cortland
