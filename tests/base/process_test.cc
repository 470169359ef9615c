#include "base/process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

namespace cortland {
namespace {

TEST(Process, PeakMemoryRemembersWhatWasFreed) {
  constexpr size_t kBytes = 64u << 20;
  {
    const auto bytes = std::make_unique<char[]>(kBytes);
    volatile char* touched = bytes.get();
    for (size_t i = 0; i < kBytes; i += 4096) touched[i] = 1;
  }
  EXPECT_GE(peak_memory_bytes(), kBytes);
}

TEST(Process, AnUnsetVariableIsEmpty) {
  ::setenv("CORTLAND_PROCESS_TEST", "value", 1);
  EXPECT_EQ(environment("CORTLAND_PROCESS_TEST"), "value");
  ::unsetenv("CORTLAND_PROCESS_TEST");
  EXPECT_EQ(environment("CORTLAND_PROCESS_TEST"), "");
}

}  // namespace
}  // namespace cortland
