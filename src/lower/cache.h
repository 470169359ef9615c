// Where keys and values of earlier calls come from, and where those of this call go.
#pragma once

#include <memory>
#include <string>

#include "mil/builder.h"

namespace cortland {

struct Graph;

// [1, K', S, E'] each.
struct CachedHeads {
  mil::Value keys, values;
};

class Cache {
 public:
  virtual ~Cache() = default;

  // Keys and values [1, K', T, E'] of a layer join those of earlier calls.
  virtual CachedHeads join(Graph& graph, size_t layer, mil::Value keys, mil::Value values) = 0;

  // What the function gives beside its result. To be called behind the last layer.
  virtual void add_outputs(Graph& graph) = 0;
};

// state_cache.cc: one state that the calls of all functions share.
std::unique_ptr<Cache> add_state_cache(Graph& graph);

// explicit_cache.cc: inputs with what the host kept, outputs with what it is to keep.
std::unique_ptr<Cache> add_explicit_cache(Graph& graph);

// Names of inputs, outputs and states.
inline constexpr const char* kState = "kv";
inline constexpr const char* kPastKeys = "past_keys";
inline constexpr const char* kPastValues = "past_values";
inline constexpr const char* kNewKeys = "new_keys";
inline constexpr const char* kNewValues = "new_values";

}  // namespace cortland
