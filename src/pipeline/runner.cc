#include "pipeline/runner.h"

#include "base/error.h"
#include "host/inputs.h"

namespace cortland {
namespace {

host::Contract read_contract(const Package& package) {
  const auto it = package.metadata.find(std::string(host::kContractKey));
  require(it != package.metadata.end(), ErrorCode::unsupported,
          "package: has no metadata entry {}; want a package that cortland wrote", host::kContractKey);
  auto contract = host::parse_contract(it->second);
  require(static_cast<bool>(contract), ErrorCode::unsupported, "package: {}", contract ? "" : contract.message());
  return std::move(*contract);
}

Tensor half_tensor(Shape shape, std::vector<float> values) {
  return Tensor::of_floats(DType::f16, std::move(shape), std::move(values));
}

std::vector<float> floats_of(const Tensor& tensor) {
  const Floats values = tensor.floats();
  return {values.span().begin(), values.span().end()};
}

}  // namespace

Runner::Runner(const Package& package, Math math) : contract_(read_contract(package)), states_(package.program) {
  for (const auto& [name, role, tokens] : contract_.functions) {
    const mil::Function* function = package.program.find(name);
    require(function != nullptr, ErrorCode::corrupt, "package: the contract names function {}, which is not there",
            printable(name));
    functions_.try_emplace(name, *function, math);
  }
}

Runner::Output Runner::run(const host::Call& call, const Interpreter::Probe& probe) {
  const int64_t tokens = call.rows.tokens, slots = host::mask_slots(contract_, call.rows);
  Interpreter::Values inputs;
  inputs[contract_.ids] = Tensor::of_ints(DType::i32, {1, tokens}, call.ids);
  if (!contract_.position.empty()) {
    inputs[contract_.position] = Tensor::of_ints(DType::i32, {1}, {static_cast<int32_t>(call.rows.start)});
  }
  for (const auto& mask : contract_.masks) {
    inputs[mask.name] = half_tensor({1, 1, tokens, slots}, host::make_mask(contract_, mask, call.rows));
  }
  if (contract_.distance) inputs[*contract_.distance] = half_tensor({1, 1, tokens, slots}, host::make_distance(contract_, call.rows));
  for (const auto& rope : contract_.ropes) {
    host::RopeRows rows = host::make_rope(rope, call.rows);
    const Shape shape{1, 1, tokens, 2 * static_cast<int64_t>(rope.inv_freq.size())};
    inputs[rope.cos] = half_tensor(shape, std::move(rows.cos));
    inputs[rope.sin] = half_tensor(shape, std::move(rows.sin));
  }
  const auto outputs = functions_.at(call.function->name).run(inputs, states_, probe);
  Output out;
  if (const auto it = outputs.find(contract_.logits); it != outputs.end()) out.logits = floats_of(it->second);
  if (const auto it = outputs.find(contract_.hidden); it != outputs.end()) out.hidden = floats_of(it->second);
  return out;
}

std::vector<float> Runner::feed(host::Session& session, const std::vector<int32_t>& ids, const Interpreter::Probe& probe) {
  const auto calls = session.feed(ids);
  require(static_cast<bool>(calls), ErrorCode::invalid, "{}", calls ? "" : calls.message());
  std::vector<float> logits;
  for (const host::Call& call : *calls) logits = run(call, probe).logits;
  const auto others = std::ssize(logits) - contract_.vocabulary;
  if (others > 0) logits.erase(logits.begin(), logits.begin() + others);
  return logits;
}

std::vector<float> Runner::decode(host::Session& session, int32_t id, const Interpreter::Probe& probe) {
  return feed(session, {id}, probe);
}

}  // namespace cortland
