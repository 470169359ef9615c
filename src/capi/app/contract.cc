#include <cortland/host.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capi/app/boundary.h"
#include "capi/app/contract_handle.h"

using namespace cortland;
using namespace cortland::capi;

namespace {

size_t size_of(int64_t count) { return static_cast<size_t>(count); }

// The most tokens of a call that `counts`; 0 when none does.
template <typename Counts>
size_t most_tokens(const cortland_contract* contract, Counts counts) {
  int64_t most = 0;
  if (contract == nullptr) return 0;
  for (const host::Contract::Function& function : contract->contract->functions) {
    if (counts(function)) most = std::max(most, function.tokens);
  }
  return size_of(most);
}

template <typename Name>
Outcome give_name(const cortland_contract* contract, size_t index, cortland_string* name, size_t count, Name name_at) {
  if (contract == nullptr) return missing("contract");
  if (name == nullptr) return missing("name");
  if (auto bad = check_index("index", index, count)) return *bad;
  const std::string& text = name_at(index);
  *name = {text.data(), text.size()};
  return {};
}

// All states, those of a ring behind the others.
std::vector<const std::string*> state_names(const host::Contract& contract) {
  std::vector<const std::string*> names;
  const auto add = [&](const std::vector<std::string>& list) {
    for (const std::string& name : list) {
      const bool is_known =
          std::any_of(names.begin(), names.end(), [&](const std::string* known) { return *known == name; });
      if (!is_known) names.push_back(&name);
    }
  };
  add(contract.cache.states);
  if (contract.cache.ring) add(contract.cache.ring->states);
  return names;
}

}  // namespace

uint32_t cortland_host_abi_version(void) noexcept { return CORTLAND_HOST_ABI_VERSION; }

cortland_status cortland_contract_open(const char* json, size_t size, cortland_contract** contract,
                                       cortland_error* error) noexcept {
  return cortland_contract_open_for(json, size, 0, contract, error);
}

cortland_status cortland_contract_open_for(const char* json, size_t size, size_t tokens, cortland_contract** contract,
                                           cortland_error* error) noexcept {
  return create(contract, error, [&]() -> Outcome {
    const auto text = text_of(json, size);
    if (!text) return missing("json");
    constexpr size_t kMost = INT64_MAX;
    auto parsed = host::parse_contract(
        *text, tokens == 0 ? std::nullopt : std::optional(static_cast<int64_t>(std::min(tokens, kMost))));
    if (!parsed) return {CORTLAND_UNSUPPORTED, parsed.message()};
    *contract = new cortland_contract{std::make_shared<const host::Contract>(std::move(*parsed))};
    return {};
  });
}

size_t cortland_contract_context_count(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : contract->contract->contexts.size();
}

size_t cortland_contract_context_size(const cortland_contract* contract, size_t index) noexcept {
  return index < cortland_contract_context_count(contract) ? size_of(contract->contract->contexts[index]) : 0;
}

void cortland_contract_free(cortland_contract* contract) noexcept { delete contract; }

cortland_status cortland_contract_profile(const cortland_contract* contract, cortland_string* profile,
                                          cortland_error* error) noexcept {
  return guarded(error, [&] {
    const auto name_at = [&](size_t) -> const std::string& { return contract->contract->profile; };
    return give_name(contract, 0, profile, 1, name_at);
  });
}

size_t cortland_contract_context(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : size_of(contract->contract->context);
}

size_t cortland_contract_vocabulary_size(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : size_of(contract->contract->vocabulary);
}

size_t cortland_contract_prefill_size(const cortland_contract* contract) noexcept {
  return most_tokens(contract, [](const host::Contract::Function&) { return true; });
}

size_t cortland_contract_step_size(const cortland_contract* contract) noexcept {
  return most_tokens(contract, [](const host::Contract::Function& function) { return function.gives_logits(); });
}

size_t cortland_contract_kept_bytes(const cortland_contract* contract) noexcept {
  if (contract == nullptr) return 0;
  size_t bytes = 0;
  for (size_t part = 0; part < contract->contract->part_count(); ++part) {
    for (const host::Contract::PartKept& kept : contract->contract->kept_by(part)) {
      size_t elements = 1;
      for (const int64_t side : kept.shape) elements *= size_of(side);
      bytes += elements * sizeof(uint16_t);
    }
  }
  return bytes;
}

size_t cortland_contract_function_count(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : contract->contract->functions.size();
}

cortland_status cortland_contract_function(const cortland_contract* contract, size_t index, cortland_string* name,
                                           cortland_error* error) noexcept {
  return guarded(error, [&] {
    const auto name_at = [&](size_t i) -> const std::string& { return contract->contract->functions[i].name; };
    return give_name(contract, index, name, cortland_contract_function_count(contract), name_at);
  });
}

size_t cortland_contract_state_count(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : state_names(*contract->contract).size();
}

cortland_status cortland_contract_state(const cortland_contract* contract, size_t index, cortland_string* name,
                                        cortland_error* error) noexcept {
  return guarded(error, [&] {
    const auto name_at = [&](size_t i) -> const std::string& { return *state_names(*contract->contract)[i]; };
    return give_name(contract, index, name, cortland_contract_state_count(contract), name_at);
  });
}

int32_t cortland_contract_part_has(const cortland_contract* contract, size_t part, size_t state) noexcept {
  if (part >= cortland_contract_part_count(contract) || state >= cortland_contract_state_count(contract)) return 0;
  const std::vector<std::string> names = contract->contract->states_of(part);
  return std::count(names.begin(), names.end(), *state_names(*contract->contract)[state]) > 0 ? 1 : 0;
}

size_t cortland_contract_part_count(const cortland_contract* contract) noexcept {
  return contract == nullptr ? 0 : contract->contract->part_count();
}

cortland_status cortland_contract_part(const cortland_contract* contract, size_t part, cortland_string* package,
                                       int32_t* has_states, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (has_states == nullptr) return missing("has_states");
    static const std::string kNone;
    const auto name_at = [&](size_t i) -> const std::string& {
      const auto& parts = contract->contract->parts;
      return parts.empty() ? kNone : parts[i].package;
    };
    const Outcome outcome = give_name(contract, part, package, cortland_contract_part_count(contract), name_at);
    if (outcome.status != CORTLAND_OK) return outcome;
    *has_states = contract->contract->states_of(part).empty() ? 0 : 1;
    return outcome;
  });
}

int32_t cortland_contract_needs(const cortland_contract* contract, size_t part, size_t function) noexcept {
  if (part >= cortland_contract_part_count(contract) || function >= contract->contract->functions.size()) return 0;
  return contract->contract->is_needed(part, contract->contract->functions[function]) ? 1 : 0;
}

cortland_status cortland_contract_embedding(const cortland_contract* contract, cortland_string* file,
                                            cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (contract != nullptr && !contract->contract->embedding_file) {
      return {CORTLAND_NOT_FOUND, "embedding: the package has it itself"};
    }
    const auto name_at = [&](size_t) -> const std::string& { return *contract->contract->embedding_file; };
    return give_name(contract, 0, file, 1, name_at);
  });
}

cortland_status cortland_embedding_open_file(const char* path, cortland_embedding** embedding,
                                             cortland_error* error) noexcept {
  return create(embedding, error, [&]() -> Outcome {
    if (path == nullptr) return missing("path");
    auto file = MappedFile::open(path);
    if (!file) return {CORTLAND_IO, file.message()};
    auto table = host::EmbeddingTable::open(file->bytes());
    if (!table) return {CORTLAND_CORRUPT, std::string(path) + ": " + table.message()};
    OpenEmbedding open{std::move(*file), *table};
    *embedding = new cortland_embedding{std::make_shared<const OpenEmbedding>(std::move(open))};
    return {};
  });
}

void cortland_embedding_free(cortland_embedding* embedding) noexcept { delete embedding; }
