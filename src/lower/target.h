// The systems that packages are made for, and what each of them can express: one row each.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "mil/program.h"

namespace cortland {

struct Target {
  // As --target spells them, the oldest system first; unused ones are empty.
  std::array<std::string_view, 4> names;
  std::string_view systems;  // "iOS 18, macOS 15": for sentences
  mil::Opset opset;          // the lowest that serves: packages for all these systems are written in it
  bool has_states;           // a cache that outlives a call; without, the host keeps keys and values
  bool has_fused_attention;  // scaled_dot_product_attention
  // Forms of weights below fp16.
  bool has_channel_int8;  // a scale for each output channel
  bool has_tensor_lut;    // one table for a tensor
  bool has_grouped_lut;   // one for each group of channels
  bool has_block_int4;    // a scale for each block of a row

  constexpr std::string_view name() const { return names.front(); }
  constexpr int specification_version() const { return mil::spec_version_of(opset); }
};

// From old to new.
std::span<const Target> targets();
// What is meant where nothing is said: iOS 18.
const Target& default_target();

}  // namespace cortland
