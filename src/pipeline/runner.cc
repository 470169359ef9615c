#include "pipeline/runner.h"

#include <memory>
#include <span>

#include "base/error.h"
#include "host/inputs.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

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

Runner::Runner(const PackagedModel& model, Math math) : model_(model) {
  for (size_t i = 0; i < model.packages.size(); ++i) {
    const mil::Program& program = model.packages[i].program;
    Stage& stage = stages_.emplace_back(contract().parts.empty() ? nullptr : &contract().parts[i], States(program));
    for (const auto& [name, role, tokens] : contract().functions) {
      const mil::Function* function = program.find(name);
      require(function != nullptr, ErrorCode::corrupt, "package: the contract names function {}, which is not there",
              printable(name));
      stage.functions.try_emplace(name, *function, math);
    }
  }
}

void Runner::clear_states() {
  for (Stage& stage : stages_) stage.states.clear();
}

Interpreter::Values Runner::inputs_of(const host::Call& call) const {
  const host::Contract& c = contract();
  const int64_t tokens = call.rows.tokens, slots = host::mask_slots(c, call.rows);
  Interpreter::Values inputs;
  if (!model_.embedding) {
    inputs[c.ids] = Tensor::of_ints(DType::i32, {1, tokens}, call.ids);
  } else {
    const int64_t width = model_.embedding->width();
    const auto rows = std::make_shared<std::vector<uint16_t>>(static_cast<size_t>(tokens * width));
    model_.embedding->read(call.ids, *rows);
    inputs[*c.hidden_states] = Tensor::of_stored(DType::f16, {1, tokens, width}, std::as_bytes(std::span(*rows)), rows);
  }
  if (c.position) inputs[*c.position] = Tensor::of_ints(DType::i32, {1}, {static_cast<int32_t>(call.rows.start)});
  if (c.row) inputs[*c.row] = half_tensor({1, 1, 1, tokens}, host::make_row(call.rows));
  for (const auto& mask : c.masks) inputs[mask.name] = half_tensor({1, 1, tokens, slots}, host::make_mask(c, mask, call.rows));
  if (c.distance) inputs[*c.distance] = half_tensor({1, 1, tokens, slots}, host::make_distance(c, call.rows));
  for (const auto& rope : c.ropes) {
    host::RopeRows rows = host::make_rope(rope, call.rows);
    const Shape shape{1, 1, tokens, 2 * static_cast<int64_t>(rope.inv_freq.size())};
    inputs[rope.cos] = half_tensor(shape, std::move(rows.cos));
    inputs[rope.sin] = half_tensor(shape, std::move(rows.sin));
  }
  return inputs;
}

Interpreter::Values Runner::run_stage(Stage& stage, Interpreter::Values inputs, const host::Call& call, std::span<host::Past> past,
                                      const Probe& probe) {
  const std::vector<host::Contract::Kept>& kept = contract().cache.kept;
  const auto shape = stage.part == nullptr ? contract().cache.shape : contract().past_shape(*stage.part);
  for (size_t i = 0; i < past.size(); ++i) inputs[kept[i].past] = view_of(past[i], shape);
  Interpreter::Probe seen;
  if (probe) seen = [&](const mil::ValueInfo& value, const Tensor& tensor) { probe(value, tensor, call.rows); };
  Interpreter::Values outputs = stage.functions.at(call.function->name).run(inputs, stage.states, seen);
  for (size_t i = 0; i < past.size(); ++i) {
    past[i].append(call.rows, halves_of(output_of(outputs, kept[i].added), shape, call.rows.tokens));
  }
  return outputs;
}

std::vector<float> Runner::run(host::Session& session, const host::Call& call, const Probe& probe) {
  Interpreter::Values all = inputs_of(call), outputs;
  std::span<host::Past> past(session.past());
  for (Stage& stage : stages_) {
    if (stage.part == nullptr) {
      outputs = run_stage(stage, std::move(all), call, past, probe);
      break;
    }
    if (call.function->role == "prefill" && !stage.part->has_layers()) break;  // nobody reads what it gives
    if (!outputs.empty()) all[*contract().hidden_states] = output_of(outputs, contract().hidden);
    Interpreter::Values inputs;
    for (const std::string& name : stage.part->inputs) {
      const auto it = all.find(name);
      require(it != all.end(), ErrorCode::corrupt, "package {}: the contract names input {}, which no call has", stage.part->package,
              printable(name));
      inputs.insert(*it);
    }
    const size_t kept = stage.part->has_layers() ? contract().cache.kept.size() : 0;
    outputs = run_stage(stage, std::move(inputs), call, past.first(kept), probe);
    past = past.subspan(kept);
  }
  const auto logits = outputs.find(contract().logits);
  return logits == outputs.end() ? std::vector<float>() : floats_of(logits->second);
}

std::vector<float> Runner::feed(host::Session& session, const std::vector<int32_t>& ids, const Probe& probe) {
  const auto calls = session.feed(ids);
  require(static_cast<bool>(calls), ErrorCode::invalid, "{}", calls ? "" : calls.message());
  std::vector<float> logits;
  for (const host::Call& call : *calls) logits = run(session, call, probe);
  const auto others = std::ssize(logits) - contract().vocabulary;
  if (others > 0) logits.erase(logits.begin(), logits.begin() + others);
  return logits;
}

std::vector<float> Runner::decode(host::Session& session, int32_t id, const Probe& probe) {
  return feed(session, {id}, probe);
}

}  // namespace cortland
