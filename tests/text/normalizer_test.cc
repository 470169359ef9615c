#include "text/tokenizer/normalizer.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "text/tokenizer/byte_alphabet.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

using Made = portable::Result<std::unique_ptr<const Normalizer>>;

Made make(const std::string& json) {
  const auto value = portable::parse_json(json);
  EXPECT_TRUE(value) << json;
  return make_normalizer(value ? *value : portable::JsonValue(), "tokenizer.json: normalizer");
}

std::string failure_of(const std::string& json) {
  const Made made = make(json);
  return made ? "no failure" : made.message();
}

std::string normalized(const std::string& json, std::string text) {
  const Made made = make(json);
  if (!made) return made.message();
  (*made)->normalize(text);
  return text;
}

std::string encode_base64(const std::string& bytes) {
  const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t bits = 0;
    for (size_t i = at; i < at + 3; ++i) {
      bits = bits << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u);
    }
    for (size_t i = 0; i < 4; ++i) out += at + i > bytes.size() ? '=' : digits[bits >> (18 - 6 * i) & 63];
  }
  return out;
}

// A double array as SentencePiece writes it; each node has a block of 256 units for its children.
std::string make_charsmap(const std::map<std::string, std::string>& mapping) {
  struct TrieNode {
    std::map<uint8_t, size_t> children;
    bool has_value = false;
    uint32_t value = 0;
  };
  std::vector<TrieNode> nodes(1);
  std::string strings;
  for (const auto& [key, replacement] : mapping) {
    size_t node = 0;
    for (const char c : key) {
      const auto [child, is_new] = nodes[node].children.try_emplace(static_cast<uint8_t>(c), nodes.size());
      node = child->second;
      if (is_new) nodes.emplace_back();
    }
    nodes[node].has_value = true;
    nodes[node].value = static_cast<uint32_t>(strings.size());
    strings += replacement + '\0';
  }
  std::vector<uint32_t> units((nodes.size() + 1) * 256);
  std::vector<size_t> places(nodes.size(), 0);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const size_t block = (i + 1) * 256;
    units[places[i]] |= static_cast<uint32_t>(places[i] ^ block) << 10 | (nodes[i].has_value ? 1u << 8 : 0);
    if (nodes[i].has_value) units[block] = nodes[i].value | 1u << 31;
    for (const auto& [byte, child] : nodes[i].children) {
      places[child] = block ^ byte;
      units[places[child]] = byte;
    }
  }
  std::string bytes;
  const auto append = [&](uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  };
  append(static_cast<uint32_t>(units.size() * 4));
  for (const uint32_t unit : units) append(unit);
  return encode_base64(bytes + strings);
}

std::string precompiled(const std::string& charsmap) {
  return R"({"type":"Precompiled","precompiled_charsmap":")" + charsmap + "\"}";
}

TEST(Normalizer, NullIsNone) {
  const Made made = make("null");
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, nullptr);
}

TEST(Normalizer, ObjectsWithoutTypeAreKnownByTheirMembers) {
  EXPECT_EQ(normalized(R"({"prepend":"_"})", "a"), "_a");
  EXPECT_EQ(normalized(R"({"strip_left":true,"strip_right":true})", " a "), "a");
  EXPECT_EQ(normalized(R"({"pattern":{"String":"."},"content":"!"})", "a.b"), "a!b");
  EXPECT_EQ(normalized(R"({"normalizers":[{"type":"NFC"},{"prepend":"_"}]})", "e\u0301"), "_é");
}

TEST(Normalizer, PrependLeavesNothingAlone) { EXPECT_EQ(normalized(R"({"type":"Prepend","prepend":"_"})", ""), ""); }

TEST(Normalizer, ReplaceTakesItsContentLiterally) {
  EXPECT_EQ(normalized(R"({"type":"Replace","pattern":{"Regex":"(a)b?"},"content":"$1\\"})", "aab"), "$1\\$1\\");
  EXPECT_EQ(normalized(R"({"type":"Replace","pattern":{"String":"[a.*]"},"content":""})", "x[a.*]y"), "xy");
}

TEST(Normalizer, PrecompiledMapsGraphemesThenCharacters) {
  const std::string map = precompiled(
      make_charsmap({{"ﬁ", "fi"}, {"e\u0301", "é"}, {"A", "a"}, {"\u0301", "´"}, {"\t", " "}, {"\u200B", ""}}));
  EXPECT_EQ(normalized(map, "ﬁne\tA\u200Bx"), "fine ax");
  EXPECT_EQ(normalized(map, "e\u0301"), "é");
  EXPECT_EQ(normalized(map, "o\u0301"), "o´");
  EXPECT_EQ(normalized(map, "A\u0300"), "a") << "what is known of the beginning replaces all of a short grapheme";
  EXPECT_EQ(normalized(map, "A\u0300\u0301\u0302"), "a\u0300´\u0302") << "but not of a long one";
  EXPECT_EQ(normalized(map, "한국"), "한국");
}

TEST(Normalizer, BrokenCharacterMapsFailOrDoNothing) {
  const std::string where = "tokenizer.json: normalizer.precompiled_charsmap: ";
  EXPECT_EQ(failure_of(precompiled("A")), where + "no base64");
  EXPECT_EQ(failure_of(precompiled("AAAA")), where + "got 3 bytes, want the size of the trie");
  EXPECT_EQ(failure_of(precompiled(encode_base64(std::string("\5\0\0\0abcdefgh", 12)))),
            where + "a trie of 5 bytes; want a multiple of 4 and at most 8");
  EXPECT_EQ(failure_of(precompiled(encode_base64("\xFF\xFF\xFF\xFF"))),
            where + "a trie of 4294967295 bytes; want a multiple of 4 and at most 0");
  EXPECT_EQ(failure_of(precompiled(encode_base64(std::string("\0\0\0\0\x80\0", 6)))),
            where + "strings that are no UTF-8");
  const std::string wild = precompiled(encode_base64(std::string("\x08\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12)));
  EXPECT_EQ(normalized(wild, "any text\u0301"), "any text\u0301");
  EXPECT_EQ(normalized(precompiled(encode_base64(std::string(4, '\0'))), "a"), "a") << "an empty trie";
}

TEST(Normalizer, FailuresNameThePath) {
  const std::string where = "tokenizer.json: normalizer";
  const std::string types = "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Nmt, ByteLevel, Prepend, Strip, Replace, "
                            "Precompiled, BertNormalizer, Sequence";
  EXPECT_EQ(failure_of("7"), where + ": got 7, want an object");
  EXPECT_EQ(failure_of("{}"), where + ".type: missing");
  EXPECT_EQ(failure_of(R"({"type":"Foo"})"), where + ".type: got \"Foo\", want one of " + types);
  EXPECT_EQ(failure_of(R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":7}]})"),
            where + ".normalizers[1].type: got 7, want one of " + types);
  EXPECT_EQ(failure_of(R"({"type":"Sequence","normalizers":[null]})"),
            where + ".normalizers[0]: got null, want an object");
  EXPECT_EQ(failure_of(R"({"type":"Sequence","normalizers":{}})"), where + ".normalizers: got an object, want a list");
  EXPECT_EQ(failure_of(R"({"type":"Sequence"})"), where + ".normalizers: missing");
  EXPECT_EQ(failure_of(R"({"type":"Prepend","prepend":1})"), where + ".prepend: got 1, want a string");
  EXPECT_EQ(failure_of(R"({"type":"Strip","strip_left":true})"), where + ".strip_right: missing");
  EXPECT_EQ(failure_of(R"({"type":"Replace","content":"a"})"), where + ".pattern: missing");
  EXPECT_EQ(failure_of(R"({"type":"Replace","pattern":"a","content":"a"})"),
            where + ".pattern: got \"a\", want {\"String\": ...} or {\"Regex\": ...}");
  EXPECT_EQ(failure_of(R"({"type":"Replace","pattern":{"Regex":"a("},"content":"a"})"),
            where + ".pattern: regular expression, byte 1: a group without ')'");
  EXPECT_EQ(failure_of(R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":"x"})"),
            where + ".lowercase: got \"x\", want true or false");
}

TEST(ByteAlphabet, ThereAndBack) {
  std::string bytes, characters;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  append_byte_characters(bytes, characters);
  std::string back;
  for (size_t at = 0; at < characters.size();) {
    const Decoded decoded = decode_utf8(characters, at);
    at += decoded.length;
    ASSERT_TRUE(byte_of_character(decoded.code));
    back += static_cast<char>(*byte_of_character(decoded.code));
  }
  EXPECT_EQ(back, bytes);
  for (const char32_t other : {U' ', U'\n', char32_t{0xAD}, char32_t{0x144}, U'한'}) {
    EXPECT_FALSE(byte_of_character(other));
  }
  std::string space;
  append_byte_characters(" A\n", space);
  EXPECT_EQ(space, "ĠAĊ");
}

}  // namespace
}  // namespace cortland::text
