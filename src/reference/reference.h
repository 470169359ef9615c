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

  // Sees what enters a linear layer, [T, n], and what comes out of it, [T, m].
  using LinearProbe =
      std::function<void(const ParameterId& weight, std::span<const float> x, std::span<const float> y)>;

  // `context` decides the frequencies of rotary tables that depend on the length.
  Reference(const ModelSpec& spec, const Weights& weights, int64_t context);

  int64_t position() const { return position_; }
  // Forgets everything.
  void restart();

  // Continues with `ids` [T] and returns logits [T, V], or those of the last token [1, V]. Errors: invalid for an id
  // outside the vocabulary.
  std::vector<float> forward(std::span<const int32_t> ids, LogitRows rows = LogitRows::all, const Probe& probe = {});

  // The same one step at a time, for those who take many texts through a layer before they go on to the next. Each text
  // begins at position 0 and is known by its residual stream [T, D] alone. REQUIRES: forward() has seen nothing.
  std::vector<float> begin(std::span<const int32_t> ids) const;
  void pass_layer(size_t layer, std::vector<float>& x, const LinearProbe& linear, const Probe& stream = {});
  // What the output head multiplies.
  std::vector<float> head_input(std::span<const float> x) const;

 private:
  struct Cache {
    std::vector<float> keys, values;  // [position, K, E]
  };
  std::vector<float> attention(size_t layer, const std::vector<float>& x, int64_t tokens);
  // Queries or keys: projected, normed and rotated [T, heads, E].
  std::vector<float> heads(size_t layer, Role role, Role norm, int64_t count, const std::vector<float>& x,
                           int64_t tokens) const;
  std::vector<float> mlp(size_t layer, const std::vector<float>& x, int64_t tokens) const;
  void run_layer(size_t layer, std::vector<float>& x, int64_t tokens, const Probe& probe);
  std::vector<float> linear(Role role, int64_t layer, std::span<const float> x, int64_t tokens) const;
  // The norm of each row of x [rows, width].
  std::vector<float> norm(const NormSpec& norm, Role role, int64_t layer, std::span<const float> x,
                          int64_t width) const;
  void rotate(const RopeTable& table, int64_t heads, int64_t width, std::vector<float>& x) const;

  const ModelSpec& spec_;
  const Weights& weights_;
  std::vector<RopeTable> rope_tables_;
  std::vector<Cache> caches_;
  int64_t position_ = 0;
  LinearProbe linear_probe_;
};

}  // namespace cortland
