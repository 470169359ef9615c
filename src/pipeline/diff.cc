#include "pipeline/diff.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "interp/constants.h"
#include "lint/subject.h"
#include "package/layout.h"
#include "package/reader.h"
#include "pipeline/inspect.h"
#include "pipeline/interface_text.h"

namespace cortland {
namespace {

using Texts = std::map<std::string, std::string>;

void compare_texts(const Texts& first, const Texts& second, std::vector<TextChange>& changes) {
  std::set<std::string> keys;
  for (const Texts* texts : {&first, &second}) {
    for (const auto& [key, text] : *texts) keys.insert(key);
  }
  const auto text_of = [](const Texts& texts, const std::string& key) {
    const auto it = texts.find(key);
    return it == texts.end() ? std::string() : it->second;
  };
  for (const std::string& key : keys) {
    const std::string a = text_of(first, key), b = text_of(second, key);
    if (a != b || first.count(key) != second.count(key)) changes.push_back({key, a, b});
  }
}

// What a package says of itself beside userDefined.
Texts description_of(const Package& package) {
  Texts texts{{"specification version", fmt::format("{}", package.specification_version)},
              {"default function", package.default_function},
              {"description", package.short_description},
              {"author", package.author},
              {"license", package.license},
              {"version", package.version_string}};
  for (const InputRange& r : package.ranges) {
    texts[fmt::format("range of {} {}", r.function, r.input)] =
        fmt::format("{} to {}, {} at first", to_string(r.lower), to_string(r.upper), to_string(r.initial));
  }
  for (const InputChoices& c : package.choices) {
    std::vector<std::string> shapes;
    for (const Shape& shape : c.shapes) shapes.push_back(to_string(shape));
    texts[fmt::format("shapes of {} {}", c.function, c.input)] = fmt::format("{}", fmt::join(shapes, ", "));
  }
  return texts;
}

// Entries, and the members of those that are JSON objects.
Texts metadata_of(const Package& package) {
  Texts texts;
  for (const auto& [key, text] : package.metadata) {
    const OrderedJson json = read_if_json(text);
    if (!json.is_object() || json.empty()) {
      texts[key] = text;
      continue;
    }
    const OrderedJson flat = json.flatten();
    for (const auto& [pointer, member] : flat.items()) texts[key + " " + pointer] = json_text(member);
  }
  return texts;
}

Texts interface_of(const Package& package, const mil::Function& function) {
  Texts texts{{"opset", function.opset}};
  for (const mil::ValueId id : function.inputs) {
    const mil::ValueInfo& value = function.value(id);
    texts[(value.type.is_state ? "state " : "input ") + value.name] = border_type_text(package, function, id);
  }
  for (const mil::ValueId id : function.outputs) {
    texts["output " + function.value(id).name] = border_type_text(package, function, id);
  }
  return texts;
}

// Numbers for the constants of a package: equal numbers mean equal bytes.
class Origins {
 public:
  // Of each value of a function; 0: no constant.
  std::vector<size_t> of(const mil::Function& function) {
    std::vector<size_t> numbers(function.values.size(), 0);
    for (const mil::Operation& operation : function.operations) {
      if (!makes_constants(operation)) continue;
      std::string text = operation.type;
      for (const auto* list : {&operation.inputs, &operation.attributes}) {
        for (const mil::Argument& argument : *list) {
          for (const mil::Binding& binding : argument.bindings) {
            const auto* operand = std::get_if<mil::ValueId>(&binding);
            const auto* payload = std::get_if<mil::PayloadPtr>(&binding);
            text += operand != nullptr   ? fmt::format(" {}", numbers[static_cast<size_t>(*operand)])
                    : payload != nullptr ? " " + (*payload)->key()
                                         : fmt::format(" {} in {}", operation.name, function.name);
          }
        }
      }
      const size_t number = known_.emplace(text, known_.size() + 1).first->second;
      for (const mil::ValueId id : operation.outputs) numbers[static_cast<size_t>(id)] = number;
    }
    return numbers;
  }

 private:
  std::map<std::string, size_t> known_;
};

// One side of the functions of one name.
struct FunctionSide {
  explicit FunctionSide(const mil::Function& f) : function(f), graph(f) {}
  const mil::Function& function;
  lint::Graph graph;
};

// The weights of all functions, each pair once.
class WeightComparison {
 public:
  void add(const mil::Function& first, const mil::Function& second, const FunctionDiff& diff) {
    const auto sides = std::make_shared<const std::pair<FunctionSide, FunctionSide>>(first, second);
    const std::vector<size_t> from = first_origins_.of(first), to = second_origins_.of(second);
    const auto number = [](const std::vector<size_t>& numbers, mil::ValueId id) {
      return id < 0 ? 0 : numbers[static_cast<size_t>(id)];
    };
    for (const auto& [a, b] : diff.weights) {
      if (seen_.insert({number(from, a), number(to, b)}).second) pairs_.push_back({sides, a, b});
    }
  }

  void run(DiffView& view) const {
    std::vector<WeightChange> changes(pairs_.size());
    parallel_for(pairs_.size(), 1, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) changes[i] = compare(pairs_[i]);
    });
    for (WeightChange& change : changes) {
      ++view.weight_counts[change.difference.relation];
      if (change.difference.relation != WeightRelation::equal) view.weights.push_back(std::move(change));
    }
  }

 private:
  struct Pair {
    std::shared_ptr<const std::pair<FunctionSide, FunctionSide>> sides;
    mil::ValueId first = -1, second = -1;
  };

  static WeightChange compare(const Pair& pair) {
    const auto& [a, b] = *pair.sides;
    WeightChange change;
    const auto describe = [](const FunctionSide& side, mil::ValueId id, std::string& name, std::string& form,
                             uint64_t& bytes) {
      if (id < 0) return;
      name = side.function.value(id).name;
      form = stored_form(side.function, id);
      bytes = lint::stored_bytes(side.graph, id);
    };
    describe(a, pair.first, change.first, change.first_form, change.first_bytes);
    describe(b, pair.second, change.second, change.second_form, change.second_bytes);
    change.shape =
        to_string(pair.first >= 0 ? a.function.value(pair.first).type.shape : b.function.value(pair.second).type.shape);
    if (pair.first < 0 || pair.second < 0) {
      change.difference.relation = pair.second < 0 ? WeightRelation::only_first : WeightRelation::only_second;
      return change;
    }
    change.difference =
        compare_weights(weight_values(a.function, pair.first), weight_values(b.function, pair.second),
                        change.first_form == change.second_form);
    if (change.difference.relation == WeightRelation::reshaped) {
      change.shape += " -> " + to_string(b.function.value(pair.second).type.shape);
    }
    return change;
  }

  std::vector<Pair> pairs_;
  std::set<std::pair<size_t, size_t>> seen_;
  Origins first_origins_, second_origins_;
};

PackageSizes sizes_of(const FileSystem& files, const std::string& path) {
  const auto size = [&](const std::string& file) {
    return files.kind(file) == FileKind::file ? files.open(file)->size() : 0;
  };
  return {tree_bytes(files, path), size(model_path(path)), size(weight_path(path))};
}

}  // namespace

bool DiffView::is_equal() const {
  const bool has_equal_functions =
      only_first.empty() && only_second.empty() &&
      std::all_of(functions.begin(), functions.end(), [](const FunctionChange& f) { return f.is_equal(); });
  return description.empty() && metadata.empty() && has_equal_functions && weights.empty();
}

DiffView diff_packages(const FileSystem& files, const std::string& first, const std::string& second) {
  const Package a = read_package(files, first), b = read_package(files, second);
  DiffView view;
  compare_texts(description_of(a), description_of(b), view.description);
  compare_texts(metadata_of(a), metadata_of(b), view.metadata);
  WeightComparison weights;
  for (const mil::Function& function : a.program.functions) {
    const mil::Function* other = b.program.find(function.name);
    if (other == nullptr) {
      view.only_first.push_back(function.name);
      continue;
    }
    FunctionChange change{.name = function.name, .interface = {}, .program = diff_functions(function, *other)};
    compare_texts(interface_of(a, function), interface_of(b, *other), change.interface);
    weights.add(function, *other, change.program);
    view.functions.push_back(std::move(change));
  }
  for (const mil::Function& function : b.program.functions) {
    if (a.program.find(function.name) == nullptr) view.only_second.push_back(function.name);
  }
  weights.run(view);
  view.sizes = {sizes_of(files, first), sizes_of(files, second)};
  return view;
}

}  // namespace cortland
