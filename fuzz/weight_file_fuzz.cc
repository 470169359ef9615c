// The input is weight.bin of an otherwise good package.
#include "input.h"
#include "sample_package.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cortland;
  static const auto good = files_of(two_blobs());
  read_and_check(good, kSampleWeights, text_of(data, size));
  return 0;
}
