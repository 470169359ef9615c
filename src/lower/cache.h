// Where keys and values of earlier calls come from, and where those of this call go.
#pragma once

#include <memory>
#include <string>

#include "mil/builder.h"

namespace cortland {

struct AnePlan;
struct Graph;

// What the cache holds of a layer: [1, K', S, E'] each, or [1, K', k, E'] of the k slots in use.
struct CachedHeads {
  mil::Value keys, values;
};

class Cache {
 public:
  virtual ~Cache() = default;

  // What depends on the position alone. To be called before the first layer.
  virtual void begin(Graph&) {}

  // Keys and values [1, K', T, E'] of a layer join those of earlier calls.
  virtual CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) = 0;

  // What the function gives beside its result. To be called behind the last layer.
  virtual void add_outputs(Graph&) {}
};

// The shapes of a cache of all positions, and of that of the layers in the ring; the first side is 0 where there is
// none.
struct CacheShapes {
  Shape others, ring;
};

// state_cache.cc: states that the calls of all functions share. join() needs the positions of the graph.
// One state as AnePlan::cache_shape(), of which all slots are given.
std::unique_ptr<Cache> add_state_cache(Graph& graph, const AnePlan& plan);
// Pairs of states [L, 1, K, S or R, E], of which the slots in use are given.
std::unique_ptr<Cache> add_paired_cache(Graph& graph, const CacheShapes& shapes);

// explicit_cache.cc: inputs [L, K', S-T or R, E'] with what the host kept, outputs with what it is to keep.
std::unique_ptr<Cache> add_explicit_cache(Graph& graph, const CacheShapes& past);

// Names of inputs, outputs and states; those of a ring stand below.
inline constexpr const char* kState = "kv";
inline constexpr const char* kKeyCache = "keyCache";  // as other makers' hosts call them
inline constexpr const char* kValueCache = "valueCache";
inline constexpr const char* kPastKeys = "past_keys";
inline constexpr const char* kPastValues = "past_values";
inline constexpr const char* kNewKeys = "new_keys";
inline constexpr const char* kNewValues = "new_values";
inline constexpr const char* kRingKeyCache = "slidingKeyCache";
inline constexpr const char* kRingValueCache = "slidingValueCache";
inline constexpr const char* kRingPastKeys = "past_keys_sliding";
inline constexpr const char* kRingPastValues = "past_values_sliding";
inline constexpr const char* kRingNewKeys = "new_keys_sliding";
inline constexpr const char* kRingNewValues = "new_values_sliding";

}  // namespace cortland
