// Where keys and values of earlier calls come from, and where those of this call go.
#pragma once

#include <memory>
#include <string>

#include "mil/builder.h"

namespace cortland {

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

// state_cache.cc: states that the calls of all functions share. join() needs the positions of the graph.
// One state [2L, K', S, E'], which is given whole.
std::unique_ptr<Cache> add_state_cache(Graph& graph, const Shape& shape);
// Two states [L, 1, K, S, E], of which the slots in use are given.
std::unique_ptr<Cache> add_paired_cache(Graph& graph, const Shape& shape);

// explicit_cache.cc: inputs [L, K', S-T, E'] with what the host kept, outputs with what it is to keep.
std::unique_ptr<Cache> add_explicit_cache(Graph& graph, const Shape& past);

// Names of inputs, outputs and states.
inline constexpr const char* kState = "kv";
inline constexpr const char* kKeyCache = "keyCache";  // as other makers' hosts call them
inline constexpr const char* kValueCache = "valueCache";
inline constexpr const char* kPastKeys = "past_keys";
inline constexpr const char* kPastValues = "past_values";
inline constexpr const char* kNewKeys = "new_keys";
inline constexpr const char* kNewValues = "new_values";

}  // namespace cortland
