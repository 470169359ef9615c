#include "pipeline/size_limits.h"

#include <fmt/format.h>

namespace cortland {
namespace {

constexpr uint64_t kPhoneWeights = 950'000'000;
constexpr uint64_t kMacWeights = 1'900'000'000;
constexpr uint64_t kCache = 256 << 20;
constexpr size_t kLayers = 28;

double megabytes(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

std::vector<std::string> size_warnings(const AnePlan& plan, const WriteSummary& written) {
  std::vector<std::string> lines;
  if (written.weight_bytes > kMacWeights) {
    lines.push_back(fmt::format("weights of {:.0f} MB are more than the {:.0f} MB that a Mac's Neural Engine is known to load: "
                                "expect the CPU or GPU to run them", megabytes(written.weight_bytes), megabytes(kMacWeights)));
  } else if (written.weight_bytes > kPhoneWeights) {
    lines.push_back(fmt::format("weights of {:.0f} MB are more than the {:.0f} MB that an iPhone's Neural Engine is known to "
                                "load; a Mac's takes up to {:.0f} MB", megabytes(written.weight_bytes),
                                megabytes(kPhoneWeights), megabytes(kMacWeights)));
  }
  const auto cache = 2 * static_cast<uint64_t>(element_count(plan.cache_shape()));
  if (cache > kCache) {
    lines.push_back(fmt::format("a cache of {:.0f} MB is slow and may not fit: choose a smaller --context", megabytes(cache)));
  }
  if (plan.spec->layers.size() > kLayers) {
    lines.push_back(fmt::format("{} layers in one package: compilers for the Neural Engine are known to give up beyond {}",
                                plan.spec->layers.size(), kLayers));
  }
  return lines;
}

}  // namespace cortland
