// What every target needs. A target takes any bytes, lets nothing but cortland::Error out of the parser, catches that,
// and stops the process when an invariant is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The entry point that libFuzzer and replay.cc call.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace cortland {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

inline void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace cortland
