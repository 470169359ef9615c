#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <vector>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cortland {
namespace {

constexpr size_t kMaxDepth = 64;

// "line 3, column 7" of byte `at` (counted from 1, as the parser counts).
std::string position(std::string_view text, size_t at) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i + 1 < at && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return fmt::format("line {}, column {}", line, column);
}

// The end of the line up to byte `at`: what was read when the parser gave up.
std::string_view line_before(std::string_view text, size_t at) {
  constexpr size_t kMaxShown = 40;
  text = text.substr(0, at);
  if (text.size() > 1) text.remove_prefix(text.substr(0, text.size() - 1).rfind('\n') + 1);
  return text.substr(text.size() - std::min(text.size(), kMaxShown));
}

// Builds the value itself, because the library's own builder keeps the last of two equal keys.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  StrictBuilder(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& digits) override {
    require(std::isfinite(value), ErrorCode::corrupt, "{}: number out of range: {}", where_, printable(digits));
    return add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Json::object()); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    require(!stack_.back()->contains(name), ErrorCode::corrupt, "{}: key \"{}\" appears twice in one object", where_,
            printable(name));
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t at, const std::string&, const nlohmann::detail::exception&) override { not_json(at); }
  [[noreturn]] void not_json(size_t at) const {
    fail(ErrorCode::corrupt, "{}: not valid JSON at {}; got \"{}\"", where_, position(text_, at),
         printable(line_before(text_, at)));
  }

  Json take() { return std::move(root_); }

 private:
  Json* place(Json&& value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  bool add(Json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(Json&& value) {
    require(stack_.size() < kMaxDepth, ErrorCode::corrupt, "{}: nested deeper than {} levels", where_, kMaxDepth);
    stack_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string_view where_;
  Json root_;
  std::vector<Json*> stack_;
  std::string key_;
};

[[noreturn]] void wrong_type(const Json& value, std::string_view where, std::string_view want) {
  fail(ErrorCode::corrupt, "{}: got {}, want {}", where, printable(json_text(value), 60), want);
}

}  // namespace

Json parse_json(std::string_view text, std::string_view where) {
  StrictBuilder builder(text, where);
  // The library takes a NUL for the end of the text, whatever follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) builder.not_json(nul + 1);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

OrderedJson read_if_json(std::string_view text) { return OrderedJson::parse(text.begin(), text.end(), nullptr, false); }

std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_text(const OrderedJson& value, int indent) {
  return value.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

const Json& json_member(const Json& value, std::string_view key, std::string_view where) {
  if (!value.is_object()) wrong_type(value, where, "an object");
  const auto it = value.find(key);
  require(it != value.end(), ErrorCode::corrupt, "{}: key \"{}\" is missing", where, key);
  return *it;
}

std::string json_string(const Json& value, std::string_view where) {
  if (!value.is_string()) wrong_type(value, where, "a string");
  return value.get<std::string>();
}

int64_t json_int(const Json& value, std::string_view where) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(INT64_MAX)) wrong_type(value, where, "a 64-bit integer");
    return static_cast<int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number == std::floor(number) && std::abs(number) < 9e15) return static_cast<int64_t>(number);
  }
  wrong_type(value, where, "an integer");
}

double json_number(const Json& value, std::string_view where) {
  if (!value.is_number()) wrong_type(value, where, "a number");
  return value.get<double>();
}

bool json_bool(const Json& value, std::string_view where) {
  if (!value.is_boolean()) wrong_type(value, where, "true or false");
  return value.get<bool>();
}

}  // namespace cortland
