#include "text/tokenizer/image_writer.h"

#include <algorithm>
#include <array>
#include <set>

#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/bpe.h"
#include "text/tokenizer/bpe_encoder.h"
#include "text/tokenizer/decoder.h"
#include "text/tokenizer/hash_table.h"
#include "text/tokenizer/json_bytes.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/pre_tokenizer.h"
#include "text/tokenizer/unigram.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

constexpr uint32_t kSeeds = 8;

std::array<int32_t, 256> byte_tokens(const TokenizerDraft& draft) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < ids.size(); ++byte) {
    const std::string token = std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + ">";
    const std::optional<uint32_t> id = draft.id_of(token);
    ids[byte] = id && (draft.flags[*id] & kInModel) != 0 ? static_cast<int32_t>(*id) : -1;
  }
  return ids;
}

// What U+2581 must not be cut from: the characters before it within tokens that merges make. Nothing when cutting is
// not possible at all.
std::optional<std::vector<uint32_t>> find_cuts(const TokenizerDraft& draft) {
  const std::optional<uint32_t> block = draft.id_of(std::string(kLowerOneEighthBlock));
  const bool is_plain = draft.prefix.empty() && draft.suffix.empty() && !draft.ignore_merges;
  if (!is_plain || !block || (draft.flags[*block] & kInModel) == 0) return std::nullopt;
  std::set<uint32_t> found;
  for (const TokenizerDraft::MergeRule& rule : draft.merges) {
    const std::string& token = draft.tokens[rule.merged];
    for (size_t at = 0; (at = token.find(kLowerOneEighthBlock, at + 1)) != std::string::npos;) {
      found.insert(decode_utf8(token, previous_code_point(token, at)).code);
    }
  }
  return std::vector<uint32_t>(found.begin(), found.end());
}

class Writer {
 public:
  Writer(const TokenizerDraft& draft, const std::string& where)
      : draft_(draft), where_(where), flags_(draft.flags) {
    settings_.model = draft.model;
    settings_.tokens = static_cast<uint32_t>(draft.tokens.size());
    settings_.unknown = draft.unknown;
    settings_.fuse_unknown = draft.fuse_unknown;
    settings_.byte_fallback = draft.byte_fallback;
    settings_.ignore_merges = draft.ignore_merges;
    settings_.clean_up = draft.clean_up;
  }

  Result<std::string> write() {
    bool good = add_components() && add_added() && add_specials() && add_model();
    // Which pieces are one token is for the model itself to say.
    if (good && draft_.model == ModelKind::kBpe) good = find_whole();
    std::vector<Section> sections = sections_;
    if (!good || !add_tokens(sections)) return failure_;
    return write_sections(kImageFormat, sections);
  }

 private:
  bool stop(const std::string& what) {
    failure_ = {where_ + ": " + what};
    return false;
  }

  bool add_components() {
    const auto normalizer = make_normalizer(draft_.normalizer, where_ + ": normalizer");
    if (!normalizer) return failure_ = {normalizer.message()}, false;
    const auto pre_tokenizer = make_pre_tokenizer(draft_.pre_tokenizer, where_ + ": pre_tokenizer");
    if (!pre_tokenizer) return failure_ = {pre_tokenizer.message()}, false;
    const auto decoder = Decoder::make(draft_.decoder, where_ + ": decoder");
    if (!decoder) return failure_ = {decoder.message()}, false;
    std::string& bytes = add_section(kComponents);
    encode_json(draft_.normalizer, bytes);
    encode_json(draft_.pre_tokenizer, bytes);
    encode_json(draft_.decoder, bytes);
    return true;
  }

  bool add_added() {
    const auto normalizer = make_normalizer(draft_.normalizer, where_ + ": normalizer");
    struct Added {
      bool is_normalized;
      std::string pattern;
      uint32_t id, flags;
    };
    std::vector<Added> rows;
    // Of two patterns that are the same, that of a special token counts, then that of the earlier one.
    for (const bool special : {true, false}) {
      for (const AddedToken& token : draft_.added) {
        if (((token.flags & kSpecial) != 0) != special) continue;
        const bool is_normalized = (token.flags & kNormalized) != 0;
        std::string pattern = token.content;
        if (is_normalized && *normalizer != nullptr) (*normalizer)->normalize(pattern);
        if (pattern.empty()) continue;
        if (pattern.size() > kMaxAddedToken) {
          return stop("added token " + std::to_string(token.id) + "; got " + std::to_string(pattern.size()) +
                      " bytes, want at most " + std::to_string(kMaxAddedToken));
        }
        rows.push_back({is_normalized, std::move(pattern), token.id, token.flags});
      }
    }
    const auto key = [](const Added& row) {
      return std::pair<bool, const std::string&>(row.is_normalized, row.pattern);
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const Added& a, const Added& b) { return key(a) < key(b); });
    rows.erase(std::unique(rows.begin(), rows.end(), [&](const Added& a, const Added& b) { return key(a) == key(b); }),
               rows.end());
    std::string& bytes = add_section(kAdded);
    append_number(bytes, static_cast<uint32_t>(rows.size()));
    for (const Added& row : rows) {
      append_number(bytes, row.id);
      append_number(bytes, row.flags);
      append_text(bytes, row.pattern);
    }
    return true;
  }

  bool add_specials() {
    std::string& bytes = add_section(kSpecials);
    for (const std::vector<int32_t>* ids : {&draft_.before, &draft_.after}) {
      append_number(bytes, static_cast<uint32_t>(ids->size()));
      for (const int32_t id : *ids) {
        if (static_cast<uint32_t>(id) >= settings_.tokens) {
          return stop("post_processor: id " + std::to_string(id) + " is that of no token");
        }
        append_number(bytes, id);
      }
    }
    return true;
  }

  bool add_model() {
    const std::array<int32_t, 256> bytes = byte_tokens(draft_);
    add_section(kByteTokens).assign(reinterpret_cast<const char*>(bytes.data()), sizeof(bytes));
    return draft_.model == ModelKind::kBpe ? add_bpe() : add_unigram();
  }

  bool add_bpe() {
    std::string& affixes = add_section(kAffixes);
    append_text(affixes, draft_.prefix);
    append_text(affixes, draft_.suffix);
    if (const auto cuts = find_cuts(draft_)) add_section(kCuts) = bytes_of(*cuts);
    std::vector<MergeSlot> entries;
    for (size_t rank = 0; rank < draft_.merges.size(); ++rank) {
      const TokenizerDraft::MergeRule& rule = draft_.merges[rank];
      entries.push_back({rule.left, rule.right, static_cast<uint32_t>(rank), rule.merged});
    }
    // Of two merges of the same pair the later one counts.
    const auto pair = [](const MergeSlot& slot) { return std::pair(slot.left, slot.right); };
    std::sort(entries.begin(), entries.end(), [&](const MergeSlot& a, const MergeSlot& b) {
      return std::pair(pair(a), b.rank) < std::pair(pair(b), a.rank);
    });
    entries.erase(std::unique(entries.begin(), entries.end(),
                              [&](const MergeSlot& a, const MergeSlot& b) { return pair(a) == pair(b); }),
                  entries.end());
    const auto table = build_table(
        entries, kSeeds, [](const MergeSlot& slot, uint32_t seed) { return hash_pair(slot.left, slot.right, seed); },
        [](const MergeSlot& slot) { return slot.left == kNoId; });
    if (!table) return stop("model.merges: no hash table holds these pairs");
    settings_.merge_seed = table->seed;
    add_section(kMergeTable) = bytes_of(table->slots);
    return true;
  }

  bool add_unigram() {
    std::vector<double> scores = draft_.scores;
    const auto least = std::min_element(scores.begin(), scores.end());
    settings_.unknown_score = (least == scores.end() ? 0 : *least) - kUnknownPenalty;
    scores.resize(draft_.tokens.size());
    add_section(kScores) = bytes_of(scores);
    std::unordered_map<uint32_t, uint32_t> edges;
    std::vector<TrieSlot> entries;
    std::vector<int32_t> nodes{-1};
    for (size_t id = 0; id < draft_.scores.size(); ++id) {
      uint32_t node = 0;
      for (const char c : draft_.tokens[id]) {
        const uint32_t key = node << 8 | static_cast<unsigned char>(c);
        const auto [edge, is_new] = edges.try_emplace(key, static_cast<uint32_t>(nodes.size()));
        node = edge->second;
        if (!is_new) continue;
        entries.push_back({key, node});
        nodes.push_back(-1);
        if (nodes.size() >= 1u << 24) return stop("model.vocab: too many different beginnings of tokens");
      }
      if (node != 0) nodes[node] = static_cast<int32_t>(id);  // of two tokens spelled alike the later one counts
    }
    const auto table = build_table(
        entries, 1, [](const TrieSlot& slot, uint32_t) { return hash_edge(slot.key); },
        [](const TrieSlot& slot) { return slot.key == kNoId; });
    if (!table) return stop("model.vocab: no hash table holds these tokens");
    add_section(kTrie) = bytes_of(table->slots);
    add_section(kTrieTokens) = bytes_of(nodes);
    return true;
  }

  bool find_whole() {
    if (draft_.ignore_merges) {
      for (uint8_t& flags : flags_) flags = static_cast<uint8_t>(flags | ((flags & kInModel) != 0 ? kWhole : 0));
      return true;
    }
    if (!draft_.prefix.empty() || !draft_.suffix.empty()) return true;
    std::vector<Section> sections = sections_;
    if (!add_tokens(sections)) return false;
    const std::string image = write_sections(kImageFormat, sections);
    const Result<Sections> read = Sections::read(kImageFormat, as_bytes(image));
    if (!read) return failure_ = {read.message()}, false;
    const Result<Vocabulary> vocabulary = Vocabulary::read(*read, settings_);
    if (!vocabulary) return failure_ = {vocabulary.message()}, false;
    const auto bpe = Bpe::read(*read, settings_, *vocabulary);
    if (!bpe) return failure_ = {bpe.message()}, false;
    BpeEncoder encoder(**bpe);
    std::vector<int32_t> ids;
    for (uint32_t id = 0; id < settings_.tokens; ++id) {
      if ((flags_[id] & kInModel) == 0 || draft_.tokens[id].empty()) continue;
      ids.clear();
      if (!encoder.merge(draft_.tokens[id], ids)) continue;
      if (ids.size() == 1 && ids[0] == static_cast<int32_t>(id)) flags_[id] |= kWhole;
    }
    return true;
  }

  bool add_tokens(std::vector<Section>& sections) {
    std::vector<uint32_t> offsets{0};
    std::string bytes;
    std::vector<TokenSlot> entries;
    for (uint32_t id = 0; id < settings_.tokens; ++id) {
      const std::string& token = draft_.tokens[id];
      bytes += token;
      offsets.push_back(static_cast<uint32_t>(bytes.size()));
      const std::optional<uint32_t> found = draft_.id_of(token);
      if (flags_[id] != 0 && found && *found == id) entries.push_back({0, id | uint32_t{flags_[id]} << 24});
    }
    const auto text_of = [&](const TokenSlot& slot) -> const std::string& { return draft_.tokens[slot.id & 0xFFFFFF]; };
    auto table = build_table(
        entries, kSeeds, [&](const TokenSlot& slot, uint32_t seed) { return hash_bytes(text_of(slot), seed); },
        [](const TokenSlot& slot) { return slot.id == kNoId; });
    if (!table) return stop("model.vocab: no hash table holds these tokens");
    for (TokenSlot& slot : table->slots) {
      if (slot.id != kNoId) slot.check = static_cast<uint32_t>(hash_bytes(text_of(slot), table->seed) >> 32);
    }
    settings_.token_seed = table->seed;
    sections.push_back({kSettings, std::string(reinterpret_cast<const char*>(&settings_), sizeof(settings_))});
    sections.push_back({kTokenOffsets, bytes_of(offsets)});
    sections.push_back({kTokenBytes, std::move(bytes)});
    sections.push_back({kTokenFlags, bytes_of(flags_)});
    sections.push_back({kTokenTable, bytes_of(table->slots)});
    return true;
  }

  std::string& add_section(ImageSection kind) { return sections_.emplace_back(Section{kind, {}}).bytes; }

  const TokenizerDraft& draft_;
  const std::string& where_;
  std::vector<uint8_t> flags_;  // with kWhole
  Settings settings_;
  std::vector<Section> sections_;  // all but those of tokens
  Failure failure_;
};

}  // namespace

Result<std::string> write_image(const TokenizerDraft& draft, const std::string& where) {
  return Writer(draft, where).write();
}

}  // namespace cortland::text
