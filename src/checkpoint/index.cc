#include "checkpoint/index.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace cortland {
namespace {

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

}  // namespace

std::map<std::string, std::vector<std::string>> parse_index(std::string_view text, const std::string& where) {
  const Json index = parse_json(text, where);
  const Json& map = json_member(index, "weight_map", where);
  require(map.is_object() && !map.empty(), ErrorCode::corrupt, "{}: weight_map: want an object of tensor names", where);
  std::map<std::string, std::vector<std::string>> by_file;
  for (const auto& [tensor, file] : map.items()) {
    const std::string place = fmt::format("{}: weight_map[\"{}\"]", where, printable(tensor));
    const std::string name = json_string(file, place);
    require(is_plain_name(name), ErrorCode::corrupt, "{}: got \"{}\", want the name of a file in the same folder",
            place, printable(name));
    by_file[name].push_back(tensor);
  }
  return by_file;
}

}  // namespace cortland
