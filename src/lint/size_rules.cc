// Too much of something: bytes, layers. Sizes alone are read.
#include <algorithm>
#include <cmath>
#include <set>

#include "lint/attention.h"
#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constant.h"
#include "mil/ops/linear.h"

namespace cortland::lint {
namespace {

constexpr uint64_t kOperationBytes = 512'000'000;
constexpr uint64_t kStateBytes = 256 << 20;
constexpr size_t kLayers = 28, kPhoneLayers = 17;
constexpr int64_t kCores = 16;
constexpr double kMiB = 1 << 20, kStallBytes = 16 << 10;

std::string megabytes(uint64_t bytes) { return fmt::format("{} MB", (bytes + 500'000) / 1'000'000); }

// Of every blob of the package, once.
uint64_t weight_bytes(const Subject& subject) {
  uint64_t sum = 0;
  std::set<std::string_view> seen;
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      for (const auto* list : {&operation.inputs, &operation.attributes}) {
        for (const mil::Argument& argument : *list) {
          for (const mil::Binding& binding : argument.bindings) {
            const auto* payload = std::get_if<mil::PayloadPtr>(&binding);
            if (payload != nullptr && seen.insert((*payload)->key()).second) sum += (*payload)->size_bytes();
          }
        }
      }
    }
  }
  return sum;
}

void check_state_bytes(const Subject& subject, Report& report) {
  // Of one function: those for other contexts have states of their own.
  uint64_t most = 0;
  for (const Graph& graph : subject.graphs()) {
    uint64_t sum = 0;
    for (const mil::ValueId id : graph.function().inputs) {
      const mil::Type& type = graph.type(id);
      if (type.is_state && is_fixed(type.shape)) {
        sum += stored_size(static_cast<uint64_t>(element_count(type.shape)), type.dtype);
      }
    }
    most = std::max(most, sum);
  }
  if (most > kStateBytes) report.add_package("states of {}; want at most {}", megabytes(most), megabytes(kStateBytes));
}

void check_operation_bytes(const Subject& subject, Report& report) {
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto weight = graph.is_constant(operation) ? std::nullopt : weight_of(graph, operation);
      if (!weight || !graph.made_by<mil::Const>(*weight)) continue;
      const uint64_t bytes = stored_bytes(graph, *weight);
      if (bytes > kOperationBytes) {
        report.add(graph, operation, "a weight of {}; want at most {}", megabytes(bytes), megabytes(kOperationBytes));
      }
    }
  }
}

void check_package_bytes(const Subject& subject, Report& report) {
  const uint64_t bytes = weight_bytes(subject);
  const uint64_t limit = subject.chip() != nullptr ? subject.chip()->weight_limit : kMacWeights;
  if (bytes > limit) {
    report.add_package("weights of {}; {} is known to load {}", megabytes(bytes),
                       subject.chip() != nullptr ? subject.chip()->name : "a Mac", megabytes(limit));
  } else if (subject.chip() == nullptr && bytes > kPhoneWeights) {
    report.milder(Severity::warning)
        .add_package("weights of {}; an iPhone is known to load {}, a Mac {}", megabytes(bytes),
                     megabytes(kPhoneWeights), megabytes(kMacWeights));
  }
}

void check_layers(const Subject& subject, Report& report) {
  size_t layers = 0;
  for (const Graph& graph : subject.graphs()) layers = std::max(layers, attentions(graph).size());
  if (layers > kLayers) {
    report.add_package("{} layers; compilers are known to give up beyond {}", layers, kLayers);
  } else if (layers > kPhoneLayers) {
    report.milder(Severity::note)
        .add_package("{} layers; up to {} are sure to compile on an iPhone", layers, kPhoneLayers);
  }
}

void check_whole_mib(const Subject& subject, Report& report) {
  if (subject.chip() != nullptr && !subject.chip()->stalls_on_whole_mib) return;
  for (const Graph& graph : subject.graphs()) {
    for (const mil::Operation& operation : graph.operations()) {
      const auto weight = graph.is_constant(operation) ? std::nullopt : weight_of(graph, operation);
      // Of compressed weights it is not known what counts.
      if (!weight || !graph.made_by<mil::Const>(*weight) || graph.type(*weight).dtype != DType::f16) continue;
      const double share = static_cast<double>(stored_bytes(graph, *weight)) / kCores;
      const double nearest = std::round(share / kMiB) * kMiB;
      if (nearest > 0 && std::abs(share - nearest) <= kStallBytes) {
        report.add(graph, operation, "the weight {} is {:g} MiB for each of {} cores", to_string(graph.shape(*weight)),
                   share / kMiB, kCores);
      }
    }
  }
}

constexpr Rule kSizeRules[] = {
    {"L24", Severity::warning, Scope::ane, "States take at most 256 MiB",
     "Every token costs time in proportion to the length of the cache, and memory may not suffice",
     "Choose a smaller --context", "CML", Confidence::measured, check_state_bytes},
    {"L36", Severity::warning, Scope::ane, "No operation has more than 512 MB of fp16 weights",
     "A head of 742 MB ran on the CPU", "Compress it, or cut it: --head-precision, --head-splits", "LMH",
     Confidence::measured, check_operation_bytes},
    {"L37", Severity::error, Scope::ane, "The weights of a package are at most 950 MB for iPhones, 1.9 GB for Macs",
     "Larger ones fail to load (-14) or run on the GPU without a word",
     "Choose a smaller --precision; convert: --parts auto", "ANM, CML, BOOK", Confidence::measured,
     check_package_bytes},
    {"L38", Severity::warning, Scope::ane, "A package has at most 28 layers, 17 to be sure on an iPhone",
     "The compiler of the Neural Engine crashed on 35 layers", "Cut the model into packages; convert: --parts N", "CML",
     Confidence::measured, check_layers},
    {"L39", Severity::warning, Scope::ane, "No fp16 weight is a whole number of MiB for each of 16 cores",
     "An M3 then streams it at a third of its speed; other chips do not care",
     "Cut the operation in two, or compress its weight", "ERR", Confidence::measured, check_whole_mib},
};

}  // namespace

std::span<const Rule> size_rules() { return kSizeRules; }

}  // namespace cortland::lint
