#include "text/template/globals.h"

#include "text/template/access.h"
#include "text/template/local_time.h"
#include "text/template/print.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

constexpr int64_t kMaxRange = 100'000;  // as in a sandbox of Jinja

Value range(Runtime& runtime, const Value&, Arguments& given) {
  const bool has_begin = at(given, 1).is_given();
  const int64_t first = integer_at(runtime, given, 0, 0);
  const int64_t begin = has_begin ? first : 0;
  const int64_t end = has_begin ? integer_at(runtime, given, 1, 0) : first;
  const int64_t step = integer_at(runtime, given, 2, 1);
  if (runtime.failed()) return {};
  if (step == 0) return runtime.fail("range wants a step other than 0");
  std::vector<Value> elements;
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (elements.size() == kMaxRange) {
      return runtime.fail("range is too long; want at most " + std::to_string(kMaxRange) + " numbers");
    }
    elements.push_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return runtime.sequence(Sequence::Kind::range, std::move(elements));
}

// Entries of a dict, or of pairs. False when something has failed.
bool add_entries(Runtime& runtime, const Value& source, Dict& dict) {
  if (const Dict* other = source.dict()) {
    if (!runtime.spend(other->size()) || !runtime.fits(other->footprint())) return false;
    for (const auto& [key, value] : other->entries()) dict.set(key, value);
    return true;
  }
  const SequencePointer pairs = elements_of(runtime, source);
  for (size_t i = 0; pairs != nullptr && i < pairs->elements.size() && runtime.spend(1); ++i) {
    const SequencePointer pair = elements_of(runtime, pairs->elements[i]);
    if (pair == nullptr) return false;
    if (pair->elements.size() != 2 || !is_key(pair->elements[0])) {
      runtime.fail("dict wants pairs of a key and a value; got " + describe(pairs->elements[i]));
      return false;
    }
    dict.set(pair->elements[0], pair->elements[1]);
  }
  return !runtime.failed();
}

bool read_entries(Runtime& runtime, Arguments& given, Dict& dict) {
  if (given.positional.size() > 1) runtime.fail("dict and namespace want at most one argument without a name");
  if (!given.positional.empty() && !add_entries(runtime, given.positional[0], dict)) return false;
  for (auto& [name, value] : given.named) dict.set(Value(name), std::move(value));
  return !runtime.failed();
}

Value make_dict(Runtime& runtime, const Value&, Arguments& given) {
  Dict dict;
  return read_entries(runtime, given, dict) ? runtime.dict(std::move(dict)) : Value();
}

Value make_namespace(Runtime& runtime, const Value&, Arguments& given) {
  Dict dict;
  Namespace* made = read_entries(runtime, given, dict) ? runtime.object<Namespace>() : nullptr;
  if (made == nullptr) return {};
  for (const auto& [key, value] : dict.entries()) {
    if (!runtime.spend(1)) break;
    made->set(runtime, key, value);
  }
  return static_cast<Object*>(made);
}

// cycler('a', 'b'): next() gives one after the other.
class Cycler : public Object {
 public:
  explicit Cycler(std::vector<Value> items) : items_(std::move(items)) {}
  std::string_view type_name() const override { return "Cycler"; }
  bool is_callable() const override { return false; }
  Value call(Runtime& runtime, Arguments) override { return runtime.fail("a cycler cannot be called; want next()"); }
  std::optional<Value> attribute(Runtime& runtime, std::string_view name) override;

 private:
  static Cycler& from(const Value& self) { return static_cast<Cycler&>(*self.object()); }

  std::vector<Value> items_;
  size_t next_ = 0;
};

std::optional<Value> Cycler::attribute(Runtime& runtime, std::string_view name) {
  static constexpr Builtin kMethods[] = {
      {"next", "", 0,
       [](Runtime&, const Value& self, Arguments&) {
         Cycler& cycler = from(self);
         const Value item = cycler.items_[cycler.next_];
         cycler.next_ = (cycler.next_ + 1) % cycler.items_.size();
         return item;
       }},
      {"reset", "", 0,
       [](Runtime&, const Value& self, Arguments&) {
         from(self).next_ = 0;
         return Value(None{});
       }},
  };
  if (name == "current") return items_[next_];
  const Builtin* method = find_builtin(kMethods, name);
  if (method == nullptr) return std::nullopt;
  return runtime.object_value<Function>(*method, Value(static_cast<Object*>(this)));
}

Value make_cycler(Runtime& runtime, const Value&, Arguments& given) {
  if (given.positional.empty()) return runtime.fail("cycler wants something to go through");
  return runtime.object_value<Cycler>(std::move(given.positional));
}

// joiner(', '): nothing the first time, and the separator from then on.
class Joiner : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}
  std::string_view type_name() const override { return "Joiner"; }
  Value call(Runtime& runtime, Arguments) override {
    return std::exchange(is_used_, true) ? separator_ : runtime.text("");
  }

 private:
  Value separator_;
  bool is_used_ = false;
};

Value make_joiner(Runtime& runtime, const Value&, Arguments& given) {
  return runtime.object_value<Joiner>(at(given, 0).is_given() ? at(given, 0) : runtime.text(", "));
}

Value raise_exception(Runtime& runtime, const Value&, Arguments& given) {
  const std::string message = to_text(runtime, at(given, 0));
  return runtime.raise(message);
}

Value strftime_now(Runtime& runtime, const Value&, Arguments& given) {
  const Text* format = text_at(runtime, given, 0);
  if (format == nullptr) return runtime.fail("strftime_now wants a format");
  if (!runtime.fits(32 * format->bytes.size()) || !runtime.spend(format->bytes.size())) return {};
  return runtime.text(print_time(runtime.now(), format->bytes));
}

constexpr Builtin kGlobals[] = {
    {"cycler", "*", 0, make_cycler},       {"dict", "*", 0, make_dict},
    {"joiner", "sep", 0, make_joiner},     {"namespace", "*", 0, make_namespace},
    {"raise_exception", "message", 1, raise_exception}, {"range", "start stop step", 1, range},
    {"strftime_now", "format", 1, strftime_now},
};

}  // namespace

const Builtin* find_global(std::string_view name) { return find_builtin(kGlobals, name); }

}  // namespace cortland::text
