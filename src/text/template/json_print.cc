#include "text/template/json_print.h"

#include <cmath>

#include "text/template/code_points.h"
#include "text/template/number.h"
#include "text/template/runtime.h"
#include "text/template/sort.h"

namespace cortland::text {
namespace {

class Printer {
 public:
  Printer(Runtime& runtime, const JsonStyle& style, Writer& out) : runtime_(runtime), style_(style), out_(out) {}

  void print(const Value& value, int depth) {
    const Level level(runtime_);
    if (!level) return;
    if (const Text* text = value.text()) return print_text(text->bytes);
    if (const Dict* dict = value.dict()) return print_dict(*dict, depth);
    const Sequence* sequence = value.sequence();
    if (sequence && sequence->kind <= Sequence::Kind::tuple) return print_list(*sequence, depth);
    const std::string plain = print_scalar(value);
    if (plain.empty()) {
      runtime_.fail("JSON has no such value; got " + describe(value));
      return;
    }
    out_.write(plain);
  }

 private:
  // Empty for what is no scalar.
  static std::string print_scalar(const Value& value) {
    if (value.is_none()) return "null";
    if (const bool* flag = value.get<bool>()) return *flag ? "true" : "false";
    if (const int64_t* integer = value.get<int64_t>()) return std::to_string(*integer);
    const double* number = value.get<double>();
    if (number == nullptr) return "";
    if (std::isnan(*number)) return "NaN";
    return std::isinf(*number) ? (*number < 0 ? "-Infinity" : "Infinity") : print_float(*number);
  }

  void print_list(const Sequence& sequence, int depth) {
    out_.write("[");
    for (size_t i = 0; i < sequence.elements.size() && !runtime_.failed(); ++i) {
      begin_item(i, depth + 1);
      print(sequence.elements[i], depth + 1);
    }
    end_items(sequence.elements.size(), depth);
    out_.write("]");
  }

  void print_dict(const Dict& dict, int depth) {
    std::vector<const Dict::Entry*> entries;
    if (!runtime_.fits(dict.size() * sizeof(void*))) return;
    for (const Dict::Entry& entry : dict.entries()) entries.push_back(&entry);
    if (style_.is_sorted) {
      sort_stably(runtime_, entries, [](const Dict::Entry* entry) -> const Value& { return entry->key; });
    }
    out_.write("{");
    for (size_t i = 0; i < entries.size() && !runtime_.failed(); ++i) {
      begin_item(i, depth + 1);
      print_key(entries[i]->key);
      out_.write(style_.key_separator);
      print(entries[i]->value, depth + 1);
    }
    end_items(entries.size(), depth);
    out_.write("}");
  }

  void print_key(const Value& key) {
    if (const Text* text = key.text()) return print_text(text->bytes);
    const std::string plain = print_scalar(key);
    if (plain.empty()) {
      runtime_.fail("JSON has no such key; got " + describe(key));
      return;
    }
    out_.write("\"" + plain + "\"");
  }

  void begin_item(size_t index, int depth) {
    if (index > 0) out_.write(style_.item_separator);
    if (style_.indent) begin_line(depth);
  }

  void end_items(size_t count, int depth) {
    if (style_.indent && count > 0) begin_line(depth);
  }

  void begin_line(int depth) {
    out_.write("\n");
    for (int i = 0; i < depth && !runtime_.failed(); ++i) out_.write(*style_.indent);
  }

  void print_text(std::string_view bytes) {
    out_.write("\"");
    size_t plain = 0;  // where what needs no escape begins
    for (size_t i = 0; i < bytes.size();) {
      const unsigned char c = static_cast<unsigned char>(bytes[i]);
      const bool is_wide = c >= 0x80 && style_.is_ascii;
      const bool is_escaped = c < 0x20 || c == '"' || c == '\\' || is_wide || (c == 0x7F && style_.is_ascii);
      const size_t size = is_wide ? code_point_size(bytes.substr(i)) : 1;
      if (is_escaped) {
        out_.write(bytes.substr(plain, i - plain));
        out_.write(escape(decode_utf8(bytes.substr(i, size))[0]));
        plain = i + size;
      }
      i += size;
    }
    out_.write(bytes.substr(plain));
    out_.write("\"");
  }

  static std::string escape(char32_t point) {
    constexpr std::string_view kMeanings = "\b\f\n\r\t\"\\", kLetters = "bfnrt\"\\";
    const size_t known = point < 0x80 ? kMeanings.find(static_cast<char>(point)) : kMeanings.npos;
    if (known != kMeanings.npos) return std::string("\\") + kLetters[known];
    if (point < 0x10000) return unit(point);
    point -= 0x10000;
    return unit(0xD800 + (point >> 10)) + unit(0xDC00 + (point & 0x3FF));
  }

  static std::string unit(char32_t value) {
    std::string text = "\\u0000";
    for (size_t i = 5; i > 1; --i, value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    return text;
  }

  Runtime& runtime_;
  const JsonStyle& style_;
  Writer& out_;
};

}  // namespace

void print_json(Runtime& runtime, const Value& value, const JsonStyle& style, Writer& out) {
  Printer(runtime, style, out).print(value, 0);
}

}  // namespace cortland::text
