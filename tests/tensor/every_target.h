// Tests that run once with each instruction set that this machine has and the build contains.
#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdint>
#include <string>

namespace cortland {

// While it lives, loops run with one of them.
class OnTarget {
 public:
  explicit OnTarget(int64_t target) { use(target); }
  ~OnTarget() { use(0); }
  OnTarget(const OnTarget&) = delete;
  OnTarget& operator=(const OnTarget&) = delete;

 private:
  static void use(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

class EveryTarget : public testing::TestWithParam<int64_t> {
  OnTarget target_{GetParam()};
};

inline auto every_target() { return testing::ValuesIn(hwy::SupportedAndGeneratedTargets()); }
inline std::string name_of_target(const testing::TestParamInfo<int64_t>& target) {
  return hwy::TargetName(target.param);
}

}  // namespace cortland
