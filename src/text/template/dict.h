// A dict of Python: keys of any hashable kind, in the order in which they came.
#pragma once

#include <map>

#include "text/template/value.h"

namespace cortland::text {

// False for lists and dicts, as in Python. Tuples are keys only when short and of plain elements: that bounds the time.
bool is_key(const Value& value);

// A total order of keys in which 1, 1.0 and true are equal, as they are in a dict. Not that of `<`. A tree and not a
// hash table, since keys come from strangers.
struct KeyOrder {
  using is_transparent = void;
  bool operator()(const Value& a, const Value& b) const;
  bool operator()(const Value& a, std::string_view b) const;
  bool operator()(std::string_view a, const Value& b) const;
};

class Dict {
 public:
  struct Entry {
    Value key;
    Value value;
  };

  size_t size() const { return entries_.size(); }
  int depth() const { return depth_; }
  const std::vector<Entry>& entries() const { return entries_; }
  // nullptr when there is none.
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
  // A key that is there already keeps its place. REQUIRES: is_key(key).
  void set(const Value& key, Value value);
  // Bytes that it takes, without what its values refer to.
  size_t footprint() const {
    return sizeof(Dict) + entries_.size() * (sizeof(Entry) + sizeof(Value) + 6 * sizeof(void*));
  }
  void hold(Charge charge) { charge_ = std::move(charge); }

 private:
  std::vector<Entry> entries_;
  std::map<Value, size_t, KeyOrder> places_;  // key -> index into entries_
  int depth_ = 1;
  Charge charge_;
};

}  // namespace cortland::text
