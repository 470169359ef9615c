#include "text/template/dict.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "text/template/object.h"

namespace cortland::text {
namespace {

constexpr size_t kMaxTupleKey = 16;  // elements

enum class Rank { nothing, undefined, number, text, tuple, object };

Rank rank_of(const Value& key) {
  if (key.text()) return Rank::text;
  if (key.is_number()) return Rank::number;
  if (key.sequence()) return Rank::tuple;
  if (key.object()) return Rank::object;
  return key.is_none() ? Rank::nothing : Rank::undefined;
}

bool is_smaller_number(const Value& a, const Value& b) {
  int64_t x = 0, y = 0;
  const int64_t* left = as_integer(a, x);
  const int64_t* right = as_integer(b, y);
  if (left && right) return *left < *right;
  const double l = left ? static_cast<double>(*left) : *a.get<double>();
  const double r = right ? static_cast<double>(*right) : *b.get<double>();
  return std::isnan(r) ? !std::isnan(l) : l < r;  // NaN comes last and equals itself
}

}  // namespace

bool is_key(const Value& value) {
  if (value.dict()) return false;
  const Sequence* sequence = value.sequence();
  if (sequence == nullptr) return true;
  return sequence->kind == Sequence::Kind::tuple && sequence->elements.size() <= kMaxTupleKey &&
         std::none_of(sequence->elements.begin(), sequence->elements.end(),
                      [](const Value& element) { return depth_of(element) > 0; });
}

bool KeyOrder::operator()(const Value& a, const Value& b) const {
  const Rank rank = rank_of(a);
  if (rank != rank_of(b)) return rank < rank_of(b);
  switch (rank) {
    case Rank::number: return is_smaller_number(a, b);
    case Rank::text: return a.text()->bytes < b.text()->bytes;
    case Rank::object: return std::less<const Object*>()(a.object(), b.object());
    case Rank::tuple: {
      const std::vector<Value>& left = a.sequence()->elements;
      const std::vector<Value>& right = b.sequence()->elements;
      return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(), *this);
    }
    case Rank::nothing:
    case Rank::undefined: break;
  }
  return false;
}

bool KeyOrder::operator()(const Value& a, std::string_view b) const {
  return a.text() ? a.text()->bytes < b : rank_of(a) < Rank::text;
}

bool KeyOrder::operator()(std::string_view a, const Value& b) const {
  return b.text() ? a < b.text()->bytes : Rank::text < rank_of(b);
}

const Value* Dict::find(const Value& key) const {
  if (!is_key(key)) return nullptr;
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &entries_[place->second].value;
}

const Value* Dict::find(std::string_view key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &entries_[place->second].value;
}

void Dict::set(const Value& key, Value value) {
  depth_ = std::max({depth_, depth_of(key) + 1, depth_of(value) + 1});
  const auto [place, is_new] = places_.try_emplace(key, entries_.size());
  if (is_new) {
    entries_.push_back({key, std::move(value)});
  } else {
    entries_[place->second].value = std::move(value);
  }
}

}  // namespace cortland::text
