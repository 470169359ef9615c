// Keeps what a package computes within fp16: looks how large values become, and chooses the exponents of
// lower/rescale.h.
#pragma once

#include <string>
#include <vector>

#include "lower/rescale.h"
#include "model/spec.h"
#include "pipeline/magnitudes.h"

namespace cortland {

// What --fp16-scale asks for.
struct Fp16Scaling {
  enum class Mode {
    automatic,  // as the checkpoint needs it
    off,
    fixed,  // the whole residual stream times 2^-exponent
  };
  Mode mode = Mode::automatic;
  int exponent = 0;
  bool operator==(const Fp16Scaling&) const = default;
};
std::string fp16_scaling_text(const Fp16Scaling& scaling);  // "auto", "off", "0.0625"
// Read back. `name` of the option opens the message. Errors: invalid.
Fp16Scaling parse_fp16_scaling(const std::string& name, const std::string& text);

// How the norms of a profile compute: that decides how small an epsilon may be.
enum class NormPrecision { half, single };

struct Fp16Scale {
  Rescale rescale;
  std::vector<std::string> notes;    // what is rescaled and why, and what cannot be
  std::vector<std::string> details;  // what was seen
};

// Values beyond kNearLimit of fp16's limit are brought to an eighth of it, or near it, where the form of the model
// permits it.
Fp16Scale choose_fp16_scale(const ModelSpec& spec, const Magnitudes& magnitudes, NormPrecision norms);
// Every place of the stream times 2^-exponent.
Fp16Scale fixed_fp16_scale(const ModelSpec& spec, int exponent, NormPrecision norms);

// The metadata entry and its value: {"stream": [0, 0, 5], "layers": [{"layer": 1, "up": 3}]}.
inline constexpr const char* kFp16ScaleKey = "cortland.fp16_scale";
std::string fp16_scale_text(const Rescale& rescale);
// The exponents of the stream that a package records; empty: none.
std::vector<int> recorded_stream(const std::string& text);

}  // namespace cortland
