// Times of a text file: how long it takes to open, and to encode a text.
//
//   encode_bench NAME.text INPUT REPEATS    prints {"open_ms": ..., "seconds": ..., "ids": ...}: the best of the
//   repeats
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "pipeline/text_model.h"

namespace cortland {
namespace {

double milliseconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

int run(const std::string& text_file, const std::string& input_file, int repeats) {
  const std::string input = disk().read_text(input_file);
  double open_ms = std::numeric_limits<double>::max(), encode_ms = open_ms;
  size_t ids = 0;
  for (int i = 0; i < repeats; ++i) {
    open_ms = std::min(open_ms, milliseconds([&] { const TextModel text(disk(), text_file); }));
    const TextModel text(disk(), text_file);
    encode_ms =
        std::min(encode_ms, milliseconds([&] { ids = text.encode(input, {.add_special_tokens = false}).size(); }));
  }
  fmt::print("{{\"open_ms\": {:.3f}, \"seconds\": {:.4f}, \"ids\": {}}}\n", open_ms, encode_ms / 1000, ids);
  return 0;
}

}  // namespace
}  // namespace cortland

int main(int argc, char** argv) {
  try {
    cortland::require(argc == 4, cortland::ErrorCode::invalid, "usage: encode_bench NAME.text INPUT REPEATS");
    return cortland::run(argv[1], argv[2], std::stoi(argv[3]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "encode_bench: {}\n", error.what());
    return 2;
  }
}
