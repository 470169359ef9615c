#include "support/stored_tensors.h"

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/json.h"

namespace cortland {

std::string raw_safetensors(std::string_view header, std::string_view data, std::optional<uint64_t> header_size) {
  std::string text(sizeof(uint64_t), '\0');
  store_le<uint64_t>(std::as_writable_bytes(std::span(text)), 0, header_size.value_or(header.size()));
  return text.append(header).append(data);
}

std::string safetensors_text(const std::vector<StoredTensor>& tensors) {
  OrderedJson header = OrderedJson::object();
  std::string data;
  for (const StoredTensor& tensor : tensors) {
    const size_t begin = data.size();
    data += tensor.bytes;
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = json_text(header);
  text.resize(round_up(text.size(), 8), ' ');
  return raw_safetensors(text, data);
}

void write_file(FileSystem& files, const std::string& path, std::string_view text) {
  files.make_directories(parent_path(path));
  files.write_text(path, text);
}

}  // namespace cortland
