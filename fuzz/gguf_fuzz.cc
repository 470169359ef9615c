// The input is a GGUF file.
#include "base/error.h"
#include "base/memory_file.h"
#include "input.h"
#include "model/gguf.h"
#include "model/weights.h"

using namespace cortland;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryFileSystem files;
  files.write_text("m.gguf", text_of(data, size));
  try {
    const Checkpoint checkpoint = Checkpoint::open(files, "m.gguf");
    for (const TensorEntry& entry : checkpoint.tensors()) {
      expect(entry.offset <= size && entry.size_bytes <= size - entry.offset, "a tensor lies inside the file");
      std::vector<float> values(static_cast<size_t>(element_count(entry.shape)));
      checkpoint.read_floats(entry, 0, values);
      expect(checkpoint.find(entry.name) == &entry, "a tensor is found by its name");
    }
    const ModelSpec spec = read_gguf_spec(checkpoint);
    const Weights weights(spec, checkpoint);
    for (const Parameter& parameter : spec.parameters) {
      std::vector<float> values(static_cast<size_t>(element_count(parameter.shape)));
      weights.read(weights.binding(parameter.id), 0, values);
    }
  } catch (const Error&) {
  }
  return 0;
}
