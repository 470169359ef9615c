// What families fill a spec with: config keys with their usual names, and tensors by name patterns.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"
#include "model/rope.h"
#include "model/spec.h"

namespace cortland {

// The config keys of the sizes, where a family does not use the usual ones.
struct SizeKeys {
  std::string_view width = "hidden_size";
  std::string_view layers = "num_hidden_layers";
  std::string_view heads = "num_attention_heads";
  std::string_view kv_heads = "num_key_value_heads";
  std::string_view mlp_width = "intermediate_size";
  std::string_view positions = "max_position_embeddings";
  std::string_view activation = "hidden_act";
  std::string_view default_activation = "silu";
  // What the class of the family assumes where the key is missing; 0: it must be there.
  int64_t default_heads = 0;
  int64_t default_kv_heads = 0;    // 0: as many as heads
  int64_t default_head_dim = 0;    // 0: D / H
  int64_t default_positions = 0;
  int64_t default_vocabulary = 0;
  bool default_mlp_width = false;  // 4 D
};

Activation read_activation(ConfigReader& config, std::string_view key, std::string_view otherwise);

// How the rows of queries, keys and values lie in one tensor.
enum class FusedRows {
  blocks,     // all queries, all keys, all values
  kv_groups,  // for each key/value head: its queries, its key, its value
};

// Rotary pairs are neighbours (2i, 2i + 1) in the checkpoint: queries and keys get their rows in the order of halves.
void interleave_rope(ModelSpec& spec);

// Patterns name a tensor without its ".weight" or ".bias"; {} in a pattern is the layer.
class SpecBuilder {
 public:
  SpecBuilder(ConfigReader& config_reader, std::string_view model_type);

  ConfigReader& config;
  ModelSpec spec;

  // Sizes, heads, activation and token ids; every layer gets the same. Without a key for them, key/value heads are as
  // many as heads, and E = D / H.
  void read_sizes(const SizeKeys& keys = {});
  // A norm whose epsilon is under the key.
  NormSpec norm(NormKind kind, std::string_view key, std::optional<double> otherwise = {});
  // What part of each head rotates: `partial_rotary_factor`, or that of rope_parameters.
  double rotary_fraction(double otherwise);
  // One rotary table for all layers, over `fraction` of each head.
  void add_rope(double fraction = 1, RopeRequest request = {});
  // The same as a number of dimensions.
  void add_rope_dims(int64_t dims, RopeRequest request = {});

  void each_layer(const std::function<void(LayerSpec& layer, size_t index)>& change);

  // A linear layer, a table, or the gain of a norm that the spec has already. Shapes follow from the role. `offset` is
  // added to the weight.
  void weight(Role role, std::string_view pattern, bool has_bias = false, double offset = 0);
  // The gains of a QkNormSpec that has one for each element of each head, stored as one tensor of this shape.
  void head_gains(Role role, std::string_view pattern, const Shape& stored);
  // The same from one tensor per head: the first {} is the layer, the second the head.
  void joined_head_gains(Role role, std::string_view pattern, int64_t heads);
  // Queries, keys and values from one tensor.
  void fused_attention(std::string_view pattern, bool has_bias, FusedRows order);
  // Gate and up from one tensor, gate first.
  void fused_gate_up(std::string_view pattern);
  // A tensor with a name of its own.
  void tensor(Role role, std::string_view pattern);

  // The linear weights of these roles are stored [in, out].
  void transposed(std::initializer_list<Role> roles);
  void interleaved_rope() { interleave_rope(spec); }

  // Marks tensors that mean nothing.
  void ignore_tensors(std::initializer_list<std::string_view> patterns);

  // Embedding, final norm and head. The head is read only when it is not tied.
  struct EndsBias {
    bool final_norm = false, head = false;
  };
  void ends(std::string_view embedding, std::string_view final_norm, std::string_view head, EndsBias bias);

 private:
  void add(ParameterId id, std::string name, Shape stored, std::vector<int64_t> rows = {}, double offset = 0);
  // Calls add(layer, name) once, or once for each layer when the role is one of a layer.
  void for_each(std::string_view pattern, const std::function<void(int64_t layer, const std::string& name)>& add);
};

// ALiBi's slope of each head.
std::vector<double> alibi_slopes(int64_t heads);

}  // namespace cortland
