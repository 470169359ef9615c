// Packages read back from disk against transformers: the promise of the project.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "pipeline/package_fixture.h"
#include "pipeline/runner.h"
#include "support/golden.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

struct Variant {
  std::string golden;
  AttentionForm attention = AttentionForm::matmul;
  std::optional<int64_t> parts = {};
  SlidingCache cache = SlidingCache::full;
  bool is_whole() const { return !parts; }
  bool has_ring() const { return cache == SlidingCache::ring; }
  std::string name() const {
    std::string text =
        golden + (is_whole() ? std::string(attention_name(attention)) : "parts") + (has_ring() ? "ring" : "");
    text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
    return text;
  }
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name(); }

// Models that are cut: two windows; two rotary tables and a scale of the embedding; ALiBi and a norm of the embedding;
// learned positions, and a projection of the embedding.
std::vector<Variant> cut_variants() {
  return {{.golden = "exaone4-hybrid", .parts = 3},
          {.golden = "gemma3-text", .parts = 2},
          {.golden = "bloom", .parts = 2},
          {.golden = "opt-post", .parts = 2}};
}

// Every model with a window. Parts have layers with one, without, or both.
std::vector<Variant> ring_variants() {
  std::vector<Variant> list{{.golden = "exaone4-hybrid", .parts = 3, .cache = SlidingCache::ring},
                            {.golden = "gemma3-text", .parts = 2, .cache = SlidingCache::ring}};
  for (const char* golden : {"cohere2", "exaone4-5", "exaone4-hybrid", "gemma2", "gemma3", "gemma3-text", "gpt-neo",
                             "mistral-sliding", "olmo3", "qwen2-sliding", "starcoder2"}) {
    list.push_back({.golden = golden, .cache = SlidingCache::ring});
  }
  return list;
}

std::vector<Variant> variants() {
  std::vector<Variant> list = cut_variants();
  const std::vector<Variant> rings = ring_variants();
  list.insert(list.end(), rings.begin(), rings.end());
  for (const std::string& name : golden_names()) {
    list.push_back({name, AttentionForm::matmul});
    list.push_back({name, AttentionForm::sdpa});
  }
  return list;
}

class PackageGolden : public PackageTest, public testing::WithParamInterface<Variant> {
 protected:
  // The cache holds 64 tokens, prefill takes 8: the cases are longer than both a chunk and the window of the hybrid
  // case. Converted once for all tests of a variant.
  const PackagedModel& model() const {
    static std::map<std::string, PackagedModel> known;
    const auto it = known.find(GetParam().name());
    if (it != known.end()) return it->second;
    AneOptions options{.context = 64, .prefill = 8, .attention = GetParam().attention, .parts = GetParam().parts};
    options.sliding_cache = GetParam().cache;
    const ConvertRequest request{.source = golden_.folder, .ane = options, .evaluated_tokens = 0};
    return known.emplace(GetParam().name(), read(convert(request, GetParam().is_whole() ? "X.mlpackage" : "X/")))
        .first->second;
  }
  GoldenCase golden_ = load_golden(GetParam().golden);
};

// What depends on the host and on the cache, which the fused op leaves as they are: of the other families in one form.
class PackageSession : public PackageGolden {};
std::vector<Variant> session_variants() {
  std::vector<Variant> list = variants();
  std::erase_if(list, [](const Variant& variant) {
    return variant.attention == AttentionForm::sdpa && !variant.golden.starts_with("exaone4");
  });
  return list;
}

// Lengths of prompts for a cache of 64 and chunks of 8: of EXAONE 4 all of them; of the others those within a chunk, at
// its end and behind it, far beyond every window, and where the last chunk begins earlier, up to the last slot.
std::vector<size_t> prompt_lengths(const Variant& variant) {
  if (!variant.golden.starts_with("exaone4")) {
    return variant.attention == AttentionForm::matmul ? std::vector<size_t>{1, 5, 8, 9, 31, 57, 63, 64}
                                                      : std::vector<size_t>{9, 63};
  }
  std::vector<size_t> all(64);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

// Adds up the difference of every position that has expected logits.
DifferenceSum compare_steps(const GoldenCase& golden, const PackagedModel& model, Math math) {
  Runner runner(model, math);
  DifferenceSum sum;
  for (size_t s = 0; s < golden.ids.size(); ++s) {
    runner.clear_states();
    host::Session session(runner.contract());
    for (size_t t = 0; t < golden.ids[s].size(); ++t) {
      const std::vector<float> logits = runner.decode(session, golden.ids[s][t]);
      if (golden.has_logits(s, t)) sum.add(golden.expected(s, t), logits);
      if (!golden.has_all_logits() && math == Math::fp32) {
        EXPECT_EQ(argmax(logits), golden.argmax[s][t]) << "position " << t;
      }
    }
  }
  return sum;
}

std::vector<int32_t> greedy(Runner& runner, const std::vector<int32_t>& prompt, size_t count) {
  runner.clear_states();
  host::Session session(runner.contract());
  std::vector<float> logits = runner.feed(session, prompt);
  std::vector<int32_t> said;
  while (said.size() < count) {
    said.push_back(static_cast<int32_t>(argmax(logits)));
    logits = runner.decode(session, said.back());
  }
  return said;
}

TEST_P(PackageGolden, LogitsAgreeInFp32) {
  ASSERT_EQ(model().contract.cache.ring.has_value(), GetParam().has_ring());
  EXPECT_GE(compare_steps(golden_, model(), Math::fp32).result().psnr_db, 55);
}

TEST_P(PackageGolden, LogitsAgreeInFp16) {
  EXPECT_GE(compare_steps(golden_, model(), Math::fp16).result().psnr_db, 38);
}

TEST_P(PackageSession, GreedyTextIsIdentical) {
  Runner runner(model(), Math::fp32);
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    const std::vector<int32_t> prompt(golden_.ids[s].begin(), golden_.ids[s].begin() + 8);
    EXPECT_EQ(greedy(runner, prompt, golden_.greedy[s].size()), golden_.greedy[s]);
  }
}

TEST_P(PackageGolden, PrefillOfEveryLengthEqualsDecoding) {
  Runner runner(model(), Math::fp32);
  std::vector<int32_t> ids;
  while (ids.size() < 64) {
    ids.push_back(golden_.ids[ids.size() / golden_.ids[0].size() % 2][ids.size() % golden_.ids[0].size()]);
  }
  host::Session steps(runner.contract());
  std::vector<std::vector<float>> want;
  for (const int32_t id : ids) want.push_back(runner.decode(steps, id));
  for (const size_t length : prompt_lengths(GetParam())) {
    runner.clear_states();
    host::Session session(runner.contract());
    const std::vector<float> got =
        runner.feed(session, std::vector<int32_t>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(length)));
    const Difference difference = compare(want[length - 1], got);
    float scale = 0;
    for (const float logit : want[length - 1]) scale = std::max(scale, std::abs(logit));
    EXPECT_LE(difference.max_abs, 1e-3 * static_cast<double>(scale)) << "prompt of " << length;
  }
}

// What was said is taken back and other words follow: the cache must not remember.
TEST_P(PackageSession, RewindForgets) {
  Runner runner(model(), Math::fp32);
  const std::vector<int32_t> prompt(golden_.ids[0].begin(), golden_.ids[0].begin() + 12);
  host::Session session(runner.contract());
  runner.feed(session, prompt);
  runner.feed(session, {golden_.ids[1].begin(), golden_.ids[1].begin() + 20});
  const int64_t at = session.rewind(12);
  EXPECT_EQ(at, GetParam().has_ring() ? 0 : 12);  // the ring has lost what the next tokens see
  const std::vector<float> got = runner.feed(session, {golden_.ids[0].begin() + at, golden_.ids[0].begin() + 24});
  EXPECT_GE(compare(golden_.expected(0, 23), got).psnr_db, 55);
}

INSTANTIATE_TEST_SUITE_P(Families, PackageGolden, testing::ValuesIn(variants()),
                         [](const auto& variant) { return variant.param.name(); });
INSTANTIATE_TEST_SUITE_P(Families, PackageSession, testing::ValuesIn(session_variants()),
                         [](const auto& variant) { return variant.param.name(); });

// The form for systems without states: the host keeps the cache, and every call takes 8 rows and gives the logits of
// one.
class ExplicitGolden : public PackageTest, public testing::WithParamInterface<Variant> {
 protected:
  GoldenCase golden_ = load_golden(GetParam().golden);
  PackagedModel model_ = read(convert({.source = golden_.folder,
                                       .ane = {.context = 64, .sliding_cache = GetParam().cache, .prefill = 8,
                                               .parts = GetParam().parts, .target = targets().front()},
                                       .evaluated_tokens = 0},
                                      GetParam().is_whole() ? "X.mlpackage" : "X/"));
  Runner runner_{model_, Math::fp32};
};

TEST_P(ExplicitGolden, LogitsAgreeStepByStep) {
  EXPECT_EQ(model_.packages.front().specification_version, 8);
  ASSERT_EQ(model_.contract.cache.ring.has_value(), GetParam().has_ring());
  EXPECT_GE(compare_steps(golden_, model_, Math::fp32).result().psnr_db, 55);
}

// Prompts that end within a chunk and with one, behind nothing, behind what was said and taken back, and in a full
// context.
TEST_P(ExplicitGolden, LogitsAgreeInChunks) {
  DifferenceSum sum;
  for (size_t s = 0; s < golden_.ids.size(); ++s) {
    const std::vector<int32_t>& ids = golden_.ids[s];
    host::Session session(runner_.contract());
    for (const size_t length : {ids.size(), size_t{16}, size_t{11}, size_t{24}, ids.size()}) {
      if (length <= static_cast<size_t>(session.position())) session.rewind(static_cast<int64_t>(length) - 3);
      const auto begin = ids.begin() + session.position();  // a ring may have gone back to the start
      const std::vector<float> logits =
          runner_.feed(session, {begin, ids.begin() + static_cast<std::ptrdiff_t>(length)});
      if (golden_.has_logits(s, length - 1)) sum.add(golden_.expected(s, length - 1), logits);
    }
  }
  EXPECT_GE(sum.result().psnr_db, 55);
  // To the last slot: the last calls compute their beginning again.
  std::vector<int32_t> ids;
  while (ids.size() < 64) {
    ids.push_back(golden_.ids[ids.size() / golden_.ids[0].size() % 2][ids.size() % golden_.ids[0].size()]);
  }
  host::Session steps(runner_.contract()), chunks(runner_.contract());
  const std::vector<int32_t> most(ids.begin(), ids.begin() + 53);
  runner_.feed(steps, most);
  runner_.feed(chunks, most);
  std::vector<float> want;
  for (size_t i = most.size(); i < ids.size(); ++i) want = runner_.decode(steps, ids[i]);
  const std::vector<float> got = runner_.feed(chunks, {ids.begin() + 53, ids.end()});
  EXPECT_EQ(chunks.room(), 0);
  EXPECT_GE(compare(want, got).psnr_db, 60);
}

TEST_P(ExplicitGolden, GreedyTextIsIdentical) {
  const std::vector<int32_t> prompt(golden_.ids[0].begin(), golden_.ids[0].begin() + 8);
  EXPECT_EQ(greedy(runner_, prompt, golden_.greedy[0].size()), golden_.greedy[0]);
}

std::vector<Variant> explicit_variants() {
  std::vector<Variant> list = cut_variants();
  const std::vector<Variant> rings = ring_variants();
  list.insert(list.end(), rings.begin(), rings.end());
  for (const std::string& name : golden_names()) list.push_back({.golden = name});
  return list;
}

INSTANTIATE_TEST_SUITE_P(Families, ExplicitGolden, testing::ValuesIn(explicit_variants()),
                         [](const auto& variant) { return variant.param.name(); });

TEST_F(PackageTest, BothAttentionFormsGiveTheSameLogits) {
  const GoldenCase golden = load_golden("exaone4-hybrid");
  const PackagedModel a = read(convert(golden.folder, {.context = 64, .prefill = 8}, "A.mlpackage"));
  const PackagedModel b =
      read(convert(golden.folder, {.context = 64, .prefill = 8, .attention = AttentionForm::sdpa}, "B.mlpackage"));
  Runner matmul(a, Math::fp32), sdpa(b, Math::fp32);
  host::Session one(matmul.contract()), other(sdpa.contract());
  for (const int32_t id : golden.ids[0]) {
    const std::vector<float> x = matmul.decode(one, id), y = sdpa.decode(other, id);
    ASSERT_GE(compare(x, y).psnr_db, 60);
  }
}

}  // namespace
}  // namespace cortland
