// The input is model.mlmodel of an otherwise good package.
#include "input.h"
#include "package/sample.h"
#include "sample_package.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cortland;
  static const auto good = files_of(sample_package());
  read_and_check(good, kSampleModel, text_of(data, size));
  return 0;
}
