#include <algorithm>
#include <optional>
#include <string>

#include "text/base64.h"
#include "text/unicode_tables.h"

namespace cortland::text {
namespace {

std::vector<uint32_t> decode_numbers(std::string_view table) {
  const std::optional<std::string> bytes = decode_base64(table);
  std::vector<uint32_t> numbers;
  if (!bytes) return numbers;
  uint32_t number = 0, shift = 0;
  for (const char c : *bytes) {
    const uint32_t byte = static_cast<unsigned char>(c);
    number |= (byte & 0x7F) << shift;
    shift += 7;
    if (byte < 0x80) {
      numbers.push_back(number);
      number = shift = 0;
    }
  }
  return numbers;
}

}  // namespace

const Mapping* Mappings::find(char32_t code) const {
  const auto entry = std::lower_bound(entries.begin(), entries.end(), code,
                                      [](const Mapping& mapping, char32_t value) { return mapping.code < value; });
  return entry != entries.end() && entry->code == code ? &*entry : nullptr;
}

std::vector<Run> decode_runs(std::string_view table, uint32_t width) {
  std::vector<Run> runs;
  char32_t begin = 0;
  for (const uint32_t number : decode_numbers(table)) {
    const char32_t end = begin + number / width;
    runs.push_back({begin, end, number % width});
    begin = end;
  }
  return runs;
}

Mappings decode_mappings(std::string_view table) {
  const std::vector<uint32_t> numbers = decode_numbers(table);
  Mappings mappings;
  char32_t code = 0;
  for (size_t at = 0; at + 1 < numbers.size();) {
    code += numbers[at];
    const uint32_t count = numbers[at + 1];
    at += 2;
    mappings.entries.push_back({code, static_cast<uint32_t>(mappings.targets.size()), count});
    char32_t last = code;
    for (uint32_t i = 0; i < count && at < numbers.size(); ++i, ++at) {
      last += numbers[at] % 2 == 0 ? numbers[at] / 2 : ~(numbers[at] / 2);  // zigzag, modulo 2^32
      mappings.targets.push_back(last);
    }
  }
  return mappings;
}

}  // namespace cortland::text
