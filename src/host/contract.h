// What a package tells its host: metadata key "cortland.contract" (design.md section 4).
#pragma once

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
    std::string name, role;  // role: "decode", "prefill" or "any"
    int64_t tokens = 0;      // T; with role "any" the most that a call takes
    bool is_flexible() const { return role == "any"; }
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

  std::string profile;
  int64_t context = 0;     // S
  int64_t vocabulary = 0;  // V
  std::vector<Function> functions;
  std::string ids, position, logits, hidden;  // names of inputs and outputs; position and hidden may be empty
  double mask_value = 0;
  std::vector<Mask> masks;
  std::vector<Rope> ropes;
  std::optional<std::string> distance;  // an input with how far each key is away (ALiBi)
  std::string cache_kind;                // "state"
  std::vector<std::string> cache_names;
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
