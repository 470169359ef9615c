#include "pipeline/runner.h"

#include "base/error.h"
#include "host/inputs.h"
#include "tensor/convert.h"

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

// The fp16 elements that a session keeps, seen as a tensor: it must outlive the call.
Tensor view_of(const host::Past& past, const std::array<int64_t, 4>& shape) {
  return Tensor::of_stored(DType::f16, Shape(shape.begin(), shape.end()), std::as_bytes(past.values()), nullptr);
}

// What a call of T tokens gave for a session to keep.
std::vector<uint16_t> halves_of(const Tensor& tensor, const std::array<int64_t, 4>& past, int64_t tokens) {
  const Shape want{past[0], past[1], tokens, past[3]};
  require(tensor.shape() == want, ErrorCode::corrupt, "package: new columns of the cache; got {}, want {}",
          to_string(tensor.shape()), to_string(want));
  const Floats values = tensor.floats();
  std::vector<uint16_t> halves(values.size());
  floats_to_halves(values.span(), halves);
  return halves;
}

Tensor half_tensor(Shape shape, std::vector<float> values) {
  return Tensor::of_floats(DType::f16, std::move(shape), std::move(values));
}

std::vector<float> floats_of(const Tensor& tensor) {
  const Floats values = tensor.floats();
  return {values.span().begin(), values.span().end()};
}

const Tensor& output_of(const Interpreter::Values& outputs, const std::string& name) {
  const auto it = outputs.find(name);
  require(it != outputs.end(), ErrorCode::corrupt, "package: the contract names output {}, which is not there", printable(name));
  return it->second;
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

std::vector<float> Runner::run(host::Session& session, const host::Call& call, const Probe& probe) {
  const int64_t tokens = call.rows.tokens, slots = host::mask_slots(contract_, call.rows);
  Interpreter::Values inputs;
  inputs[contract_.ids] = Tensor::of_ints(DType::i32, {1, tokens}, call.ids);
  if (contract_.position) {
    inputs[*contract_.position] = Tensor::of_ints(DType::i32, {1}, {static_cast<int32_t>(call.rows.start)});
  }
  if (contract_.row) inputs[*contract_.row] = half_tensor({1, 1, 1, tokens}, host::make_row(call.rows));
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
  const std::vector<host::Contract::Kept>& kept = contract_.cache.kept;
  for (size_t i = 0; i < kept.size(); ++i) inputs[kept[i].past] = view_of(session.past()[i], contract_.cache.shape);
  Interpreter::Probe seen;
  if (probe) seen = [&](const mil::ValueInfo& value, const Tensor& tensor) { probe(value, tensor, call.rows); };
  const auto outputs = functions_.at(call.function->name).run(inputs, states_, seen);
  for (size_t i = 0; i < kept.size(); ++i) {
    session.past()[i].append(call.rows, halves_of(output_of(outputs, kept[i].added), contract_.cache.shape, tokens));
  }
  const auto logits = outputs.find(contract_.logits);
  return logits == outputs.end() ? std::vector<float>() : floats_of(logits->second);
}

std::vector<float> Runner::feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe) {
  const auto calls = session.feed(ids);
  require(static_cast<bool>(calls), ErrorCode::invalid, "{}", calls ? "" : calls.message());
  std::vector<float> logits;
  for (const host::Call& call : *calls) logits = run(session, call, probe);
  const auto others = std::ssize(logits) - contract_.vocabulary;
  if (others > 0) logits.erase(logits.begin(), logits.begin() + others);
  return logits;
}

std::vector<float> Runner::decode(host::Session& session, int32_t id, const Probe& probe) {
  return feed(session, {id}, probe);
}

}  // namespace cortland
