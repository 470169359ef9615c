// A cache of fewer slots than positions: whatever is said and taken back, a row sees the window before it and nothing
// else.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

#include "host/call_inputs.h"
#include "host/contract_text.h"
#include "host/session.h"

namespace cortland::host {
namespace {

enum class Form { fixed, flexible, kept };

struct Sizes {
  int64_t context = 0, ring = 0, window = 0, tokens = 0;
};

Contract ring_contract(Form form, const Sizes& sizes) {
  Contract contract = form == Form::fixed      ? small_contract(sizes.context, sizes.tokens)
                      : form == Form::flexible ? flexible_contract(sizes.context, sizes.tokens)
                                               : small_explicit_contract(sizes.context, sizes.tokens);
  contract.masks = {{"mask", {}}, {"mask_sliding", sizes.window}};
  Contract::Ring& ring = contract.cache.ring.emplace(Contract::Ring{});
  ring.slots = sizes.ring;
  ring.layers = {0};
  if (form == Form::kept) {
    ring.kept = {{"ring", "new_ring"}};
    ring.shape = {1, 1, sizes.ring, 1};
    contract.row = "row";
  } else {
    ring.states = {"kv_sliding"};
    ring.input = "slot";
  }
  return contract;
}

// What lies in a slot: a position, and the id that was fed there; those of rows that pad are no ids.
using Entry = std::pair<int64_t, int32_t>;
constexpr int32_t kPadding = -1;

// A conversation, and calls as a package with a ring runs them.
class RingPackage {
 public:
  RingPackage(Form form, const Sizes& sizes)
      : contract_(ring_contract(form, sizes)),
        form_(form),
        sizes_(sizes),
        slots_(static_cast<size_t>(sizes.ring), Entry{-1, kPadding}) {}

  // Feeds n ids and runs the calls.
  void feed(int64_t n) {
    std::vector<int32_t> ids;
    for (int64_t i = 0; i < n; ++i) ids.push_back(next_id_++ % 1000);
    feed(ids);
  }

  // Takes text back and says it again where it was lost. Returns where the session went on.
  int64_t rewind(int64_t position) {
    const std::vector<int32_t> before(session.ids().begin(), session.ids().begin() + position);
    const int64_t at = session.rewind(position);
    EXPECT_EQ(session.position(), at);
    if (at < position) feed({before.begin() + at, before.end()});
    return at;
  }

 private:
  void run(const Call& call) {
    const Rows& rows = call.rows;
    ASSERT_GE(rows.start, 0);
    ASSERT_LE(rows.start + rows.tokens, sizes_.context);
    if (form_ != Form::kept) write(call);
    const std::vector<float> mask = make_mask(contract_, contract_.masks[1], rows);
    const int64_t columns = mask_slots(contract_, contract_.masks[1], rows);
    ASSERT_EQ(mask.size(), static_cast<size_t>(rows.tokens * columns));
    for (int64_t i = 0; i < rows.used; ++i) {
      const int64_t p = rows.start + i;
      std::map<int64_t, int32_t> want, got;
      for (int64_t q = std::max<int64_t>(0, p - sizes_.window + 1); q <= p; ++q) {
        want[q] = session.ids()[static_cast<size_t>(q)];
      }
      for (int64_t c = 0; c < columns; ++c) {
        if (mask[static_cast<size_t>(i * columns + c)] != 0) continue;
        ASSERT_TRUE(got.insert(at(call, c)).second);
      }
      ASSERT_EQ(got, want) << "position " << p;
    }
    // Scores of rows that pad must not be empty.
    for (int64_t i = rows.used; i < rows.tokens; ++i) {
      ASSERT_EQ(std::count(mask.begin() + i * columns, mask.begin() + (i + 1) * columns, 0.0f), 1);
    }
    if (form_ == Form::kept) session.past().back().append(rows, columns_of(call));
  }

  void feed(const std::vector<int32_t>& ids) {
    const int64_t begin = session.position();
    const auto calls = session.feed(ids);
    ASSERT_TRUE(calls) << calls.message();
    int64_t done = begin;
    for (const Call& call : *calls) {
      ASSERT_NO_FATAL_FAILURE(run(call)) << "call at " << call.rows.start;
      ASSERT_GT(call.rows.start + call.rows.used, done);
      done = call.rows.start + call.rows.used;
    }
    ASSERT_EQ(done, session.position());
  }

  // A slice_update: of consecutive slots, never beyond the end.
  void write(const Call& call) {
    const Rows& rows = call.rows;
    ASSERT_LE(rows.start % sizes_.ring + rows.tokens, sizes_.ring);
    for (int64_t i = 0; i < rows.tokens; ++i) {
      slots_[static_cast<size_t>((rows.start + i) % sizes_.ring)] = {
          rows.start + i, i < rows.used ? call.ids[static_cast<size_t>(i)] : kPadding};
    }
    check_slot(call);
  }

  // The input that says where.
  void check_slot(const Call& call) const {
    for (const CallInput& input : inputs_of(contract_, call.rows)) {
      if (input.kind != CallInput::Kind::slot) continue;
      ASSERT_TRUE(input.is_int());
      const auto slots = std::get<std::vector<int32_t>>(make_values(contract_, session, call, input));
      ASSERT_EQ(std::ssize(slots), form_ == Form::flexible ? call.rows.tokens : 1);
      for (size_t i = 0; i < slots.size(); ++i) {
        ASSERT_EQ(slots[i], (call.rows.start + static_cast<int64_t>(i)) % sizes_.ring);
      }
      return;
    }
    FAIL() << "no slot";
  }

  // What a column of the mask tells about.
  Entry at(const Call& call, int64_t column) const {
    if (form_ != Form::kept) return slots_[static_cast<size_t>(column)];
    if (column >= sizes_.ring) {
      return {call.rows.start + column - sizes_.ring, call.ids[static_cast<size_t>(column - sizes_.ring)]};
    }
    return kept_.at(session.past().back().values()[static_cast<size_t>(column)]);  // the past holds numbers of entries
  }

  std::vector<uint16_t> columns_of(const Call& call) {
    std::vector<uint16_t> out;
    for (int64_t i = 0; i < call.rows.tokens; ++i) {
      kept_.push_back({call.rows.start + i, i < call.rows.used ? call.ids[static_cast<size_t>(i)] : kPadding});
      out.push_back(static_cast<uint16_t>(kept_.size() - 1));
    }
    return out;
  }

  const Contract contract_;
  Form form_;
  Sizes sizes_;
  std::vector<Entry> slots_;
  std::vector<Entry> kept_ = {Entry{-1, kPadding}};  // by number
  int32_t next_id_ = 0;

 public:
  Session session{contract_};
};

constexpr Form kForms[] = {Form::fixed, Form::flexible, Form::kept};

std::vector<Sizes> some_sizes(Form form) {
  // Rings with no slack, with some, and with much; windows of 1; calls as long as the ring but one.
  std::vector<Sizes> sizes{{64, 16, 8, 8}, {64, 16, 4, 3}, {32, 8, 1, 7}, {64, 32, 5, 8}, {32, 16, 9, 1}};
  if (form != Form::fixed) sizes.insert(sizes.end(), {{50, 13, 8, 5}, {37, 11, 10, 1}, {41, 30, 3, 7}});
  return sizes;
}

TEST(Ring, WhateverIsSaidAndTakenBackRowsSeeTheirWindow) {
  for (const Form form : kForms) {
    for (const Sizes& sizes : some_sizes(form)) {
      std::mt19937 random(7);
      const auto draw = [&](int64_t least, int64_t most) {
        return least + static_cast<int64_t>(random() % static_cast<uint64_t>(most - least + 1));
      };
      for (int round = 0; round < 12; ++round) {
        RingPackage package(form, sizes);
        const Session& session = package.session;
        for (int step = 0; step < 30; ++step) {
          if (session.room() == 0 || draw(0, 3) == 0) {
            package.rewind(std::max<int64_t>(0, session.position() - draw(0, draw(0, 1) == 0 ? 6 : sizes.context)));
          }
          if (session.room() > 0) package.feed(std::min(session.room(), draw(1, draw(0, 2) == 0 ? sizes.context : 5)));
          if (HasFatalFailure()) {
            FAIL() << "form " << static_cast<int>(form) << " S " << sizes.context << " R " << sizes.ring << " W "
                   << sizes.window << " T " << sizes.tokens << " round " << round << " step " << step;
          }
        }
      }
    }
  }
}

// Every prompt at every position, to the last slot of the context.
TEST(Ring, ChunksGoRoundTheEndAndFillTheContext) {
  for (const Form form : kForms) {
    const Sizes sizes{48, 16, 6, 5};
    for (int64_t first = 0; first < sizes.context; ++first) {
      for (int64_t n = 1; n <= sizes.context - first; ++n) {
        RingPackage package(form, sizes);
        if (first > 0) package.feed(first);
        package.feed(n);
        if (HasFatalFailure()) FAIL() << "form " << static_cast<int>(form) << " first " << first << " n " << n;
      }
    }
  }
}

TEST(Ring, WhatIsTakenBackWithinTheSlackIsKept) {
  const Sizes sizes{128, 32, 8, 8};
  for (const Form form : kForms) {
    const auto resumable = [&](int64_t said, int64_t position) {
      RingPackage package(form, sizes);
      package.feed(said);
      return package.session.resumable(position);
    };
    // Nothing was lost yet.
    EXPECT_EQ(resumable(24, 1), 1);
    EXPECT_EQ(resumable(100, 100), 100);
    // 32 slots, of which the rows from there on see 7.
    EXPECT_EQ(resumable(100, 88), 88);
    EXPECT_EQ(resumable(100, 90), 90);
    EXPECT_EQ(resumable(100, 70), 0);
    EXPECT_EQ(resumable(100, 20), 0);
    EXPECT_EQ(resumable(100, 0), 0);
  }
}

TEST(Ring, AFreshStartForgetsWhatWasLost) {
  RingPackage package(Form::fixed, {64, 16, 8, 8});
  package.feed(60);
  EXPECT_EQ(package.rewind(20), 0);  // and all 20 are said again, beyond the ring
  EXPECT_EQ(package.rewind(17), 17);
  package.feed(9);
  EXPECT_EQ(package.rewind(0), 0);
  package.feed(12);
  EXPECT_EQ(package.rewind(5), 5);  // nothing was lost since
  package.feed(9);
}

}  // namespace
}  // namespace cortland::host
