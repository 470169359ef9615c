// The parts of the decoder, one .cc file each. `x` is the residual stream: fp16 [1, D, 1, T], or [1, T, D] (Layout).
#pragma once

#include "lower/graph.h"

namespace cortland {

// decoder.cc: ids or rows -> x behind the final norm, all that comes before the output head; of the row that graph.row
// names, if any. In a part without the head: x behind its last layer.
mil::Value lower_decoder(Graph& graph);

// embedding.cc: ids [1, T], or their rows in the table [1, T, C] -> x.
mil::Value lower_embedding(Graph& graph);

// norm.cc: the norm of `x` along `axis` with gain and bias of a role, times `scale`. Survives squares that fp16 cannot
// hold. REQUIRES: `axis` is the last one, unless channels come first.
mil::Value lower_norm(Graph& graph, std::string_view name, mil::Value x, size_t axis, const NormSpec& norm, Role role,
                      int64_t layer, double scale = 1);

// rope.cc: rotates heads [1, H, T, E] by the tables of the layer.
mil::Value lower_rope(Graph& graph, std::string_view name, mil::Value heads, size_t table);

// attention.cc and mlp.cc: x -> what is added to x, before the post norm.
mil::Value lower_attention(Graph& graph, size_t layer, mil::Value x);
mil::Value lower_mlp(Graph& graph, size_t layer, mil::Value x);

// What multiplies weights and biases of a branch of a layer.
struct BranchScale {
  double input = 1;        // weights that multiply what the branch reads
  double inner = 1;        // what value, or up, gives
  double output = 1;       // weights of the last linear layer
  double output_bias = 1;  // its bias
};
BranchScale attention_scale(const Graph& graph, size_t layer);
BranchScale mlp_scale(const Graph& graph, size_t layer);

// head.cc: cap * tanh(x / cap).
mil::Value lower_cap(Graph& graph, const std::string& name, mil::Value x, double cap);

// attention.cc: masks for the queries of a group, which lie below each other: [1, 1, (H/K) * T, S or k].
void group_masks(Graph& graph);

// alibi.cc: for each mask, the mask plus what ALiBi adds: fp16 [1, K', (H/K) * T, S or k], group by group as queries
// are. The distance is grouped as masks are when T is known, and not when it is unknown.
void add_alibi(Graph& graph);

// head.cc: the row of x that graph.row names, [1, D, 1, 1].
mil::Value lower_row(Graph& graph, mil::Value x);

// head.cc: normed x -> logits [1, T, V]; T is 1 when channels come first.
mil::Value lower_head(Graph& graph, mil::Value x);

}  // namespace cortland
