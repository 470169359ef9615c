#include "pipeline/profile.h"

#include <fmt/format.h>

#include "lower/ane.h"
#include "lower/gpu.h"
#include "pipeline/convert.h"

namespace cortland {
namespace {

constexpr std::string_view kAne = "ane", kGpu = "gpu";

template <typename ProfilePlan>
std::vector<int64_t> contexts_of(const ProfilePlan& plan) {
  std::vector<int64_t> contexts{plan.context};
  for (const ProfilePlan& smaller : plan.smaller) contexts.insert(contexts.begin(), smaller.context);
  return contexts;
}

class AneProfile : public Profile {
 public:
  explicit AneProfile(AnePlan plan) : plan_(std::move(plan)) {}
  std::string_view name() const override { return kAne; }
  const Plan& plan() const override { return plan_; }
  std::vector<mil::Program> lower(const Weights& weights, WeightReport& report) const override {
    return lower_ane(plan_, weights, report);
  }
  std::vector<std::string> part_names() const override {
    std::vector<std::string> names;
    for (size_t i = 0; plan_.parts.size() > 1 && i < plan_.parts.size(); ++i) {
      names.push_back(part_package_name(plan_, i));
    }
    return names;
  }
  bool has_host_embedding() const override { return plan_.host_embedding; }
  std::vector<int64_t> contexts() const override { return contexts_of(plan_); }
  std::vector<InputRange> ranges() const override { return {}; }
  std::string contract() const override { return ane_contract(plan_); }
  std::optional<int64_t> prefill() const override { return plan_.prefill; }

 private:
  AnePlan plan_;
};

class GpuProfile : public Profile {
 public:
  explicit GpuProfile(GpuPlan plan) : plan_(std::move(plan)) {}
  std::string_view name() const override { return kGpu; }
  const Plan& plan() const override { return plan_; }
  std::vector<mil::Program> lower(const Weights& weights, WeightReport& report) const override {
    std::vector<mil::Program> programs;
    programs.push_back(lower_gpu(plan_, weights, report));
    return programs;
  }
  std::vector<int64_t> contexts() const override { return contexts_of(plan_); }
  std::vector<InputRange> ranges() const override {
    std::vector<InputRange> ranges;
    for (const auto& [function, input, lower, upper] : gpu_flexible_inputs(plan_)) {
      ranges.push_back({function, input, lower, upper, lower});
    }
    return ranges;
  }
  std::string contract() const override { return gpu_contract(plan_); }
  std::optional<int64_t> prefill() const override { return {}; }

 private:
  GpuPlan plan_;
};

// What is known before there is a plan, for all of its contexts.
template <typename ProfilePlan>
void complete(ProfilePlan& plan, const std::shared_ptr<const WeightTuning>& tuning, const Rescale& rescale) {
  plan.tuning = tuning;
  plan.rescale = rescale;
  for (ProfilePlan& smaller : plan.smaller) complete(smaller, tuning, rescale);
}

WeightPolicy policy_for(const ConvertRequest& request, const Target& target) {
  return make_policy(request.precision, {.blocks = target.has_block_int4, .grouped_palettes = target.has_grouped_lut});
}

AnePlan make_plan_for_ane(const ModelSpec& spec, const ConvertRequest& request) {
  AneOptions options = request.ane;
  options.weights = policy_for(request, options.target);
  AnePlan plan = make_ane_plan(spec, options);
  const Preset* preset = find_preset(request.precision.precision);
  if (preset != nullptr && default_profile(request.precision, options.target) != kAne) {
    plan.notes.push_back(fmt::format("{}{} suits the GPU; the Neural Engine wants lut4", preset->name,
                                     preset->body.codec == Codec::int8 ? " in blocks" : ""));
  }
  return plan;
}

// The nearest that a target without states has.
AnePlan make_plan_instead_of_gpu(const ModelSpec& spec, const ConvertRequest& request) {
  const GpuOptions& gpu = *request.gpu;
  AnePlan plan = make_ane_plan(spec, {.context = gpu.context,
                                      .smaller_contexts = gpu.smaller_contexts,
                                      .sliding_cache = gpu.sliding_cache,
                                      .attention = gpu.attention.value_or(AttentionForm::matmul),
                                      .weights = policy_for(request, gpu.target),
                                      .target = gpu.target});
  const std::string line = "the package has the form of the profile ane, not gpu: the target has no states";
  for (std::vector<std::string>* lines : {&plan.notes, &plan.fallbacks, &plan.shortcomings}) {
    lines->insert(lines->begin(), line);
  }
  return plan;
}

}  // namespace

std::string_view default_profile(const PrecisionOptions& precision, const Target& target) {
  const Preset* preset = find_preset(precision.precision);
  if (preset == nullptr || !target.has_states) return kAne;
  const bool has_blocks_of_int8 = preset->body.codec == Codec::int8 && precision.block_size.has_value();
  return has_blocks_of_int8 ? kGpu : preset->profile;
}

std::unique_ptr<const Profile> make_profile(const ModelSpec& spec, const ConvertRequest& request,
                                            std::shared_ptr<const WeightTuning> tuning, const Rescale& rescale) {
  if (request.gpu && request.gpu->target.has_states) {
    GpuOptions options = *request.gpu;
    options.weights = policy_for(request, options.target);
    GpuPlan plan = make_gpu_plan(spec, options);
    complete(plan, tuning, rescale);
    return std::make_unique<GpuProfile>(std::move(plan));
  }
  AnePlan plan = request.gpu ? make_plan_instead_of_gpu(spec, request) : make_plan_for_ane(spec, request);
  complete(plan, tuning, rescale);
  return std::make_unique<AneProfile>(std::move(plan));
}

}  // namespace cortland
