// Facts about the running process.
#pragma once

#include <cstdint>
#include <string>

namespace cortland {

// The largest resident memory so far, in bytes (VmHWM on Linux, ru_maxrss elsewhere).
uint64_t peak_memory_bytes();

// An environment variable; empty when unset.
std::string environment(const char* name);

}  // namespace cortland
