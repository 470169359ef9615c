// A decoder as numbers and enumerated features. No family has a name here; families/ fill a spec, and everything
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

#include "model/rope_table.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace cortland {

enum class NormKind {
  rms,    // x * rsqrt(mean(x^2) + epsilon)
  layer,  // (x - mean(x)) * rsqrt(variance(x) + epsilon)
};

// Then times a gain and plus a bias, where the model has such parameters.
struct NormSpec {
  NormKind kind = NormKind::rms;
  double epsilon = 0;
};

enum class Activation {
  silu,          // x / (1 + exp(-x))
  gelu,          // x * Phi(x), exact
  gelu_tanh,     // the same by tanh
  relu,          // max(x, 0)
  relu_squared,  // max(x, 0)^2
  xielu,  // positive x: p x^2 + b x; else n (exp(x) - 1 - x) + b x; p = softplus(xielu_p), n = b + softplus(xielu_n)
};

// A norm of queries and keys, with the gain [E] for all heads or [H*E] for each of them.
struct QkNormSpec {
  NormSpec norm;
  bool whole = false;       // over the heads together, [H*E] numbers, not head by head
  bool after_rope = false;
};

struct AttentionSpec {
  int64_t heads = 0;      // H
  int64_t kv_heads = 0;   // K; query head h reads key/value head h / (H/K)
  int64_t head_dim = 0;   // E
  double score_scale = 0;            // multiplies q . k
  std::optional<double> score_cap = {};   // then score = cap * tanh(score / cap)
  std::vector<double> alibi_slopes = {};  // [H]: then score += slope * (j - p), of key j and query p; empty: none
  std::optional<int64_t> window = {};     // sliding: key j is visible to query p when p - j < window
  std::optional<size_t> rope = {};        // index into ModelSpec::rope_tables; none: no rotation
  std::optional<QkNormSpec> qk_norm = {};
  std::optional<double> clamp = {};  // queries, keys and values are limited to [-clamp, clamp] when they are projected
};

// Gated: down(activation(gate(x)) * up(x)); else down(activation(up(x))).
struct MlpSpec {
  int64_t width = 0;  // F
  bool gated = true;
  Activation activation = Activation::silu;
};

// x = x + post(attention(pre(x))); x = x + post(mlp(pre(x))); an absent norm does nothing.
// Parallel: x = x + post(attention(pre(x))) + post(mlp(pre(x))), and without its own norm the mlp reads what attention
// reads.
struct LayerSpec {
  AttentionSpec attention;
  MlpSpec mlp;
  std::optional<NormSpec> pre_attention_norm;
  std::optional<NormSpec> post_attention_norm;
  std::optional<NormSpec> attention_sum_norm;  // of x, behind the first addition
  std::optional<NormSpec> pre_mlp_norm;
  std::optional<NormSpec> post_mlp_norm;
  std::optional<NormSpec> mlp_sum_norm;  // of x, behind the second addition
  bool parallel = false;
  double branch_scale = 1;  // multiplies what is added to x
};

// What a parameter is for. Linear weights are [out, in], row-major; their biases are [out].
enum class Role {
  embedding,             // [V, D'], D' = ModelSpec::embedding_width
  position_table,        // [ModelSpec::position_rows, D]
  embedding_norm,        // [D]
  embedding_projection,  // [D, D']
  query, key, value,     // [H*E, D], [K*E, D], [K*E, D]
  attention_output,      // [D, H*E]
  query_norm, key_norm,  // as QkNormSpec
  gate, up, down,        // [F, D], [F, D], [D, F]
  xielu_p, xielu_n, xielu_b,  // [1], [1], []
  pre_attention_norm, post_attention_norm, attention_sum_norm, pre_mlp_norm, post_mlp_norm, mlp_sum_norm,  // [D]
  final_norm,            // [D]
  head_projection,       // [D', D]
  head,                  // [V, D']; its weight is absent when tied
};
std::string_view role_name(Role role);  // "query", "post_mlp_norm", ...

enum class Part { weight, bias };

struct ParameterId {
  Role role = Role::embedding;
  int64_t layer = -1;  // -1: not of a layer
  Part part = Part::weight;
  auto operator<=>(const ParameterId&) const = default;
};
std::string to_string(const ParameterId& id);  // "query bias of layer 3"

// A parameter and how it is made of stored tensors.
struct Parameter {
  ParameterId id;
  Shape shape = {};                       // what the model needs
  std::vector<std::string> tensors = {};  // in the checkpoint; several are joined along the first axis
  Shape stored = {};                      // of each tensor
  bool transposed = false;           // stored [in, out]
  // For each row (first axis) the row of the stored tensors that it is, counted behind the transposition; empty: as
  // stored.
  std::vector<int64_t> rows = {};
  // For each column the column of the stored tensor that it is; empty: as stored. Only where nothing is transposed.
  std::vector<int64_t> columns = {};
  double offset = 0;  // added to every element: a gain stored as w - 1

  // Whether the elements are those of the tensor in its order.
  bool is_plain() const { return tensors.size() == 1 && !transposed && rows.empty() && columns.empty() && offset == 0; }
};

// A beginning of tensor names that a checkpoint may have instead of another.
struct Renaming {
  std::string from, to;
};

struct ModelSpec {
  std::string model_type;  // as config.json says, for messages and metadata
  int64_t width = 0;            // D
  int64_t embedding_width = 0;  // D': other than D where projections lie between
  int64_t vocabulary = 0;       // V
  int64_t max_positions = 0;
  double embedding_scale = 1;              // multiplies the embedding
  int64_t position_rows = 0;               // of a learned table; 0: none
  int64_t position_offset = 0;             // position p reads row p + offset
  std::optional<NormSpec> embedding_norm;  // of the embedding
  std::vector<LayerSpec> layers;
  std::vector<RopeTable> rope_tables;
  std::optional<NormSpec> final_norm;
  bool tied_head = false;
  double logit_scale = 1;           // multiplies the logits
  std::optional<double> logit_cap;  // then logit = cap * tanh(logit / cap)
  std::optional<int64_t> bos;
  std::vector<int64_t> eos;
  std::vector<Parameter> parameters;         // every tensor the model needs
  // Ways to spell the names above; the first one under which the embedding is there counts. Empty: only as they are.
  std::vector<std::vector<Renaming>> namings;
  std::vector<std::string> ignored_tensors;  // patterns of tensors that may be there and mean nothing; `*` = any text

  // nullptr when the model has no such parameter.
  const Parameter* find(const ParameterId& id) const;
  // What the role needs in that layer.
  Shape shape_of(const ParameterId& id) const;
  int64_t weight_count() const;  // elements of all parameters
};

// The spec in words, one line per fact, for --verbose.
std::vector<std::string> describe(const ModelSpec& spec);

}  // namespace cortland
