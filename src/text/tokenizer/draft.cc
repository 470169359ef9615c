#include "text/tokenizer/draft.h"

#include <algorithm>

namespace cortland::text {

using portable::Failure;
using portable::Result;

std::optional<uint32_t> TokenizerDraft::id_of(const std::string& token) const {
  const auto found = ids.find(token);
  return found == ids.end() ? std::nullopt : std::optional(found->second);
}

Result<bool> TokenizerDraft::add(std::string token, int64_t id, const std::string& path) {
  if (id < 0 || id > kMaxId) {
    return Failure{path + ": the id of \"" + token + "\"; got " + std::to_string(id) + ", want 0 to " +
                   std::to_string(kMaxId)};
  }
  const auto index = static_cast<size_t>(id);
  if (index >= tokens.size()) {
    tokens.resize(index + 1);
    flags.resize(index + 1);
  }
  if (flags[index] != 0) {
    return Failure{path + ": id " + std::to_string(id) + " is that of \"" + tokens[index] + "\" and of \"" + token +
                   "\""};
  }
  ids[token] = static_cast<uint32_t>(index);
  tokens[index] = std::move(token);
  flags[index] = kInModel;
  ++model_size;
  return true;
}

Result<bool> TokenizerDraft::add(AddedToken token, const std::string& path) {
  if (token.content.empty()) return true;
  const auto [place, is_new] = added_places.try_emplace(token.content, added.size());
  if (!is_new) {
    AddedToken& old = added[place->second];
    old.flags = token.flags | (old.flags & kSpecial);
    mark(old);
    return true;
  }
  const std::optional<uint32_t> known = id_of(token.content);
  if (known) {
    token.id = *known;
  } else {
    token.id = std::max(static_cast<uint32_t>(model_size), next_added);
    const Result<bool> good = add(token.content, token.id, path);
    if (!good) return good;
    --model_size;
    flags[token.id] = 0;
  }
  next_added = std::max(next_added, token.id + 1);
  mark(token);
  added.push_back(std::move(token));
  return true;
}

void TokenizerDraft::mark(const AddedToken& token) {
  const bool is_special = (token.flags & kSpecial) != 0;
  flags[token.id] = static_cast<uint8_t>(flags[token.id] | kIsAdded | (is_special ? kIsSpecial : 0));
}

}  // namespace cortland::text
