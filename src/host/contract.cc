#include "host/contract.h"

#include <algorithm>
#include <cmath>
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
    if (window != nullptr && !window->is_null()) added.window = reader.integer(*window, path, std::string_view("window"), 1);
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

std::vector<std::string> read_names(Reader& reader, const JsonValue& object, const std::string& path, std::string_view key) {
  std::vector<std::string> names;
  for (const JsonValue& name : reader.array(object, path, key)) {
    if (name.text() == nullptr) reader.note(path, key, "want strings");
    names.push_back(name.text() == nullptr ? "" : *name.text());
  }
  return names;
}

constexpr const char* kCachePath = "contract: cache.";

void want_slots(Reader& reader, const JsonValue& cache, const std::string& known) {
  const std::string slots = reader.text(cache, "contract: cache.", "slots");
  if (slots != known) reader.note("contract: cache.", "slots", "want \"" + known + "\"");
}

void read_state(Reader& reader, const JsonValue& root, const JsonValue& cache, Contract& contract) {
  want_slots(reader, cache, "position");
  contract.cache.states = read_names(reader, cache, kCachePath, "names");
  // Calls of any number of tokens may take the position from the shapes of their inputs.
  const bool is_flexible = contract.has_flexible_calls();
  if (!is_flexible || root.find("position") != nullptr) contract.position = reader.text(root, "contract: ", "position");
  const Contract::Function* decode = contract.find("decode");
  if (!is_flexible && (decode == nullptr || decode->tokens != 1)) {
    reader.note("contract: ", "functions", "want one with role decode and 1 token, or one with role any");
  }
}

void read_explicit_cache(Reader& reader, const JsonValue& root, const JsonValue& cache, Contract& contract) {
  contract.cache.slots = Contract::Slots::past_then_new;
  want_slots(reader, cache, "past_then_new");
  const std::vector<std::string> past = read_names(reader, cache, kCachePath, "names"),
                                 added = read_names(reader, cache, kCachePath, "new_names");
  if (past.empty() || past.size() != added.size()) reader.note("contract: cache.", "new_names", "want one for each of names");
  for (size_t i = 0; i < std::min(past.size(), added.size()); ++i) contract.cache.kept.push_back({past[i], added[i]});
  if (root.find("position") != nullptr) contract.position = reader.text(root, "contract: ", "position");
  contract.row = reader.text(root, "contract: ", "row");
  const Contract::Function* main = contract.find("main");
  if (main == nullptr || contract.functions.size() != 1) {
    return reader.note("contract: ", "functions", "want one, with role main");
  }
  std::vector<int64_t> shape;
  int64_t room = kLargestCache;
  for (const JsonValue& side : reader.array(cache, "contract: cache.", "shape")) {
    shape.push_back(reader.integer(side, "contract: cache.", std::string_view("shape"), 1));
    room /= shape.back();
  }
  if (shape.size() != contract.cache.shape.size() || shape[2] != contract.context - main->tokens || room == 0) {
    return reader.note("contract: cache.", "shape", "want four sides, the third the context without the tokens of a call");
  }
  std::copy(shape.begin(), shape.end(), contract.cache.shape.begin());
}

void read_cache(Reader& reader, const JsonValue& root, Contract& contract) {
  const JsonValue* cache = reader.member(root, "contract: ", "cache");
  if (cache == nullptr) return;
  const std::string kind = reader.text(*cache, "contract: cache.", "kind");
  if (kind == "state") return read_state(reader, root, *cache, contract);
  if (kind == "explicit") return read_explicit_cache(reader, root, *cache, contract);
  reader.note("contract: cache.", "kind", "\"" + kind + "\" is not supported, want \"state\" or \"explicit\"");
}

// The name of a file beside the package.
std::string read_file_name(Reader& reader, const JsonValue& object, const std::string& path, std::string_view key) {
  std::string name = reader.text(object, path, key);
  if (name.find_first_of("/\\") != std::string::npos || name.starts_with('.')) reader.note(path, key, "want the name of a file beside the package");
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
  if (!contract.hidden_states) reader.note("contract: ", "hidden_states", "is missing, and the embedding is the host's");
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
    if (std::any_of(contract.parts.begin(), contract.parts.end(), is_same)) reader.note(path, "package", "names another part's");
    part.inputs = read_names(reader, item, path, "inputs");
    const JsonValue::Array& layers = reader.array(item, path, "layers");
    if (layers.size() != 2) return reader.note(path, "layers", "want two numbers");
    part.first_layer = reader.integer(layers[0], path, std::string_view("layers"), 0);
    part.end_layer = reader.integer(layers[1], path, std::string_view("layers"), 0);
    if (part.first_layer != expected || part.end_layer < part.first_layer) return reader.note(path, "layers", "want those behind the part before");
    if (!part.has_layers() && &item != &parts.back()) return reader.note(path, "layers", "want some, but for the last part");
  }
  if (contract.cache.slots == Contract::Slots::past_then_new && contract.parts.back().end_layer != contract.cache.shape[0]) {
    reader.note("contract: ", "parts", "want as many layers as the cache has");
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

std::array<int64_t, 4> Contract::past_shape(const Part& part) const {
  std::array<int64_t, 4> shape = cache.shape;
  shape[0] = part.layers();
  return shape;
}

const Contract::Function* Contract::find(std::string_view role) const {
  for (const Function& function : functions) {
    if (function.role == role) return &function;
  }
  return nullptr;
}

Result<Contract> parse_contract(std::string_view json) {
  const Result<JsonValue> parsed = portable::parse_json(json);
  if (!parsed) return Failure{"contract: " + parsed.message()};
  const JsonValue& root = *parsed;
  Reader reader;
  Contract contract;
  const std::string at = "contract: ";
  const int64_t version = reader.integer(root, at, "version", 1);
  if (version != 1) reader.note(at, "version", std::to_string(version) + " is not known, want 1; hint: update this program");
  contract.profile = reader.text(root, at, "profile");
  if (contract.profile != "ane" && contract.profile != "gpu") {
    reader.note(at, "profile", "\"" + contract.profile + "\" is not supported, want \"ane\" or \"gpu\"");
  }
  contract.context = reader.integer(root, at, "context", 1);
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
