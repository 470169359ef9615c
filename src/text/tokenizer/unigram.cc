#include "text/tokenizer/unigram.h"

#include <algorithm>

#include "text/utf8_prefix.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;

Result<std::unique_ptr<const Unigram>> Unigram::read(const Sections& image, const Settings& settings,
                                                     const Vocabulary& vocabulary) {
  std::unique_ptr<Unigram> unigram(new Unigram(vocabulary));
  unigram->settings_ = settings;
  const Result<Trie> trie = Trie::read(image, settings);
  if (!trie) return Failure{trie.message()};
  const Result<Packed<double>> scores = read_packed<double>(image, kScores, settings.tokens);
  if (!scores) return Failure{scores.message()};
  const Result<Packed<int32_t>> bytes = read_packed<int32_t>(image, kByteTokens, unigram->byte_tokens_.size());
  if (!bytes) return Failure{bytes.message()};
  bool good = settings.unknown < static_cast<int64_t>(settings.tokens);
  for (size_t i = 0; i < bytes->size(); ++i) {
    unigram->byte_tokens_[i] = (*bytes)[i];
    good &= (*bytes)[i] >= -1 && (*bytes)[i] < static_cast<int64_t>(settings.tokens);
  }
  if (!good) return Failure{"tokenizer image: the settings name an id that does not exist"};
  unigram->trie_ = *trie;
  unigram->scores_ = *scores;
  return std::unique_ptr<const Unigram>(std::move(unigram));
}

bool Unigram::append_unknown(std::string_view text, std::vector<int32_t>& ids) const {
  // Unknown characters side by side may spell a token that was not likely enough.
  const auto found = vocabulary_.find(text);
  if (found && (found->flags & kInModel) != 0) {
    ids.push_back(static_cast<int32_t>(found->id));
    return true;
  }
  const auto token = [&](char c) { return byte_tokens_[static_cast<unsigned char>(c)]; };
  if (settings_.byte_fallback != 0 && std::all_of(text.begin(), text.end(), [&](char c) { return token(c) >= 0; })) {
    for (const char c : text) ids.push_back(token(c));
    return true;
  }
  if (settings_.unknown < 0) return false;
  ids.push_back(settings_.unknown);
  return true;
}

// The best cut of a piece by dynamic programming over the places between its characters.
class UnigramEncoder final : public PieceEncoder {
 public:
  explicit UnigramEncoder(const Unigram& unigram) : unigram_(unigram) {}

  bool encode(std::string_view piece, std::vector<int32_t>& ids) override {
    const bool is_short = WordCache::fits(piece);
    const uint64_t hash = is_short ? hash_bytes(piece, 0) : 0;
    if (is_short && cache_.find(piece, hash, ids)) return true;
    const size_t before = ids.size();
    if (!find_best_cut(piece) || !append_ids(piece, ids)) return false;
    if (is_short) cache_.keep(piece, hash, ids.data() + before, ids.size() - before);
    return true;
  }

 private:
  // The best way to a place: its last token.
  struct Place {
    double score = 0;
    size_t begin = kNowhere;
    int32_t id = 0;
  };
  static constexpr size_t kNowhere = SIZE_MAX;

  void offer(size_t begin, size_t end, double score, int32_t id) {
    Place& place = places_[end];
    const double sum = places_[begin].score + score;
    if (place.begin == kNowhere || sum > place.score) place = {sum, begin, id};
  }

  bool find_best_cut(std::string_view piece) {
    places_.assign(piece.size() + 1, {});
    for (size_t at = 0; at < piece.size();) {
      const size_t size = std::min(utf8_size(piece[at]), piece.size() - at);
      bool is_known = false;
      unigram_.trie_.find_prefixes(piece.substr(at), [&](size_t length, uint32_t id) {
        offer(at, at + length, unigram_.scores_[id], static_cast<int32_t>(id));
        is_known |= length == size;
      });
      if (!is_known) {
        if (unigram_.settings_.unknown < 0) return false;
        offer(at, at + size, unigram_.settings_.unknown_score, unigram_.settings_.unknown);
      }
      at += size;
    }
    return true;
  }

  bool append_ids(std::string_view piece, std::vector<int32_t>& ids) {
    cut_.clear();
    for (size_t end = piece.size(); end > 0; end = places_[end].begin) {
      if (places_[end].begin == kNowhere) return false;  // in a damaged tree a token may end within a character
      cut_.push_back(end);
    }
    size_t begin = 0;
    for (size_t i = cut_.size(); i > 0; --i) {
      size_t end = cut_[i - 1];
      if (places_[end].id != unigram_.settings_.unknown) {
        ids.push_back(places_[end].id);
      } else {
        for (; i > 1 && places_[cut_[i - 2]].id == unigram_.settings_.unknown; --i) end = cut_[i - 2];
        if (!unigram_.append_unknown(piece.substr(begin, end - begin), ids)) return false;
      }
      begin = end;
    }
    return true;
  }

  const Unigram& unigram_;
  WordCache cache_;
  std::vector<Place> places_;  // [bytes + 1]
  std::vector<size_t> cut_;    // where tokens end, the last one first
};

std::unique_ptr<PieceEncoder> Unigram::make_encoder() const {
  return std::make_unique<UnigramEncoder>(*this);
}

}  // namespace cortland::text
