#include "text/tokenizer/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/tokenizer_golden.h"

namespace cortland::text {
namespace {

using portable::JsonValue;
using portable::Result;

std::string decode(const Decoder& decoder, const std::vector<std::string>& tokens, ByteRuns byte_runs) {
  Decoder::Run run = decoder.start(byte_runs);
  std::string out;
  for (const std::string& token : tokens) run.push(token, out);
  run.finish(out);
  return out;
}

Decoder make(const std::string& json) {
  const Result<JsonValue> value = portable::parse_json(json);
  Result<Decoder> decoder = Decoder::make(*value, "decoder");
  EXPECT_TRUE(decoder) << decoder.message();
  return *decoder;
}

std::string failure(const std::string& json) {
  const Result<Decoder> decoder = Decoder::make(*portable::parse_json(json), "decoder");
  return decoder ? "" : decoder.message();
}

TEST(Decoder, MatchesTheReference) {
  size_t cases = 0;
  for (const JsonValue& line : golden_lines("components/decoders.jsonl")) {
    const Result<Decoder> decoder = Decoder::make(*line.find("decoder"), "decoder");
    ASSERT_TRUE(decoder) << *line.find("name")->text() << ": " << decoder.message();
    for (const JsonValue& item : *line.find("cases")->array()) {
      const std::string out = decode(*decoder, texts_of(*item.find("tokens")), ByteRuns::kWhole);
      if (item.find("upstream_panics") != nullptr) continue;
      EXPECT_EQ(out, *item.find("out")->text()) << *line.find("name")->text() << " case " << cases;
      ++cases;
    }
  }
  EXPECT_GT(cases, 400u);
}

TEST(Decoder, ShowsTheCharactersOfByteRunsEarly) {
  const Decoder decoder = make(R"({"type":"ByteFallback"})");
  Decoder::Run run = decoder.start(ByteRuns::kEager);
  std::vector<std::string> shown;
  for (const char* token : {"<0xEC>", "<0x95>", "<0x88>", "<0x41>", "<0xEB>", "<0xEB>", "<0x41>", "x"}) {
    run.push(token, shown.emplace_back());
  }
  EXPECT_THAT(shown, testing::ElementsAre("", "", "안", "A", "", "", "", "\uFFFD\uFFFD\uFFFDx"));
  EXPECT_EQ(decode(decoder, {"<0x41>", "<0xEB>"}, ByteRuns::kEager), "A\uFFFD");
  EXPECT_EQ(decode(decoder, {"<0x41>", "<0xEB>"}, ByteRuns::kWhole), "\uFFFD\uFFFD");
}

TEST(Decoder, ReplacesAcrossTheTokensThatFuseJoins) {
  const Decoder decoder = make(R"({"type":"Sequence","decoders":[{"type":"Fuse"},
      {"type":"Replace","pattern":{"String":"aab"},"content":"-"}]})");
  EXPECT_EQ(decode(decoder, {"a", "a", "ab", "aa", "b", "aa"}, ByteRuns::kWhole), "a--aa");
}

TEST(Decoder, StripsNoMoreThanItIsTold) {
  const Decoder decoder = make(R"({"type":"Strip","content":"é","start":1,"stop":2})");
  EXPECT_EQ(decode(decoder, {"ééaéééé", "é", "b"}, ByteRuns::kWhole), "éaééb");
}

TEST(Decoder, CleansUpAcrossTokens) {
  Decoder decoder = make(R"({"type":"Fuse"})");
  decoder.add_clean_up();
  const std::vector<std::string> tokens = {"I", " ", "'m", " here", " ", ",", " do", " n't ", "?"};
  EXPECT_EQ(decode(decoder, tokens, ByteRuns::kWhole), "I'm here, don't?");
}

TEST(Decoder, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(failure(R"({"type":"Magic"})"), "decoder.type: \"Magic\" is no decoder that is supported");
  EXPECT_EQ(failure(R"({})"), "decoder.type: missing");
  EXPECT_EQ(failure(R"({"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"ab"}]})"),
            "decoder.decoders[1].content: got \"ab\", want one character");
  EXPECT_EQ(failure(R"({"type":"Replace","pattern":{"String":""},"content":""})"),
            "decoder.pattern.String: got 0 bytes, want 1 to 256");
  EXPECT_EQ(failure(R"({"type":"Metaspace","prepend_scheme":"often"})"),
            "decoder.prepend_scheme: got \"often\", want one of always, first, never");
  std::string many = R"({"type":"Sequence","decoders":[{"type":"Fuse"})";
  for (int i = 0; i < 64; ++i) many += R"(,{"type":"Fuse"})";
  EXPECT_EQ(failure(many + "]}"), "decoder.decoders[64]: more than 64 decoders");
}

}  // namespace
}  // namespace cortland::text
