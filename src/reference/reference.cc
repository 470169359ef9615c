#include "reference/reference.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "reference/activation.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"

namespace cortland {
namespace {

// One query against the keys it may see, by position: softmax(scale q . k + slope (j - p)) v.
void attend(const AttentionSpec& a, double slope, int64_t position, const float* query, const float* keys,
            const float* values, float* out) {
  const int64_t stride = a.kv_heads * a.head_dim;
  const int64_t first = a.window ? std::max<int64_t>(0, position - *a.window + 1) : 0;
  std::vector<float> scores;
  for (int64_t j = first; j <= position; ++j) {
    const float* key = keys + j * stride;
    double dot = 0;
    for (int64_t e = 0; e < a.head_dim; ++e) dot += static_cast<double>(query[e]) * static_cast<double>(key[e]);
    double score = dot * a.score_scale;
    if (a.score_cap) score = *a.score_cap * std::tanh(score / *a.score_cap);
    scores.push_back(static_cast<float>(score + slope * static_cast<double>(j - position)));
  }
  softmax({1, static_cast<int64_t>(scores.size()), 1}, scores.data(), scores.data());
  std::fill(out, out + a.head_dim, 0.0f);
  for (int64_t j = first; j <= position; ++j) {
    const float weight = scores[to_size(j - first)];
    const float* value = values + j * stride;
    for (int64_t e = 0; e < a.head_dim; ++e) out[e] += weight * value[e];
  }
}

// A parameter that is read piece by piece: no page of a mapped file stays.
class StoredElements : public Elements {
 public:
  StoredElements(const Weights& weights, const Binding& binding) : weights_(weights), binding_(binding) {}
  void read(int64_t first, std::span<float> out) const override { weights_.read(binding_, first, out); }

 private:
  const Weights& weights_;
  const Binding& binding_;
};

}  // namespace

Reference::Reference(const ModelSpec& spec, const Weights& weights, int64_t context)
    : spec_(spec), weights_(weights), caches_(spec.layers.size()) {
  for (const RopeTable& table : spec.rope_tables) rope_tables_.push_back(at_context(table, context));
}

void Reference::restart() {
  caches_.assign(spec_.layers.size(), {});
  position_ = 0;
}

std::vector<float> Reference::begin(std::span<const int32_t> ids) const {
  const auto width = to_size(spec_.embedding_width);
  std::vector<float> x(ids.size() * width);
  for (size_t t = 0; t < ids.size(); ++t) {
    require(ids[t] >= 0 && ids[t] < spec_.vocabulary, ErrorCode::invalid, "token {}: got id {}, want 0 to {}", t,
            ids[t], spec_.vocabulary - 1);
    weights_.read(weights_.binding({Role::embedding}), ids[t] * spec_.embedding_width,
                  std::span(x).subspan(t * width, width));
  }
  if (weights_.has({Role::embedding_projection})) {
    x = linear(Role::embedding_projection, -1, x, static_cast<int64_t>(ids.size()));
  }
  for (float& value : x) value *= static_cast<float>(spec_.embedding_scale);
  if (spec_.position_rows > 0) {
    std::vector<float> row(to_size(spec_.width));
    for (size_t t = 0; t < ids.size(); ++t) {
      const int64_t index = position_ + static_cast<int64_t>(t) + spec_.position_offset;
      require(index < spec_.position_rows, ErrorCode::invalid, "token {}: is beyond the {} positions of the model", t,
              spec_.position_rows - spec_.position_offset);
      weights_.read(weights_.binding({Role::position_table}), index * spec_.width, row);
      for (size_t i = 0; i < row.size(); ++i) x[t * row.size() + i] += row[i];
    }
  }
  return spec_.embedding_norm ? norm(*spec_.embedding_norm, Role::embedding_norm, -1, x, spec_.width) : x;
}

std::vector<float> Reference::linear(Role role, int64_t layer, std::span<const float> x, int64_t tokens) const {
  const Binding& binding = weights_.binding({role, layer});
  const Shape& shape = binding.parameter->shape;
  const TensorEntry& entry = *binding.entries.front();
  std::vector<float> y(to_size(shape[0] * tokens));
  const bool is_stored_so = binding.parameter->is_plain() && !entry.is_quantized();
  if (is_stored_so && tokens == 1) {
    const WeightMatrix matrix{entry.dtype, shape[0], shape[1], weights_.checkpoint().map(entry).data()};
    multiply_weights(matrix, x.data(), tokens, VectorLayout::rows, y.data());
  } else if (is_stored_so) {
    const StoredElements elements(weights_, binding);
    const WeightMatrix matrix{entry.dtype, shape[0], shape[1], nullptr, &elements};
    multiply_weights(matrix, x.data(), tokens, VectorLayout::rows, y.data());
  } else {
    const std::vector<float> values = weights_.values({role, layer});
    const WeightMatrix matrix{DType::f32, shape[0], shape[1], reinterpret_cast<const std::byte*>(values.data())};
    multiply_weights(matrix, x.data(), tokens, VectorLayout::rows, y.data());
  }
  if (const ParameterId bias{role, layer, Part::bias}; weights_.has(bias)) {
    const std::vector<float> values = weights_.values(bias);
    for (size_t i = 0; i < y.size(); ++i) y[i] += values[i % values.size()];
  }
  if (linear_probe_) linear_probe_({role, layer}, x, y);
  return y;
}

std::vector<float> Reference::norm(const NormSpec& norm, Role role, int64_t layer, std::span<const float> x,
                                   int64_t width) const {
  const ParameterId gain{role, layer}, bias{role, layer, Part::bias};
  const std::vector<float> gains = weights_.has(gain) ? weights_.values(gain) : std::vector<float>(1, 1.0f);
  const std::vector<float> biases = weights_.has(bias) ? weights_.values(bias) : std::vector<float>(1, 0.0f);
  const auto n = to_size(width);
  std::vector<float> y(x.size());
  for (size_t row = 0; row < x.size(); row += n) {
    double mean = 0, sum = 0;
    if (norm.kind == NormKind::layer) {
      for (size_t i = 0; i < n; ++i) mean += static_cast<double>(x[row + i]) / static_cast<double>(n);
    }
    for (size_t i = 0; i < n; ++i) sum += std::pow(static_cast<double>(x[row + i]) - mean, 2);
    const double scale = 1 / std::sqrt(sum / static_cast<double>(n) + norm.epsilon);
    // Gains are one for each number of a row, or one for each number of all heads.
    for (size_t i = 0; i < n; ++i) {
      y[row + i] =
          static_cast<float>((static_cast<double>(x[row + i]) - mean) * scale) * gains[(row + i) % gains.size()] +
          biases[(row + i) % biases.size()];
    }
  }
  return y;
}

// x [T, heads, E]; of the first R dimensions, i pairs with i + R/2.
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

std::vector<float> Reference::heads(size_t layer, Role role, Role norm_role, int64_t count, const std::vector<float>& x,
                                    int64_t tokens) const {
  const AttentionSpec& a = spec_.layers[layer].attention;
  const auto index = static_cast<int64_t>(layer);
  std::vector<float> y = linear(role, index, x, tokens);
  if (a.clamp) {
    const auto limit = static_cast<float>(*a.clamp);
    for (float& value : y) value = std::clamp(value, -limit, limit);
  }
  if (role == Role::value) return y;
  const auto normed = [&](bool after) {
    if (!a.qk_norm || a.qk_norm->after_rope != after) return;
    y = norm(a.qk_norm->norm, norm_role, index, y, a.qk_norm->whole ? count * a.head_dim : a.head_dim);
  };
  normed(false);
  if (a.rope) rotate(rope_tables_[*a.rope], count, a.head_dim, y);
  normed(true);
  return y;
}

std::vector<float> Reference::attention(size_t layer, const std::vector<float>& x, int64_t tokens) {
  const AttentionSpec& a = spec_.layers[layer].attention;
  const std::vector<float> q = heads(layer, Role::query, Role::query_norm, a.heads, x, tokens);  // [T, H, E]
  const std::vector<float> k = heads(layer, Role::key, Role::key_norm, a.kv_heads, x, tokens);   // [T, K, E]
  const std::vector<float> v = heads(layer, Role::value, Role::value, a.kv_heads, x, tokens);
  Cache& cache = caches_[layer];
  cache.keys.insert(cache.keys.end(), k.begin(), k.end());
  cache.values.insert(cache.values.end(), v.begin(), v.end());
  std::vector<float> out(q.size());
  parallel_for(to_size(tokens * a.heads), 1, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const auto token = static_cast<int64_t>(row) / a.heads, head = static_cast<int64_t>(row) % a.heads;
      const int64_t kv_head = head / (a.heads / a.kv_heads);
      const size_t at = row * to_size(a.head_dim);
      const double slope = a.alibi_slopes.empty() ? 0 : a.alibi_slopes[to_size(head)];
      attend(a, slope, position_ + token, q.data() + at, cache.keys.data() + kv_head * a.head_dim,
             cache.values.data() + kv_head * a.head_dim, out.data() + at);
    }
  });
  return linear(Role::attention_output, static_cast<int64_t>(layer), out, tokens);
}

std::vector<float> Reference::mlp(size_t layer, const std::vector<float>& x, int64_t tokens) const {
  const auto index = static_cast<int64_t>(layer);
  const MlpSpec& spec = spec_.layers[layer].mlp;
  std::vector<float> y = linear(spec.gated ? Role::gate : Role::up, index, x, tokens);
  const auto value = [&](Role role) { return weights_.values({role, index}).front(); };
  Xielu xielu;
  if (spec.activation == Activation::xielu) xielu = {value(Role::xielu_p), value(Role::xielu_n), value(Role::xielu_b)};
  for (float& v : y) v = activate(spec.activation, xielu, v);
  if (spec.gated) {
    const std::vector<float> up = linear(Role::up, index, x, tokens);
    std::transform(y.begin(), y.end(), up.begin(), y.begin(), [](float a, float b) { return a * b; });
  }
  return linear(Role::down, index, y, tokens);
}

void Reference::run_layer(size_t index, std::vector<float>& x, int64_t tokens, const Probe& probe) {
  const LayerSpec& layer = spec_.layers[index];
  const auto number = static_cast<int64_t>(index);
  const auto normed = [&](const std::optional<NormSpec>& spec, Role role, const std::vector<float>& value) {
    return spec ? norm(*spec, role, number, value, spec_.width) : value;
  };
  const auto add = [&](const std::vector<float>& branch) {
    std::transform(x.begin(), x.end(), branch.begin(), x.begin(),
                   [&](float a, float b) { return a + static_cast<float>(layer.branch_scale) * b; });
  };
  const std::vector<float> seen = normed(layer.pre_attention_norm, Role::pre_attention_norm, x);
  const std::vector<float> before = x;
  add(normed(layer.post_attention_norm, Role::post_attention_norm, attention(index, seen, tokens)));
  if (!layer.parallel) {
    x = normed(layer.attention_sum_norm, Role::attention_sum_norm, x);
    if (probe) probe(Point::after_attention, number, x);
  }
  const std::vector<float>& source = layer.parallel ? before : x;
  const std::vector<float> read =
      layer.parallel && !layer.pre_mlp_norm ? seen : normed(layer.pre_mlp_norm, Role::pre_mlp_norm, source);
  add(normed(layer.post_mlp_norm, Role::post_mlp_norm, mlp(index, read, tokens)));
  x = normed(layer.mlp_sum_norm, Role::mlp_sum_norm, x);
  if (probe) probe(Point::after_mlp, number, x);
}

void Reference::pass_layer(size_t layer, std::vector<float>& x, const LinearProbe& linear, const Probe& stream) {
  linear_probe_ = linear;
  run_layer(layer, x, static_cast<int64_t>(x.size()) / spec_.width, stream);
  linear_probe_ = {};
  caches_[layer] = {};
}

std::vector<float> Reference::head_input(std::span<const float> x) const {
  std::vector<float> y(x.begin(), x.end());
  if (spec_.final_norm) y = norm(*spec_.final_norm, Role::final_norm, -1, y, spec_.width);
  if (weights_.has({Role::head_projection})) {
    y = linear(Role::head_projection, -1, y, static_cast<int64_t>(x.size()) / spec_.width);
  }
  return y;
}

std::vector<float> Reference::forward(std::span<const int32_t> ids, LogitRows rows, const Probe& probe) {
  const auto tokens = static_cast<int64_t>(ids.size());
  std::vector<float> x = begin(ids);
  if (probe) probe(Point::embedding, -1, x);
  for (size_t i = 0; i < spec_.layers.size(); ++i) run_layer(i, x, tokens, probe);
  position_ += tokens;
  const int64_t wanted = rows == LogitRows::all ? tokens : std::min<int64_t>(1, tokens);
  const std::vector<float> last = head_input(std::span(x).last(to_size(wanted * spec_.width)));
  std::vector<float> logits = linear(spec_.tied_head ? Role::embedding : Role::head, -1, last, wanted);
  for (float& logit : logits) {
    logit *= static_cast<float>(spec_.logit_scale);
    if (spec_.logit_cap) {
      logit = static_cast<float>(*spec_.logit_cap * std::tanh(static_cast<double>(logit) / *spec_.logit_cap));
    }
  }
  return logits;
}

}  // namespace cortland
