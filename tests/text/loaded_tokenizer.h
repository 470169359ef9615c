// A tokenizer with the image it refers to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "text/sections.h"
#include "text/tokenizer.h"
#include "text/tokenizer_compiler.h"

namespace cortland::text {

class LoadedTokenizer {
 public:
  explicit LoadedTokenizer(std::string_view json, std::string_view config = "") {
    load(compile_tokenizer(json, config));
  }
  static LoadedTokenizer of(const portable::Result<std::string>& image) {
    LoadedTokenizer tokenizer;
    tokenizer.load(image);
    return tokenizer;
  }
  explicit operator bool() const { return tokenizer_ != nullptr; }
  const std::string& image() const { return *image_; }
  const Tokenizer& operator*() const { return *tokenizer_; }
  const Tokenizer* operator->() const { return tokenizer_.get(); }
  std::vector<int32_t> encode(std::string_view text, const EncodeOptions& options = {}) const {
    const portable::Result<std::vector<int32_t>> ids = tokenizer_->encode(text, options);
    EXPECT_TRUE(ids) << ids.message();
    return ids ? *ids : std::vector<int32_t>();
  }

 private:
  LoadedTokenizer() = default;
  void load(const portable::Result<std::string>& image) {
    ASSERT_TRUE(image) << image.message();
    image_ = std::make_unique<std::string>(*image);
    portable::Result<Tokenizer> loaded = Tokenizer::load(as_bytes(*image_));
    ASSERT_TRUE(loaded) << loaded.message();
    tokenizer_ = std::make_unique<Tokenizer>(std::move(*loaded));
  }

  std::unique_ptr<std::string> image_;  // the tokenizer refers to it
  std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace cortland::text
