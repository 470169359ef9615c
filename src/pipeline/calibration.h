// The inputs of every linear layer while the checkpoint reads a text.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "lower/linear_inputs.h"
#include "pipeline/preset.h"
#include "reference/reference.h"

namespace cortland {

// The ids of a calibration text: integers when the file ends in .ids or .json, otherwise text for the tokenizer of
// `text_file`, the bytes of a NAME.text. At most options.tokens of them. Errors: invalid when there are too few, or ids
// where there is no tokenizer.
std::vector<int32_t> read_calibration_ids(const FileSystem& files, const CalibrationOptions& options,
                                          std::string_view text_file);

// Keeps the residual stream of all tokens and what is known of two layers: one layer after the other passes, when it is
// asked for. Asking for a layer that is gone begins anew. What it refers to must outlive it.
//
// The ids are read in pieces of at most 512, each from an empty context. Every fourth piece is held out: codes are
// compared on it.
class Calibration : public LinearInputs {
 public:
  // `context` as Reference, `widest` as split_columns(). Errors of all but the constructor: as Reference::forward().
  Calibration(const ModelSpec& spec, const Weights& weights, int64_t context, const std::vector<int32_t>& ids,
              size_t widest = kWidestRange);

  std::shared_ptr<const InputStatistics> statistics(const ParameterId& weight,
                                                    std::span<const float> divisors) const override;

 private:
  // Where linear layers read; those that read the same share what is known of it.
  enum class Site { attention, attention_output, mlp, down, head };
  struct Inputs {
    InputMoments moments;
    std::vector<double> sums;
    int64_t tokens = 0;
  };
  using Place = std::pair<int64_t, Site>;  // of a layer; the head is behind the last one

  std::optional<Place> place_of(const ParameterId& weight) const;
  static std::optional<Site> site_of(Role role);
  std::shared_ptr<const InputStatistics> find(const Place& place) const;
  void begin() const;
  void pass_next() const;
  void add(Inputs& inputs, std::span<const float> x, int64_t width, bool is_held_out) const;

  const ModelSpec& spec_;
  const size_t widest_;
  std::vector<std::vector<int32_t>> pieces_;
  mutable std::mutex passing_;  // guards what follows
  mutable Reference reference_;
  mutable std::vector<std::vector<float>> streams_;  // of each piece, before layer next_
  mutable int64_t next_ = 0;
  mutable std::map<Place, Inputs> inputs_;  // until they become statistics
  mutable std::mutex finding_;  // guards what follows: what is known can be had while a layer passes
  mutable std::map<Place, std::shared_ptr<const InputStatistics>> statistics_;
};

}  // namespace cortland
