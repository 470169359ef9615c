// What a conversion asks of a profile.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "model/weights.h"
#include "package/package.h"

namespace cortland {

struct ConvertRequest;
struct PrecisionOptions;

// One object holds the plan of one package.
class Profile {
 public:
  virtual ~Profile() = default;
  virtual std::string_view name() const = 0;  // as --profile spells it
  virtual const Plan& plan() const = 0;
  // One program for each part of the model, and one for all of it where it is not cut. The weights and the report must
  // outlive the programs.
  virtual std::vector<mil::Program> lower(const Weights& weights, WeightReport& report) const = 0;
  // What the packages of these programs are called; empty where there is one, which the user names.
  virtual std::vector<std::string> part_names() const { return {}; }
  virtual bool has_host_embedding() const { return false; }
  virtual std::vector<int64_t> contexts() const = 0;  // ascending; the plan is that of the last one
  virtual std::vector<InputRange> ranges() const = 0;
  virtual std::string contract() const = 0;
  // The tokens of a prefill; none where calls have any number.
  virtual std::optional<int64_t> prefill() const = 0;
};

// Which profile a package gets when none is named: that of the precision, where the target has it.
std::string_view default_profile(const PrecisionOptions& precision, const Target& target);

// A target without states has no `gpu` profile: the plan is then one of `ane`, and says so. Errors: as make_ane_plan()
// and make_gpu_plan().
std::unique_ptr<const Profile> make_profile(const ModelSpec& spec, const ConvertRequest& request,
                                            std::shared_ptr<const WeightTuning> tuning, const Rescale& rescale);

}  // namespace cortland
