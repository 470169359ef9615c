// The numbers that fix a package before anything is lowered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lower/rescale.h"
#include "lower/target.h"
#include "lower/weight_tuning.h"
#include "mil/program.h"
#include "model/spec.h"
#include "quant/policy.h"

namespace cortland {

// Rows of one part of the output head that older Neural Engines take (ane-practice.md, L24).
inline constexpr int64_t kHeadRows = 16384;

enum class AttentionForm {
  matmul,  // matmul, add, softmax, matmul
  sdpa,    // the fused op
};

std::string_view attention_name(AttentionForm form);  // as --attention spells it

// Where layers with a window keep keys and values.
enum class SlidingCache {
  full,  // as the others: in a slot for each position
  ring,  // in as many slots as the window and the tokens of a call take, where those are fewer
};

std::string_view sliding_cache_name(SlidingCache cache);  // as --sliding-cache spells it

// Layers that become a package of their own, with what comes before the first and behind the last.
struct ModelPart {
  size_t first_layer = 0, end_layer = 0;  // none where they are equal
  bool has_embedding = true;  // takes ids; false: takes rows, of the host or of the part before
  bool has_head = true;       // gives logits; false: gives rows for the part behind
  bool has_layers() const { return first_layer < end_layer; }
  int64_t layers() const { return static_cast<int64_t>(end_layer - first_layer); }
};

struct AneOptions {
  std::optional<int64_t> context = {};  // S wanted; rounded up to a power of two; default: 2048, or what the model can
  std::vector<int64_t> smaller_contexts = {};  // further ones, that get functions of their own in the same package
  SlidingCache sliding_cache = SlidingCache::full;
  // T of the prefill function, at most S; default: 64. Without states, T of the only function, at most S/2; default: 8.
  std::optional<int64_t> prefill = {};
  AttentionForm attention = AttentionForm::matmul;
  std::optional<int64_t> head_splits = {};  // default: ceil(V / kHeadRows)
  // Packages that the layers are cut into, with one more for the output head; none: one package for all.
  std::optional<int64_t> parts = {};
  bool host_embedding = false;  // the host looks up the rows of ids, in a file
  WeightPolicy weights = {};
  Target target = default_target();
};

struct GpuOptions {
  std::optional<int64_t> context = {};           // S wanted; default: 2048, or what the model can
  std::vector<int64_t> smaller_contexts = {};     // as AneOptions
  SlidingCache sliding_cache = SlidingCache::full;
  int64_t tokens = 512;  // the most of one call, cut to the context: what the scores of a layer take grows with it
  std::optional<AttentionForm> attention = {};  // default: sdpa, or matmul where the model needs it
  WeightPolicy weights = {};
  Target target = default_target();  // with states
};

// A mask input and the window it stands for.
struct MaskInput {
  std::string name;
  std::optional<int64_t> window;
};

// The names of cos and sin of one rotary table: inputs of `ane`, constants of `gpu`.
struct RopeInput {
  std::string cos, sin;
  RopeTable table;  // for this context
};

// Where the cache of a part has a layer: in which of two, and as which of its layers.
struct CachePlace {
  bool in_ring = false;
  int64_t row = 0;
  int64_t layers = 0;  // all of them
};

enum class CachedKind { keys, values };

// Where a state has keys or values of a layer.
struct StatePlace {
  int64_t row = 0;
  int64_t first_slot = 0, slots = 0;
  bool in_ring = false;
};

// What profiles have in common.
struct Plan {
  const ModelSpec* spec = nullptr;
  Target target = default_target();
  AttentionForm attention = AttentionForm::matmul;
  int64_t context = 0;                // S
  int64_t table_rows = 0;             // positions that tables of them have: S, or that of the largest context
  int64_t ring = 0;                   // R: slots of the cache of layers with a window; 0: S, as the others
  std::string suffix;                 // of functions and states of one of several contexts: "_1024"
  int64_t kv_heads = 0;               // K' of the cache, at least that of every layer
  int64_t head_dim = 0;               // E' of the cache, likewise
  std::vector<int64_t> head_shards;   // rows of each part of the output head
  std::vector<MaskInput> masks;       // by window; full attention first
  std::vector<RopeInput> ropes;       // as ModelSpec::rope_tables
  WeightPolicy weights;
  std::shared_ptr<const WeightTuning> tuning;  // nullptr: none
  Rescale rescale = {};               // REQUIRES: none where weights keep their codes
  std::vector<std::string> notes;     // decisions that differ from the request, one line each
  std::vector<std::string> fallbacks;  // those of the notes that tell of another form than the one asked for
  std::vector<std::string> shortcomings;  // those of the fallbacks that a newer target would not need

  size_t mask_of(const LayerSpec& layer) const;  // index into masks
  bool in_ring(const LayerSpec& layer) const { return ring > 0 && layer.attention.window; }
  int64_t count_layers(const ModelPart& part, bool in_ring) const;
  CachePlace place_of(const ModelPart& part, size_t layer) const;
  uint64_t cache_bytes() const;                  // of all slots, wherever they lie
  bool has_alibi() const { return !spec->layers.front().attention.alibi_slopes.empty(); }
};

// K' and E' are powers of two, E' at least 32.
struct AnePlan : Plan {
  int64_t prefill = 0;      // T of prefill, or of the only function
  std::vector<ModelPart> parts;  // one package each, in the order of the model
  bool host_embedding = false;
  std::vector<AnePlan> smaller;  // of the other contexts, from large to small
  // The state of a part: [n, K', S, E'], or [2L, K', R, E'] where all of its layers are in the ring. Beside others,
  // keys and values in the ring share rows, S / R in each.
  Shape cache_shape(const ModelPart& part) const;
  StatePlace state_place(const ModelPart& part, size_t layer, CachedKind kind) const;
  // Keys, or values, of a cache without state, of the layers of a part that are not in the ring, and of those that are;
  // the first side may be 0.
  Shape past_shape(const ModelPart& part) const;       // [L, K', S-T, E']
  Shape ring_past_shape(const ModelPart& part) const;  // [L, K', R, E']
  int64_t mask_columns(size_t mask) const;  // slots that it tells about
};

// K' is K and E' is E.
struct GpuPlan : Plan {
  int64_t tokens = 0;         // the most query tokens of a call
  std::vector<GpuPlan> smaller;  // as AnePlan
  ModelPart whole() const { return {.end_layer = spec->layers.size()}; }
  // Of keys and of values, of the layers that are not in the ring, and of those that are; the first side may be 0.
  Shape cache_shape() const;  // [L, 1, K, S, E]
  Shape ring_shape() const;   // [L, 1, K, R, E]
  int64_t mask_columns(size_t mask) const;  // slots that it tells about at most
};

// Errors: invalid for options out of range; unsupported when a layer needs another form.
// REQUIRES of a gpu plan: the target has states.
AnePlan make_ane_plan(const ModelSpec& spec, const AneOptions& options);
GpuPlan make_gpu_plan(const ModelSpec& spec, const GpuOptions& options);

}  // namespace cortland
