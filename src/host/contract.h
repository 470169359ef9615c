// What a package tells its host: metadata key "cortland.contract" (design.md section 4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
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
  // A package of a model that is cut into several. Each has all functions; the rows that one gives the next one takes.
  struct Part {
    std::string package;                      // its name, beside the others
    int64_t first_layer = 0, end_layer = 0;  // none where they are equal: no cache
    std::vector<std::string> inputs;          // those of the inputs below that its functions have
    bool has_layers() const { return first_layer < end_layer; }
    int64_t layers() const { return end_layer - first_layer; }
  };
  // Keys, or values, that the host keeps between calls.
  struct Kept {
    std::string past;   // input fp16 [L, K', S-T, E']; of a ring [L, K', R, E']
    std::string added;  // output fp16 [L, K', T, E']
  };
  // The cache of the layers with a window, where it holds R positions instead of all: slot j the newest position p with
  // p % R == j. Masks with a window then tell about these slots, and about the T new ones of Slots::past_then_new.
  struct Ring {
    int64_t slots = 0;            // R, at least the window plus the tokens of a call
    std::vector<int64_t> layers;  // those of the model, ascending
    std::vector<std::string> states;  // of Slots::position; may be those of the other layers
    std::string input;  // int32, the slot of the first row, or with flexible calls of each; of Slots::position
    std::vector<Kept> kept;             // of Slots::past_then_new
    std::array<int64_t, 4> shape = {};  // likewise: [L, K', R, E'], with all layers of the ring
  };
  // Of the layers that are not in the ring, but for the ring itself.
  struct Cache {
    Slots slots = Slots::position;
    std::vector<std::string> states;  // of Slots::position
    // Of Slots::past_then_new.
    std::vector<Kept> kept;
    std::array<int64_t, 4> shape = {};  // of each past: [L, K', S-T, E'], with all these layers of the model
    std::optional<Ring> ring;
  };

  std::string profile;
  int64_t context = 0;     // S
  std::vector<int64_t> contexts;  // that the package has functions for, ascending; S is one of them
  int64_t vocabulary = 0;  // V
  std::vector<Function> functions;
  std::string ids, logits, hidden;  // names of an input and of outputs; hidden may be empty
  // An input that takes rows fp16 [1, T, C]: those of the embedding, or the output `hidden` of the part before.
  std::optional<std::string> hidden_states;
  int64_t hidden_size = 0,
          embedding_size = 0;  // D of `hidden`, and C of the rows of the embedding; 0 without hidden_states
  std::optional<std::string> embedding_file;  // beside the package: the host looks up the rows of ids there
  std::vector<Part> parts;                    // in the order of the model; empty: the package is all of it
  std::optional<std::string> position;  // an input with the position of the first row, or with flexible calls of each
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

  size_t part_count() const { return parts.empty() ? 1 : parts.size(); }
  // Whether a call of a function goes through a part: nobody needs what the head would give in a prefill.
  bool is_needed(size_t part, const Function& function) const {
    return parts.empty() || parts[part].has_layers() || function.gives_logits();
  }
  // Whether a part takes rows in place of ids.
  bool takes_hidden(size_t part) const { return part > 0 || embedding_file.has_value(); }

  // Keys, or values, that a part has of its own; all there are where the model is one package.
  struct PartKept {
    const Kept* names = nullptr;
    std::array<int64_t, 4> shape = {};  // of the past, with the layers of the part
  };
  std::vector<PartKept> kept_by(size_t part) const;
  // The states that a part has.
  std::vector<std::string> states_of(size_t part) const;
  // Whether a mask tells about the slots of the ring.
  bool is_of_ring(const Mask& mask) const { return cache.ring && mask.window; }
  // The widest window; 0 when no mask has one.
  int64_t window() const;

  // nullptr when no function has the role.
  const Function* find(std::string_view role) const;

 private:
  struct LayerCounts {
    int64_t others = 0, ring = 0;
  };
  LayerCounts count_layers(size_t part) const;
};

// The smallest of ascending contexts with room for `tokens`, or the largest where none has.
int64_t choose_context(std::span<const int64_t> contexts, int64_t tokens);

// Of a package for several contexts: of the smallest with room for `tokens`, or of the largest unless told. Fails for a
// version, a profile or a form that this code does not know, for anything missing, and when no context has the room.
portable::Result<Contract> parse_contract(std::string_view json, std::optional<int64_t> tokens = {});

}  // namespace cortland::host
