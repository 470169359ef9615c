// A contract as packages hold it.
#pragma once

#include <string>

#include "host/contract.h"

namespace cortland::host {

inline const std::string kContractText =
    R"({"version": 1, "profile": "ane", "context": 32, "vocabulary": 100,
 "functions": [{"name": "decode", "role": "decode", "tokens": 1}, {"name": "prefill", "role": "prefill", "tokens": 8}],
 "ids": "input_ids", "position": "position", "logits": "logits", "hidden": "hidden",
 "mask": {"value": -10000.0, "inputs": [{"name": "mask", "window": null}, {"name": "mask_sliding", "window": 4}]},
 "rope": [{"cos": "cos", "sin": "sin", "inv_freq": [1.0, 0.25], "attention_factor": 0.5}],
 "cache": {"kind": "state", "names": ["kv"], "slots": "position"},
 "embedding": "graph", "parts": [], "bos": 1, "eos": [2, 99]})";

inline const std::string kExplicitContractText =
    R"({"version": 1, "profile": "ane", "context": 32, "vocabulary": 100,
 "functions": [{"name": "main", "role": "main", "tokens": 8}],
 "ids": "input_ids", "logits": "logits", "row": "row",
 "mask": {"value": -10000.0, "inputs": [{"name": "mask", "window": null}]}, "rope": [],
 "cache": {"kind": "explicit", "names": ["past_keys", "past_values"], "new_names": ["new_keys", "new_values"],
           "shape": [3, 2, 24, 64], "slots": "past_then_new"},
 "embedding": "graph", "parts": [], "bos": 1, "eos": [2, 99]})";

// One of the `gpu` profile.
inline const std::string kGpuContractText =
    R"({"version": 1, "profile": "gpu", "context": 32, "vocabulary": 100,
 "functions": [{"name": "main", "role": "any", "tokens": 8}], "ids": "inputIds", "logits": "logits",
 "mask": {"value": -10000.0, "inputs": [{"name": "causalMask", "window": null}]}, "rope": [],
 "cache": {"kind": "state", "names": ["keyCache", "valueCache"], "slots": "position"},
 "embedding": "graph", "parts": [], "bos": 1, "eos": [2, 99]})";

// What callers need of a contract with a context of S and, unless it is 0, a prefill of T tokens.
inline Contract small_contract(int64_t context, int64_t prefill) {
  Contract contract;
  contract.context = context;
  contract.vocabulary = 1000;
  contract.mask_value = -10000;
  contract.functions = {{"decode", "decode", 1}};
  if (prefill > 0) contract.functions.push_back({"prefill", "prefill", prefill});
  return contract;
}

// The same of one whose host keeps the cache, with calls of T tokens.
inline Contract small_explicit_contract(int64_t context, int64_t tokens) {
  Contract contract = small_contract(context, 0);
  contract.functions = {{"main", "main", tokens}};
  contract.cache.slots = Contract::Slots::past_then_new;
  contract.cache.kept = {{"past_keys", "new_keys"}, {"past_values", "new_values"}};
  contract.cache.shape = {2, 3, context - tokens, 2};
  return contract;
}

// The same of calls of up to T tokens.
inline Contract flexible_contract(int64_t context, int64_t tokens) {
  Contract contract = small_contract(context, 0);
  contract.functions = {{"main", "any", tokens}};
  return contract;
}

}  // namespace cortland::host
