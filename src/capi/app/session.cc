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
  cortland_session(std::shared_ptr<const host::Contract> shared, std::shared_ptr<const OpenEmbedding> rows)
      : contract(std::move(shared)), embedding(std::move(rows)), session(*contract) {}
  const std::shared_ptr<const host::Contract> contract;
  const std::shared_ptr<const OpenEmbedding> embedding;  // nullptr: the package has it
  host::Session session;  // refers to the contract
  // A call of one package.
  struct Planned {
    host::Call call;
    size_t part = 0;
    std::vector<host::CallInput> inputs;
    bool is_last = true;  // no part follows
    std::vector<uint16_t> hidden = {};  // fp16 [1, T, D] for the part that follows, once they are there
  };
  std::vector<Planned> calls;

  void plan(std::vector<host::Call> planned) {
    std::vector<Planned> next;
    for (const host::Call& call : planned) {
      for (size_t part = 0; part < contract->part_count() && contract->is_needed(part, *call.function); ++part) {
        if (part > 0) next.back().is_last = false;
        next.push_back({call, part, host::inputs_of(*contract, call.rows, part)});
      }
    }
    calls = std::move(next);
  }

  // Keys and values that a part has.
  size_t kept_count(size_t part) const {
    return contract->kept_by(part).size();
  }

  // What a call takes in place of ids.
  portable::Result<std::vector<uint16_t>> rows_for(size_t call) const {
    const Planned& planned = calls[call];
    if (planned.part == 0) {
      std::vector<uint16_t> rows(planned.call.ids.size() * static_cast<size_t>(embedding->table.width()));
      embedding->table.read(planned.call.ids, rows);
      return rows;
    }
    if (!calls[call - 1].hidden.empty()) return calls[call - 1].hidden;
    return portable::Failure{"hidden_states: the part before gave none; hint: cortland_session_pass"};
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
  return input.is_int() ? CORTLAND_NUMBER_INT32 : CORTLAND_NUMBER_FP16;
}

std::vector<int64_t> shape_of_kept(const host::Contract::PartKept& kept, const cortland_session::Planned& planned) {
  return {kept.shape[0], kept.shape[1], planned.call.rows.tokens, kept.shape[3]};
}

std::vector<int64_t> shape_of_hidden(const host::Contract& contract, const cortland_session::Planned& planned) {
  return {1, planned.call.rows.tokens, contract.hidden_size};
}

// The index in the session of the past that belongs to an output. REQUIRES: the part has layers.
size_t past_of(const cortland_session::Planned& planned, size_t kept) {
  const auto is_past = [](const host::CallInput& input) { return input.kind == host::CallInput::Kind::past; };
  return std::find_if(planned.inputs.begin(), planned.inputs.end(), is_past)->index + kept;
}

}  // namespace

cortland_status cortland_session_create(const cortland_contract* contract, const cortland_embedding* embedding,
                                        cortland_session** session, cortland_error* error) noexcept {
  return create(session, error, [&]() -> Outcome {
    if (contract == nullptr) return missing("contract");
    const host::Contract& known = *contract->contract;
    if (!known.embedding_file) {
      *session = new cortland_session(contract->contract, nullptr);
      return {};
    }
    if (embedding == nullptr) return invalid("embedding: is missing; want that of the file " + *known.embedding_file);
    const host::EmbeddingTable& table = embedding->open->table;
    if (table.rows() != known.vocabulary || table.width() != known.embedding_size) {
      return invalid("embedding: got " + std::to_string(table.rows()) + " rows of " + std::to_string(table.width()) +
                     ", want " + std::to_string(known.vocabulary) + " of " + std::to_string(known.embedding_size));
    }
    *session = new cortland_session(contract->contract, embedding->open);
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

size_t cortland_session_resumable(const cortland_session* session, size_t position) noexcept {
  if (position > cortland_session_position(session)) return cortland_session_position(session);
  return session == nullptr ? 0 : static_cast<size_t>(session->session.resumable(static_cast<int64_t>(position)));
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
    const cortland_session::Planned& step = session->calls[call];
    const host::Call& planned = step.call;
    const auto size = [](int64_t count) { return static_cast<size_t>(count); };
    *description = {.function = size(planned.function - session->contract->functions.data()),
                    .start = size(planned.rows.start), .tokens = size(planned.rows.tokens),
                    .used = size(planned.rows.used), .input_count = step.inputs.size(),
                    .kept_count = session->kept_count(step.part), .part = step.part};
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
    const cortland_session::Planned& planned = session->calls[call];
    if (auto bad = check_index("input", input, planned.inputs.size())) return *bad;
    const host::CallInput& filled = planned.inputs[input];
    if (auto bad = check_array(filled.name, array, filled.shape, number_of(filled))) return *bad;
    if (filled.kind == host::CallInput::Kind::hidden) {
      const auto rows = session->rows_for(call);
      if (!rows) return invalid(rows.message());
      write_array(*array, std::span(*rows));
      return {};
    }
    const host::InputValues values = host::make_values(*session->contract, session->session, planned.call, filled);
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
    const cortland_session::Planned& step = session->calls[call];
    const host::Call& planned = step.call;
    if (!planned.function->gives_logits() || !step.is_last) return {CORTLAND_NOT_FOUND, "logits: the call gives none"};
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
    const cortland_session::Planned& planned = session->calls[call];
    const std::vector<host::Contract::PartKept> outputs = contract.kept_by(planned.part);
    if (auto bad = check_index("kept", kept, outputs.size())) return *bad;
    *feature = make_feature(outputs[kept].names->added, CORTLAND_NUMBER_FP16, shape_of_kept(outputs[kept], planned));
    return {};
  });
}

cortland_status cortland_session_keep(cortland_session* session, size_t call, size_t kept, const cortland_array* array,
                                      cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "array", array)) return *bad;
    const host::Contract& contract = *session->contract;
    const cortland_session::Planned& planned = session->calls[call];
    const std::vector<host::Contract::PartKept> outputs = contract.kept_by(planned.part);
    if (auto bad = check_index("kept", kept, outputs.size())) return *bad;
    const std::vector<int64_t> shape = shape_of_kept(outputs[kept], planned);
    if (auto bad = check_array(outputs[kept].names->added, array, shape, CORTLAND_NUMBER_FP16)) return *bad;
    session->session.past()[past_of(planned, kept)].append(planned.call.rows, read_halves(*array));
    return {};
  });
}

cortland_status cortland_session_hidden(const cortland_session* session, size_t call, cortland_feature* feature,
                                        cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "feature", feature)) return *bad;
    const cortland_session::Planned& planned = session->calls[call];
    if (planned.is_last) return {CORTLAND_NOT_FOUND, "hidden_states: no part follows"};
    const std::vector<int64_t> shape = shape_of_hidden(*session->contract, planned);
    *feature = make_feature(session->contract->hidden, CORTLAND_NUMBER_FP16, shape);
    return {};
  });
}

cortland_status cortland_session_pass(cortland_session* session, size_t call, const cortland_array* array,
                                      cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (auto bad = check_call(session, call, "array", array)) return *bad;
    cortland_session::Planned& planned = session->calls[call];
    if (planned.is_last) return invalid("hidden_states: no part follows");
    const std::vector<int64_t> shape = shape_of_hidden(*session->contract, planned);
    if (auto bad = check_array(session->contract->hidden, array, shape, CORTLAND_NUMBER_FP16)) return *bad;
    planned.hidden = read_halves(*array);
    return {};
  });
}
