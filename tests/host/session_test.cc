#include "host/session.h"

#include <gtest/gtest.h>

#include <numeric>

#include "host/contract_text.h"

namespace cortland::host {
namespace {

constexpr int32_t kGarbage = -1;

// A cache whose slots remember which id was written last.
class Cache {
 public:
  explicit Cache(int64_t context) : slots_(static_cast<size_t>(context), kGarbage) {}

  // Runs a call as a package does and checks everything that a session promises about it.
  void run(const Call& call, const Contract& contract, const std::vector<int32_t>& want) {
    const Rows& rows = call.rows;
    ASSERT_GE(rows.start, 0);
    ASSERT_EQ(rows.tokens, call.function->tokens);
    ASSERT_LE(rows.start + rows.tokens, contract.context);
    ASSERT_GE(rows.used, 1);
    ASSERT_LE(rows.used, rows.tokens);
    ASSERT_EQ(call.ids.size(), static_cast<size_t>(rows.tokens));
    for (size_t i = 0; i < call.ids.size(); ++i) {
      const bool is_used = static_cast<int64_t>(i) < rows.used;
      const size_t slot = static_cast<size_t>(rows.start) + i;
      ASSERT_TRUE(is_used || call.ids[i] == 0);
      slots_[slot] = is_used ? call.ids[i] : kGarbage;
    }
    // What the rows see is right: every slot up to the last of them.
    const auto end = static_cast<size_t>(rows.start + rows.used);
    ASSERT_LE(end, want.size());
    for (size_t slot = 0; slot < end; ++slot) ASSERT_EQ(slots_[slot], want[slot]) << "slot " << slot;
  }

 private:
  std::vector<int32_t> slots_;
};

// The ids `from`, `from` + 1, ... below 1000.
std::vector<int32_t> counted_ids(int32_t from, int64_t n) {
  std::vector<int32_t> ids(static_cast<size_t>(n));
  std::iota(ids.begin(), ids.end(), from);
  for (int32_t& id : ids) id %= 1000;
  return ids;
}

// Feeds n ids and runs the calls; the calls waste nothing.
void feed(Session& session, Cache& cache, const Contract& contract, int64_t n) {
  const int64_t begin = session.position();
  const std::vector<int32_t> ids = counted_ids(static_cast<int32_t>(begin * 7 + n), n);
  const auto calls = session.feed(ids);
  ASSERT_TRUE(calls) << calls.message();
  ASSERT_FALSE(calls->empty());
  ASSERT_EQ(session.position(), begin + n);
  ASSERT_TRUE(std::equal(ids.begin(), ids.end(), session.ids().end() - n));
  int64_t at = begin, decodes = 0;
  for (const Call& call : *calls) {
    cache.run(call, contract, session.ids());
    if (::testing::Test::HasFatalFailure()) return;
    decodes += call.function->role == "decode" ? 1 : 0;
    // Tokens are computed again only where a chunk would reach beyond the cache.
    const bool is_moved = call.rows.start < at;
    ASSERT_TRUE(call.rows.start == at || (is_moved && call.rows.start + call.rows.tokens == contract.context));
    ASSERT_GT(call.rows.start + call.rows.used, at);
    // Only the last chunk is padded.
    const int64_t end = call.rows.start + call.rows.used;
    ASSERT_TRUE(call.rows.used == call.rows.tokens || end == begin + n - 1);
    at = end;
  }
  ASSERT_EQ(at, begin + n);
  ASSERT_EQ(calls->back().function->role, "decode");
  ASSERT_EQ(calls->back().ids[0], ids.back());
  ASSERT_TRUE(contract.find("prefill") == nullptr || decodes <= 3);
}

TEST(Session, PlansEveryPromptAtEveryPosition) {
  for (const int64_t tokens : {1, 2, 3, 4, 5, 8}) {
    const int64_t context = 4 * tokens + 3;
    const Contract contract = small_contract(context, tokens);
    for (int64_t position = 0; position < context; ++position) {
      for (int64_t n = 1; n <= std::min(3 * tokens, context - position); ++n) {
        Session session(contract);
        Cache cache(context);
        if (position > 0) feed(session, cache, contract, position);
        feed(session, cache, contract, n);
        if (HasFatalFailure()) FAIL() << "T " << tokens << " position " << position << " n " << n;
      }
    }
  }
}

TEST(Session, WithoutPrefillEveryTokenIsDecoded) {
  const Contract contract = small_contract(8, 0);
  Session session(contract);
  const auto calls = session.feed(counted_ids(1, 8));
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls->size(), 8u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ((*calls)[i].rows.start, static_cast<int64_t>(i));
    EXPECT_EQ((*calls)[i].ids, std::vector<int32_t>{static_cast<int32_t>(i) + 1});
  }
}

TEST(Session, AChunkedPrompt) {
  const Contract contract = small_contract(32, 8);
  Session session(contract);
  const auto calls = session.feed(counted_ids(10, 14));
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls->size(), 3u);
  EXPECT_EQ((*calls)[0].ids, counted_ids(10, 8));
  EXPECT_EQ((*calls)[1].rows.start, 8);
  EXPECT_EQ((*calls)[1].rows.used, 5);
  EXPECT_EQ((*calls)[1].ids, (std::vector<int32_t>{18, 19, 20, 21, 22, 0, 0, 0}));
  EXPECT_EQ((*calls)[2].rows.start, 13);
  EXPECT_EQ((*calls)[2].ids, std::vector<int32_t>{23});
}

TEST(Session, TheContextFillsToItsLastSlot) {
  for (const int64_t tokens : {0, 1, 3, 8, 16}) {
    const Contract contract = small_contract(16, tokens);
    for (int64_t first = 1; first <= 16; ++first) {
      Session session(contract);
      Cache cache(16);
      feed(session, cache, contract, first);
      if (first < 16) feed(session, cache, contract, 16 - first);
      if (HasFatalFailure()) FAIL() << "T " << tokens << " first " << first;
      EXPECT_EQ(session.room(), 0);
      const auto more = session.feed({1});
      ASSERT_FALSE(more);
      EXPECT_EQ(more.message(), "context: got 1 tokens at position 16, want at most 0");
    }
  }
}

TEST(Session, FlexibleCallsTakeAllThereIsAndNothingTwice) {
  for (const int64_t tokens : {1, 3, 16}) {
    const Contract contract = flexible_contract(16, tokens);
    for (int64_t position = 0; position < 16; ++position) {
      for (int64_t n = 1; n <= 16 - position; ++n) {
        Session session(contract);
        if (position > 0) {
          ASSERT_TRUE(session.feed(counted_ids(0, position)));
        }
        const auto calls = session.feed(counted_ids(100, n));
        ASSERT_TRUE(calls);
        ASSERT_EQ(std::ssize(*calls), (n + tokens - 1) / tokens);
        int64_t at = position;
        for (const Call& call : *calls) {
          ASSERT_EQ(call.function->name, "main");
          ASSERT_EQ(call.rows.start, at);
          ASSERT_EQ(call.rows.used, call.rows.tokens);
          ASSERT_LE(call.rows.tokens, tokens);
          ASSERT_EQ(call.ids, counted_ids(static_cast<int32_t>(100 + at - position), call.rows.tokens));
          at += call.rows.tokens;
        }
        ASSERT_EQ(at, position + n);
      }
    }
  }
}

TEST(Session, AFailureChangesNothing) {
  const Contract contract = small_contract(4, 2);
  Session session(contract);
  ASSERT_TRUE(session.feed({1, 2}));
  const std::pair<std::vector<int32_t>, const char*> cases[] = {
      {{1, 2, 3}, "context: got 3 tokens at position 2, want at most 2"},
      {{1, 1000}, "token: got id 1000, want 0 to 999"},
      {{-1}, "token: got id -1, want 0 to 999"},
      {{INT32_MIN}, "token: got id -2147483648, want 0 to 999"},
  };
  for (const auto& [ids, want] : cases) {
    const auto calls = session.feed(ids);
    ASSERT_FALSE(calls);
    EXPECT_EQ(calls.message(), want);
    EXPECT_EQ(session.ids(), (std::vector<int32_t>{1, 2}));
  }
  EXPECT_TRUE(session.feed({0, 999}));
}

TEST(Session, RewindsWithoutTouchingTheCache) {
  const Contract contract = small_contract(19, 4);
  for (int64_t first = 1; first <= 19; ++first) {
    for (int64_t back = 0; back <= first; ++back) {
      Session session(contract);
      Cache cache(19);
      feed(session, cache, contract, first);
      session.rewind(back);
      ASSERT_EQ(session.position(), back);
      ASSERT_EQ(session.room(), 19 - back);
      if (back < 19) feed(session, cache, contract, 19 - back);
      if (HasFatalFailure()) FAIL() << "first " << first << " back " << back;
    }
  }
}

}  // namespace
}  // namespace cortland::host
