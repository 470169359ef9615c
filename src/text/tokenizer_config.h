// tokenizer_config.json: what transformers reads beside tokenizer.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portable/json.h"

namespace cortland::text {

struct TokenizerConfig {
  struct Token {
    std::string content;
    // Unlike a plain string, an object says how it is matched.
    bool has_flags = false;
    bool single_word = false, lstrip = false, rstrip = false, normalized = false, special = true;
  };

  // Special tokens that the file does not mention are those of the class.
  std::string tokenizer_class;
  std::optional<Token> bos, eos, unk, sep, pad, cls, mask;
  std::vector<Token> additional_special_tokens;
  std::vector<Token> added_tokens;  // added_tokens_decoder, in the order of ids
  // Whether BOS and EOS stand around a text; nothing when tokenizer.json alone tells.
  struct Around {
    bool bos = false, eos = false;
  };
  std::optional<Around> around;
  bool add_prefix_space = false;
  bool clean_up_tokenization_spaces = false;
  // In the order in which transformers looks at them.
  std::vector<Token> special_tokens() const;
  std::map<std::string, std::string> chat_templates;  // by name; the only one is "default"
};

// Fails for text that is no JSON object and for values of a wrong kind.
portable::Result<TokenizerConfig> parse_tokenizer_config(std::string_view json);

}  // namespace cortland::text
