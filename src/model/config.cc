#include "model/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {

ConfigReader::ConfigReader(const Json& config, std::string_view file) : config_(config), file_(file) {
  require(config.is_object(), ErrorCode::corrupt, "{}: want an object", file_);
}

void ConfigReader::note(std::vector<std::string>& list, std::string reason) {
  if (std::find(list.begin(), list.end(), reason) == list.end()) list.push_back(std::move(reason));
}

const Json* ConfigReader::find(std::string_view key) {
  seen_.emplace(key);
  const auto it = config_.find(key);
  return it == config_.end() ? nullptr : &*it;
}

const Json* ConfigReader::find_set(std::string_view key) {
  const Json* value = find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// Reads one value; problems are noted instead of thrown.
template <typename T, typename Read>
T ConfigReader::read(const Json* value, std::string_view key, const std::optional<T>& otherwise, Read read_json) {
  if (value == nullptr) {
    if (!otherwise) reject(fmt::format("key \"{}\" is missing", key));
    return otherwise.value_or(T{});
  }
  try {
    return read_json(*value, fmt::format("{}: {}", file_, key));
  } catch (const Error& error) {
    reject(std::string(error.what()).substr(file_.size() + 2));
    return otherwise.value_or(T{});
  }
}

int64_t ConfigReader::integer(std::string_view key, std::optional<int64_t> otherwise) {
  return read(find_set(key), key, otherwise, json_int);
}

double ConfigReader::number(std::string_view key, std::optional<double> otherwise) {
  return read(find_set(key), key, otherwise, json_number);
}

bool ConfigReader::boolean(std::string_view key, bool otherwise) {
  return read(find_set(key), key, std::optional(otherwise), json_bool);
}

std::string ConfigReader::text(std::string_view key, std::optional<std::string> otherwise) {
  return read(find_set(key), key, otherwise, json_string);
}

std::vector<int64_t> ConfigReader::integers(std::string_view key) {
  const Json* value = find_set(key);
  if (value == nullptr) return {};
  if (!value->is_array()) return {integer(key, 0)};
  std::vector<int64_t> list;
  for (const Json& item : *value) {
    list.push_back(read(&item, key, std::optional<int64_t>(0), json_int));
  }
  return list;
}

int64_t ConfigReader::size(std::string_view key, int64_t limit, std::optional<int64_t> otherwise) {
  const size_t problems = rejected_.size();
  const int64_t value = integer(key, otherwise);
  if (rejected_.size() == problems && (value < 1 || value > limit)) {
    reject(fmt::format("{}: got {}, want 1 to {}", key, value, limit));
  }
  return value < 1 || value > limit ? 1 : value;
}

void ConfigReader::ignore(std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) seen_.emplace(key);
}

void ConfigReader::check() const {
  if (!rejected_.empty()) fail_with(ErrorCode::corrupt, list_reasons(file_, rejected_));
  if (!refused_.empty()) fail_with(ErrorCode::unsupported, list_reasons(file_, refused_));
}

void ConfigReader::finish() {
  for (const auto& [key, value] : config_.items()) {
    if (seen_.count(key) == 0) {
      refuse(fmt::format("key \"{}\" is not known and could change what the model computes", printable(key)));
    }
  }
  check();
}

std::string list_reasons(std::string_view where, const std::vector<std::string>& reasons) {
  constexpr size_t kMaxListed = 20;
  if (reasons.size() == 1) return fmt::format("{}: {}", where, reasons.front());
  std::string text = fmt::format("{}: {} reasons:", where, reasons.size());
  for (size_t i = 0; i < reasons.size() && i < kMaxListed; ++i) text += "\n  - " + reasons[i];
  if (reasons.size() > kMaxListed) text += fmt::format("\n  - and {} more", reasons.size() - kMaxListed);
  return text;
}

}  // namespace cortland
