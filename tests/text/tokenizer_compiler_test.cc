#include "text/tokenizer_compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/loaded_tokenizer.h"

namespace cortland::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string failure(std::string_view json, std::string_view config = "") {
  const portable::Result<std::string> image = compile_tokenizer(json, config);
  return image ? "" : image.message();
}

// A tokenizer of letters; `more` are further members of the model, `rest` of the file.
std::string letters(const std::string& more = "", const std::string& rest = "") {
  return R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"abc":4,"<unk>":5,"<s>":6},)"
         R"("merges":["a b","ab c"])" + more + "}" + rest + "}";
}

TEST(TokenizerCompiler, GivesTheSameBytesAgain) {
  EXPECT_EQ(*compile_tokenizer(letters(), ""), *compile_tokenizer(letters(), ""));
}

TEST(TokenizerCompiler, NamesWhatIsWrongInTheModel) {
  EXPECT_THAT(failure("{"), HasSubstr("tokenizer.json: JSON: "));
  EXPECT_EQ(failure("\xFF"), "tokenizer.json: want well-formed UTF-8");
  EXPECT_EQ(failure("[]"), "tokenizer.json.model: want an object");
  EXPECT_EQ(failure(R"({"model":{"type":"WordPiece","vocab":{}}})"),
            "tokenizer.json.model.type: \"WordPiece\" is no model that is supported, want \"BPE\" or \"Unigram\"");
  EXPECT_EQ(failure(R"({"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}})"),
            "tokenizer.json.model.vocab: the id of \"a\"; got -1, want 0 to 4194303");
  EXPECT_EQ(failure(R"({"model":{"type":"BPE","vocab":{"a":7,"b":7},"merges":[]}})"),
            "tokenizer.json.model.vocab: id 7 is that of \"a\" and of \"b\"");
  EXPECT_EQ(failure(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}})"),
            "tokenizer.json.model.merges[0]: \"ab\" is not in the vocabulary");
  EXPECT_EQ(failure(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}})"),
            "tokenizer.json.model.merges[0]: want two tokens");
  EXPECT_EQ(failure(R"({"model":{"type":"Unigram","unk_id":1,"vocab":[["a",-1]]}})"),
            "tokenizer.json.model.unk_id: is that of no token");
  EXPECT_EQ(failure(R"({"model":{"type":"Unigram","vocab":[["a","b"]]}})"),
            "tokenizer.json.model.vocab[0]: want a token and its score");
}

TEST(TokenizerCompiler, NamesWhatIsWrongElsewhere) {
  EXPECT_THAT(failure(letters("", R"(,"decoder":{"type":"Magic"})")),
              HasSubstr("tokenizer.json: decoder.type: \"Magic\""));
  EXPECT_THAT(failure(letters("", R"(,"normalizer":{"type":"Magic"})")), HasSubstr("tokenizer.json: normalizer.type"));
  EXPECT_EQ(failure(letters("", R"(,"post_processor":{"type":"Magic"})")),
            "tokenizer.json.post_processor.type: \"Magic\" is no post-processor that is supported");
  EXPECT_EQ(failure(letters("", R"(,"post_processor":{"type":"TemplateProcessing","single":[],"special_tokens":{}})")),
            "tokenizer.json.post_processor.single: want the sequence A, once");
  EXPECT_EQ(failure(letters("", R"(,"post_processor":{"type":"BertProcessing","sep":["x",2],"cls":["y",70]})")),
            "tokenizer.json: post_processor: id 70 is that of no token");
  EXPECT_EQ(failure(letters("", R"(,"added_tokens":[{"content":")" + std::string(513, 'x') + "\"}]")),
            "tokenizer.json: added token 7; got 513 bytes, want at most 512");
  EXPECT_EQ(failure(letters(), R"({"eos_token":7})"), "tokenizer_config.json.eos_token: want a string or an object");
  EXPECT_EQ(failure(letters(), R"({"added_tokens_decoder":{"x":{"content":"y"}}})"),
            "tokenizer_config.json.added_tokens_decoder: got the key \"x\", want an id");
}

TEST(TokenizerCompiler, TakesOldFilesThatDoNotNameTheModel) {
  const LoadedTokenizer bpe(R"({"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":["#version: 0.2","a b"]}})");
  EXPECT_THAT(bpe.encode("ab"), ElementsAre(2));
  const LoadedTokenizer unigram(R"({"model":{"unk_id":0,"vocab":[["?",0],["a",-1],["b",-1],["ab",-1.5]]}})");
  EXPECT_THAT(unigram.encode("abba"), ElementsAre(3, 2, 1));
}

TEST(TokenizerCompiler, UsesContinuationsAndEndsOfWords) {
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","continuing_subword_prefix":"##","end_of_word_suffix":"$",
      "vocab":{"a":0,"##a":1,"##a$":2,"##b":3,"ab":4,"aba$":5,"a$":6},"merges":[["a","##b"],["ab","##a$"]]}})");
  EXPECT_THAT(tokenizer.encode("a"), ElementsAre(6));
  EXPECT_THAT(tokenizer.encode("aba"), ElementsAre(5));
  EXPECT_THAT(tokenizer.encode("aaa"), ElementsAre(0, 1, 2));
}

TEST(TokenizerCompiler, OfMergesOfOnePairTheLastCounts) {
  // "b c" is listed before and behind "a b".
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"bc":4},
      "merges":["b c","a b","b c"]}})");
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre(3, 2));
}

TEST(TokenizerCompiler, NumbersAddedTokensBehindTheVocabulary) {
  const LoadedTokenizer tokenizer(letters("", R"(,"added_tokens":[{"id":40,"content":"<x>","special":true},
      {"id":6,"content":"<s>","special":true},{"id":41,"content":"y"}])"));
  EXPECT_THAT(tokenizer.encode("<x>a<s>y"), ElementsAre(7, 0, 6, 8));
  EXPECT_EQ(tokenizer->vocabulary_size(), 9u);
  EXPECT_EQ(tokenizer->decode(std::vector<int32_t>{7, 0, 6, 8, 99, -1}), "a y");
}

TEST(TokenizerCompiler, ClassesThatAddBosAskTheConfig) {
  const auto encode = [](std::string_view config) {
    const std::string json = letters("", R"(,"post_processor":{"type":"BertProcessing","sep":["c",2],"cls":["c",2]})");
    return LoadedTokenizer(json, config).encode("ab", {.add_special_tokens = true});
  };
  EXPECT_THAT(encode(""), ElementsAre(2, 3, 2));
  EXPECT_THAT(encode(R"({"tokenizer_class":"PreTrainedTokenizerFast","add_bos_token":true})"), ElementsAre(2, 3, 2));
  EXPECT_THAT(encode(R"({"tokenizer_class":"LlamaTokenizer"})"), ElementsAre(6, 3));
  EXPECT_THAT(encode(R"({"tokenizer_class":"LlamaTokenizerFast","add_bos_token":false,"add_eos_token":true,
                         "eos_token":{"content":"<unk>"}})"), ElementsAre(3, 5));
  EXPECT_EQ(failure(letters(), R"({"tokenizer_class":"GemmaTokenizer","bos_token":null})"),
            "tokenizer_config.json.add_bos_token: is true, but there is no such token");
}

TEST(TokenizerCompiler, TheConfigSaysHowTokensAreMatched) {
  const std::string json = letters("", R"(,"added_tokens":[{"id":6,"content":"<s>","special":true}])");
  EXPECT_THAT(LoadedTokenizer(json, R"({"added_tokens_decoder":{"6":{"content":"<s>","special":true,"lstrip":true}},
                                        "pad_token":"<unk>"})").encode("a  <s><unk>"), ElementsAre(0, 6, 5));
  const std::string ordinary = letters("", R"(,"added_tokens":[{"id":6,"content":"<s>","rstrip":true}])");
  EXPECT_FALSE(LoadedTokenizer(ordinary)->is_special(6));
  const LoadedTokenizer named(ordinary, R"({"additional_special_tokens":["<s>"]})");
  EXPECT_TRUE(named->is_special(6));
  EXPECT_THAT(named.encode("<s>  a"), ElementsAre(6, 0));
  const LoadedTokenizer clean(json, R"({"clean_up_tokenization_spaces":true})");
  EXPECT_EQ(clean->decode(std::vector<int32_t>{0, 1}), "a b");
}

}  // namespace
}  // namespace cortland::text
