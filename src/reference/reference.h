// What a checkpoint computes: a plain forward pass in fp32, written from the spec alone and independent of any program.
//
//   x = embedding[ids], plus positions
//   each layer:  x += post(attention(pre(x)));  x += post(mlp(pre(x)))       (or both branches from one x)
//   logits = head(final_norm(x))
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/spec.h"
#include "model/weights.h"

namespace cortland {

enum class LogitRows { all, last };

// Places where the residual stream can be looked at.
enum class Point { embedding, after_attention, after_mlp };

// Refers to the spec and the weights, which must outlive it. Keeps keys and values of what it has seen.
class Reference {
 public:
  // Sees the residual stream [T, D] at each point; layer is -1 at the embedding.
  using Probe = std::function<void(Point point, int64_t layer, std::span<const float> x)>;

  // `context` decides the frequencies of rotary tables that depend on the length.
  Reference(const ModelSpec& spec, const Weights& weights, int64_t context);

  int64_t position() const { return position_; }
  // Forgets everything.
  void restart();

  // Continues with `ids` [T] and returns logits [T, V], or those of the last token [1, V]. Errors: invalid for an id outside
  // the vocabulary.
  std::vector<float> forward(std::span<const int32_t> ids, LogitRows rows = LogitRows::all, const Probe& probe = {});

 private:
  struct Cache {
    std::vector<float> keys, values;  // [position, K, E]
  };
  std::vector<float> embed(std::span<const int32_t> ids) const;
  std::vector<float> attention(size_t layer, const std::vector<float>& x, int64_t tokens);
  // Queries or keys: projected, normed and rotated [T, heads, E].
  std::vector<float> heads(size_t layer, Role role, Role norm, int64_t count, const std::vector<float>& x, int64_t tokens) const;
  std::vector<float> mlp(size_t layer, const std::vector<float>& x, int64_t tokens) const;
  void run_layer(size_t layer, std::vector<float>& x, int64_t tokens, const Probe& probe);
  std::vector<float> linear(Role role, int64_t layer, std::span<const float> x, int64_t tokens) const;
  // The norm of each row of x [rows, width].
  std::vector<float> norm(const NormSpec& norm, Role role, int64_t layer, std::span<const float> x, int64_t width) const;
  void rotate(const RopeTable& table, int64_t heads, int64_t width, std::vector<float>& x) const;

  const ModelSpec& spec_;
  const Weights& weights_;
  std::vector<RopeTable> rope_tables_;
  std::vector<Cache> caches_;
  int64_t position_ = 0;
};

}  // namespace cortland
