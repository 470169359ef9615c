// What a package tells its host: metadata key "cortland.contract" (design.md section 4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portable/result.h"

namespace cortland::host {

inline constexpr std::string_view kContractKey = "cortland.contract";

struct Contract {
  struct Function {
    std::string name, role;  // role: "decode", "prefill", "main" or "any"
    int64_t tokens = 0;      // T; with role "any" the most that a call takes
    bool is_flexible() const { return role == "any"; }
    bool gives_logits() const { return role != "prefill"; }
  };
  struct Mask {
    std::string name;
    std::optional<int64_t> window;  // none: every earlier position is visible
  };
  struct Rope {
    std::string cos, sin;
    std::vector<double> inv_freq;  // [R/2]
    double attention_factor = 1;
  };
  // Which position a slot of the cache holds.
  enum class Slots {
    position,       // slot j: position j
    past_then_new,  // slots 0 to S-T-1: the position of that number; slot S-T+i: row i of the call
  };
  // Keys, or values, that the host keeps between calls.
  struct Kept {
    std::string past;   // input fp16 [L, K', S-T, E']
    std::string added;  // output fp16 [L, K', T, E']
  };
  struct Cache {
    Slots slots = Slots::position;
    std::vector<std::string> states;  // of Slots::position
    // Of Slots::past_then_new.
    std::vector<Kept> kept;
    std::array<int64_t, 4> shape = {};  // of each past: [L, K', S-T, E']
  };

  std::string profile;
  int64_t context = 0;     // S
  int64_t vocabulary = 0;  // V
  std::vector<Function> functions;
  std::string ids, logits, hidden;  // names of an input and of outputs; hidden may be empty
  std::optional<std::string> position;  // an input with the position of the first row
  std::optional<std::string> row;       // an input that picks the row whose logits are wanted
  double mask_value = 0;
  std::vector<Mask> masks;
  std::vector<Rope> ropes;
  std::optional<std::string> distance;  // an input with how far each key is away (ALiBi)
  Cache cache;
  std::optional<int64_t> bos;
  std::vector<int64_t> eos;

  // Whether a call has as many tokens as there are, and masks only the slots in use.
  bool has_flexible_calls() const { return find("any") != nullptr; }

  // nullptr when no function has the role.
  const Function* find(std::string_view role) const;
};

// Fails for a version, a profile or a form that this code does not know, and for anything missing.
portable::Result<Contract> parse_contract(std::string_view json);

}  // namespace cortland::host
