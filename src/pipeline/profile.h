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
  // The weights and the report must outlive the program.
  virtual mil::Program lower(const Weights& weights, WeightReport& report) const = 0;
  virtual std::vector<InputRange> ranges() const = 0;
  virtual std::string contract() const = 0;
  // The tokens of a prefill; none where calls have any number.
  virtual std::optional<int64_t> prefill() const = 0;
};

// Which profile a package gets when none is named: that of the precision, where the target has it.
std::string_view default_profile(const PrecisionOptions& precision, const Target& target);

// A target without states has no `gpu` profile: the plan is then one of `ane`, and says so. Errors: as make_ane_plan() and
// make_gpu_plan().
std::unique_ptr<const Profile> make_profile(const ModelSpec& spec, const ConvertRequest& request,
                                            std::shared_ptr<const WeightTuning> tuning, const Rescale& rescale);

}  // namespace cortland
