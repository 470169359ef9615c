// The input is model.safetensors of a checkpoint folder.
#include "base/error.h"
#include "base/memory_file.h"
#include "checkpoint/checkpoint.h"
#include "input.h"

using namespace cortland;

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
  return 0;
}
