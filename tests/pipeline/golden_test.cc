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
  bool is_exaone4() const { return golden.starts_with("exaone4"); }
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

// Of a full context: the sequences of the case, one behind the other.
std::vector<int32_t> many_ids(const GoldenCase& golden) {
  std::vector<int32_t> ids;
  while (ids.size() < 64) {
    ids.push_back(golden.ids[ids.size() / golden.ids[0].size() % 2][ids.size() % golden.ids[0].size()]);
  }
  return ids;
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

  // The logits behind each of many_ids(), one step after the other, in fp32. Computed once for all tests of a variant.
  const std::vector<std::vector<float>>& steps() const {
    static std::map<std::string, std::vector<std::vector<float>>> known;
    std::vector<std::vector<float>>& rows = known[GetParam().name()];
    if (!rows.empty()) return rows;
    Runner runner(model(), Math::fp32);
    host::Session session(runner.contract());
    for (const int32_t id : many_ids(golden_)) rows.push_back(runner.decode(session, id));
    return rows;
  }
  GoldenCase golden_ = load_golden(GetParam().golden);
};

// What depends on the layout, the host and the cache, which the fused op leaves as they are: of the other families in
// one form.
class PackageSession : public PackageGolden {};
std::vector<Variant> session_variants() {
  std::vector<Variant> list = variants();
  std::erase_if(list, [](const Variant& v) { return v.attention == AttentionForm::sdpa && !v.is_exaone4(); });
  return list;
}
std::vector<Variant> fused_variants() {
  std::vector<Variant> list = variants();
  std::erase_if(list, [](const Variant& v) { return v.attention == AttentionForm::matmul || v.is_exaone4(); });
  return list;
}

// Lengths of prompts for a cache of 64 and chunks of 8: of two layouts of EXAONE 4 all of them; of the others those
// within a chunk, at its end and behind it, far beyond every window, and up to the last slot.
std::vector<size_t> prompt_lengths(const Variant& variant) {
  const bool is_plain = variant.attention == AttentionForm::matmul && variant.is_whole();
  if (!is_plain || (variant.golden != "exaone4-full" && variant.golden != "exaone4-hybrid")) {
    return {1, 5, 8, 9, 31, 57, 64};
  }
  std::vector<size_t> all(64);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

// Adds up the difference of every position of a sequence that has expected logits.
class SequenceDifference {
 public:
  SequenceDifference(const GoldenCase& golden, size_t sequence, Math math)
      : golden_(golden), sequence_(sequence), math_(math) {}
  void add(size_t t, const std::vector<float>& logits) {
    if (golden_.has_logits(sequence_, t)) sum_.add(golden_.expected(sequence_, t), logits);
    if (!golden_.has_all_logits() && math_ == Math::fp32) {
      EXPECT_EQ(argmax(logits), golden_.argmax[sequence_][t]) << "position " << t;
    }
  }
  double psnr_db() const { return sum_.result().psnr_db; }

 private:
  const GoldenCase& golden_;
  size_t sequence_;
  Math math_;
  DifferenceSum sum_;
};

double psnr_of_steps(const GoldenCase& golden, size_t sequence, Runner& runner, Math math) {
  SequenceDifference difference(golden, sequence, math);
  host::Session session(runner.contract());
  for (size_t t = 0; t < golden.ids[sequence].size(); ++t) {
    difference.add(t, runner.decode(session, golden.ids[sequence][t]));
  }
  return difference.psnr_db();
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

TEST_P(PackageSession, LogitsAgreeInFp32) {
  ASSERT_EQ(model().contract.cache.ring.has_value(), GetParam().has_ring());
  SequenceDifference difference(golden_, 0, Math::fp32);
  for (size_t t = 0; t < golden_.ids[0].size(); ++t) difference.add(t, steps()[t]);
  EXPECT_GE(difference.psnr_db(), 55);
}

class PackageFused : public PackageGolden {};
TEST_P(PackageFused, LogitsAgreeInFp32) {
  Runner runner(model(), Math::fp32);
  EXPECT_GE(psnr_of_steps(golden_, 0, runner, Math::fp32), 55);
}

TEST_P(PackageSession, LogitsAgreeInFp16) {
  Runner runner(model(), Math::fp16);
  EXPECT_GE(psnr_of_steps(golden_, golden_.has_all_logits() ? 1 : 0, runner, Math::fp16), 38);
}

TEST_P(PackageSession, GreedyTextIsIdentical) {
  Runner runner(model(), Math::fp32);
  for (size_t s = GetParam().is_exaone4() ? 0 : 1; s < golden_.ids.size(); ++s) {
    const std::vector<int32_t> prompt(golden_.ids[s].begin(), golden_.ids[s].begin() + 8);
    EXPECT_EQ(greedy(runner, prompt, golden_.greedy[s].size()), golden_.greedy[s]);
  }
}

TEST_P(PackageSession, PrefillOfEveryLengthEqualsDecoding) {
  Runner runner(model(), Math::fp32);
  const std::vector<int32_t> ids = many_ids(golden_);
  for (const size_t length : prompt_lengths(GetParam())) {
    runner.clear_states();
    host::Session session(runner.contract());
    const std::vector<float> got =
        runner.feed(session, std::vector<int32_t>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(length)));
    const std::vector<float>& want = steps()[length - 1];
    float scale = 0;
    for (const float logit : want) scale = std::max(scale, std::abs(logit));
    EXPECT_LE(compare(want, got).max_abs, 1e-3 * static_cast<double>(scale)) << "prompt of " << length;
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

INSTANTIATE_TEST_SUITE_P(Families, PackageFused, testing::ValuesIn(fused_variants()),
                         [](const auto& variant) { return variant.param.name(); });
INSTANTIATE_TEST_SUITE_P(Families, PackageSession, testing::ValuesIn(session_variants()),
                         [](const auto& variant) { return variant.param.name(); });

// The form for systems without states: the host keeps the cache, and every call takes 8 rows and gives the logits of
// one.
class ExplicitGolden : public PackageTest, public testing::WithParamInterface<Variant> {
 protected:
  // Converted once for all tests of a variant.
  const PackagedModel& model() const {
    static std::map<std::string, PackagedModel> known;
    const auto it = known.find(GetParam().name());
    if (it != known.end()) return it->second;
    const ConvertRequest request{.source = golden_.folder,
                                 .ane = {.context = 64, .sliding_cache = GetParam().cache, .prefill = 8,
                                         .parts = GetParam().parts, .target = targets().front()},
                                 .evaluated_tokens = 0};
    return known.emplace(GetParam().name(), read(convert(request, GetParam().is_whole() ? "X.mlpackage" : "X/")))
        .first->second;
  }
  GoldenCase golden_ = load_golden(GetParam().golden);
  Runner runner_{model(), Math::fp32};
};

TEST_P(ExplicitGolden, LogitsAgreeStepByStep) {
  EXPECT_EQ(model().packages.front().specification_version, 8);
  ASSERT_EQ(model().contract.cache.ring.has_value(), GetParam().has_ring());
  EXPECT_GE(psnr_of_steps(golden_, 0, runner_, Math::fp32), 55);
}

// Prompts that end within a chunk and with one, behind nothing, behind what was said and taken back, and in a full
// context.
TEST_P(ExplicitGolden, LogitsAgreeInChunks) {
  const size_t sequence = golden_.has_all_logits() ? 1 : 0;
  const std::vector<int32_t>& ids = golden_.ids[sequence];
  SequenceDifference difference(golden_, sequence, Math::fp32);
  host::Session session(runner_.contract());
  for (const size_t length : {ids.size(), size_t{16}, size_t{11}, size_t{24}, ids.size()}) {
    if (length <= static_cast<size_t>(session.position())) session.rewind(static_cast<int64_t>(length) - 3);
    const auto begin = ids.begin() + session.position();  // a ring may have gone back to the start
    difference.add(length - 1, runner_.feed(session, {begin, ids.begin() + static_cast<std::ptrdiff_t>(length)}));
  }
  EXPECT_GE(difference.psnr_db(), 55);
  // To the last slot: the last calls compute their beginning again.
  const std::vector<int32_t> all = many_ids(golden_);
  host::Session steps(runner_.contract());
  runner_.feed(steps, {all.begin(), all.begin() + 53});
  host::Session chunks = steps;  // it holds the cache
  std::vector<float> want;
  for (size_t i = 53; i < all.size(); ++i) want = runner_.decode(steps, all[i]);
  const std::vector<float> got = runner_.feed(chunks, {all.begin() + 53, all.end()});
  EXPECT_EQ(chunks.room(), 0);
  EXPECT_GE(compare(want, got).psnr_db, 60);
}

// Steps and chunks as above, with the argmax: of one family.
class ExplicitText : public ExplicitGolden {};
TEST_P(ExplicitText, IsIdentical) {
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
INSTANTIATE_TEST_SUITE_P(Exaone, ExplicitText,
                         testing::Values(Variant{.golden = "exaone4-full"}, Variant{.golden = "exaone4-hybrid"}),
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
