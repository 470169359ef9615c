#include "host/contract.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "portable/json.h"

namespace cortland::host {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr double kLargestInteger = 9007199254740992.0;  // 2^53
constexpr int64_t kLargestId = 2147483647;  // ids and positions are int32
constexpr double kLeastMask = -65504;       // of fp16
constexpr int64_t kLargestCache = int64_t{1} << 36;  // elements of what a host keeps

// Reads members and remembers the first problem.
class Reader {
 public:
  const JsonValue* member(const JsonValue& object, const std::string& path, std::string_view key) {
    const JsonValue* value = object.find(key);
    if (value == nullptr) note(path, key, "is missing");
    return value;
  }
  std::string text(const JsonValue& object, const std::string& path, std::string_view key) {
    const JsonValue* value = member(object, path, key);
    const std::string* result = value == nullptr ? nullptr : value->text();
    if (result == nullptr || result->empty()) note(path, key, "want a string");
    return result == nullptr ? "" : *result;
  }
  double number(const JsonValue& object, const std::string& path, std::string_view key) {
    const JsonValue* value = member(object, path, key);
    const std::optional<double> result = value == nullptr ? std::nullopt : value->number();
    if (!result) note(path, key, "want a number");
    return result.value_or(0);
  }
  int64_t integer(const JsonValue& value, const std::string& path, std::string_view key, int64_t least) {
    const std::optional<double> result = value.number();
    const bool good = result && std::floor(*result) == *result && *result >= static_cast<double>(least) &&
                      *result <= kLargestInteger;
    if (!good) note(path, key, "want an integer of at least " + std::to_string(least));
    return good ? static_cast<int64_t>(*result) : least;
  }
  int64_t integer(const JsonValue& object, const std::string& path, const char* key, int64_t least) {
    const JsonValue* value = member(object, path, key);
    return value == nullptr ? least : integer(*value, path, std::string_view(key), least);
  }
  const JsonValue::Array& array(const JsonValue& object, const std::string& path, std::string_view key) {
    static const JsonValue::Array kEmpty;
    const JsonValue* value = member(object, path, key);
    const JsonValue::Array* result = value == nullptr ? nullptr : value->array();
    if (result == nullptr) note(path, key, "want a list");
    return result == nullptr ? kEmpty : *result;
  }
  void note(const std::string& path, std::string_view key, const std::string& what) {
    if (problem_.empty()) problem_ = path + std::string(key) + ": " + what;
  }
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_ = "";
};

std::string path_of(const char* list, size_t index) {
  return "contract: " + std::string(list) + "[" + std::to_string(index) + "].";
}

void read_functions(Reader& reader, const JsonValue& root, Contract& contract) {
  for (const JsonValue& item : reader.array(root, "contract: ", "functions")) {
    const std::string path = path_of("functions", contract.functions.size());
    contract.functions.push_back({reader.text(item, path, "name"), reader.text(item, path, "role"),
                                  reader.integer(item, path, "tokens", 1)});
    if (contract.functions.back().tokens > contract.context) reader.note(path, "tokens", "more than the context");
  }
}

void read_masks(Reader& reader, const JsonValue& root, Contract& contract) {
  const JsonValue* mask = reader.member(root, "contract: ", "mask");
  if (mask == nullptr) return;
  contract.mask_value = reader.number(*mask, "contract: mask.", "value");
  if (!(contract.mask_value >= kLeastMask && contract.mask_value <= -10000)) {
    reader.note("contract: mask.", "value", "want -65504 to -10000");
  }
  for (const JsonValue& item : reader.array(*mask, "contract: mask.", "inputs")) {
    const std::string path = path_of("mask.inputs", contract.masks.size());
    Contract::Mask& added = contract.masks.emplace_back();
    added.name = reader.text(item, path, "name");
    const JsonValue* window = reader.member(item, path, "window");
    if (window != nullptr && !window->is_null()) {
      added.window = reader.integer(*window, path, std::string_view("window"), 1);
    }
  }
}

void read_ropes(Reader& reader, const JsonValue& root, Contract& contract) {
  for (const JsonValue& item : reader.array(root, "contract: ", "rope")) {
    const std::string path = path_of("rope", contract.ropes.size());
    Contract::Rope& rope = contract.ropes.emplace_back();
    rope.cos = reader.text(item, path, "cos");
    rope.sin = reader.text(item, path, "sin");
    rope.attention_factor = reader.number(item, path, "attention_factor");
    for (const JsonValue& frequency : reader.array(item, path, "inv_freq")) {
      if (!frequency.number()) reader.note(path, "inv_freq", "want numbers");
      rope.inv_freq.push_back(frequency.number().value_or(0));
    }
    if (rope.inv_freq.empty()) reader.note(path, "inv_freq", "want at least one number");
  }
}

std::vector<std::string> read_names(Reader& reader, const JsonValue& object, const std::string& path,
                                    std::string_view key) {
  std::vector<std::string> names;
  for (const JsonValue& name : reader.array(object, path, key)) {
    if (name.text() == nullptr) reader.note(path, key, "want strings");
    names.push_back(name.text() == nullptr ? "" : *name.text());
  }
  return names;
}

constexpr const char* kCachePath = "contract: cache.";
constexpr const char* kRingPath = "contract: cache.ring.";
constexpr const char* kRingSlots = "ring";

bool has_ring(const JsonValue& cache) {
  const JsonValue* slots = cache.find("slots");
  return slots != nullptr && slots->text() != nullptr && *slots->text() == kRingSlots;
}

void want_slots(Reader& reader, const JsonValue& cache, const std::string& known) {
  const std::string slots = reader.text(cache, "contract: cache.", "slots");
  if (slots != known && slots != kRingSlots) reader.note("contract: cache.", "slots", "want \"" + known + "\"");
}

// Inputs that the host keeps between calls, and the outputs that belong to them.
std::vector<Contract::Kept> read_kept(Reader& reader, const JsonValue& object, const std::string& path) {
  const std::vector<std::string> past = read_names(reader, object, path, "names"),
                                 added = read_names(reader, object, path, "new_names");
  if (past.size() != added.size()) reader.note(path, "new_names", "want one for each of names");
  std::vector<Contract::Kept> kept;
  for (size_t i = 0; i < std::min(past.size(), added.size()); ++i) kept.push_back({past[i], added[i]});
  return kept;
}

// [L, K', `slots`, E'].
std::array<int64_t, 4> read_past_shape(Reader& reader, const JsonValue& object, const std::string& path, int64_t slots,
                                       const char* what) {
  std::vector<int64_t> sides;
  std::array<int64_t, 4> shape = {};
  int64_t room = kLargestCache;
  for (const JsonValue& side : reader.array(object, path, "shape")) {
    sides.push_back(reader.integer(side, path, std::string_view("shape"), 1));
    room /= sides.back();
  }
  if (sides.size() != shape.size() || sides[2] != slots || room == 0) {
    reader.note(path, "shape", std::string("want four sides, the third ") + what);
    return shape;
  }
  std::copy(sides.begin(), sides.end(), shape.begin());
  return shape;
}

// Which rows may lie in a ring, and where: a call that is written whole must leave the window of its first row.
void check_ring(Reader& reader, const Contract& contract) {
  const Contract::Ring& ring = *contract.cache.ring;
  int64_t tokens = 0;
  for (const Contract::Function& function : contract.functions) tokens = std::max(tokens, function.tokens);
  const int64_t window = contract.window();
  if (window == 0) reader.note("contract: ", "mask.inputs", "want a window: there is a ring");
  if (ring.slots > contract.context || window > ring.slots || tokens > ring.slots - window) {
    reader.note(kRingPath, "slots", "want at least the window plus the tokens of a call, and at most the context");
  }
  // A chunk of a fixed length that does not reach beyond the context must not do so in the ring.
  const bool is_fixed = contract.cache.slots == Contract::Slots::position && !contract.has_flexible_calls();
  if (is_fixed && contract.context % ring.slots != 0) reader.note(kRingPath, "slots", "want a divisor of the context");
  if (contract.distance) reader.note("contract: ", "distance", "is not supported together with a ring");
  const bool is_ascending =
      std::adjacent_find(ring.layers.begin(), ring.layers.end(), std::greater_equal<>()) == ring.layers.end();
  if (ring.states.empty() && ring.kept.empty()) reader.note(kRingPath, "names", "want some");
  if (ring.layers.empty() || !is_ascending) reader.note(kRingPath, "layers", "want ascending numbers");
  const bool masks_all = std::all_of(contract.masks.begin(), contract.masks.end(),
                                     [](const Contract::Mask& mask) { return mask.window.has_value(); });
  const bool has_others = !contract.cache.states.empty() || !contract.cache.kept.empty();
  if (masks_all == has_others) {
    reader.note(kCachePath, "names", "want some where a mask has no window, and none elsewhere");
  }
}

// What both kinds of caches say of their ring.
const JsonValue* read_ring(Reader& reader, const JsonValue& cache, Contract& contract) {
  if (!has_ring(cache)) return nullptr;
  const JsonValue* json = reader.member(cache, kCachePath, "ring");
  if (json == nullptr) return nullptr;
  // From one: to clang a nested class whose members have initial values is not made from nothing.
  Contract::Ring& ring = contract.cache.ring.emplace(Contract::Ring{});
  ring.slots = reader.integer(*json, kRingPath, "slots", 1);
  for (const JsonValue& layer : reader.array(*json, kRingPath, "layers")) {
    ring.layers.push_back(reader.integer(layer, kRingPath, std::string_view("layers"), 0));
  }
  return json;
}

void read_state(Reader& reader, const JsonValue& root, const JsonValue& cache, Contract& contract) {
  want_slots(reader, cache, "position");
  contract.cache.states = read_names(reader, cache, kCachePath, "names");
  // Calls of any number of tokens may take the position from the shapes of their inputs, and a ring has an input of its
  // own.
  const bool is_flexible = contract.has_flexible_calls();
  const bool may_lack_position = is_flexible || has_ring(cache);
  if (!may_lack_position || root.find("position") != nullptr) {
    contract.position = reader.text(root, "contract: ", "position");
  }
  if (const JsonValue* ring = read_ring(reader, cache, contract)) {
    contract.cache.ring->states = read_names(reader, *ring, kRingPath, "names");
    contract.cache.ring->input = reader.text(*ring, kRingPath, "input");
  }
  const Contract::Function* decode = contract.find("decode");
  if (!is_flexible && (decode == nullptr || decode->tokens != 1)) {
    reader.note("contract: ", "functions", "want one with role decode and 1 token, or one with role any");
  }
}

void read_explicit_cache(Reader& reader, const JsonValue& root, const JsonValue& cache, Contract& contract) {
  contract.cache.slots = Contract::Slots::past_then_new;
  want_slots(reader, cache, "past_then_new");
  contract.cache.kept = read_kept(reader, cache, kCachePath);
  if (contract.cache.kept.empty() && !has_ring(cache)) reader.note(kCachePath, "names", "want some");
  if (root.find("position") != nullptr) contract.position = reader.text(root, "contract: ", "position");
  contract.row = reader.text(root, "contract: ", "row");
  const Contract::Function* main = contract.find("main");
  if (main == nullptr || contract.functions.size() != 1) {
    return reader.note("contract: ", "functions", "want one, with role main");
  }
  if (!contract.cache.kept.empty()) {
    contract.cache.shape = read_past_shape(reader, cache, kCachePath, contract.context - main->tokens,
                                           "the context without the tokens of a call");
  }
  if (const JsonValue* ring = read_ring(reader, cache, contract)) {
    contract.cache.ring->kept = read_kept(reader, *ring, kRingPath);
    contract.cache.ring->shape = read_past_shape(reader, *ring, kRingPath, contract.cache.ring->slots, "the slots");
    if (contract.cache.ring->shape[0] != std::ssize(contract.cache.ring->layers)) {
      reader.note(kRingPath, "shape", "want as many layers as it names");
    }
  }
}

void read_cache(Reader& reader, const JsonValue& root, Contract& contract) {
  const JsonValue* cache = reader.member(root, "contract: ", "cache");
  if (cache == nullptr) return;
  const std::string kind = reader.text(*cache, "contract: cache.", "kind");
  if (kind == "state") {
    read_state(reader, root, *cache, contract);
  } else if (kind == "explicit") {
    read_explicit_cache(reader, root, *cache, contract);
  } else {
    reader.note("contract: cache.", "kind", "\"" + kind + "\" is not supported, want \"state\" or \"explicit\"");
  }
  if (contract.cache.ring) check_ring(reader, contract);
}

// The name of a file beside the package.
std::string read_file_name(Reader& reader, const JsonValue& object, const std::string& path, std::string_view key) {
  std::string name = reader.text(object, path, key);
  if (name.find_first_of("/\\") != std::string::npos || name.starts_with('.')) {
    reader.note(path, key, "want the name of a file beside the package");
  }
  return name;
}

void read_embedding(Reader& reader, const JsonValue& root, Contract& contract) {
  const std::string where = reader.text(root, "contract: ", "embedding");
  if (where != "graph" && where != "host") {
    reader.note("contract: ", "embedding", "\"" + where + "\" is not supported, want \"graph\" or \"host\"");
  }
  if (root.find("hidden_states") != nullptr) {
    contract.hidden_states = reader.text(root, "contract: ", "hidden_states");
    contract.hidden_size = reader.integer(root, "contract: ", "hidden_size", 1);
    contract.embedding_size = reader.integer(root, "contract: ", "embedding_size", 1);
  }
  if (where != "host") return;
  contract.embedding_file = read_file_name(reader, root, "contract: ", "embedding_file");
  if (!contract.hidden_states) {
    reader.note("contract: ", "hidden_states", "is missing, and the embedding is the host's");
  }
}

// Layers without a gap, then the head.
void read_parts(Reader& reader, const JsonValue& root, Contract& contract) {
  const JsonValue::Array& parts = reader.array(root, "contract: ", "parts");
  if (parts.empty()) return;
  if (parts.size() < 2) reader.note("contract: ", "parts", "want none, or two at least");
  constexpr size_t kMostParts = 1024;  // each is a package that a host opens
  if (parts.size() > kMostParts) return reader.note("contract: ", "parts", "want at most 1024");
  if (!contract.hidden_states || contract.hidden.empty()) {
    reader.note("contract: ", "parts", "want hidden_states and hidden: what one part gives to the next");
  }
  for (const JsonValue& item : parts) {
    const std::string path = path_of("parts", contract.parts.size());
    const int64_t expected = contract.parts.empty() ? 0 : contract.parts.back().end_layer;
    Contract::Part& part = contract.parts.emplace_back();
    part.package = read_file_name(reader, item, path, "package");
    const auto is_same = [&](const Contract::Part& other) { return &other != &part && other.package == part.package; };
    if (std::any_of(contract.parts.begin(), contract.parts.end(), is_same)) {
      reader.note(path, "package", "names another part's");
    }
    part.inputs = read_names(reader, item, path, "inputs");
    const JsonValue::Array& layers = reader.array(item, path, "layers");
    if (layers.size() != 2) return reader.note(path, "layers", "want two numbers");
    part.first_layer = reader.integer(layers[0], path, std::string_view("layers"), 0);
    part.end_layer = reader.integer(layers[1], path, std::string_view("layers"), 0);
    if (part.first_layer != expected || part.end_layer < part.first_layer) {
      return reader.note(path, "layers", "want those behind the part before");
    }
    if (!part.has_layers() && &item != &parts.back()) {
      return reader.note(path, "layers", "want some, but for the last part");
    }
  }
  const int64_t end = contract.parts.back().end_layer;
  const int64_t in_ring = contract.cache.ring ? std::ssize(contract.cache.ring->layers) : 0;
  if (contract.cache.slots == Contract::Slots::past_then_new && end != contract.cache.shape[0] + in_ring) {
    reader.note("contract: ", "parts", "want as many layers as the cache has");
  }
  if (in_ring > 0 && contract.cache.ring->layers.back() >= end) {
    reader.note("contract: ", "parts", "want all layers of the ring");
  }
}

void read_text_ids(Reader& reader, const JsonValue& root, Contract& contract) {
  const JsonValue* bos = reader.member(root, "contract: ", "bos");
  if (bos != nullptr && !bos->is_null()) contract.bos = reader.integer(*bos, "contract: ", std::string_view("bos"), 0);
  for (const JsonValue& id : reader.array(root, "contract: ", "eos")) {
    contract.eos.push_back(reader.integer(id, "contract: ", std::string_view("eos"), 0));
  }
}

}  // namespace

Contract::LayerCounts Contract::count_layers(size_t part) const {
  LayerCounts counts{parts[part].layers(), 0};
  if (!cache.ring) return counts;
  const auto at = [&](int64_t layer) {
    return std::lower_bound(cache.ring->layers.begin(), cache.ring->layers.end(), layer);
  };
  counts.ring = at(parts[part].end_layer) - at(parts[part].first_layer);
  counts.others -= counts.ring;
  return counts;
}

std::vector<Contract::PartKept> Contract::kept_by(size_t part) const {
  const LayerCounts counts =
      parts.empty() ? LayerCounts{cache.shape[0], cache.ring ? cache.ring->shape[0] : 0} : count_layers(part);
  std::vector<PartKept> list;
  const auto add = [&](const std::vector<Kept>& kept, std::array<int64_t, 4> shape, int64_t layers) {
    shape[0] = layers;
    for (const Kept& names : kept) {
      if (layers > 0) list.push_back({&names, shape});
    }
  };
  add(cache.kept, cache.shape, counts.others);
  if (cache.ring) add(cache.ring->kept, cache.ring->shape, counts.ring);
  return list;
}

std::vector<std::string> Contract::states_of(size_t part) const {
  const LayerCounts counts = parts.empty() ? LayerCounts{1, 1} : count_layers(part);
  std::vector<std::string> names;
  if (counts.others > 0) names = cache.states;
  if (!cache.ring || counts.ring == 0) return names;
  for (const std::string& name : cache.ring->states) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

int64_t Contract::window() const {
  int64_t widest = 0;
  for (const Mask& mask : masks) widest = std::max(widest, mask.window.value_or(0));
  return widest;
}

int64_t choose_context(std::span<const int64_t> contexts, int64_t tokens) {
  const auto it = std::lower_bound(contexts.begin(), contexts.end(), tokens);
  return it == contexts.end() ? contexts.back() : *it;
}

const Contract::Function* Contract::find(std::string_view role) const {
  for (const Function& function : functions) {
    if (function.role == role) return &function;
  }
  return nullptr;
}

namespace {

// The members of the contract for a context: those of its entry in "contexts", unless null, and of those that it does
// not name those of the contract.
JsonValue for_context(Reader& reader, const JsonValue& root, std::optional<int64_t> tokens,
                      std::vector<int64_t>& contexts) {
  if (root.find("contexts") == nullptr) return root;
  const JsonValue::Array& entries = reader.array(root, "contract: ", "contexts");
  constexpr size_t kMostContexts = 64;
  if (entries.size() > kMostContexts) reader.note("contract: ", "contexts", "want at most 64");
  for (const JsonValue& entry : entries) {
    contexts.push_back(reader.integer(entry, path_of("contexts", contexts.size()), "context", 1));
  }
  const bool is_ascending =
      std::adjacent_find(contexts.begin(), contexts.end(), std::greater_equal<>()) == contexts.end();
  if (contexts.empty() || !is_ascending) reader.note("contract: ", "contexts", "want ascending sizes");
  if (!reader.problem().empty()) return root;
  const int64_t chosen = choose_context(contexts, tokens.value_or(contexts.back()));
  const auto at = static_cast<size_t>(std::find(contexts.begin(), contexts.end(), chosen) - contexts.begin());
  JsonValue::Object members;
  for (const JsonValue::Member& member : *entries[at].object()) {
    if (!member.second.is_null()) members.push_back(member);
  }
  for (const JsonValue::Member& member : *root.object()) {
    if (entries[at].find(member.first) == nullptr) members.push_back(member);
  }
  return JsonValue(std::move(members));
}

}  // namespace

Result<Contract> parse_contract(std::string_view json, std::optional<int64_t> tokens) {
  const Result<JsonValue> parsed = portable::parse_json(json);
  if (!parsed) return Failure{"contract: " + parsed.message()};
  Reader reader;
  Contract contract;
  const JsonValue root = for_context(reader, *parsed, tokens, contract.contexts);
  const std::string at = "contract: ";
  const int64_t version = reader.integer(root, at, "version", 1);
  if (version != 1) {
    reader.note(at, "version", std::to_string(version) + " is not known, want 1; hint: update this program");
  }
  contract.profile = reader.text(root, at, "profile");
  if (contract.profile != "ane" && contract.profile != "gpu") {
    reader.note(at, "profile", "\"" + contract.profile + "\" is not supported, want \"ane\" or \"gpu\"");
  }
  contract.context = reader.integer(root, at, "context", 1);
  if (contract.contexts.empty()) contract.contexts = {contract.context};
  if (tokens && *tokens > contract.contexts.back()) {
    reader.note(at, "context",
                "got " + std::to_string(*tokens) + " tokens, want at most " + std::to_string(contract.contexts.back()));
  }
  contract.vocabulary = reader.integer(root, at, "vocabulary", 1);
  if (contract.context > kLargestId) reader.note(at, "context", "want at most " + std::to_string(kLargestId));
  if (contract.vocabulary > kLargestId) reader.note(at, "vocabulary", "want at most " + std::to_string(kLargestId));
  contract.ids = reader.text(root, at, "ids");
  contract.logits = reader.text(root, at, "logits");
  if (root.find("hidden") != nullptr) contract.hidden = reader.text(root, at, "hidden");
  if (root.find("distance") != nullptr) contract.distance = reader.text(root, at, "distance");
  read_functions(reader, root, contract);
  read_masks(reader, root, contract);
  read_ropes(reader, root, contract);
  read_cache(reader, root, contract);
  read_embedding(reader, root, contract);
  read_parts(reader, root, contract);
  read_text_ids(reader, root, contract);
  if (!reader.problem().empty()) return Failure{reader.problem()};
  return contract;
}

}  // namespace cortland::host
