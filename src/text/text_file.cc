#include "text/text_file.h"

#include <algorithm>
#include <cmath>

#include "text/sections.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

constexpr SectionFormat kFormat{.name = "text file", .magic = 0x54585443, .version = 1};

enum Kind : uint32_t { kTokenizer = 1, kChatTemplate, kSpecialTokens, kGeneration, kName };

bool by_role(const TextFile::SpecialToken& a, const TextFile::SpecialToken& b) { return a.role < b.role; }
bool by_key(const TextFile::Setting& a, const TextFile::Setting& b) { return a.key < b.key; }

std::string special_token_bytes(std::vector<TextFile::SpecialToken> tokens) {
  std::stable_sort(tokens.begin(), tokens.end(), by_role);
  std::string out;
  append_number(out, static_cast<uint32_t>(tokens.size()));
  for (const TextFile::SpecialToken& token : tokens) {
    append_text(out, token.role);
    append_number(out, token.id);
    append_text(out, token.token);
  }
  return out;
}

std::string generation_bytes(std::vector<TextFile::Setting> settings) {
  std::sort(settings.begin(), settings.end(), by_key);
  std::string out;
  append_number(out, static_cast<uint32_t>(settings.size()));
  for (const TextFile::Setting& setting : settings) {
    append_text(out, setting.key);
    append_number(out, static_cast<uint32_t>(setting.values.size()));
    for (const double value : setting.values) append_number(out, value);
  }
  return out;
}

// Reads sections and remembers the first that is damaged.
class SectionReader {
 public:
  explicit SectionReader(const Sections& sections) : sections_(sections) {}

  std::span<const std::byte> bytes(Kind kind) const {
    return sections_.find(kind).value_or(std::span<const std::byte>());
  }
  std::string text(Kind kind) {
    const std::string_view text = as_text(bytes(kind));
    check(kind, is_valid_utf8(text));
    return std::string(text);
  }
  std::vector<TextFile::SpecialToken> special_tokens() {
    std::vector<TextFile::SpecialToken> tokens;
    if (bytes(kSpecialTokens).empty()) return tokens;
    ByteReader reader(bytes(kSpecialTokens));
    for (auto count = reader.number<uint32_t>(); count > 0 && !reader.failed(); --count) {
      TextFile::SpecialToken& token = tokens.emplace_back();
      token.role = reader.text();
      token.id = reader.number<int32_t>();
      token.token = reader.text();
      check(kSpecialTokens, is_valid_utf8(token.role) && is_valid_utf8(token.token) && token.id >= 0);
    }
    check(kSpecialTokens, !reader.failed() && reader.at_end() && std::is_sorted(tokens.begin(), tokens.end(), by_role));
    return tokens;
  }
  std::vector<TextFile::Setting> generation() {
    std::vector<TextFile::Setting> settings;
    if (bytes(kGeneration).empty()) return settings;
    ByteReader reader(bytes(kGeneration));
    for (auto count = reader.number<uint32_t>(); count > 0 && !reader.failed(); --count) {
      TextFile::Setting& setting = settings.emplace_back();
      setting.key = reader.text();
      for (auto values = reader.number<uint32_t>(); values > 0 && !reader.failed(); --values) {
        setting.values.push_back(reader.number<double>());
        check(kGeneration, std::isfinite(setting.values.back()));
      }
      check(kGeneration, is_valid_utf8(setting.key));
    }
    const auto not_rising = [](const auto& a, const auto& b) { return a.key >= b.key; };
    check(kGeneration, !reader.failed() && reader.at_end() &&
                           std::adjacent_find(settings.begin(), settings.end(), not_rising) == settings.end());
    return settings;
  }
  void check(Kind kind, bool good) {
    if (!good && damaged_ == 0) damaged_ = kind;
  }
  uint32_t damaged() const { return damaged_; }

 private:
  const Sections& sections_;
  uint32_t damaged_ = 0;
};

}  // namespace

const TextFile::Setting* TextFile::find_setting(std::string_view key) const {
  const auto found = std::find_if(generation.begin(), generation.end(), [&](const Setting& s) { return s.key == key; });
  return found == generation.end() ? nullptr : &*found;
}

std::string write_text_file(const TextFile& contents) {
  return write_sections(kFormat, {{kTokenizer, std::string(as_text(contents.tokenizer))},
                                  {kChatTemplate, contents.chat_template},
                                  {kSpecialTokens, special_token_bytes(contents.special_tokens)},
                                  {kGeneration, generation_bytes(contents.generation)},
                                  {kName, contents.name}});
}

Result<TextFile> read_text_file(std::span<const std::byte> bytes) {
  const Result<Sections> sections = Sections::read(kFormat, bytes);
  if (!sections) return Failure{sections.message()};
  SectionReader reader(*sections);
  TextFile file;
  file.tokenizer = reader.bytes(kTokenizer);
  file.chat_template = reader.text(kChatTemplate);
  file.special_tokens = reader.special_tokens();
  file.generation = reader.generation();
  file.name = reader.text(kName);
  reader.check(kTokenizer, !file.tokenizer.empty());
  if (reader.damaged() != 0) {
    return Failure{"text file: section " + std::to_string(reader.damaged()) + " is missing or damaged"};
  }
  return file;
}

}  // namespace cortland::text
