#include "text/tokenizer/added_tokens.h"

#include <algorithm>

#include "text/unicode.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

bool is_word_character(char32_t code) {
  return is_word(code) || code == 0x200C || code == 0x200D;  // the reference implementation counts the joiners
}

bool stands_alone(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && is_word_character(decode_utf8(text, previous_code_point(text, begin)).code)) return false;
  return end == text.size() || !is_word_character(decode_utf8(text, end).code);
}

size_t skip_space_left(std::string_view text, size_t at, size_t least) {
  while (at > least) {
    const size_t before = previous_code_point(text, at);
    if (!is_white_space(decode_utf8(text, before).code)) break;
    at = before;
  }
  return std::max(at, least);
}

size_t skip_space_right(std::string_view text, size_t at) {
  while (at < text.size()) {
    const Decoded decoded = decode_utf8(text, at);
    if (!is_white_space(decoded.code)) break;
    at += decoded.length;
  }
  return at;
}

}  // namespace

Result<AddedTokens> AddedTokens::read(const Sections& image, const Settings& settings, Round round) {
  const Failure failure{"tokenizer image: section " + std::to_string(kAdded) + " is missing or damaged"};
  const std::optional<std::span<const std::byte>> bytes = image.find(kAdded);
  if (!bytes) return failure;
  AddedTokens added;
  ByteReader reader(*bytes);
  for (auto count = reader.number<uint32_t>(); count > 0 && !reader.failed(); --count) {
    Token token;
    token.id = reader.number<uint32_t>();
    token.flags = reader.number<uint32_t>();
    token.pattern = reader.text();
    const bool is_normalized = (token.flags & kNormalized) != 0;
    if (token.id >= settings.tokens || token.pattern.empty() || token.pattern.size() > kMaxAddedToken) return failure;
    if (is_normalized == (round == Round::kNormalized)) added.tokens_.push_back(token);
  }
  const auto in_order = [](const Token& a, const Token& b) { return a.pattern < b.pattern; };
  if (reader.failed() || !std::is_sorted(added.tokens_.begin(), added.tokens_.end(), in_order)) return failure;
  size_t at = 0;
  for (size_t byte = 0; byte < added.first_byte_.size(); ++byte) {
    while (at < added.tokens_.size() && static_cast<unsigned char>(added.tokens_[at].pattern[0]) < byte) ++at;
    added.first_byte_[byte] = static_cast<uint32_t>(at);
  }
  return added;
}

const AddedTokens::Token* AddedTokens::find(std::string_view text, size_t at) const {
  const auto byte = static_cast<unsigned char>(text[at]);
  auto begin = tokens_.begin() + first_byte_[byte];
  auto end = tokens_.begin() + first_byte_[byte + 1u];
  const Token* longest = nullptr;
  // All patterns from `begin` to `end` share `size` bytes with the text.
  for (size_t size = 1; begin != end; ++size) {
    if (begin->pattern.size() == size) {
      longest = &*begin;
      while (begin != end && begin->pattern.size() == size) ++begin;
    }
    if (at + size >= text.size()) break;
    const auto next = static_cast<unsigned char>(text[at + size]);
    const auto byte_of = [&](const Token& token) { return static_cast<unsigned char>(token.pattern[size]); };
    begin = std::partition_point(begin, end, [&](const Token& token) { return byte_of(token) < next; });
    end = std::partition_point(begin, end, [&](const Token& token) { return byte_of(token) == next; });
  }
  return longest;
}

std::vector<TextPart> AddedTokens::split(std::string_view text, SpecialText special) const {
  std::vector<TextPart> parts;
  size_t done = 0;
  size_t space_begin = text.size() + 1, space_end = 0;  // white space seen last
  for (size_t at = tokens_.empty() ? text.size() : 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const Token* token = first_byte_[byte] == first_byte_[byte + 1u] ? nullptr : find(text, at);
    if (token == nullptr) {
      ++at;
      continue;
    }
    size_t begin = at, end = at + token->pattern.size();
    at = end;
    if (special == SpecialText::kPlain && (token->flags & kSpecial) != 0) continue;
    if ((token->flags & kSingleWord) != 0 && !stands_alone(text, begin, end)) continue;
    if ((token->flags & kStripLeft) != 0) begin = std::max(skip_space_left(text, begin, std::min(begin, done)), done);
    if ((token->flags & kStripRight) != 0) {
      // The search goes on behind the pattern, so that tokens within the white space see the same space again.
      if (end < space_begin || end > space_end) space_end = skip_space_right(text, space_begin = end);
      end = space_end;
    }
    if (done < begin) parts.push_back({text.substr(done, begin - done)});
    parts.push_back({text.substr(begin, end - begin), static_cast<int32_t>(token->id)});
    done = end;
  }
  if (done < text.size()) parts.push_back({text.substr(done)});
  return parts;
}

}  // namespace cortland::text
