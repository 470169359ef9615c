#include <cortland/host.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "capi/app/array.h"
#include "capi/app/boundary.h"
#include "capi/app/contract_handle.h"
#include "host/call_inputs.h"
#include "host/session.h"

using namespace cortland;
using namespace cortland::capi;

struct cortland_session {
  explicit cortland_session(std::shared_ptr<const host::Contract> shared)
      : contract(std::move(shared)), session(*contract) {}
  const std::shared_ptr<const host::Contract> contract;
  host::Session session;  // refers to the contract
  struct Planned {
    host::Call call;
    std::vector<host::CallInput> inputs;
  };
  std::vector<Planned> calls;

  void plan(std::vector<host::Call> planned) {
    std::vector<Planned> next;
    for (host::Call& call : planned) {
      std::vector<host::CallInput> inputs = host::inputs_of(*contract, call.rows);
      next.push_back({std::move(call), std::move(inputs)});
    }
    calls = std::move(next);
  }
};

namespace {

// A planned call and, with `out`, the place of a result.
std::optional<Outcome> check_call(const cortland_session* session, size_t call, const char* name, const void* out) {
  if (session == nullptr) return missing("session");
  if (out == nullptr) return missing(name);
  return check_index("call", call, session->calls.size());
}

cortland_number number_of(const host::CallInput& input) {
  const bool is_int = input.kind == host::CallInput::Kind::ids || input.kind == host::CallInput::Kind::position;
  return is_int ? CORTLAND_NUMBER_INT32 : CORTLAND_NUMBER_FP16;
}

std::vector<int64_t> shape_of_kept(const host::Contract& contract, const host::Call& call) {
  const auto& past = contract.cache.shape;
  return {past[0], past[1], call.rows.tokens, past[3]};
}

}  // namespace

cortland_status cortland_session_create(const cortland_contract* contract, cortland_session** session,
                                        cortland_error* error) noexcept {
  return create(session, error, [&]() -> Outcome {
    if (contract == nullptr) return missing("contract");
    *session = new cortland_session(contract->contract);
    return {};
  });
}

void cortland_session_free(cortland_session* session) noexcept { delete session; }

size_t cortland_session_position(const cortland_session* session) noexcept {
  return session == nullptr ? 0 : static_cast<size_t>(session->session.position());
}

cortland_status cortland_session_rewind(cortland_session* session, size_t position, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (session == nullptr) return missing("session");
    if (auto bad = check_index("position", position, cortland_session_position(session) + 1)) return *bad;
    session->session.rewind(static_cast<int64_t>(position));
    session->calls.clear();
    return {};
  });
}

cortland_status cortland_session_feed(cortland_session* session, const int32_t* ids, size_t count,
                                      cortland_feed_end end, size_t* calls, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (session == nullptr) return missing("session");
    if (calls == nullptr) return missing("calls");
    if (auto bad = check_choice("end", end)) return *bad;
    const auto list = list_of(ids, count);
    if (!list) return missing("ids");
    if (count == 0) return invalid("ids: there are none; want at least one token");
    const auto ending = end == CORTLAND_FEED_END_LOGITS ? host::FeedEnd::logits : host::FeedEnd::more;
    const int64_t before = session->session.position();
    try {
      auto planned = session->session.feed({list->begin(), list->end()}, ending);
      if (!planned) return invalid(planned.message());
      session->plan(std::move(*planned));
    } catch (...) {
      session->session.rewind(before);
      throw;
    }
    *calls = session->calls.size();
    return {};
  });
}

cortland_status cortland_session_call(const cortland_session* session, size_t call, cortland_call* description,
                                      cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "description", description)) return *bad;
    const auto& [planned, inputs] = session->calls[call];
    const auto size = [](int64_t count) { return static_cast<size_t>(count); };
    *description = {.function = size(planned.function - session->contract->functions.data()),
                    .start = size(planned.rows.start), .tokens = size(planned.rows.tokens),
                    .used = size(planned.rows.used), .input_count = inputs.size(), .kept_count = session->contract->cache.kept.size()};
    return {};
  });
}

cortland_status cortland_session_input(const cortland_session* session, size_t call, size_t input,
                                       cortland_feature* feature, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "feature", feature)) return *bad;
    const std::vector<host::CallInput>& inputs = session->calls[call].inputs;
    if (auto bad = check_index("input", input, inputs.size())) return *bad;
    *feature = make_feature(inputs[input].name, number_of(inputs[input]), inputs[input].shape);
    return {};
  });
}

cortland_status cortland_session_fill(const cortland_session* session, size_t call, size_t input,
                                      const cortland_array* array, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "array", array)) return *bad;
    const auto& [planned, inputs] = session->calls[call];
    if (auto bad = check_index("input", input, inputs.size())) return *bad;
    const host::CallInput& filled = inputs[input];
    if (auto bad = check_array(filled.name, array, filled.shape, number_of(filled))) return *bad;
    const host::InputValues values = host::make_values(*session->contract, session->session, planned, filled);
    std::visit([&](const auto& list) { write_array(*array, std::span(list)); }, values);
    return {};
  });
}

cortland_status cortland_session_logits(const cortland_session* session, size_t call, cortland_feature* feature,
                                        size_t* row, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "feature", feature)) return *bad;
    if (row == nullptr) return missing("row");
    const host::Contract& contract = *session->contract;
    const host::Call& planned = session->calls[call].call;
    if (!planned.function->gives_logits()) return {CORTLAND_NOT_FOUND, "logits: the call gives none"};
    // Only a function for any number of tokens gives those of each.
    const bool has_all = planned.function->is_flexible();
    const int64_t shape[] = {1, has_all ? planned.rows.tokens : 1, contract.vocabulary};
    *feature = make_feature(contract.logits, CORTLAND_NUMBER_FP16, shape);
    *row = has_all ? static_cast<size_t>(planned.rows.used - 1) : 0;
    return {};
  });
}

cortland_status cortland_session_kept(const cortland_session* session, size_t call, size_t kept,
                                      cortland_feature* feature, cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "feature", feature)) return *bad;
    const host::Contract& contract = *session->contract;
    if (auto bad = check_index("kept", kept, contract.cache.kept.size())) return *bad;
    *feature = make_feature(contract.cache.kept[kept].added, CORTLAND_NUMBER_FP16,
                            shape_of_kept(contract, session->calls[call].call));
    return {};
  });
}

cortland_status cortland_session_keep(cortland_session* session, size_t call, size_t kept, const cortland_array* array,
                                      cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "array", array)) return *bad;
    const host::Contract& contract = *session->contract;
    if (auto bad = check_index("kept", kept, contract.cache.kept.size())) return *bad;
    const host::Call& planned = session->calls[call].call;
    const std::vector<int64_t> shape = shape_of_kept(contract, planned);
    if (auto bad = check_array(contract.cache.kept[kept].added, array, shape, CORTLAND_NUMBER_FP16)) return *bad;
    session->session.past()[kept].append(planned.rows, read_halves(*array));
    return {};
  });
}
