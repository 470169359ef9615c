// The input is a contract. It is opened through the C API, and what it allows is asked of a session as a host asks it,
// call by call. Whatever comes, a call ends with a status, and writes the numbers of an array and nothing between them.
#include <cortland/host.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "input.h"

using namespace cortland;

namespace {

constexpr size_t kLargestContext = 512, kLargestCache = 1 << 18;  // larger ones are only slower
constexpr uint8_t kGap = 0xA5;

struct Contract {
  ~Contract() { cortland_contract_free(handle); }
  cortland_contract* handle = nullptr;
};

// Memory for an array, as large as its strides reach; rows and numbers lie apart.
class Numbers {
 public:
  Numbers(const cortland_feature& feature, cortland_number number) : width_(number == CORTLAND_NUMBER_FP16 ? 2 : 4) {
    array_ = {nullptr, number, feature.rank, {}, {}};
    size_t extent = 2;
    for (int32_t side = feature.rank - 1; side >= 0; --side) {
      array_.shape[side] = feature.shape[side];
      array_.strides[side] = extent;
      extent = extent * feature.shape[side] + 1;
      elements_ *= feature.shape[side];
    }
    bytes_.assign(extent * width_, kGap);
    array_.data = bytes_.data();
  }

  const cortland_array& array() const { return array_; }
  size_t elements() const { return elements_; }

  // Whether everything but the numbers is as it was.
  bool keeps_gaps() const {
    std::vector<bool> is_number(bytes_.size(), false);
    std::vector<size_t> index(static_cast<size_t>(array_.rank), 0);
    for (size_t n = 0; n < elements_; ++n) {
      size_t place = 0;
      for (size_t side = 0; side < index.size(); ++side) place += index[side] * array_.strides[side];
      std::fill_n(is_number.begin() + static_cast<std::ptrdiff_t>(place * width_), width_, true);
      for (size_t side = index.size(); side-- > 0 && ++index[side] == array_.shape[side];) index[side] = 0;
    }
    for (size_t at = 0; at < bytes_.size(); ++at) {
      if (!is_number[at] && bytes_[at] != kGap) return false;
    }
    return true;
  }

 private:
  size_t width_, elements_ = 1;
  cortland_array array_ = {};
  std::vector<uint8_t> bytes_;
};

class Session {
 public:
  Session(const cortland_contract* contract, cortland_session* session) : contract_(contract), session_(session) {}
  ~Session() { cortland_session_free(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void converse() {
    const size_t context = cortland_contract_context(contract_);
    const std::vector<int32_t> too_many(context + 1, 0);
    cortland_feed_end end = CORTLAND_FEED_END_MORE;
    for (const size_t wanted : {size_t{1}, context / 2, context, context}) {
      if (cortland_session_position(session_) == context) done(cortland_session_rewind(session_, context / 3, &error_));
      const size_t room = context - cortland_session_position(session_);
      const std::vector<int32_t> ids(std::clamp<size_t>(wanted, 1, room), 0);
      size_t calls = 0;
      done(cortland_session_feed(session_, ids.data(), ids.size(), end, &calls, &error_));
      for (size_t call = 0; call < calls; ++call) make(call);
      refuses(cortland_session_feed(session_, too_many.data(), too_many.size(), end, &calls, &error_));
      end = end == CORTLAND_FEED_END_MORE ? CORTLAND_FEED_END_LOGITS : CORTLAND_FEED_END_MORE;
    }
    refuses(cortland_session_rewind(session_, context + 1, &error_));
  }

 private:
  void done(cortland_status status) const { expect(status == CORTLAND_OK, "what the contract allows is done"); }
  void refuses(cortland_status status) const {
    expect(status != CORTLAND_OK && status < CORTLAND_OUT_OF_MEMORY, "what it does not allow is refused");
    expect(error_.message[0] != '\0' && ::strnlen(error_.message, sizeof(error_.message)) < sizeof(error_.message),
           "a failure has a message");
  }

  void make(size_t call) {
    cortland_call made = {};
    done(cortland_session_call(session_, call, &made, &error_));
    expect(made.function < cortland_contract_function_count(contract_), "a call is of a function");
    expect(made.part < cortland_contract_part_count(contract_), "a call is of a part");
    expect(made.used <= made.tokens && made.start + made.tokens <= cortland_contract_context(contract_),
           "a call stays in the context");
    cortland_feature feature = {};
    for (size_t input = 0; input < made.input_count; ++input) {
      done(cortland_session_input(session_, call, input, &feature, &error_));
      Numbers numbers(feature, feature.number);
      done(cortland_session_fill(session_, call, input, &numbers.array(), &error_));
      expect(numbers.keeps_gaps(), "what lies between the numbers stays as it is");
      cortland_array other = numbers.array();
      other.shape[0] += 1;
      refuses(cortland_session_fill(session_, call, input, &other, &error_));
    }
    refuses(cortland_session_input(session_, call, made.input_count, &feature, &error_));
    for (size_t kept = 0; kept < made.kept_count; ++kept) {
      done(cortland_session_kept(session_, call, kept, &feature, &error_));
      const Numbers numbers(feature, CORTLAND_NUMBER_FP32);
      done(cortland_session_keep(session_, call, kept, &numbers.array(), &error_));
    }
    const cortland_status follows = cortland_session_hidden(session_, call, &feature, &error_);
    if (follows == CORTLAND_OK) {
      const Numbers numbers(feature, feature.number);
      done(cortland_session_pass(session_, call, &numbers.array(), &error_));
    } else {
      expect(follows == CORTLAND_NOT_FOUND, "there is a part behind it, or none");
    }
    size_t row = 0;
    const cortland_status gives = cortland_session_logits(session_, call, &feature, &row, &error_);
    expect(gives == CORTLAND_OK || gives == CORTLAND_NOT_FOUND, "a call gives logits, or none");
    if (gives == CORTLAND_OK) expect(row < made.tokens, "the row of the logits is one of the call");
  }

  const cortland_contract* contract_;
  cortland_session* session_;
  cortland_error error_ = {};
};

bool is_small(const cortland_contract* contract) {
  return cortland_contract_context(contract) <= kLargestContext &&
         cortland_contract_kept_bytes(contract) <= kLargestCache &&
         cortland_contract_vocabulary_size(contract) <= kLargestCache;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Contract contract;
  cortland_error error;
  const cortland_status opened =
      cortland_contract_open(reinterpret_cast<const char*>(data), size, &contract.handle, &error);
  expect(opened == CORTLAND_OK || opened == CORTLAND_UNSUPPORTED, "a contract is known, or none that is");
  expect((opened == CORTLAND_OK) == (contract.handle != nullptr), "a handle comes with success");
  if (contract.handle == nullptr || !is_small(contract.handle)) return 0;
  cortland_string file = {};
  const bool embeds = cortland_contract_embedding(contract.handle, &file, &error) != CORTLAND_OK;
  cortland_session* session = nullptr;
  const cortland_status created = cortland_session_create(contract.handle, nullptr, &session, &error);
  expect((created == CORTLAND_OK) == embeds, "a session needs the file of the embedding where the package lacks it");
  if (created == CORTLAND_OK) Session(contract.handle, session).converse();
  return 0;
}
