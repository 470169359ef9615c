// The input is model.safetensors.index.json of a folder with two good shards.
#include <string>

#include "base/error.h"
#include "base/memory_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/index.h"
#include "input.h"

using namespace cortland;

namespace {

// One tensor of one byte.
std::string shard(const std::string& tensor) {
  std::string header = R"({")" + tensor + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  header.resize(64, ' ');
  return std::string("\x40\0\0\0\0\0\0\0", 8) + header + "x";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = text_of(data, size);
  MemoryFileSystem files;
  files.make_directories("m");
  files.write_text("m/1.safetensors", shard("a"));
  files.write_text("m/2.safetensors", shard("b"));
  files.write_text("m/model.safetensors.index.json", text);
  try {
    for (const auto& [file, tensors] : parse_index(text, "index")) {
      expect(!file.empty() && file != "." && file != ".." && file.find_first_of("/\\") == std::string::npos,
             "a file lies in the folder");
      expect(!tensors.empty(), "a file holds tensors");
    }
    Checkpoint::open(files, "m");
  } catch (const Error&) {
  }
  return 0;
}
