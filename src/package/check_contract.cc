// The contract with hosts: metadata key "cortland.contract", one JSON object (design, section 4).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "package/check_parts.h"
#include "package/description.h"

namespace cortland {
namespace {

constexpr const char* kKey = "cortland.contract";
constexpr const char* kPartKey = "cortland.part";
constexpr int64_t kVersion = 1;
constexpr double kLargestMaskValue = -1e4;

int64_t positive(const Json& json, std::string_view key, std::string_view where) {
  const int64_t value = json_int(json_member(json, key, where), fmt::format("{}: {}", where, key));
  require(value > 0, ErrorCode::corrupt, "{}: {}; got {}, want more than 0", where, key, value);
  return value;
}

std::string text(const Json& json, std::string_view key, std::string_view where) {
  return json_string(json_member(json, key, where), fmt::format("{}: {}", where, key));
}

const Json& array(const Json& json, std::string_view key, std::string_view where) {
  const Json& value = json_member(json, key, where);
  require(value.is_array(), ErrorCode::corrupt, "{}: {}; want an array", where, key);
  return value;
}

// The parts of the contract that say something about functions.
struct Contract {
  struct Call {
    std::string name;
    int64_t tokens = kUnknown;  // T
    bool is_flexible = false;   // any number of tokens, up to T
  };
  struct Rope {
    std::string cos, sin;
    int64_t width = 0;  // R
  };
  struct Part {
    int64_t first_layer = 0, end_layer = 0;
    std::vector<std::string> inputs;
  };
  struct Mask {
    std::string name;
    bool has_window = false;
  };
  // Of the layers that are in the ring, or of those that are not.
  struct Cache {
    std::vector<std::string> states;
    // Of a cache that the host keeps: inputs of this shape, and outputs with the new columns.
    std::vector<std::string> past, added;
    Shape past_shape;   // [L, K', S-T or R, E']
    int64_t slots = 0;  // of states
  };
  int64_t context = 0, vocabulary = 0;
  std::vector<Call> calls;
  std::string ids, rows, position, row, logits, hidden;  // empty: none
  bool has_host_embedding = false;
  std::vector<Part> parts;  // empty: the package is all of the model
  std::vector<Mask> masks;
  std::vector<Rope> ropes;
  std::string distance;  // empty: none
  Cache others, ring;
  std::string slot;                  // empty: none
  std::vector<int64_t> ring_layers;  // empty: there is no ring
};

void parse_tokens(const Json& json, int64_t vocabulary) {
  const auto is_token = [&](const Json& token) {
    return token.is_number_integer() && token >= 0 && token < vocabulary;
  };
  const Json& bos = json_member(json, "bos", kKey);
  require(bos.is_null() || is_token(bos), ErrorCode::corrupt, "{}: bos; want null or a token", kKey);
  for (const Json& token : array(json, "eos", kKey)) {
    require(is_token(token), ErrorCode::corrupt, "{}: eos; want tokens of the vocabulary", kKey);
  }
}

void parse_inputs(const Json& json, Contract* out) {
  const Json& mask = json_member(json, "mask", kKey);
  const double value = json_number(json_member(mask, "value", "mask"), "mask: value");
  require(std::isfinite(value) && value <= kLargestMaskValue, ErrorCode::corrupt,
          "mask: value; got {}, want {} or lower", value, kLargestMaskValue);
  for (const Json& input : array(mask, "inputs", "mask")) {
    const Json& window = json_member(input, "window", "mask: inputs");
    out->masks.push_back({text(input, "name", "mask: inputs"), !window.is_null()});
    require(window.is_null() || positive(input, "window", "mask: inputs") > 0, ErrorCode::corrupt, "mask: window");
  }
  for (const Json& rope : array(json, "rope", kKey)) {
    const Json& frequencies = array(rope, "inv_freq", "rope");
    for (const Json& frequency : frequencies) json_number(frequency, "rope: inv_freq");
    json_number(json_member(rope, "attention_factor", "rope"), "rope: attention_factor");
    const auto width = 2 * static_cast<int64_t>(frequencies.size());
    out->ropes.push_back({text(rope, "cos", "rope"), text(rope, "sin", "rope"), width});
  }
}

std::vector<std::string> texts(const Json& json, std::string_view key, std::string_view where) {
  std::vector<std::string> list;
  for (const Json& item : array(json, key, where)) list.push_back(json_string(item, fmt::format("{}: {}", where, key)));
  return list;
}

// States, or the inputs and outputs of a cache that the host keeps.
Contract::Cache parse_names(const Json& json, std::string_view where, std::string_view kind, int64_t slots) {
  Contract::Cache cache;
  cache.slots = slots;
  std::vector<std::string> names = texts(json, "names", where);
  if (kind == "state") {
    cache.states = std::move(names);
    return cache;
  }
  cache.past = std::move(names);
  cache.added = texts(json, "new_names", where);
  constexpr size_t kRank = 4;
  if (!cache.past.empty()) {
    for (const Json& side : array(json, "shape", where)) {
      cache.past_shape.push_back(json_int(side, fmt::format("{}: shape", where)));
    }
  }
  require(cache.past.size() == cache.added.size() && (cache.past.empty() || cache.past_shape.size() == kRank),
          ErrorCode::corrupt,
          "{}: got {} names, {} new_names and a shape of {} sides, want as many of both and {} sides", where,
          cache.past.size(), cache.added.size(), cache.past_shape.size(), kRank);
  return cache;
}

void parse_cache(const Json& json, Contract* out) {
  const Json& cache = json_member(json, "cache", kKey);
  const std::string kind = text(cache, "kind", "cache");
  require(kind == "state" || kind == "explicit", ErrorCode::corrupt,
          "cache: kind; got \"{}\", want \"state\" or \"explicit\"", printable(kind));
  out->others = parse_names(cache, "cache", kind, out->context);
  if (text(cache, "slots", "cache") != "ring") return;
  const std::string_view where = "cache: ring";
  const Json& ring = json_member(cache, "ring", "cache");
  out->ring = parse_names(ring, where, kind, positive(ring, "slots", where));
  for (const Json& layer : array(ring, "layers", where)) {
    out->ring_layers.push_back(json_int(layer, "cache: ring: layers"));
  }
  if (kind == "state") out->slot = text(ring, "input", where);
}

// What is no number is beyond all parts.
size_t part_index(const std::string& text) {
  size_t index = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && rest == text.data() + text.size() ? index : SIZE_MAX;
}

// The contract for each of its contexts: for one that has several, its members with those of an entry in their place;
// null: none.
std::vector<Json> contracts_of(std::string_view text) {
  const Json json = parse_json(text, kKey);
  if (!json.is_object() || !json.contains("contexts")) return {json};
  constexpr size_t kMost = 64;  // as hosts have it
  std::vector<Json> contracts;
  require(array(json, "contexts", kKey).size() <= kMost, ErrorCode::corrupt, "{}: contexts; want at most {}", kKey,
          kMost);
  for (const Json& entry : array(json, "contexts", kKey)) {
    require(entry.is_object(), ErrorCode::corrupt, "{}: contexts; want objects", kKey);
    Json& contract = contracts.emplace_back(json);
    for (const auto& [key, value] : entry.items()) {
      if (value.is_null()) {
        contract.erase(key);
      } else {
        contract[key] = value;
      }
    }
  }
  require(!contracts.empty(), ErrorCode::corrupt, "{}: contexts; want at least one", kKey);
  return contracts;
}

Contract parse_contract(const Json& json) {
  const int64_t version = positive(json, "version", kKey);
  require(version == kVersion, ErrorCode::unsupported, "{}: version; got {}, want {}", kKey, version, kVersion);
  Contract out;
  text(json, "profile", kKey);
  out.context = positive(json, "context", kKey);
  out.vocabulary = positive(json, "vocabulary", kKey);
  for (const Json& call : array(json, "functions", kKey)) {
    const bool is_flexible = text(call, "role", "functions") == "any";
    out.calls.push_back({text(call, "name", "functions"), kUnknown, is_flexible});
    if (call.contains("tokens") && !call.at("tokens").is_null()) {
      out.calls.back().tokens = positive(call, "tokens", "functions");
    }
    require(!is_flexible || out.calls.back().tokens != kUnknown, ErrorCode::corrupt,
            "{}: functions; want the tokens of {}", kKey, printable(out.calls.back().name));
  }
  require(!out.calls.empty(), ErrorCode::corrupt, "{}: functions; want at least one", kKey);
  out.has_host_embedding = text(json, "embedding", kKey) == "host";
  out.ids = text(json, "ids", kKey);
  if (json.contains("hidden_states")) out.rows = text(json, "hidden_states", kKey);
  if (json.contains("hidden")) out.hidden = text(json, "hidden", kKey);
  if (json.contains("position")) out.position = text(json, "position", kKey);
  out.logits = text(json, "logits", kKey);
  parse_inputs(json, &out);
  if (json.contains("distance")) out.distance = text(json, "distance", kKey);
  if (json.contains("row")) out.row = text(json, "row", kKey);
  parse_cache(json, &out);
  for (const Json& part : array(json, "parts", kKey)) {
    const Json& layers = array(part, "layers", "parts");
    require(layers.size() == 2, ErrorCode::corrupt, "parts: layers; want two numbers");
    out.parts.push_back(
        {json_int(layers[0], "parts: layers"), json_int(layers[1], "parts: layers"), texts(part, "inputs", "parts")});
  }
  parse_tokens(json, out.vocabulary);
  return out;
}

// One function against what the contract implies for it.
class CallCheck {
 public:
  // `part`: which one the package is; nullptr: it is all of the model.
  CallCheck(const Contract& contract, const Contract::Part* part, const Contract::Call& call,
            const Signature& signature, const InterfaceView& interface, Findings& findings)
      : contract_(contract),
        part_(part),
        call_(call),
        signature_(signature),
        interface_(interface),
        findings_(findings) {}

  void check() {
    // Calls of any length have masks for the slots in use, and logits for every row.
    const int64_t tokens = call_.is_flexible ? kUnknown : call_.tokens;
    const int64_t context = call_.is_flexible ? kUnknown : contract_.context;
    if (part_ == nullptr && contract_.has_host_embedding) {
      expect_rows(signature_.inputs, "input", contract_.rows, tokens);
    }
    if (part_ == nullptr && !contract_.has_host_embedding) expect(contract_.ids, {DType::i32, {1, tokens}});
    if (part_ != nullptr) check_ends(tokens);
    const mil::Type place{DType::i32, call_.is_flexible ? Shape{1, kUnknown} : Shape{1}};
    if (!contract_.position.empty()) expect(contract_.position, place);
    if (!contract_.slot.empty()) expect(contract_.slot, place);
    for (const Contract::Mask& mask : contract_.masks) {
      expect(mask.name, {DType::f16, {1, 1, tokens, call_.is_flexible ? kUnknown : slots_of(mask)}});
    }
    if (!contract_.distance.empty()) expect(contract_.distance, {DType::f16, {1, 1, tokens, context}});
    for (const Contract::Rope& rope : contract_.ropes) {
      expect(rope.cos, {DType::f16, {1, 1, tokens, rope.width}});
      expect(rope.sin, {DType::f16, {1, 1, tokens, rope.width}});
    }
    if (!contract_.row.empty()) expect(contract_.row, {DType::f16, {1, 1, 1, tokens}});
    if (call_.is_flexible) {
      for (const std::string& name : {contract_.ids, contract_.position, contract_.slot}) {
        expect_most(name, 1, call_.tokens);
      }
      for (const Contract::Mask& mask : contract_.masks) {
        expect_most(mask.name, 2, call_.tokens);
        expect_most(mask.name, 3, slots_of(mask));
      }
    }
    check_cache(contract_.others, layers_of_part(false),
                call_.tokens == kUnknown ? kUnknown : contract_.context - call_.tokens);
    check_cache(contract_.ring, layers_of_part(true), contract_.ring.slots);
    if (const Signature::Entry* logits = find_entry(signature_.outputs, contract_.logits)) check_logits(*logits);
  }

 private:
  std::string title(std::string_view name) const {
    return fmt::format("contract: function {}: {}", printable(call_.name), printable(name));
  }

  // Layers of the part that are in the ring, or that are not; without parts as the past says, and 1 where that says
  // nothing.
  int64_t layers_of_part(bool in_ring) const {
    const Contract::Cache& cache = in_ring ? contract_.ring : contract_.others;
    if (part_ == nullptr) return cache.past_shape.empty() ? 1 : cache.past_shape[0];
    const auto is_ours = [&](int64_t layer) { return layer >= part_->first_layer && layer < part_->end_layer; };
    const int64_t ring = std::count_if(contract_.ring_layers.begin(), contract_.ring_layers.end(), is_ours);
    return in_ring ? ring : part_->end_layer - part_->first_layer - ring;
  }

  // Of calls of any number of tokens, at most.
  int64_t slots_of(const Contract::Mask& mask) const {
    if (contract_.ring_layers.empty() || !mask.has_window) return contract_.context;
    return contract_.ring.past.empty() || call_.tokens == kUnknown ? contract_.ring.slots
                                                                   : contract_.ring.slots + call_.tokens;
  }

  // An input, in a part that has it.
  void expect(const std::string& name, const mil::Type& want) {
    if (part_ != nullptr && std::count(part_->inputs.begin(), part_->inputs.end(), name) == 0) return;
    expect(signature_.inputs, "input", name, want);
  }

  // fp16 [1, T, any width].
  void expect_rows(const std::vector<Signature::Entry>& list, std::string_view kind, const std::string& name,
                   int64_t tokens) {
    const Signature::Entry* entry = find_entry(list, name);
    const bool has_width = entry != nullptr && entry->type && !entry->type->shape.empty();
    expect(list, kind, name, {DType::f16, {1, tokens, has_width ? entry->type->shape.back() : kUnknown}});
  }

  // What a part takes, and what it gives to the next.
  void check_ends(int64_t tokens) {
    const bool is_first = part_ == &contract_.parts.front(), is_last = part_ == &contract_.parts.back();
    for (const std::string& name : part_->inputs) {
      if (find_entry(signature_.inputs, name) == nullptr) {
        findings_.add("contract-name", title(name), "the function has no such input");
      }
    }
    if (is_first && !contract_.has_host_embedding) {
      expect(signature_.inputs, "input", contract_.ids, {DType::i32, {1, tokens}});
    } else {
      expect_rows(signature_.inputs, "input", contract_.rows, tokens);
    }
    if (!is_last) expect_rows(signature_.outputs, "output", contract_.hidden, tokens);
  }

  void expect(const std::vector<Signature::Entry>& list, std::string_view kind, const std::string& name,
              const mil::Type& want) {
    const Signature::Entry* entry = find_entry(list, name);
    if (entry == nullptr) {
      findings_.add("contract-name", title(name), "the function has no such {}", kind);
    } else if (entry->type && !fits(*entry->type, want)) {
      findings_.add("contract-shape", title(name), "got {}, want {}", mil::to_string(*entry->type),
                    mil::to_string(want));
    }
  }

  // The range of an axis must reach as far as hosts go. A range that is missing or of another form is a finding of
  // check_description().
  void expect_most(const std::string& name, int axis, int64_t want) {
    if (!interface_) return;
    for (const proto::FeatureDescription& feature : *interface_.input) {
      const auto& ranges = feature.type().multi_array_type().shape_range().size_ranges();
      if (feature.name() != name || axis >= ranges.size() || ranges[axis].upper_bound() == want) continue;
      findings_.add("contract-shape", title(name), "dimension {}: got a range of up to {}, want {}", axis,
                    ranges[axis].upper_bound(), want);
    }
  }

  // A function for calls of one length may be flexible; one for calls of any length must be.
  bool fits(const mil::Type& type, const mil::Type& want) const {
    return type.dtype == want.dtype && std::equal(type.shape.begin(), type.shape.end(), want.shape.begin(),
                                                  want.shape.end(), [&](int64_t a, int64_t b) {
                                                    return a == b ||
                                                           (!call_.is_flexible && (a == kUnknown || b == kUnknown));
                                                  });
  }

  // `past_slots`: what the past must have, for calls of this length.
  void check_cache(const Contract::Cache& cache, int64_t layers, int64_t past_slots) {
    if (layers == 0) return;
    for (const std::string& state : cache.states) {
      check_state(state, is_shared(state) ? contract_.context : cache.slots);
    }
    if (!cache.past.empty()) check_past(cache, layers, past_slots);
  }

  // By layers in the ring and others.
  bool is_shared(const std::string& state) const {
    return std::count(contract_.others.states.begin(), contract_.others.states.end(), state) > 0 &&
           layers_of_part(false) > 0;
  }

  void check_state(const std::string& name, int64_t slots) {
    const Signature::Entry* entry = find_entry(signature_.states, name);
    if (entry == nullptr) {
      findings_.add("contract-name", title(name), "the function has no such state");
      return;
    }
    // [..., slots, head width]
    const Shape shape = entry->type ? entry->type->shape : Shape();
    if (entry->type && (shape.size() < 2 || shape[shape.size() - 2] != slots)) {
      findings_.add("contract-shape", title(name), "got {}, want {} slots on the last axis but one",
                    mil::to_string(*entry->type), slots);
    }
  }

  void check_past(const Contract::Cache& cache, int64_t layers, int64_t past_slots) {
    constexpr size_t kSlots = 2;
    Shape past = cache.past_shape;
    past[0] = layers;
    const Shape whole = past;
    Shape added = past;
    past[kSlots] = past_slots;
    added[kSlots] = call_.tokens;
    if (!fits({DType::f16, whole}, {DType::f16, past})) {
      findings_.add("contract-shape", title("cache"), "got {}, want {}", to_string(whole), to_string(past));
    }
    for (const std::string& name : cache.past) expect(signature_.inputs, "input", name, {DType::f16, whole});
    for (const std::string& name : cache.added) expect(signature_.outputs, "output", name, {DType::f16, added});
  }

  void check_logits(const Signature::Entry& logits) {
    if (!logits.type) return;
    const Shape& shape = logits.type->shape;
    if (shape.size() != 3 || shape.back() != contract_.vocabulary) {
      findings_.add("contract-shape", title(logits.name), "got {}, want rank 3 and {} on the last axis",
                    mil::to_string(*logits.type), contract_.vocabulary);
    }
  }

  const Contract& contract_;
  const Contract::Part* part_;
  const Contract::Call& call_;
  const Signature& signature_;
  const InterfaceView interface_;
  Findings& findings_;
};

}  // namespace

namespace {

void check_context(const proto::Model& model, const Contract& contract, Findings& findings) {
  const auto& metadata = model.description().metadata().user_defined();
  const Contract::Part* part = nullptr;
  if (!contract.parts.empty()) {
    const auto number = metadata.find(kPartKey);
    const size_t index = number == metadata.end() ? contract.parts.size() : part_index(number->second);
    if (index >= contract.parts.size()) {
      findings.add("contract-part", "contract", "metadata entry {}; got {}, want 0 to {}: which part the package is",
                   kPartKey, number == metadata.end() ? "none" : printable(number->second), contract.parts.size() - 1);
      return;
    }
    part = &contract.parts[index];
  }
  bool has_logits = part != nullptr && part != &contract.parts.back();
  for (const Contract::Call& call : contract.calls) {
    const auto function = model.ml_program().functions().find(call.name);
    if (function == model.ml_program().functions().end()) {
      findings.add("contract-function", "contract", "the program has no function {}", printable(call.name));
      continue;
    }
    const Signature signature = signature_of(function->second);
    has_logits = has_logits || find_entry(signature.outputs, contract.logits) != nullptr;
    CallCheck(contract, part, call, signature, find_interface(model.description(), call.name), findings).check();
  }
  if (!has_logits) {
    findings.add("contract-name", "contract", "no function has the output {}", printable(contract.logits));
  }
}

}  // namespace

void check_contract(const proto::Model& model, Findings& findings) {
  const auto& metadata = model.description().metadata().user_defined();
  const auto it = metadata.find(kKey);
  if (it == metadata.end()) return;
  std::vector<Contract> contracts;
  const auto parse = [&] {
    for (const Json& json : contracts_of(it->second)) contracts.push_back(parse_contract(json));
  };
  if (!findings.attempt("contract", "contract", parse)) return;
  for (const Contract& contract : contracts) check_context(model, contract, findings);
}

}  // namespace cortland
