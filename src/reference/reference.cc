#include "reference/reference.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "tensor/convert.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"

namespace cortland {
namespace {

size_t to_size(int64_t value) { return static_cast<size_t>(value); }

std::vector<float> all_floats(const Weights& weights, const TensorEntry& entry) {
  std::vector<float> values(to_size(element_count(entry.shape)));
  to_floats(entry.dtype, weights.checkpoint().map(entry).data(), values);
  return values;
}

void add_to(std::vector<float>& x, const std::vector<float>& y) {
  std::transform(x.begin(), x.end(), y.begin(), x.begin(), [](float a, float b) { return a + b; });
}

float activate(Activation activation, float x) {
  switch (activation) {
    case Activation::silu: return x / (1 + std::exp(-x));
  }
  return x;
}

// One query against the keys it may see, by position: softmax(scale q . k) v.
void attend(const AttentionSpec& a, int64_t position, const float* query, const float* keys, const float* values,
            float* out) {
  const int64_t stride = a.kv_heads * a.head_dim;
  const int64_t first = a.window ? std::max<int64_t>(0, position - *a.window + 1) : 0;
  std::vector<float> scores;
  for (int64_t j = first; j <= position; ++j) {
    const float* key = keys + j * stride;
    double dot = 0;
    for (int64_t e = 0; e < a.head_dim; ++e) dot += static_cast<double>(query[e]) * static_cast<double>(key[e]);
    scores.push_back(static_cast<float>(dot * a.score_scale));
  }
  softmax({1, static_cast<int64_t>(scores.size()), 1}, scores.data(), scores.data());
  std::fill(out, out + a.head_dim, 0.0f);
  for (int64_t j = first; j <= position; ++j) {
    const float weight = scores[to_size(j - first)];
    const float* value = values + j * stride;
    for (int64_t e = 0; e < a.head_dim; ++e) out[e] += weight * value[e];
  }
}

}  // namespace

Reference::Reference(const ModelSpec& spec, const Weights& weights)
    : spec_(spec), weights_(weights), caches_(spec.layers.size()) {}

void Reference::restart() {
  caches_.assign(spec_.layers.size(), {});
  position_ = 0;
}

std::vector<float> Reference::embed(std::span<const int32_t> ids) const {
  const TensorEntry& table = weights_.entry(Role::embedding);
  const auto width = to_size(spec_.width);
  const size_t row_bytes = width * to_size(bits_of(table.dtype) / 8);
  std::vector<float> x(ids.size() * width);
  for (size_t t = 0; t < ids.size(); ++t) {
    require(ids[t] >= 0 && ids[t] < spec_.vocabulary, ErrorCode::invalid, "token {}: got id {}, want 0 to {}", t, ids[t],
            spec_.vocabulary - 1);
    to_floats(table.dtype, weights_.checkpoint().map(table).data() + to_size(ids[t]) * row_bytes,
              std::span(x).subspan(t * width, width));
  }
  return x;
}

std::vector<float> Reference::linear(Role role, int64_t layer, std::span<const float> x, int64_t tokens) const {
  const TensorEntry& entry = weights_.entry(role, layer);
  const WeightMatrix matrix{entry.dtype, entry.shape[0], entry.shape[1], weights_.checkpoint().map(entry).data()};
  std::vector<float> y(to_size(matrix.rows * tokens));
  multiply_weights(matrix, x.data(), tokens, VectorLayout::rows, y.data());
  return y;
}

std::vector<float> Reference::norm(const NormSpec& norm, Role gain, int64_t layer, std::span<const float> x) const {
  const std::vector<float> gains = all_floats(weights_, weights_.entry(gain, layer));
  const size_t n = gains.size();
  std::vector<float> y(x.size());
  for (size_t row = 0; row < x.size(); row += n) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += static_cast<double>(x[row + i]) * static_cast<double>(x[row + i]);
    const double scale = 1 / std::sqrt(sum / static_cast<double>(n) + norm.epsilon);
    for (size_t i = 0; i < n; ++i) y[row + i] = static_cast<float>(x[row + i] * scale) * gains[i];
  }
  return y;
}

// x [T, heads, E]; dimension i pairs with i + R/2.
void Reference::rotate(const RopeTable& table, int64_t heads, int64_t width, std::vector<float>& x) const {
  const size_t half = table.inv_freq.size();
  for (size_t row = 0; row < x.size() / to_size(width); ++row) {
    const auto position = static_cast<double>(position_ + static_cast<int64_t>(row) / heads);
    float* head = x.data() + row * to_size(width);
    for (size_t i = 0; i < half; ++i) {
      const double angle = position * table.inv_freq[i];
      const auto c = static_cast<float>(std::cos(angle) * table.attention_factor);
      const auto s = static_cast<float>(std::sin(angle) * table.attention_factor);
      const float low = head[i], high = head[i + half];
      head[i] = low * c - high * s;
      head[i + half] = high * c + low * s;
    }
  }
}

std::vector<float> Reference::attention(size_t layer, const std::vector<float>& x, int64_t tokens) {
  const AttentionSpec& a = spec_.layers[layer].attention;
  const auto index = static_cast<int64_t>(layer);
  std::vector<float> q = linear(Role::query, index, x, tokens);      // [T, H, E]
  std::vector<float> k = linear(Role::key, index, x, tokens);        // [T, K, E]
  const std::vector<float> v = linear(Role::value, index, x, tokens);
  if (a.qk_norm) {
    q = norm(*a.qk_norm, Role::query_norm, index, q);
    k = norm(*a.qk_norm, Role::key_norm, index, k);
  }
  if (a.rope) {
    rotate(spec_.rope_tables[*a.rope], a.heads, a.head_dim, q);
    rotate(spec_.rope_tables[*a.rope], a.kv_heads, a.head_dim, k);
  }
  Cache& cache = caches_[layer];
  cache.keys.insert(cache.keys.end(), k.begin(), k.end());
  cache.values.insert(cache.values.end(), v.begin(), v.end());
  std::vector<float> out(q.size());
  parallel_for(to_size(tokens * a.heads), 1, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const auto token = static_cast<int64_t>(row) / a.heads, head = static_cast<int64_t>(row) % a.heads;
      const int64_t kv_head = head / (a.heads / a.kv_heads);
      const size_t at = row * to_size(a.head_dim);
      attend(a, position_ + token, q.data() + at, cache.keys.data() + kv_head * a.head_dim,
             cache.values.data() + kv_head * a.head_dim, out.data() + at);
    }
  });
  return linear(Role::attention_output, index, out, tokens);
}

std::vector<float> Reference::mlp(size_t layer, const std::vector<float>& x, int64_t tokens) const {
  const auto index = static_cast<int64_t>(layer);
  std::vector<float> gate = linear(Role::gate, index, x, tokens);
  const std::vector<float> up = linear(Role::up, index, x, tokens);
  const Activation activation = spec_.layers[layer].mlp.activation;
  for (size_t i = 0; i < gate.size(); ++i) gate[i] = activate(activation, gate[i]) * up[i];
  return linear(Role::down, index, gate, tokens);
}

std::vector<float> Reference::forward(std::span<const int32_t> ids, LogitRows rows, const Probe& probe) {
  const auto tokens = static_cast<int64_t>(ids.size());
  std::vector<float> x = embed(ids);
  if (probe) probe(Point::embedding, -1, x);
  for (size_t i = 0; i < spec_.layers.size(); ++i) {
    const LayerSpec& layer = spec_.layers[i];
    const auto index = static_cast<int64_t>(i);
    const auto normed = [&](const std::optional<NormSpec>& spec, Role gain, const std::vector<float>& value) {
      return spec ? norm(*spec, gain, index, value) : value;
    };
    std::vector<float> branch = attention(i, normed(layer.pre_attention_norm, Role::pre_attention_norm, x), tokens);
    add_to(x, normed(layer.post_attention_norm, Role::post_attention_norm, branch));
    if (probe) probe(Point::after_attention, index, x);
    branch = mlp(i, normed(layer.pre_mlp_norm, Role::pre_mlp_norm, x), tokens);
    add_to(x, normed(layer.post_mlp_norm, Role::post_mlp_norm, branch));
    if (probe) probe(Point::after_mlp, index, x);
  }
  position_ += tokens;
  const int64_t wanted = rows == LogitRows::all ? tokens : std::min<int64_t>(1, tokens);
  const auto last = std::span<const float>(x).subspan(to_size((tokens - wanted) * spec_.width));
  const std::vector<float> out = norm(spec_.final_norm, Role::final_norm, -1, last);
  return linear(spec_.tied_head ? Role::embedding : Role::head, -1, out, wanted);
}

}  // namespace cortland
