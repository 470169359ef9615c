#include "text/template/print.h"

#include "text/template/code_points.h"
#include "text/template/letters.h"
#include "text/template/number.h"
#include "text/template/runtime.h"

namespace cortland::text {
namespace {

std::string hex(char32_t value, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

std::string quote(std::string_view bytes) {
  const bool is_double = bytes.find('\'') != bytes.npos && bytes.find('"') == bytes.npos;
  const char mark = is_double ? '"' : '\'';
  std::string out(1, mark);
  while (!bytes.empty()) {
    const size_t size = code_point_size(bytes);
    const char32_t point = decode_utf8(bytes.substr(0, size))[0];
    if (point == '\\' || point == static_cast<unsigned char>(mark)) {
      out += '\\';
      out += static_cast<char>(point);
    } else if (point == '\n' || point == '\r' || point == '\t') {
      out += point == '\n' ? "\\n" : point == '\r' ? "\\r" : "\\t";
    } else if (is_printable(point)) {
      out += bytes.substr(0, size);
    } else {
      out += point < 0x100 ? "\\x" + hex(point, 2) : point < 0x10000 ? "\\u" + hex(point, 4) : "\\U" + hex(point, 8);
    }
    bytes.remove_prefix(size);
  }
  return out + mark;
}

void print_elements(Runtime& runtime, const Sequence& sequence, Writer& out) {
  bool is_first = true;
  for (const Value& element : sequence.elements) {
    if (runtime.failed()) return;
    if (!is_first) out.write(", ");
    is_first = false;
    print_repr(runtime, element, out);
  }
}

void print_sequence(Runtime& runtime, const Sequence& sequence, Writer& out) {
  using Kind = Sequence::Kind;
  if (sequence.kind == Kind::generator) return out.write("<generator object>");
  if (sequence.kind == Kind::range) {
    const size_t count = sequence.elements.size();
    const auto at = [&](size_t i) { return *sequence.elements[i].get<int64_t>(); };
    const int64_t begin = count > 0 ? at(0) : 0;
    const int64_t step = count > 1 ? at(1) - begin : 1;
    const int64_t end = count > 0 ? at(count - 1) + (step > 0 ? 1 : -1) : 0;
    out.write("range(" + std::to_string(begin) + ", " + std::to_string(end));
    return out.write(step == 1 ? ")" : ", " + std::to_string(step) + ")");
  }
  const bool is_tuple = sequence.kind == Kind::tuple, is_view = !is_tuple && sequence.kind != Kind::list;
  if (is_view) out.write(type_name(Value(SequencePointer(SequencePointer(), &sequence))));
  out.write(is_view ? "([" : is_tuple ? "(" : "[");
  print_elements(runtime, sequence, out);
  if (is_tuple && sequence.elements.size() == 1) out.write(",");
  out.write(is_view ? "])" : is_tuple ? ")" : "]");
}

}  // namespace

void print(Runtime& runtime, const Value& value, Writer& out) {
  if (const Text* text = value.text()) return out.write(text->bytes);
  if (!value.is_undefined()) print_repr(runtime, value, out);
}

void print_repr(Runtime& runtime, const Dict& dict, Writer& out) {
  const Level level(runtime);
  if (!level) return;
  out.write("{");
  bool is_first = true;
  for (const auto& [key, value] : dict.entries()) {
    if (runtime.failed()) return;
    if (!is_first) out.write(", ");
    is_first = false;
    print_repr(runtime, key, out);
    out.write(": ");
    print_repr(runtime, value, out);
  }
  out.write("}");
}

void print_repr(Runtime& runtime, const Value& value, Writer& out) {
  const Level level(runtime);
  if (!level) return;
  if (value.is_undefined()) return out.write("Undefined");
  if (value.is_none()) return out.write("None");
  if (const bool* flag = value.get<bool>()) return out.write(*flag ? "True" : "False");
  if (const int64_t* integer = value.get<int64_t>()) return out.write(std::to_string(*integer));
  if (const double* number = value.get<double>()) return out.write(print_float(*number));
  if (const Text* text = value.text()) {
    const size_t size = text->bytes.size();
    if (runtime.spend_bytes(8 * size) && runtime.fits(4 * size)) out.write(quote(text->bytes));
    return;
  }
  if (const Sequence* sequence = value.sequence()) return print_sequence(runtime, *sequence, out);
  if (const Dict* dict = value.dict()) return print_repr(runtime, *dict, out);
  value.object()->print(runtime, out);
}

std::string to_text(Runtime& runtime, const Value& value) {
  if (const Text* text = value.text()) return text->bytes;
  Writer out(runtime);
  print(runtime, value, out);
  return out.take();
}

Value to_text_value(Runtime& runtime, const Value& value) {
  return value.text() ? value : runtime.text(to_text(runtime, value));
}

}  // namespace cortland::text
