#include "lint/chip.h"

namespace cortland::lint {

std::span<const Chip> chips() {
  // An M(n) behaves as an A(n+13). Of the M2 some say that far slices are cured, others not.
  static constexpr Chip kRows[] = {
      {"a13", kOldAxisLimit, kPhoneWeights, true, false}, {"a14", kOldAxisLimit, kPhoneWeights, true, false},
      {"a15", kOldAxisLimit, kPhoneWeights, false, false}, {"a16", kAxisLimit, kPhoneWeights, false, false},
      {"a17", kAxisLimit, kPhoneWeights, false, false},   {"a18", kAxisLimit, kPhoneWeights, false, false},
      {"a19", kAxisLimit, kPhoneWeights, false, false},   {"m1", kOldAxisLimit, kMacWeights, true, false},
      {"m2", kOldAxisLimit, kMacWeights, true, false},    {"m3", kAxisLimit, kMacWeights, false, true},
      {"m4", kAxisLimit, kMacWeights, false, false},      {"m5", kAxisLimit, kMacWeights, false, false},
  };
  return kRows;
}

const Chip* find_chip(std::string_view name) {
  for (const Chip& chip : chips()) {
    if (chip.name == name) return &chip;
  }
  return nullptr;
}

}  // namespace cortland::lint
