#include "pipeline/profile.h"

#include "lower/ane.h"
#include "lower/gpu.h"
#include "pipeline/convert.h"
#include "pipeline/size_limits.h"

namespace cortland {
namespace {

class AneProfile : public Profile {
 public:
  explicit AneProfile(AnePlan plan) : plan_(std::move(plan)) {}
  std::string_view name() const override { return "ane"; }
  const Plan& plan() const override { return plan_; }
  mil::Program lower(const Weights& weights, WeightReport& report) const override { return lower_ane(plan_, weights, report); }
  std::vector<InputRange> ranges() const override { return {}; }
  std::string contract() const override { return ane_contract(plan_); }
  std::optional<int64_t> prefill() const override { return plan_.prefill; }
  std::vector<std::string> warnings(const WriteSummary& written) const override { return size_warnings(plan_, written); }

 private:
  AnePlan plan_;
};

class GpuProfile : public Profile {
 public:
  explicit GpuProfile(GpuPlan plan) : plan_(std::move(plan)) {}
  std::string_view name() const override { return "gpu"; }
  const Plan& plan() const override { return plan_; }
  mil::Program lower(const Weights& weights, WeightReport& report) const override { return lower_gpu(plan_, weights, report); }
  std::vector<InputRange> ranges() const override {
    std::vector<InputRange> ranges;
    for (const auto& [input, lower, upper] : gpu_flexible_inputs(plan_)) {
      ranges.push_back({std::string(kGpuFunction), input, lower, upper, lower});
    }
    return ranges;
  }
  std::string contract() const override { return gpu_contract(plan_); }
  std::optional<int64_t> prefill() const override { return {}; }
  // What is known are limits of the Neural Engine.
  std::vector<std::string> warnings(const WriteSummary&) const override { return {}; }

 private:
  GpuPlan plan_;
};

}  // namespace

std::unique_ptr<const Profile> make_profile(const ModelSpec& spec, const ConvertRequest& request, std::shared_ptr<const WeightTuning> tuning) {
  const WeightPolicy weights = make_policy(request.precision, {});
  if (request.gpu) {
    GpuOptions options = *request.gpu;
    options.weights = weights;
    GpuPlan plan = make_gpu_plan(spec, options);
    plan.tuning = std::move(tuning);
    return std::make_unique<GpuProfile>(std::move(plan));
  }
  AneOptions options = request.ane;
  options.weights = weights;
  AnePlan plan = make_ane_plan(spec, options);
  plan.tuning = std::move(tuning);
  return std::make_unique<AneProfile>(std::move(plan));
}

}  // namespace cortland
