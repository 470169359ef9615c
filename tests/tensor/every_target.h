// Tests that run once with each instruction set that this machine has and the build contains.
#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdint>
#include <string>

namespace cortland {

class EveryTarget : public testing::TestWithParam<int64_t> {
 protected:
  EveryTarget() { use(GetParam()); }
  ~EveryTarget() override { use(0); }

  static void use(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

inline auto every_target() { return testing::ValuesIn(hwy::SupportedAndGeneratedTargets()); }
inline std::string name_of_target(const testing::TestParamInfo<int64_t>& target) {
  return hwy::TargetName(target.param);
}

}  // namespace cortland
