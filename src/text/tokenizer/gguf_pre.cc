#include "text/tokenizer/gguf_pre.h"

#include <array>
#include <string>
#include <vector>

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr std::string_view kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kExaoneMoe =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|)"
    R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kDeepseek =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kBailing =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)";
constexpr std::string_view kHan = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

struct Way {
  std::array<std::string_view, 3> patterns;  // cut by one after the other, then bytes become characters; may be empty
  bool has_nfc = false, ignore_merges = false, add_bos = false;
  std::string_view json = {};  // the pre-tokenizer, where it is another one
};
constexpr Way kGpt2Way{.patterns = {kGpt2}};
constexpr Way kDigitsWay{.patterns = {R"(\p{N})", kGpt2}};
constexpr Way kDigitsNfcWay{.patterns = {R"(\p{N})", kGpt2}, .has_nfc = true};
constexpr Way kLlama3Way{.patterns = {kLlama3}};
constexpr Way kLlama3WholeWay{.patterns = {kLlama3}, .ignore_merges = true, .add_bos = true};
constexpr Way kQwen2Way{.patterns = {kQwen2}, .has_nfc = true};
constexpr Way kQwen2RawWay{.patterns = {kQwen2}};
constexpr Way kQwen35Way{.patterns = {kQwen35}, .has_nfc = true};
constexpr Way kExaoneMoeWay{.patterns = {kExaoneMoe}, .has_nfc = true};
constexpr Way kGpt4oWay{.patterns = {kGpt4o}};
constexpr Way kTekkenWay{.patterns = {kTekken}, .ignore_merges = true, .add_bos = true};
constexpr Way kDeepseekWay{.patterns = {R"(\p{N}{1,3})", kHan, kDeepseek}};
constexpr Way kBailingWay{.patterns = {kBailing}};
constexpr Way kFalconWay{.patterns = {}, .json = R"({"type":"Sequence","pretokenizers":[
    {"type":"Punctuation","behavior":"Contiguous"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
    {"type":"Digits","individual_digits":false},
    {"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated","invert":false}]})"};

struct Row {
  std::string_view name;
  const Way& way;
};
constexpr Row kRows[] = {
    {"default", kGpt2Way},       {"gpt-2", kGpt2Way},         {"phi-2", kGpt2Way},        {"mpt", kGpt2Way},
    {"olmo", kGpt2Way},          {"jais", kGpt2Way},          {"trillion", kGpt2Way},     {"roberta-bpe", kGpt2Way},
    {"exaone4", kGpt2Way},       {"granite-docling", kGpt2Way},
    {"exaone", kDigitsWay},      {"starcoder", kDigitsWay},   {"refact", kDigitsWay},     {"smollm", kDigitsWay},
    {"codeshell", kDigitsWay},   {"minerva-7b", kDigitsWay},  {"command-r", kDigitsNfcWay},
    {"llama3", kLlama3WholeWay}, {"llama-v3", kLlama3WholeWay}, {"llama-bpe", kLlama3WholeWay},
    {"falcon3", kLlama3WholeWay}, {"dbrx", kLlama3Way},       {"smaug-bpe", kLlama3Way},  {"glm4", kLlama3Way},
    {"chatglm-bpe", kLlama3Way},
    {"qwen2", kQwen2Way},        {"deepseek-r1-qwen", kQwen2RawWay}, {"stablelm2", kQwen2RawWay},
    {"hunyuan", kQwen2RawWay},   {"qwen35", kQwen35Way},      {"exaone-moe", kExaoneMoeWay},
    {"gpt-4o", kGpt4oWay},       {"llama4", kGpt4oWay},       {"tekken", kTekkenWay},     {"deepseek-v3", kDeepseekWay},
    {"bailingmoe", kBailingWay}, {"falcon", kFalconWay},
};

JsonValue text(std::string_view value) { return JsonValue(std::string(value)); }

JsonValue split(std::string_view pattern) {
  return JsonValue(JsonValue::Object{{"type", text("Split")},
                                     {"pattern", JsonValue(JsonValue::Object{{"Regex", text(pattern)}})},
                                     {"behavior", text("Isolated")},
                                     {"invert", JsonValue(false)}});
}

}  // namespace

Result<GgufPre> find_gguf_pre(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    GgufPre pre{.normalizer = JsonValue(), .pre_tokenizer = JsonValue()};
    pre.ignore_merges = row.way.ignore_merges;
    pre.add_bos = row.way.add_bos;
    if (row.way.has_nfc) pre.normalizer = JsonValue(JsonValue::Object{{"type", text("NFC")}});
    if (!row.way.json.empty()) {
      pre.pre_tokenizer = *portable::parse_json(row.way.json);
      return pre;
    }
    JsonValue::Array steps;
    for (const std::string_view pattern : row.way.patterns) {
      if (!pattern.empty()) steps.push_back(split(pattern));
    }
    steps.push_back(JsonValue(JsonValue::Object{{"type", text("ByteLevel")},
                                                {"add_prefix_space", JsonValue(false)},
                                                {"trim_offsets", JsonValue(true)},
                                                {"use_regex", JsonValue(false)}}));
    pre.pre_tokenizer = JsonValue(
        JsonValue::Object{{"type", text("Sequence")}, {"pretokenizers", JsonValue(std::move(steps))}});
    return pre;
  }
  std::string known;
  for (const Row& row : kRows) known += (known.empty() ? "" : ", ") + std::string(row.name);
  return Failure{"GGUF: tokenizer.ggml.pre; got \"" + std::string(name) + "\", want one of " + known};
}

}  // namespace cortland::text
