// Long contexts: rings, and several contexts in one package, against packages whose cache is full, and against
// transformers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/failure.h"
#include "base/json.h"
#include "package/check.h"
#include "package/reader.h"
#include "package/writer.h"
#include "pipeline/long_conversation.h"
#include "pipeline/package_fixture.h"
#include "pipeline/runner.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Contexts : public PackageTest {
 protected:
  static PackagedModel read_for(const std::string& package, int64_t tokens) {
    return read_model(disk(), find_package(disk(), package).package, tokens);
  }
  static std::vector<int64_t> contexts_of(const std::string& package) { return read(package).contract.contexts; }

  // Of as many tokens as the golden case and the context have.
  static double psnr(const GoldenCase& golden, const PackagedModel& model) {
    Runner runner(model, Math::fp32);
    DifferenceSum sum;
    for (size_t s = 0; s < golden.ids.size(); ++s) {
      runner.clear_states();
      host::Session session(runner.contract());
      const size_t count = std::min(golden.ids[s].size(), static_cast<size_t>(runner.contract().context));
      for (size_t t = 0; t < count; ++t) sum.add(golden.expected(s, t), runner.decode(session, golden.ids[s][t]));
    }
    return sum.result().psnr_db;
  }

  // The bundled model with a window of 16 in two of three layers.
  std::string demo_with_windows() const {
    const std::string folder = path("demo");
    std::filesystem::copy(std::string(CORTLAND_ROOT) + "/models/demo", folder,
                          std::filesystem::copy_options::recursive);
    const std::string config = join_path(folder, "config.json");
    Json json = parse_json(disk().read_text(config), config);
    json.erase("layer_types");
    json["sliding_window"] = 16;
    json["sliding_window_pattern"] = "LLG";
    std::ofstream(config) << json;
    return folder;
  }
};

TEST_F(Contexts, EachComputesWhatTheCheckpointComputes) {
  for (const char* name : {"exaone4-hybrid", "gemma3-text", "gpt-neo"}) {
    const GoldenCase golden = load_golden(name);
    const std::string package = convert(
        golden.folder, {.context = 64, .smaller_contexts = {32}, .sliding_cache = SlidingCache::ring, .prefill = 8});
    EXPECT_TRUE(check_package(disk(), package).empty()) << name;
    for (const int64_t context : {32, 64}) {
      const PackagedModel model = read_for(package, context);
      EXPECT_EQ(model.contract.context, context);
      EXPECT_TRUE(model.contract.cache.ring);
      EXPECT_GE(psnr(golden, model), 55) << name << " " << context;
    }
  }
}

TEST_F(Contexts, OfTheGpuProfileToo) {
  const GoldenCase golden = load_golden("exaone4-hybrid");
  const std::string package = convert_gpu(
      golden.folder, {.context = 48, .smaller_contexts = {20, 10}, .sliding_cache = SlidingCache::ring, .tokens = 4});
  EXPECT_TRUE(check_package(disk(), package).empty());
  EXPECT_THAT(contexts_of(package), ElementsAre(10, 20, 48));
  for (const int64_t tokens : {10, 15, 48}) {
    const PackagedModel model = read_for(package, tokens);
    EXPECT_EQ(model.contract.cache.ring.has_value(), tokens > 10);  // of 10 positions a ring of 12 slots saves none
    EXPECT_GE(psnr(golden, model), 55) << tokens;
  }
}

// Tables of positions and of rotary rows are those of the largest context.
TEST_F(Contexts, HaveTheirWeightsOnce) {
  for (const char* name : {"gemma3-text", "gpt-neo"}) {
    const uint64_t one = read(convert(golden_folder(name), {.context = 64}, "A.mlpackage")).weight_bytes();
    EXPECT_EQ(
        read(convert(golden_folder(name), {.context = 64, .smaller_contexts = {32}}, "B.mlpackage")).weight_bytes(),
        one)
        << name;
    const uint64_t gpu = read(convert_gpu(golden_folder(name), {.context = 64}, "C.mlpackage")).weight_bytes();
    EXPECT_EQ(read(convert_gpu(golden_folder(name), {.context = 64, .smaller_contexts = {40, 32}}, "D.mlpackage"))
                  .weight_bytes(),
              gpu)
        << name;
  }
}

TEST_F(Contexts, ConversationsAreTheSameInEveryForm) {
  const std::string demo = demo_with_windows();
  const auto convert_to = [&](const AneOptions& options, const std::string& name) {
    const Fp16Scaling unscaled{.mode = Fp16Scaling::Mode::off};  // takes no look at the values
    return convert(ConvertRequest{.source = demo, .ane = options, .fp16_scaling = unscaled, .evaluated_tokens = 0},
                   name);
  };
  const AneOptions full{.context = 128, .prefill = 8};
  AneOptions ring = full;
  ring.sliding_cache = SlidingCache::ring;
  AneOptions several = ring, old = ring, cut = ring;
  several.smaller_contexts = {64};
  old.target = targets().front();
  cut.parts = 2;
  cut.smaller_contexts = {32, 64};
  const std::vector<int32_t> want = converse(read(convert_to(full, "full.mlpackage")));
  const PackagedModel rings = read(convert_to(ring, "ring.mlpackage"));
  EXPECT_EQ(rings.contract.cache.ring->slots, 32);
  LongConversation conversation(rings);
  EXPECT_EQ(conversation.run(), want);
  EXPECT_EQ(conversation.replays(), 1);  // of three: the others lie within the slack
  EXPECT_EQ(converse(read(convert_to(several, "several.mlpackage"))), want);
  EXPECT_EQ(converse(read(convert_to(old, "old.mlpackage"))), want);
  const PackagedModel parts = read(convert_to(cut, "cut/"));
  EXPECT_EQ(parts.contract.parts.size(), 3u);
  EXPECT_THAT(parts.contract.contexts, ElementsAre(32, 64, 128));
  EXPECT_EQ(converse(parts), want);
  const ConvertRequest gpu{.source = demo,
                           .gpu = GpuOptions{.context = 128, .sliding_cache = SlidingCache::ring, .tokens = 8}};
  EXPECT_EQ(converse(read(convert(gpu, "gpu.mlpackage"))), want);
  // The smaller ones too.
  EXPECT_EQ(converse(read_for(path("several.mlpackage"), 64)),
            converse(read(convert_to({.context = 64, .prefill = 8}, "small.mlpackage"))));
}

TEST_F(Contexts, WhatIsAskedForStandsInThePackage) {
  const std::string package =
      convert(golden_folder("exaone4-hybrid"),
              {.context = 128, .smaller_contexts = {32, 60}, .sliding_cache = SlidingCache::ring});
  const PackagedModel model = read(package);
  EXPECT_THAT(model.metadata().at("cortland.command"), HasSubstr("convert --context 32,64,128 "));
  EXPECT_THAT(model.metadata().at("cortland.command"), HasSubstr(" --sliding-cache ring"));
  std::vector<std::string> functions;
  for (const mil::Function& function : model.packages.front().program.functions) functions.push_back(function.name);
  EXPECT_THAT(functions,
              ElementsAre("decode_128", "prefill_128", "decode_64", "prefill_64", "decode_32", "prefill_32"));
  EXPECT_EQ(model.packages.front().default_function, "decode_128");
  EXPECT_THAT(failure([&] { read_for(package, 129); }), HasSubstr("got a context of 129 tokens, want at most 128"));
}

TEST_F(Contexts, SystemsWithoutSeveralFunctionsHaveTheLargest) {
  const Target old = targets().front();
  ConvertRequest request{.source = golden_folder("exaone4-full"),
                         .ane = {.context = 64, .smaller_contexts = {32}, .target = old}};
  const PackagedModel model = read(convert(request, "X.mlpackage"));
  EXPECT_THAT(model.contract.contexts, ElementsAre(64));
  EXPECT_THAT(model.metadata().at("cortland.fallbacks"), HasSubstr("the package has the context 64 alone"));
  request.strict = true;
  EXPECT_THAT(failure([&] { convert(request, "Y.mlpackage"); }), HasSubstr("the package has the context 64 alone"));
}

TEST_F(Contexts, EveryContextAndTheRingAreChecked) {
  const std::string package =
      convert(golden_folder("exaone4-hybrid"),
              {.context = 64, .smaller_contexts = {32}, .sliding_cache = SlidingCache::ring, .prefill = 8});
  const struct {
    const char *from, *to, *message;
  } cases[] = {
      {R"("decode_32")", R"("decode_33")", "the program has no function decode_33"},
      {R"({"context":32,)", R"({"context":64,)",
       "function decode_32: mask: got fp16[1, 1, 1, 32], want fp16[1, 1, 1, 64]"},
      {R"("slots":16)", R"("slots":32)", "want fp16[1, 1, 1, 32]"},
      {R"("input":"slot")", R"("input":"place")", "place: the function has no such input"},
      {R"("names":["kv_64"],"input")", R"("names":["kv_32"],"input")", "kv_32: the function has no such state"},
      {R"("ring":{"slots")", R"("ring":{"slot")", "slots"},
  };
  for (const auto& [from, to, message] : cases) {
    Package changed = read_package(disk(), package);
    std::string& contract = changed.metadata.at(std::string(host::kContractKey));
    const size_t at = contract.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << contract;
    contract.replace(at, std::string_view(from).size(), to);
    write_package(disk(), path("Y.mlpackage"), changed, {.overwrite = true});
    std::vector<std::string> found;
    for (const Finding& finding : check_package(disk(), path("Y.mlpackage"))) {
      found.push_back(finding.where + ": " + finding.message);
    }
    EXPECT_THAT(found, testing::Contains(HasSubstr(message))) << to;
  }
}

}  // namespace
}  // namespace cortland
