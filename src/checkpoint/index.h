// model.safetensors.index.json: {"metadata": {...}, "weight_map": {tensor: file}}. The file is not trusted: names must
// be those of files in the folder itself.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cortland {

// Tensor names by file. `where` is the path of the index. Errors: corrupt.
std::map<std::string, std::vector<std::string>> parse_index(std::string_view text, const std::string& where);

}  // namespace cortland
