// The signature of a function, from its protobuf form.
#include <algorithm>
#include <unordered_map>

#include "package/check_parts.h"
#include "package/value_codec.h"

namespace cortland {
namespace {

std::optional<mil::Type> readable_type(const proto::ValueType& type) {
  try {
    return decode_type(type);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Signature signature_of(const proto::Function& function) {
  Signature out;
  for (const proto::NamedValueType& input : function.inputs()) {
    auto& list = input.type().has_state_type() ? out.states : out.inputs;
    list.push_back({input.name(), readable_type(input.type())});
  }
  const auto block = function.block_specializations().find(function.opset());
  if (block == function.block_specializations().end()) return out;
  std::unordered_map<std::string_view, const proto::ValueType*> types;
  for (const proto::NamedValueType& input : function.inputs()) types[input.name()] = &input.type();
  for (const proto::Operation& operation : block->second.operations()) {
    for (const proto::NamedValueType& output : operation.outputs()) types[output.name()] = &output.type();
  }
  for (const std::string& output : block->second.outputs()) {
    const auto it = types.find(output);
    out.outputs.push_back({output, it == types.end() ? std::nullopt : readable_type(*it->second)});
  }
  return out;
}

const Signature::Entry* find_entry(const std::vector<Signature::Entry>& list, std::string_view name) {
  const auto it = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.name == name; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace cortland
