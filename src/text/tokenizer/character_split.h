// Pre-tokenizers that look at one character after another: Digits, Punctuation, Whitespace, WhitespaceSplit,
// CharDelimiterSplit and BertPreTokenizer of tokenizer.json.
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

std::unique_ptr<const PreTokenizer> make_digits(Component& component);
std::unique_ptr<const PreTokenizer> make_punctuation(Component& component);
std::unique_ptr<const PreTokenizer> make_whitespace(Component& component);
std::unique_ptr<const PreTokenizer> make_whitespace_split(Component& component);
std::unique_ptr<const PreTokenizer> make_delimiter_split(Component& component);
std::unique_ptr<const PreTokenizer> make_bert_pre_tokenizer(Component& component);

}  // namespace cortland::text
