#include "lower/target.h"

namespace cortland {
namespace {

constexpr std::array<Target, 2> kTargets{
    Target{.names = {"iOS17", "macOS14"},
           .systems = "iOS 17, macOS 14",
           .opset = mil::Opset::coreml7,
           .has_states = false,
           .has_fused_attention = false,
           .has_channel_int8 = true,
           .has_tensor_lut = true,
           .has_grouped_lut = false,
           .has_block_int4 = false},
    // iOS 26 has nothing more that a decoder needs: a package of its own would only shut out iOS 18.
    Target{.names = {"iOS18", "macOS15", "iOS26", "macOS26"},
           .systems = "iOS 18, macOS 15",
           .opset = mil::Opset::coreml8,
           .has_states = true,
           .has_fused_attention = true,
           .has_channel_int8 = true,
           .has_tensor_lut = true,
           .has_grouped_lut = true,
           .has_block_int4 = true},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

const Target& default_target() { return kTargets[1]; }

}  // namespace cortland
