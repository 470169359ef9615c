#include "pipeline/device_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "base/error.h"

namespace cortland {
namespace {

constexpr std::string_view kFormat = "cortland.report";
constexpr int64_t kVersionRead = 1;
constexpr int64_t kMostOperations = int64_t{1} << 32;  // more is no count
constexpr size_t kMostRecords = 10000;

// Members that may be missing, or null.
class Members {
 public:
  Members(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {
    require(object.is_object(), ErrorCode::corrupt, "{}: got {}, want an object", where_, object.type_name());
  }

  const Json* find(const char* key) const {
    const auto it = object_->find(key);
    return it == object_->end() || it->is_null() ? nullptr : &*it;
  }
  std::string path(const char* key) const { return where_ + "." + key; }

  std::string text(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? "" : json_string(*value, path(key));
  }
  std::optional<double> number(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(json_number(*value, path(key)));
  }
  std::optional<bool> truth(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(json_bool(*value, path(key)));
  }
  int64_t count(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? 0 : count_of(*value, path(key));
  }
  std::optional<Members> object(const char* key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : std::optional(Members(*value, path(key)));
  }
  // Calls `read` with each element and its path.
  template <typename Read>
  void each(const char* key, Read read) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    require(value->is_array(), ErrorCode::corrupt, "{}: got {}, want an array", path(key), value->type_name());
    for (size_t i = 0; i < value->size(); ++i) read((*value)[i], fmt::format("{}[{}]", path(key), i));
  }
  // Calls `read` with each name and count of an object.
  template <typename Read>
  void each_count(const char* key, Read read) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    require(value->is_object(), ErrorCode::corrupt, "{}: got {}, want an object", path(key), value->type_name());
    for (const auto& [name, number] : value->items()) read(name, count_of(number, path(key)));
  }

 private:
  static int64_t count_of(const Json& value, const std::string& where) {
    const int64_t count = json_int(value, where);
    require(count >= 0 && count <= kMostOperations, ErrorCode::corrupt, "{}: got {}, want a count", where, count);
    return count;
  }

  const Json* object_;
  std::string where_;
};

std::optional<DeviceDifference> difference_of(const Members& record, const char* key) {
  const auto members = record.object(key);
  if (!members) return std::nullopt;
  return DeviceDifference{members->number("psnr"), members->number("maxAbs"), members->count("agreeing"),
                          members->count("positions")};
}

PlacedOperations placed_of(const Json& value, const std::string& where) {
  const Members members(value, where);
  PlacedOperations placed{members.text("function"), members.text("unit"), {}, members.count("operations")};
  members.each_count("types", [&](const std::string& type, int64_t n) { placed.operations.emplace_back(type, n); });
  return placed;
}

DeviceRecord record_of(const Json& value, const std::string& where) {
  const Members members(value, where);
  DeviceRecord record;
  record.unit = members.text("computeUnit");
  require(!record.unit.empty(), ErrorCode::corrupt, "{}: got nothing, want neuralEngine, gpu or cpu",
          members.path("computeUnit"));
  record.package = members.text("package");
  record.system = members.text("system");
  record.machine = members.text("machine");
  record.is_stand_in = members.truth("standIn").value_or(false);
  record.passed = members.truth("passed");
  members.each("failures", [&](const Json& v, const std::string& at) { record.failures.push_back(json_string(v, at)); });
  record.fp32 = difference_of(members, "fp32");
  record.fp16 = difference_of(members, "fp16");
  record.load_seconds = members.number("loadSeconds");
  record.prompt_rate = members.number("promptTokensPerSecond");
  record.rate = members.number("tokensPerSecond");
  members.each("shares", [&](const Json& v, const std::string& at) { record.placed.push_back(placed_of(v, at)); });
  if (const auto lint = members.object("lint")) {
    record.lint_unit = lint->text("unit");
    lint->each("findings", [&](const Json& v, const std::string& at) {
      const Members f(v, at);
      record.lint.push_back(
          {f.text("rule"), f.text("severity"), f.text("function"), f.text("operation"), f.count("count")});
    });
  }
  return record;
}

bool is_for(const PredictedFinding& finding, const std::string& function, const std::string& operation) {
  return finding.severity != "note" && finding.operation == operation &&
         (finding.function.empty() || finding.function == function);
}

// Of a function, by type: operations on the unit and all of them.
struct Placement {
  int64_t elsewhere = 0, all = 0;
};
using Placements = std::map<std::pair<std::string, std::string>, Placement>;

Placements placements_of(const DeviceRecord& record) {
  Placements placements;
  for (const PlacedOperations& placed : record.placed) {
    for (const auto& [type, count] : placed.operations) {
      Placement& placement = placements[{placed.function, type}];
      placement.all += count;
      if (placed.unit != record.unit) placement.elsewhere += count;
    }
  }
  return placements;
}

}  // namespace

std::vector<DeviceRecord> parse_device_report(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  require(json.is_object(), ErrorCode::corrupt, "{}: got {}, want a report", where, json.type_name());
  const Members members(json, where);
  if (members.find("format") == nullptr && members.find("computeUnit") != nullptr) return {record_of(json, where)};
  const std::string format = members.text("format");
  require(format == kFormat, ErrorCode::corrupt, "{}: got {}, want a report of cortland-swift check or bench, or of the app",
          where, format.empty() ? "no format" : printable(format));
  const int64_t version = members.count("version");
  require(version == kVersionRead, ErrorCode::unsupported, "{}: got version {}, want {}; hint: a newer cortland",
          where, version, kVersionRead);
  std::vector<DeviceRecord> records;
  members.each("checks", [&](const Json& v, const std::string& at) {
    require(records.size() < kMostRecords, ErrorCode::corrupt, "{}: got more than {} checks", where, kMostRecords);
    records.push_back(record_of(v, at));
  });
  require(!records.empty(), ErrorCode::corrupt, "{}: has no checks", where);
  return records;
}

std::optional<double> placed_share(const DeviceRecord& record, std::string_view function) {
  int64_t here = 0, all = 0;
  for (const PlacedOperations& placed : record.placed) {
    if (!function.empty() && placed.function != function) continue;
    all += placed.count;
    if (placed.unit == record.unit) here += placed.count;
  }
  return all == 0 ? std::nullopt : std::optional(static_cast<double>(here) / static_cast<double>(all));
}

std::vector<std::string> planned_functions(const DeviceRecord& record) {
  std::vector<std::string> names;
  for (const PlacedOperations& placed : record.placed) {
    if (std::find(names.begin(), names.end(), placed.function) == names.end()) names.push_back(placed.function);
  }
  return names;
}

std::string_view to_string(PlacementFact::Kind kind) {
  switch (kind) {
    case PlacementFact::Kind::predicted: return "predicted";
    case PlacementFact::Kind::unpredicted: return "unpredicted";
    case PlacementFact::Kind::contradicted: return "contradicted";
  }
  return "";
}

std::vector<PlacementFact> placement_facts(const DeviceRecord& record) {
  const std::string judged = record.lint_unit == "ane" ? "neuralEngine" : record.lint_unit;
  if (record.placed.empty() || judged != record.unit) return {};
  using Kind = PlacementFact::Kind;
  const Placements placements = placements_of(record);
  std::vector<PlacementFact> facts;
  for (const auto& [key, placement] : placements) {
    const auto& [function, operation] = key;
    if (placement.elsewhere == 0) continue;
    const auto reason = std::find_if(record.lint.begin(), record.lint.end(),
                                     [&](const PredictedFinding& f) { return is_for(f, function, operation); });
    const bool is_known = reason != record.lint.end();
    facts.push_back({is_known ? Kind::predicted : Kind::unpredicted, function, operation, placement.elsewhere,
                     placement.all, is_known ? reason->rule : ""});
  }
  for (const PredictedFinding& finding : record.lint) {
    if (finding.severity != "error") continue;
    Placement met;
    for (const auto& [key, placement] : placements) {
      if (!finding.operation.empty() && !is_for(finding, key.first, key.second)) continue;
      if (!finding.function.empty() && finding.function != key.first) continue;
      met.elsewhere += placement.elsewhere;
      met.all += placement.all;
    }
    if (met.all > 0 && met.elsewhere == 0) {
      facts.push_back({Kind::contradicted, finding.function, finding.operation, 0, met.all, finding.rule});
    }
  }
  return facts;
}

}  // namespace cortland
