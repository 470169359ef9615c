#include "mil/instance.h"

#include <algorithm>

namespace cortland::mil {

const Argument* find_argument(const FieldRow& field, const Function& function, const Operation& operation) {
  const auto& list = field.place == Place::input ? operation.inputs : operation.attributes;
  const auto it =
      std::find_if(list.begin(), list.end(), [&](const Argument& argument) { return argument.name == field.name; });
  if (it != list.end()) return &*it;
  Opset opset{};
  const bool newer = find_opset(function.opset, &opset) && opset < field.since;
  require(field.presence == Presence::optional || newer, ErrorCode::corrupt, "{} ({}): parameter {} is missing",
          operation.name, operation.type, field.name);
  return nullptr;
}

void require_known_arguments(const OpRow& row, const Operation& operation) {
  const auto check = [&](const std::vector<Argument>& list, Place place) {
    for (const Argument& argument : list) {
      const bool known = std::any_of(row.fields.begin(), row.fields.end(), [&](const FieldRow& field) {
        return field.place == place && field.name == argument.name;
      });
      if (known) continue;
      fail(ErrorCode::corrupt, "{} ({}): {} {} is not one of this op", operation.name, operation.type,
           place == Place::input ? "parameter" : "attribute", printable(argument.name));
    }
  };
  check(operation.inputs, Place::input);
  check(operation.attributes, Place::attribute);
}

void fail_argument(const Operation& operation, std::string_view name, const Error& error) {
  fail(error.code(), "{} ({}): parameter {}: {}", operation.name, operation.type, name, error.what());
}

}  // namespace cortland::mil
