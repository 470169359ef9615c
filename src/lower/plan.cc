#include "lower/plan.h"

#include <algorithm>
#include <bit>
#include <set>

#include "base/bytes.h"
#include "base/error.h"

namespace cortland {
namespace {

constexpr int64_t kDefaultContext = 2048;
constexpr int64_t kMaxContext = 1 << 20;
constexpr int64_t kMinHeadDim = 32;       // 64 bytes of fp16
constexpr int64_t kShardMultiple = 64;

int64_t power_of_two(int64_t at_least) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(at_least)));
}

std::vector<int64_t> make_shards(int64_t vocabulary, std::optional<int64_t> wanted) {
  const int64_t parts = wanted.value_or((vocabulary + kHeadRows - 1) / kHeadRows);
  require(parts >= 1 && parts <= vocabulary, ErrorCode::invalid, "--head-splits: got {}, want 1 to {}", parts,
          vocabulary);
  const int64_t even = (vocabulary + parts - 1) / parts;
  const int64_t rows = parts == 1 ? vocabulary
                                  : static_cast<int64_t>(round_up(static_cast<uint64_t>(even), kShardMultiple));
  std::vector<int64_t> shards;
  for (int64_t left = vocabulary; left > 0; left -= shards.back()) shards.push_back(std::min(rows, left));
  return shards;
}

}  // namespace

std::string_view attention_name(AttentionForm form) {
  switch (form) {
    case AttentionForm::matmul: return "matmul";
    case AttentionForm::sdpa: return "sdpa";
  }
  return "";
}

std::string_view sliding_cache_name(SlidingCache cache) {
  switch (cache) {
    case SlidingCache::full: return "full";
    case SlidingCache::ring: return "ring";
  }
  return "";
}

size_t Plan::mask_of(const LayerSpec& layer) const {
  for (size_t i = 0; i < masks.size(); ++i) {
    if (masks[i].window == layer.attention.window) return i;
  }
  return 0;
}

int64_t Plan::count_layers(const ModelPart& part, bool in_ring) const {
  const auto first = spec->layers.begin();
  return std::count_if(first + static_cast<std::ptrdiff_t>(part.first_layer),
                       first + static_cast<std::ptrdiff_t>(part.end_layer),
                       [&](const LayerSpec& layer) { return this->in_ring(layer) == in_ring; });
}

CachePlace Plan::place_of(const ModelPart& part, size_t layer) const {
  const bool is_in_ring = in_ring(spec->layers[layer]);
  const ModelPart before{.first_layer = part.first_layer, .end_layer = layer};
  return {is_in_ring, count_layers(before, is_in_ring), count_layers(part, is_in_ring)};
}

uint64_t Plan::cache_bytes() const {
  const ModelPart whole{.end_layer = spec->layers.size()};
  const int64_t slots = count_layers(whole, false) * context + count_layers(whole, true) * ring;
  return stored_size(2 * static_cast<uint64_t>(slots * kv_heads * head_dim), DType::f16);
}

Shape AnePlan::cache_shape(const ModelPart& part) const {
  const int64_t others = 2 * count_layers(part, false), in_ring = 2 * count_layers(part, true);
  if (in_ring == 0) return {others, kv_heads, context, head_dim};
  if (others == 0) return {in_ring, kv_heads, ring, head_dim};
  const int64_t per_row = context / ring;
  return {others + (in_ring + per_row - 1) / per_row, kv_heads, context, head_dim};
}

StatePlace AnePlan::state_place(const ModelPart& part, size_t layer, CachedKind kind) const {
  const CachePlace place = place_of(part, layer);
  const int64_t index = place.row + (kind == CachedKind::values ? place.layers : 0);
  const int64_t others = 2 * count_layers(part, false);
  if (!place.in_ring) return {index, 0, context, false};
  if (others == 0) return {index, 0, ring, true};
  const int64_t per_row = context / ring;
  return {others + index / per_row, index % per_row * ring, ring, true};
}

Shape AnePlan::past_shape(const ModelPart& part) const {
  return {count_layers(part, false), kv_heads, context - prefill, head_dim};
}

Shape AnePlan::ring_past_shape(const ModelPart& part) const {
  return {count_layers(part, true), kv_heads, ring, head_dim};
}

int64_t AnePlan::mask_columns(size_t mask) const {
  if (ring == 0 || !masks[mask].window) return context;
  return target.has_states ? ring : ring + prefill;
}

Shape GpuPlan::cache_shape() const { return {count_layers(whole(), false), 1, kv_heads, context, head_dim}; }

Shape GpuPlan::ring_shape() const { return {count_layers(whole(), true), 1, kv_heads, ring, head_dim}; }

int64_t GpuPlan::mask_columns(size_t mask) const { return ring == 0 || !masks[mask].window ? context : ring; }

namespace {

// Layers may differ in windows, positions and norms, and not in what the inputs and the cache have one shape for.
void check_layers(const ModelSpec& spec) {
  const AttentionSpec& first = spec.layers.front().attention;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const AttentionSpec& a = spec.layers[i].attention;
    require(a.heads == first.heads && a.kv_heads == first.kv_heads && a.head_dim == first.head_dim &&
                a.alibi_slopes == first.alibi_slopes,
            ErrorCode::unsupported, "layer {}: has other attention heads than layer 0; want the same in every layer",
            i);
  }
}

int64_t wanted_context(const ModelSpec& spec, std::optional<int64_t> option, int64_t most_positions) {
  const int64_t wanted =
      option.value_or(spec.position_rows > 0 ? std::min(kDefaultContext, most_positions) : kDefaultContext);
  require(wanted >= 1 && wanted <= kMaxContext, ErrorCode::invalid, "--context: got {}, want 1 to {}", wanted,
          kMaxContext);
  return wanted;
}

// Of learned positions.
int64_t position_count(const ModelSpec& spec) { return spec.position_rows - spec.position_offset; }

void check_positions(const ModelSpec& spec, int64_t context, int64_t most, std::vector<std::string>& notes) {
  require(spec.position_rows == 0 || context <= position_count(spec), ErrorCode::invalid,
          "--context: got {}, want at most {}: the model has a table of {} positions; hint: --context {}", context,
          most, position_count(spec), most);
  if (context > spec.max_positions) {
    notes.push_back(
        fmt::format("context {} is more than the {} positions the model was made for", context, spec.max_positions));
  }
}

int64_t choose_context(const ModelSpec& spec, const AneOptions& options, std::vector<std::string>& notes) {
  const auto most =
      static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(position_count(spec), 1))));
  const int64_t wanted = wanted_context(spec, options.context, most);
  // The cache must have power-of-two sides, and 32 slots make one row of 64 bytes in a mask.
  const int64_t context = std::max<int64_t>(power_of_two(wanted), kMinHeadDim);
  if (context != wanted) {
    notes.push_back(
        fmt::format("context {} is rounded up to {}: the cache needs a power of two of at least 32", wanted, context));
  }
  check_positions(spec, context, most, notes);
  return context;
}

// Why attention cannot be the fused op; empty when it can.
std::string_view obstacle_of_fused_attention(const ModelSpec& spec, const Target& target) {
  if (!target.has_fused_attention) return "the target has no fused op";
  const bool must_see_scores = std::any_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) {
    return layer.attention.score_cap.has_value() || !layer.attention.alibi_slopes.empty();
  });
  return must_see_scores ? "the fused op knows neither capped scores nor ALiBi" : "";
}

// Nothing asked for: the usual form, and no news when it does not fit.
void choose_attention(Plan& plan, std::optional<AttentionForm> asked, AttentionForm usual) {
  const std::string_view obstacle = obstacle_of_fused_attention(*plan.spec, plan.target);
  plan.attention = obstacle.empty() ? asked.value_or(usual) : AttentionForm::matmul;
  if (plan.attention == asked.value_or(plan.attention)) return;
  const std::string line = fmt::format("attention is lowered as matmul, not sdpa: {}", obstacle);
  plan.notes.push_back(line);
  plan.fallbacks.push_back(line);
  if (!plan.target.has_fused_attention) plan.shortcomings.push_back(line);
}

// T of the function that takes several tokens.
int64_t choose_tokens(AnePlan& plan, std::optional<int64_t> wanted) {
  constexpr int64_t kTokens = 64,
                    kTokensOfMain = 8;  // a call of the only function costs all its rows for each new token
  const int64_t tokens = wanted.value_or(plan.target.has_states ? kTokens : kTokensOfMain);
  require(tokens >= 1, ErrorCode::invalid, "--prefill: got {}, want at least 1", tokens);
  if (plan.target.has_states) {
    if (tokens <= plan.context) return tokens;
    plan.notes.push_back(fmt::format("prefill {} is cut to the context, {}", tokens, plan.context));
    return plan.context;
  }
  const int64_t half = plan.context / 2;
  if (tokens <= half) return tokens;
  plan.notes.push_back(fmt::format("prefill {} is cut to half the context, {}: the other half is for what came before",
                                   tokens, half));
  return half;
}

// The widest window; 0 when no layer has one.
int64_t widest_window(const ModelSpec& spec) {
  int64_t widest = 0;
  for (const LayerSpec& layer : spec.layers) widest = std::max(widest, layer.attention.window.value_or(0));
  return widest;
}

// `slots`: those of a ring; `full`: those of a cache of all positions. Where the ring would not be smaller, there is
// none.
void choose_ring(Plan& plan, SlidingCache wanted, int64_t slots, int64_t full) {
  constexpr uint64_t kLargeCache = uint64_t{1} << 28;  // of one package, from which on it costs speed (L24)
  constexpr uint64_t kMegabyte = 1'000'000;
  const int64_t window = widest_window(*plan.spec);
  if (wanted == SlidingCache::ring && window == 0) {
    plan.notes.push_back("no layer has a window: there is nothing for a ring to hold");
  }
  if (window == 0) return;
  if (wanted == SlidingCache::ring && plan.has_alibi()) {
    plan.notes.push_back(
        "the cache of layers with a window is full, not a ring: distances of ALiBi are told for all positions");
    plan.fallbacks.push_back(plan.notes.back());
    return;
  }
  if (slots >= full) {
    if (wanted == SlidingCache::full) return;
    plan.notes.push_back(
        fmt::format("the cache of layers with a window is full, not a ring: the window of {} and a call take {} slots, "
                    "no fewer than a context of {}",
                    window, slots, plan.context));
    return;
  }
  const uint64_t full_bytes = plan.cache_bytes();
  plan.ring = slots;
  const uint64_t ring_bytes = plan.cache_bytes();
  if (wanted == SlidingCache::ring) return;
  plan.ring = 0;
  if (plan.has_alibi() || full_bytes - ring_bytes < kLargeCache) return;
  plan.notes.push_back(fmt::format("the cache takes {} MB; --sliding-cache ring makes that {} MB",
                                   full_bytes / kMegabyte, ring_bytes / kMegabyte));
}

// States have sides that are powers of two; of a cache that the host keeps, the scores have rows of 64 bytes.
void choose_ane_ring(AnePlan& plan, SlidingCache wanted) {
  const int64_t least = widest_window(*plan.spec) + plan.prefill;
  if (plan.target.has_states) return choose_ring(plan, wanted, power_of_two(least), plan.context);
  const auto columns = static_cast<int64_t>(round_up(static_cast<uint64_t>(least + plan.prefill), kMinHeadDim));
  choose_ring(plan, wanted, columns - plan.prefill, plan.context - plan.prefill);
}

// As many layers in each as can be; the first ones have one more.
std::vector<ModelPart> make_parts(const ModelSpec& spec, std::optional<int64_t> wanted, bool host_embedding) {
  const size_t layers = spec.layers.size();
  if (!wanted) return {{.first_layer = 0, .end_layer = layers, .has_embedding = !host_embedding}};
  require(*wanted >= 1 && *wanted <= static_cast<int64_t>(layers), ErrorCode::invalid,
          "--parts: got {}, want 1 to {}, the layers of the model", *wanted, layers);
  const auto count = static_cast<size_t>(*wanted);
  std::vector<ModelPart> parts;
  for (size_t i = 0; i < count; ++i) {
    parts.push_back({.first_layer = (i * layers + count - 1) / count,
                     .end_layer = ((i + 1) * layers + count - 1) / count,
                     .has_embedding = i == 0 && !host_embedding,
                     .has_head = false});
  }
  parts.push_back({.first_layer = layers, .end_layer = layers, .has_embedding = false});
  return parts;
}

// Full attention, which has none, comes first.
std::set<std::optional<int64_t>> windows_of(const ModelSpec& spec) {
  std::set<std::optional<int64_t>> windows;
  for (const LayerSpec& layer : spec.layers) windows.insert(layer.attention.window);
  return windows;
}

std::vector<RopeInput> make_ropes(const ModelSpec& spec, int64_t context) {
  std::vector<RopeInput> ropes;
  for (size_t i = 0; i < spec.rope_tables.size(); ++i) {
    const std::string suffix = i == 0 ? "" : fmt::format("_{}", i);
    ropes.push_back({"cos" + suffix, "sin" + suffix, at_context(spec.rope_tables[i], context)});
  }
  return ropes;
}

}  // namespace

namespace {

// The contexts of a package with several, once all are planned: from large to small, no two alike.
template <typename ProfilePlan>
void join_contexts(ProfilePlan& plan, std::vector<ProfilePlan> smaller) {
  if (smaller.empty()) return;
  std::sort(smaller.begin(), smaller.end(), [](const auto& a, const auto& b) { return a.context > b.context; });
  int64_t last = plan.context;
  for (ProfilePlan& one : smaller) {
    if (one.context == last) {
      plan.notes.push_back(fmt::format("the context {} is asked for more than once", last));
      continue;
    }
    last = one.context;
    one.table_rows = plan.table_rows;
    one.suffix = fmt::format("_{}", one.context);
    for (const std::string& note : one.notes) {
      if (std::find(plan.notes.begin(), plan.notes.end(), note) == plan.notes.end()) plan.notes.push_back(note);
    }
    one.notes.clear();
    plan.smaller.push_back(std::move(one));
  }
  if (!plan.smaller.empty()) plan.suffix = fmt::format("_{}", plan.context);
}

// Plans of the smaller contexts among options.
template <typename ProfilePlan, typename Options>
std::vector<ProfilePlan> plan_smaller(const ModelSpec& spec, const Options& options, int64_t context,
                                      ProfilePlan (*make)(const ModelSpec&, const Options&)) {
  std::vector<ProfilePlan> plans;
  for (const int64_t smaller : options.smaller_contexts) {
    require(smaller <= context, ErrorCode::invalid, "--context: got {} beside {}, want the largest last", smaller,
            context);
    Options one = options;
    one.context = smaller;
    one.smaller_contexts.clear();
    plans.push_back(make(spec, one));
  }
  return plans;
}

}  // namespace

AnePlan make_ane_plan(const ModelSpec& spec, const AneOptions& options) {
  AnePlan plan;
  plan.spec = &spec;
  plan.target = options.target;
  plan.weights = options.weights;
  check_layers(spec);
  choose_attention(plan, options.attention, AttentionForm::matmul);
  plan.context = choose_context(spec, options, plan.notes);
  plan.table_rows = plan.context;
  plan.prefill = choose_tokens(plan, options.prefill);
  for (const LayerSpec& layer : spec.layers) {
    plan.kv_heads = std::max(plan.kv_heads, power_of_two(layer.attention.kv_heads));
    plan.head_dim = std::max(plan.head_dim, power_of_two(std::max(layer.attention.head_dim, kMinHeadDim)));
  }
  for (const LayerSpec& layer : spec.layers) {
    if (layer.attention.kv_heads != plan.kv_heads || layer.attention.head_dim != plan.head_dim) {
      plan.notes.push_back(fmt::format("the cache holds {} heads of width {} as {} of {}: its sides are powers of two "
                                       "and at least 32 wide", layer.attention.kv_heads, layer.attention.head_dim,
                                       plan.kv_heads, plan.head_dim));
      break;
    }
  }
  const auto windows = windows_of(spec);
  for (const auto& window : windows) {
    std::string name = !window ? "mask" : "mask_sliding";
    if (window && windows.size() - windows.count(std::nullopt) > 1) name += fmt::format("_{}", *window);
    plan.masks.push_back({std::move(name), window});
  }
  plan.ropes = make_ropes(spec, plan.context);
  plan.host_embedding = options.host_embedding;
  plan.parts = make_parts(spec, options.parts, options.host_embedding);
  plan.head_shards = make_shards(spec.vocabulary, options.head_splits);
  if (options.head_splits && static_cast<int64_t>(plan.head_shards.size()) != *options.head_splits) {
    plan.notes.push_back(fmt::format("the output head is cut into {} parts, not {}: a part has a multiple of {} rows",
                                     plan.head_shards.size(), *options.head_splits, kShardMultiple));
  }
  choose_ane_ring(plan, options.sliding_cache);
  if (plan.target.has_states || options.smaller_contexts.empty()) {
    join_contexts(plan, plan_smaller(spec, options, plan.context, make_ane_plan));
  } else {
    plan.notes.push_back(fmt::format(
        "the package has the context {} alone: the target has no packages with several functions", plan.context));
    plan.fallbacks.push_back(plan.notes.back());
    plan.shortcomings.push_back(plan.notes.back());
  }
  return plan;
}

GpuPlan make_gpu_plan(const ModelSpec& spec, const GpuOptions& options) {
  GpuPlan plan;
  plan.spec = &spec;
  plan.target = options.target;
  plan.weights = options.weights;
  check_layers(spec);
  choose_attention(plan, options.attention, AttentionForm::sdpa);
  plan.context = wanted_context(spec, options.context, position_count(spec));
  check_positions(spec, plan.context, position_count(spec), plan.notes);
  plan.table_rows = plan.context;
  plan.tokens = std::min(options.tokens, plan.context);
  plan.kv_heads = spec.layers.front().attention.kv_heads;
  plan.head_dim = spec.layers.front().attention.head_dim;
  // What hosts of other makers know is called as they call it; the widest mask is the causal one.
  const auto windows = windows_of(spec);
  std::vector<std::optional<int64_t>> widest_first(windows.rbegin(), windows.rend());
  if (!widest_first.back()) std::rotate(widest_first.begin(), widest_first.end() - 1, widest_first.end());
  for (const auto& window : widest_first) {
    std::string name = plan.masks.empty() ? "causalMask" : "slidingCausalMask";
    if (!plan.masks.empty() && windows.size() > 2) name += fmt::format("_{}", *window);
    plan.masks.push_back({std::move(name), window});
  }
  plan.ropes = make_ropes(spec, plan.context);
  plan.head_shards = {spec.vocabulary};
  choose_ring(plan, options.sliding_cache, widest_window(spec) + plan.tokens, plan.context);
  join_contexts(plan, plan_smaller(spec, options, plan.context, make_gpu_plan));
  return plan;
}

}  // namespace cortland
