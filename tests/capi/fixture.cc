#include "capi/fixture.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "portable/json.h"
#include "text/sections.h"
#include "text/text_file.h"
#include "text/tokenizer_compiler.h"

namespace {

using namespace cortland;
using portable::JsonValue;

constexpr std::string_view kFolder = CORTLAND_TEST_DATA "/golden/text/tokenizers/llama3/";

constexpr const char* kTemplate =
    R"({{ bos_token }}{% if date is defined %}{{ strftime_now('%Y-%m-%d %H:%M:%S') }}
{% endif %}{% if tools %}{{ tools | tojson }}
{% endif %}{% for message in messages %}{% if message.role == 'robot' %}{{ raise_exception('no robots') }}{% endif %}
<|start_header_id|>{{ message.role }}<|end_header_id|>
{{ message.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}
<|start_header_id|>assistant<|end_header_id|>{% if enable_thinking %}
<think>
{% endif %}{% endif %})";

constexpr const char* kBareTokenizer =
    R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"c":3},"merges":["a b"]},
        "added_tokens":[{"id":4,"content":"<s>","special":true}],"decoder":{"type":"Fuse"}})";

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "fixture: %s\n", why.c_str());
  std::exit(2);
}

template <typename T>
T unwrap(portable::Result<T> result) {
  if (!result) stop(result.message());
  return std::move(*result);
}

std::string read(const std::string& name) {
  std::ifstream file(std::string(kFolder) + name, std::ios::binary);
  if (!file) stop(name + " cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<JsonValue> read_lines(const std::string& name) {
  std::vector<JsonValue> lines;
  std::istringstream text(read(name));
  for (std::string line; std::getline(text, line);) lines.push_back(unwrap(portable::parse_json(line)));
  return lines;
}

// Where it stays.
fixture_bytes keep(std::string text) {
  static std::deque<std::string> kept;
  const std::string& stays = kept.emplace_back(std::move(text));
  return {stays.data(), stays.size()};
}

const std::vector<int32_t>& keep_ids(const JsonValue& list) {
  static std::deque<std::vector<int32_t>> kept;
  std::vector<int32_t>& ids = kept.emplace_back();
  for (const JsonValue& id : *list.array()) ids.push_back(static_cast<int32_t>(*id.integer()));
  return ids;
}

std::vector<fixture_case> read_cases() {
  std::vector<fixture_case> cases;
  for (const JsonValue& line : read_lines("cases.jsonl")) {
    const JsonValue* plain = line.find("ids_plain");
    const std::vector<int32_t>& ids = keep_ids(*line.find("ids"));
    const std::vector<int32_t>& special = keep_ids(*line.find("ids_special"));
    const std::vector<int32_t>& plain_ids = keep_ids(plain == nullptr ? *line.find("ids") : *plain);
    cases.push_back({.text = keep(*line.find("text")->text()), .ids = ids.data(), .count = ids.size(),
                     .ids_special = special.data(), .count_special = special.size(), .ids_plain = plain_ids.data(),
                     .count_plain = plain_ids.size(), .decoded = keep(*line.find("decoded")->text()),
                     .decoded_skip = keep(*line.find("decoded_skip")->text())});
  }
  return cases;
}

std::vector<fixture_stream> read_streams() {
  static std::deque<std::vector<fixture_bytes>> kept;
  std::vector<fixture_stream> streams;
  for (const JsonValue& line : read_lines("stream.jsonl")) {
    if (*line.find("broken")->boolean()) continue;
    std::vector<fixture_bytes>& pieces = kept.emplace_back();
    for (const JsonValue& piece : *line.find("pieces")->array()) pieces.push_back(keep(*piece.text()));
    const std::vector<int32_t>& ids = keep_ids(*line.find("ids"));
    streams.push_back({.ids = ids.data(), .count = ids.size(),
                       .skip_special = *line.find("skip_special")->boolean() ? 1 : 0, .pieces = pieces.data()});
  }
  return streams;
}

}  // namespace

fixture_bytes fixture_text_file() {
  const std::string image = unwrap(text::compile_tokenizer(read("tokenizer.json"), ""));
  return keep(text::write_text_file(
      {.tokenizer = text::as_bytes(image),
       .chat_template = kTemplate,
       .special_tokens = {{"bos", 1920, "<|begin_of_text|>"}, {"eos", 1924, "<|eot_id|>"},
                          {"eos", 1921, "<|end_of_text|>"}},
       .generation = {{"temperature", {0}}, {"reasoning.temperature", {0.6}}, {"top_p", {1}},
                      {"reasoning.top_p", {0.95}}, {"top_k", {50}}, {"repetition_penalty", {1.1}},
                      {"max_new_tokens", {256}}, {"eos_token_id", {1924, 1921}}},
       .name = "A model 모델"}));
}

fixture_bytes fixture_bare_file() {
  const std::string image = unwrap(text::compile_tokenizer(kBareTokenizer, ""));
  return keep(text::write_text_file({.tokenizer = text::as_bytes(image)}));
}

const fixture_case* fixture_cases(size_t* count) {
  static const std::vector<fixture_case> kCases = read_cases();
  *count = kCases.size();
  return kCases.data();
}

const fixture_stream* fixture_streams(size_t* count) {
  static const std::vector<fixture_stream> kStreams = read_streams();
  *count = kStreams.size();
  return kStreams.data();
}
