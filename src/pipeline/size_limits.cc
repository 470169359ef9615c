#include "pipeline/size_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/units.h"

namespace cortland {
namespace {

constexpr uint64_t kPhoneWeights = 950'000'000;
constexpr uint64_t kMacWeights = 1'900'000'000;
constexpr uint64_t kCache = 256 << 20;
constexpr size_t kLayers = 28;

}  // namespace

std::vector<std::string> size_warnings(const AnePlan& plan, const WriteSummary& written) {
  std::vector<std::string> lines;
  if (written.weight_bytes > kMacWeights) {
    lines.push_back(fmt::format("weights of {} are more than the {} that a Mac's Neural Engine is known to load: expect the CPU "
                                "or GPU to run them", rounded_size(written.weight_bytes), rounded_size(kMacWeights)));
  } else if (written.weight_bytes > kPhoneWeights) {
    lines.push_back(fmt::format("weights of {} are more than the {} that an iPhone's Neural Engine is known to load; a Mac's "
                                "takes up to {}", rounded_size(written.weight_bytes), rounded_size(kPhoneWeights),
                                rounded_size(kMacWeights)));
  }
  const auto cache = plan.cache_bytes();
  if (cache > kCache) {
    lines.push_back(fmt::format("a cache of {} is slow and may not fit: choose a smaller --context", rounded_size(cache)));
  }
  if (plan.spec->layers.size() > kLayers) {
    lines.push_back(fmt::format("{} layers in one package: compilers for the Neural Engine are known to give up beyond {}",
                                plan.spec->layers.size(), kLayers));
  }
  const auto part = std::max_element(plan.head_shards.begin(), plan.head_shards.end());
  if (part != plan.head_shards.end() && *part > kHeadRows) {
    lines.push_back(fmt::format("parts of the output head have up to {} rows: beyond the {} that older Neural Engines take; "
                                "choose more --head-splits", *part, kHeadRows));
  }
  return lines;
}

}  // namespace cortland
