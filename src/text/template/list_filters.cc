// Filters on what has elements.
#include <algorithm>
#include <set>

#include "text/template/access.h"
#include "text/template/arithmetic.h"
#include "text/template/attribute_path.h"
#include "text/template/compare.h"
#include "text/template/filters.h"
#include "text/template/letters.h"
#include "text/template/print.h"
#include "text/template/runtime.h"
#include "text/template/sort.h"

namespace cortland::text {
namespace {

// A copy that may be changed. Nothing when it has no elements, and then something has failed.
std::optional<std::vector<Value>> copy_elements(Runtime& runtime, const Value& self) {
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr || !runtime.fits(all->elements.size() * sizeof(Value))) return std::nullopt;
  if (!runtime.spend(all->elements.size())) return std::nullopt;
  return all->elements;
}

Value length(Runtime& runtime, const Value& self, Arguments&) {
  const std::optional<size_t> size = length_of(runtime, self);
  return size ? Value(static_cast<int64_t>(*size)) : Value();
}

Value first(Runtime& runtime, const Value& self, Arguments&) {
  const SequencePointer all = elements_of(runtime, self);
  return all == nullptr || all->elements.empty() ? Value() : all->elements.front();
}

Value last(Runtime& runtime, const Value& self, Arguments&) {
  const SequencePointer all = elements_of(runtime, self);
  return all == nullptr || all->elements.empty() ? Value() : all->elements.back();
}

Value list(Runtime& runtime, const Value& self, Arguments&) {
  std::optional<std::vector<Value>> all = copy_elements(runtime, self);
  return all ? runtime.list(std::move(*all)) : Value();
}

Value reverse(Runtime& runtime, const Value& self, Arguments&) {
  if (self.text()) return slice_of(runtime, self, {None{}, None{}, int64_t{-1}});
  std::optional<std::vector<Value>> all = copy_elements(runtime, self);
  if (!all) return {};
  std::reverse(all->begin(), all->end());
  return generator(runtime, std::move(*all));
}

Value join(Runtime& runtime, const Value& self, Arguments& given) {
  const std::string separator = at(given, 0).is_given() ? to_text(runtime, at(given, 0)) : "";
  const AttributePath path(runtime, at(given, 1));
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr) return {};
  Writer out(runtime);
  for (size_t i = 0; i < all->elements.size() && !runtime.failed(); ++i) {
    if (i > 0) out.write(separator);
    print(runtime, path.of(runtime, all->elements[i]), out);
  }
  return out.finish();
}

Value items(Runtime& runtime, const Value& self, Arguments&) {
  if (self.is_undefined()) return generator(runtime, {});
  if (self.dict() == nullptr) return runtime.fail("items wants a dict; got " + describe(self));
  std::vector<Value> pairs;
  for (const auto& [key, value] : self.dict()->entries()) {
    pairs.push_back(runtime.tuple({key, value}));
    if (runtime.failed()) return {};
  }
  return generator(runtime, std::move(pairs));
}

// What is compared: the attribute, in lower case unless case matters.
Value sort_key(Runtime& runtime, const AttributePath& path, const Value& element, const Value& is_case_sensitive) {
  const Value key = path.of(runtime, element);
  if (key.text() == nullptr || is_true(is_case_sensitive)) return key;
  const size_t size = key.text()->bytes.size();
  return runtime.spend(size) && runtime.fits(8 * size) ? runtime.text(str_lower(key.text()->bytes)) : Value();
}

struct Keyed {
  Value key;
  Value element;
};

Value sort_by_key(Runtime& runtime, std::vector<Keyed> all, const Value& is_reversed) {
  sort_stably(runtime, all, [](const Keyed& one) -> const Value& { return one.key; },
              is_true(is_reversed) ? Order::descending : Order::ascending);
  std::vector<Value> sorted;
  for (Keyed& one : all) sorted.push_back(std::move(one.element));
  return runtime.list(std::move(sorted));
}

Value sort(Runtime& runtime, const Value& self, Arguments& given) {
  const SequencePointer elements = elements_of(runtime, self);
  if (elements == nullptr || !runtime.fits(elements->elements.size() * 2 * sizeof(Keyed))) return {};
  std::vector<AttributePath> paths;
  if (at(given, 2).text()) {
    std::string_view rest = at(given, 2).text()->bytes;
    while (true) {
      const std::string_view part = rest.substr(0, rest.find(','));
      paths.emplace_back(runtime, runtime.text(std::string(part)));
      if (part.size() == rest.size() || runtime.failed()) break;
      rest.remove_prefix(part.size() + 1);
    }
  } else {
    paths.emplace_back(runtime, at(given, 2));
  }
  std::vector<Keyed> all;
  for (const Value& element : elements->elements) {
    std::vector<Value> keys;
    for (const AttributePath& path : paths) keys.push_back(sort_key(runtime, path, element, at(given, 1)));
    if (runtime.failed()) return {};
    // In a list, since values without an order pass there when they are equal.
    all.push_back({runtime.list(std::move(keys)), element});
  }
  return sort_by_key(runtime, std::move(all), at(given, 0));
}

Value dictsort(Runtime& runtime, const Value& self, Arguments& given) {
  const Text* by = text_at(runtime, given, 1);
  const bool by_value = by && by->bytes == "value";
  if (by && !by_value && by->bytes != "key") return runtime.fail("dictsort by key or value; got '" + by->bytes + "'");
  if (self.dict() == nullptr) return runtime.fail("dictsort wants a dict; got " + describe(self));
  const AttributePath itself(runtime, None{});
  std::vector<Keyed> all;
  for (const auto& [key, value] : self.dict()->entries()) {
    const Value compared = sort_key(runtime, itself, by_value ? value : key, at(given, 0));
    all.push_back({compared, runtime.tuple({key, value})});
    if (runtime.failed()) return {};
  }
  return sort_by_key(runtime, std::move(all), at(given, 2));
}

Value unique(Runtime& runtime, const Value& self, Arguments& given) {
  const AttributePath path(runtime, at(given, 1));
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr) return {};
  std::set<Value, KeyOrder> seen;
  std::vector<Value> out;
  for (const Value& element : all->elements) {
    const Value key = sort_key(runtime, path, element, at(given, 0));
    if (!is_key(key)) return runtime.fail("unique wants values that can be keys; got " + describe(key));
    if (!runtime.spend(1)) return {};
    if (seen.insert(key).second) out.push_back(element);
  }
  return generator(runtime, std::move(out));
}

enum class Extreme { smallest, largest };

template <Extreme extreme>
Value find_extreme(Runtime& runtime, const Value& self, Arguments& given) {
  const AttributePath path(runtime, at(given, 1));
  const SequencePointer all = elements_of(runtime, self);
  if (all == nullptr || all->elements.empty()) return {};
  Value best = all->elements[0], best_key = sort_key(runtime, path, best, at(given, 0));
  for (size_t i = 1; i < all->elements.size() && !runtime.failed(); ++i) {
    Value key = sort_key(runtime, path, all->elements[i], at(given, 0));
    const bool is_better =
        extreme == Extreme::smallest ? is_less(runtime, key, best_key) : is_less(runtime, best_key, key);
    if (!is_better) continue;
    best = all->elements[i];
    best_key = std::move(key);
  }
  return best;
}

Value sum(Runtime& runtime, const Value& self, Arguments& given) {
  const AttributePath path(runtime, at(given, 0));
  const SequencePointer all = elements_of(runtime, self);
  Value total = at(given, 1).is_given() ? at(given, 1) : Value(int64_t{0});
  if (total.text()) return runtime.fail("sum wants no text to start with; want join");
  for (size_t i = 0; all != nullptr && i < all->elements.size() && !runtime.failed(); ++i) {
    total = calculate(runtime, Operation::add, total, path.of(runtime, all->elements[i]));
  }
  return total;
}

// Lists of `linecount` elements.
Value batch(Runtime& runtime, const Value& self, Arguments& given) {
  const int64_t size = integer_at(runtime, given, 0, 1);
  const std::optional<std::vector<Value>> all = copy_elements(runtime, self);
  if (!all) return {};
  if (size < 1 || size > 100'000) return runtime.fail("batch wants 1 to 100000 elements; got " + std::to_string(size));
  const size_t width = static_cast<size_t>(size);
  std::vector<Value> lists;
  for (size_t i = 0; i < all->size() && !runtime.failed(); i += width) {
    const auto begin = all->begin() + static_cast<std::ptrdiff_t>(i);
    std::vector<Value> part(begin, begin + static_cast<std::ptrdiff_t>(std::min(width, all->size() - i)));
    if (at(given, 1).is_given() && !at(given, 1).is_none()) part.resize(width, at(given, 1));
    lists.push_back(runtime.list(std::move(part)));
  }
  return generator(runtime, std::move(lists));
}

// So many lists, the first ones longer by one where it does not come out even.
Value slice(Runtime& runtime, const Value& self, Arguments& given) {
  const int64_t count = integer_at(runtime, given, 0, 1);
  const std::optional<std::vector<Value>> all = copy_elements(runtime, self);
  if (!all) return {};
  if (count < 1 || count > 100'000) return runtime.fail("slice wants 1 to 100000 lists; got " + std::to_string(count));
  const size_t lists = static_cast<size_t>(count), least = all->size() / lists, longer = all->size() % lists;
  std::vector<Value> out;
  auto begin = all->begin();
  for (size_t i = 0; i < lists && !runtime.failed(); ++i) {
    const auto end = begin + static_cast<std::ptrdiff_t>(least + (i < longer ? 1 : 0));
    std::vector<Value> part(begin, end);
    if (i >= longer && at(given, 1).is_given() && !at(given, 1).is_none()) part.push_back(at(given, 1));
    out.push_back(runtime.list(std::move(part)));
    begin = end;
  }
  return generator(runtime, std::move(out));
}

constexpr Builtin kListFilters[] = {
    {"batch", "linecount fill_with", 1, batch},
    {"count", "", 0, length},
    {"dictsort", "case_sensitive by reverse", 0, dictsort},
    {"first", "", 0, first},
    {"items", "", 0, items},
    {"join", "d attribute", 0, join},
    {"last", "", 0, last},
    {"length", "", 0, length},
    {"list", "", 0, list},
    {"max", "case_sensitive attribute", 0, find_extreme<Extreme::largest>},
    {"min", "case_sensitive attribute", 0, find_extreme<Extreme::smallest>},
    {"reverse", "", 0, reverse},
    {"slice", "slices fill_with", 1, slice},
    {"sort", "reverse case_sensitive attribute", 0, sort},
    {"sum", "attribute start", 0, sum},
    {"unique", "case_sensitive attribute", 0, unique},
};

}  // namespace

std::span<const Builtin> list_filters() { return kListFilters; }

}  // namespace cortland::text
