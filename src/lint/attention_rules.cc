#include <algorithm>
#include <map>
#include <set>

#include "lint/attention.h"
#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/attention.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"

namespace cortland::lint {

using Sdpa = mil::ScaledDotProductAttention;

std::vector<const mil::Operation*> attentions(const Graph& graph) {
  std::vector<const mil::Operation*> list;
  for (const mil::Operation& operation : graph.operations()) {
    if (mil::is<Sdpa>(operation) && !operation.outputs.empty()) list.push_back(&operation);
    if (!mil::is<mil::Softmax>(operation)) continue;
    const auto& users = graph.users(Graph::result(operation));
    if (std::any_of(users.begin(), users.end(),
                    [](const mil::Operation* user) { return mil::is<mil::Matmul>(*user); })) {
      list.push_back(&operation);
    }
  }
  return list;
}

namespace {

constexpr int64_t kBatchLimit = 10, kKeyStep = 32;
constexpr uint64_t kScoreBytes = 32 << 20;
constexpr size_t kTransposesPerLayer = 4;

void check_fused_attention(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      if (mil::is<Sdpa>(operation)) report.add(graph, operation, "is fused");
    }
  }
}

void check_fused_shapes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto sdpa = graph.as<Sdpa>(operation);
      if (!sdpa) continue;
      const Shape &q = graph.shape(sdpa->query.id), &k = graph.shape(sdpa->key.id), &v = graph.shape(sdpa->value.id);
      if (q.size() < 3 || q.size() != k.size() || q.size() != v.size()) {
        report.add(graph, operation, "ranks {}, {} and {} of query, key and value; want the same, of 3 or more",
                   q.size(), k.size(), v.size());
        continue;
      }
      const auto leads = static_cast<std::ptrdiff_t>(q.size() - 2);
      if (!std::equal(q.begin(), q.begin() + leads, k.begin()) ||
          !std::equal(q.begin(), q.begin() + leads, v.begin())) {
        report.add(graph, operation, "heads of query {}, key {} and value {} differ", to_string(q), to_string(k),
                   to_string(v));
      } else if (q.front() >= kBatchLimit) {
        report.add(graph, operation, "a batch of {}; want less than {}", q.front(), kBatchLimit);
      }
    }
  }
}

void check_repeats(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto gather = graph.as<mil::Gather>(operation);
      if (!gather || graph.is_constant(gather->x.id)) continue;
      const auto indices = mil::constant_of(graph.function(), gather->indices.id);
      if (!indices || indices->dtype != DType::i32 || indices->shape.size() > 1) continue;
      const std::vector<int32_t> list = indices->as_ints();
      if (std::set<int32_t>(list.begin(), list.end()).size() < list.size()) {
        report.add(graph, operation, "repeats parts of {} by index", graph.value(gather->x.id).name);
      }
    }
  }
}

// The axis that the products behind a softmax sum over, counted from the end: 1 or 2.
size_t summed_axis(const Graph& graph, const mil::Operation& softmax) {
  const mil::ValueId weights = Graph::result(softmax);
  for (const mil::Operation* user : graph.users(weights)) {
    const auto product = graph.as<mil::Matmul>(*user);
    if (!product) continue;
    return product->x.id == weights ? (product->transpose_x ? 2 : 1) : (product->transpose_y ? 1 : 2);
  }
  return 1;
}

void check_softmax_axes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation* operation : attentions(graph)) {
      const auto softmax = graph.as<mil::Softmax>(*operation);
      if (!softmax) continue;
      const Shape& shape = graph.shape(softmax->x.id);
      const auto rank = static_cast<int32_t>(shape.size());
      const auto axis = static_cast<size_t>(softmax->axis < 0 ? softmax->axis + rank : softmax->axis);
      if (axis >= shape.size()) continue;
      if (axis + summed_axis(graph, *operation) != shape.size()) {
        report.add(graph, *operation, "axis {} of {} is not the one that the product sums over", axis,
                   to_string(shape));
      } else if (shape[axis] != kUnknown && shape[axis] % kKeyStep != 0) {
        report.add(graph, *operation, "{} keys; want a multiple of {}", shape[axis], kKeyStep);
      }
    }
  }
}

void check_transposes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    const size_t layers = attentions(graph).size();
    if (layers == 0) continue;
    const auto moves_last = [&](const mil::Operation& operation) {
      const auto transpose = graph.as<mil::Transpose>(operation);
      if (!transpose || transpose->perm.empty() || graph.is_constant(operation)) return false;
      const int32_t last = transpose->perm.back(), rank = static_cast<int32_t>(transpose->perm.size());
      return (last < 0 ? last + rank : last) != rank - 1;
    };
    const auto count =
        static_cast<size_t>(std::count_if(graph.operations().begin(), graph.operations().end(), moves_last));
    // A few more lead in and out of the layout.
    if (count > kTransposesPerLayer * (layers + 1)) {
      report.add_function(graph, "{} transposes of the last axis in {} layers; want at most {} in a layer", count,
                          layers, kTransposesPerLayer);
    }
  }
}

void check_score_bytes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation* operation : attentions(graph)) {
      const mil::Type& type = graph.type(Graph::result(*operation));
      if (mil::is<Sdpa>(*operation) || !is_fixed(type.shape)) continue;
      const uint64_t bytes = stored_size(static_cast<uint64_t>(element_count(type.shape)), type.dtype);
      if (bytes > kScoreBytes) {
        report.add(graph, *operation, "scores {} of {} MiB; want at most {}", to_string(type), bytes >> 20,
                   kScoreBytes >> 20);
      }
    }
  }
}

bool keeps_place(const mil::Operation& operation) {
  return is_layout(operation) || mil::is<mil::Add>(operation) || mil::is<mil::Cast>(operation);
}

// The inputs that say where a cache is written, with the number of its slots.
std::map<mil::ValueId, int64_t> cache_slots(const Graph& graph) {
  std::map<mil::ValueId, int64_t> slots;
  for (const mil::Operation& operation : graph.operations()) {
    const auto update = graph.as<mil::SliceUpdate>(operation);
    const auto places =
        update && !update->begin.is_constant() ? graph.made_by<mil::Concat>(update->begin.value.id) : std::nullopt;
    if (!places) continue;
    const Shape& cache = graph.shape(update->x.id);
    size_t axis = 0;
    for (const mil::Value part : places->values) {
      const Shape& shape = graph.shape(part.id);
      graph.walk_back(part.id, keeps_place, [&](mil::ValueId at) {
        if (graph.producer(at) == nullptr && axis < cache.size()) slots.emplace(at, cache[axis]);
      });
      axis += shape.empty() ? 1 : static_cast<size_t>(std::max<int64_t>(shape[0], 0));
    }
  }
  return slots;
}

void check_position_tables(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    const std::map<mil::ValueId, int64_t> slots = cache_slots(graph);
    for (const mil::Operation& operation : graph.operations()) {
      const auto gather = graph.as<mil::Gather>(operation);
      if (!gather || !graph.is_constant(gather->x.id) || graph.shape(gather->x.id).empty() || gather->axis != 0) {
        continue;
      }
      const int64_t rows = graph.shape(gather->x.id).front();
      graph.walk_back(gather->indices.id, keeps_place, [&](mil::ValueId at) {
        const auto found = slots.find(at);
        if (found != slots.end() && rows < found->second) {
          report.add(graph, operation, "a table of {} rows for a cache of {} slots", rows, found->second);
        }
      });
    }
    if (!subject.contract()) continue;
    for (const auto& rope : subject.contract()->ropes) {
      for (const std::string& name : {rope.cos, rope.sin}) {
        const mil::ValueId id = graph.function().find_value(name);
        if (id >= 0 && graph.producer(id) == nullptr && graph.type(id).dtype != DType::f16) {
          report.add(graph, id, "got {}, want fp16", to_string(graph.type(id)));
        }
      }
    }
  }
}

constexpr Rule kAttentionRules[] = {
    {"L25", Severity::error, Scope::ane, "Attention is not fused",
     "Since iOS 26 the fused operation gives wrong numbers on the Neural Engine, which packages for older systems meet as well",
     "Write matmul, add, softmax, matmul; convert: --attention matmul", "ET, SqB", Confidence::measured,
     check_fused_attention},
    {"L26", Severity::error, Scope::gpu,
     "Query, key and value of fused attention have the same heads and a batch below 10",
     "Other heads are refused, and with a batch of 10 the result was wrong", "Fold query heads below their key head",
     "CT, ct#2650", Confidence::documented, check_fused_shapes},
    {"L27", Severity::warning, Scope::ane, "Heads are not repeated by a lookup",
     "It copies the cache; without it a model was 10 to 15 % faster", "Fold query heads below their key head, or tile",
     "ET", Confidence::measured, check_repeats},
    {"L28", Severity::warning, Scope::ane, "Softmax runs along the keys, a multiple of 32",
     "The layout changes between the products otherwise", "Choose a context that is a multiple of 32", "CAI-NE",
     Confidence::derived, check_softmax_axes},
    {"L29", Severity::warning, Scope::ane, "A layer transposes the last axis at most 4 times",
     "Such a transpose rewrites the whole tensor", "Keep one layout from the projections to the sum", "CAI-NE",
     Confidence::documented, check_transposes},
    {"L45", Severity::error, Scope::any, "Tables of positions are fp16 and have a row for every slot of the cache",
     "A table that is too short gave garbage", "Make the table as long as the cache", "ANM, CAI-NE",
     Confidence::measured, check_position_tables},
    {"L56", Severity::warning, Scope::ane, "The scores of a layer take at most 32 MiB",
     "They do not fit on the chip, and the compiler may run out of memory",
     "Fewer tokens in a call: a smaller --prefill", "SqB, MDX", Confidence::derived, check_score_bytes},
};

}  // namespace

std::span<const Rule> attention_rules() { return kAttentionRules; }

}  // namespace cortland::lint
