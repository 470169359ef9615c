#include "pipeline/tuning.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "pipeline/calibration.h"
#include "pipeline/quality.h"

namespace cortland {
namespace {

// Whether layers have more inputs than one range of columns.
bool has_wide_layers(const ModelSpec& spec) {
  return std::any_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) {
    return static_cast<size_t>(std::max(layer.mlp.width, layer.attention.heads * layer.attention.head_dim)) >
           kWidestRange;
  });
}

}  // namespace

std::string Tuning::command_text() const {
  if (calibration_tokens == 0) return "";
  return fmt::format(" --calibrate sha256:{} --calibrate-tokens {}", calibration_digest, calibration_tokens);
}

Tuning make_tuning(const FileSystem& files, const SourceModel& source, const PrecisionOptions& options, int64_t context,
                   std::string_view text_file) {
  Tuning tuning;
  const bool is_calibrated = !options.calibration.file.empty();
  require(options.folding == Folding::off || !make_policy(options, {}).keeps(), ErrorCode::invalid,
          "--folds: got on beside weights that keep their codes, want off: nothing can be folded into codes");
  if (!make_policy(options, {}).has_few_bits()) {
    if (options.folding == Folding::on) {
      tuning.notes.push_back("--folds changes nothing: no weight has fewer than 8 bits");
    }
    if (is_calibrated) tuning.notes.push_back("--calibrate changes nothing: no weight has fewer than 8 bits");
    return tuning;
  }
  auto weights = std::make_shared<WeightTuning>();
  if (is_calibrated) {
    const std::vector<int32_t> ids = read_calibration_ids(files, options.calibration, text_file);
    tuning.calibration_tokens = static_cast<int64_t>(ids.size());
    tuning.calibration_digest = digest_of_ids(ids);
    if (ids.size() < static_cast<size_t>(options.calibration.tokens)) {
      tuning.notes.push_back(fmt::format("the calibration text has {} tokens, fewer than the {} of --calibrate-tokens",
                                         ids.size(), options.calibration.tokens));
    }
    if (has_wide_layers(source.spec)) {
      tuning.notes.push_back(fmt::format(
          "layers of more than {} inputs are calibrated in parts, each without the correlations with others",
          kWidestRange));
    }
    weights->inputs = std::make_shared<const Calibration>(source.spec, source.weights, context, ids);
  }
  if (options.folding == Folding::on) weights->folds = std::make_shared<const Folds>(source.spec, source.weights);
  tuning.weights = std::move(weights);
  return tuning;
}

}  // namespace cortland
