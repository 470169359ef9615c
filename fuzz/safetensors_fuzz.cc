// The input is model.safetensors of a checkpoint folder, plain and with each quantization.
#include <algorithm>

#include "base/error.h"
#include "base/memory_file.h"
#include "checkpoint/checkpoint.h"
#include "input.h"

using namespace cortland;

namespace {

constexpr const char* kConfigs[] = {
    R"({"quantization_config": {"quant_method": "gptq", "bits": 4}})",
    R"({"quantization_config": {"quant_method": "gptq", "bits": 8, "checkpoint_format": "gptq_v2"}})",
    R"({"quantization_config": {"quant_method": "awq", "bits": 4}})",
    R"({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4}}}}})",
};

// The first and the last elements of every quantized layer.
void decode_layers(MemoryFileSystem& files, const char* config) {
  files.write_text("m/config.json", config);
  try {
    const Checkpoint checkpoint = Checkpoint::open(files, "m");
    for (const TensorEntry& entry : checkpoint.tensors()) {
      if (entry.codes == nullptr) continue;
      expect(entry.shape.size() == 2 && entry.shape[0] > 0 && entry.shape[1] > 0, "a quantized layer is a matrix");
      expect(entry.codes->columns_by_group().size() == static_cast<size_t>(entry.shape[1]), "every column has a group");
      std::vector<float> some(static_cast<size_t>(std::min<int64_t>(100, element_count(entry.shape))));
      checkpoint.read_floats(entry, 0, some);
      checkpoint.read_floats(entry, element_count(entry.shape) - static_cast<int64_t>(some.size()), some);
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryFileSystem files;
  files.make_directories("m");
  files.write_text("m/model.safetensors", text_of(data, size));
  try {
    const Checkpoint checkpoint = Checkpoint::open(files, "m");
    for (const TensorEntry& entry : checkpoint.tensors()) {
      expect(entry.offset <= size && entry.size_bytes <= size - entry.offset, "a tensor lies inside the file");
      expect(stored_size(static_cast<uint64_t>(element_count(entry.shape)), entry.dtype) == entry.size_bytes,
             "a tensor is as large as its shape says");
      std::vector<std::byte> bytes(entry.size_bytes);
      checkpoint.read(entry, 0, bytes);
      const auto mapped = checkpoint.map(entry);
      expect(std::equal(bytes.begin(), bytes.end(), mapped.begin(), mapped.end()), "read() and map() agree");
      expect(checkpoint.find(entry.name) == &entry, "a tensor is found by its name");
    }
  } catch (const Error&) {
  }
  for (const char* config : kConfigs) decode_layers(files, config);
  return 0;
}
