#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;

Result<Vocabulary> Vocabulary::read(const Sections& image, const Settings& settings) {
  Vocabulary vocabulary;
  vocabulary.seed_ = settings.token_seed;
  Result<Packed<uint32_t>> offsets = read_packed<uint32_t>(image, kTokenOffsets, size_t{settings.tokens} + 1);
  if (!offsets) return Failure{offsets.message()};
  Result<Packed<uint8_t>> flags = read_packed<uint8_t>(image, kTokenFlags, settings.tokens);
  if (!flags) return Failure{flags.message()};
  Result<Packed<TokenSlot>> table = read_table<TokenSlot>(image, kTokenTable);
  if (!table) return Failure{table.message()};
  const std::optional<std::span<const std::byte>> bytes = image.find(kTokenBytes);
  if (!bytes) return Failure{"tokenizer image: section " + std::to_string(kTokenBytes) + " is missing"};
  bool good = (*offsets)[0] == 0 && (*offsets)[settings.tokens] == bytes->size();
  for (uint32_t id = 0; id < settings.tokens; ++id) good &= (*offsets)[id] <= (*offsets)[id + 1];
  if (!good) return Failure{"tokenizer image: token strings do not lie within their section"};
  for (size_t i = 0; i < table->size(); ++i) {
    const uint32_t id = (*table)[i].id;
    good &= id == kNoId || (id & 0xFFFFFF) < settings.tokens;
  }
  if (!good) return Failure{"tokenizer image: the token table names an id that does not exist"};
  vocabulary.offsets_ = *offsets;
  vocabulary.flags_ = *flags;
  vocabulary.table_ = *table;
  vocabulary.bytes_ = as_text(*bytes);
  return vocabulary;
}

std::optional<Vocabulary::Found> Vocabulary::find(std::string_view text) const {
  const uint64_t hash = hash_bytes(text, seed_);
  const auto check = static_cast<uint32_t>(hash >> 32);
  const size_t mask = table_.size() - 1;
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe) {
    const TokenSlot slot = table_[(hash + probe) & mask];
    if (slot.id == kNoId) break;
    const uint32_t id = slot.id & 0xFFFFFF;
    if (slot.check == check && this->text(id) == text) return Found{id, static_cast<uint8_t>(slot.id >> 24)};
  }
  return std::nullopt;
}

}  // namespace cortland::text
