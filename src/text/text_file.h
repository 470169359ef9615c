// NAME.text: what an app needs beside a package to talk to a model, in one file that is used where it lies. A file of
// sections (text/sections.h) with magic "CTXT", version 1; a string is { u32 size, UTF-8 }:
//
//   1  tokenizer      an image (text/tokenizer/image.h), itself a file of sections
//   2  chat template  UTF-8, the source
//   3  special tokens u32 count, times { string role, i32 id, string token }: by role ("bos", "eos", "pad", "unk"),
//                     rising; a role may occur more than once, as when a text may end in several ways
//   4  generation     u32 count, times { string key, u32 count, f64 values }: by key, rising, no key twice
//   5  name           UTF-8, of the model
//
// Only the tokenizer must be there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

struct TextFile {
  struct SpecialToken {
    std::string role;
    int32_t id = 0;
    std::string token;
    bool operator==(const SpecialToken&) const = default;
  };
  // A default of generation_config.json, such as {"top_p", {0.9}} or {"eos_token_id", {361, 2}}.
  struct Setting {
    std::string key;
    std::vector<double> values;
    bool operator==(const Setting&) const = default;
  };

  std::span<const std::byte> tokenizer = {};  // the rest of the program keeps these bytes
  std::string chat_template = {};             // empty: none
  std::vector<SpecialToken> special_tokens = {};
  std::vector<Setting> generation = {};
  std::string name = {};

  // nullptr when there is no such key.
  const Setting* find_setting(std::string_view key) const;
};

// The same contents give the same bytes, in whatever order the tokens and settings are. REQUIRES: no key twice.
std::string write_text_file(const TextFile& contents);

// Fails for bytes that are damaged, incomplete or of another version. `tokenizer` refers to the bytes; what it holds is
// for Tokenizer::load to check.
portable::Result<TextFile> read_text_file(std::span<const std::byte> bytes);

}  // namespace cortland::text
