#include "text/template/code_points.h"

#include "text/unicode.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

constexpr char32_t kBrokenByte = 0xDC00;  // plus the byte: 0xDC80 to 0xDCFF

Decoded decode_first(std::string_view bytes) {
  const Decoded first = decode_utf8(bytes, 0);
  return first.valid ? first : Decoded{kBrokenByte + static_cast<unsigned char>(bytes[0]), 1, false};
}

}  // namespace

size_t code_point_size(std::string_view bytes) { return decode_utf8(bytes, 0).length; }

CodePoints decode_utf8(std::string_view bytes) {
  CodePoints points;
  points.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded first = decode_first(bytes);
    points += first.code;
    bytes.remove_prefix(first.length);
  }
  return points;
}

void append_code_point(char32_t point, std::string& out) {
  if (point >= kBrokenByte + 0x80 && point <= kBrokenByte + 0xFF) {
    out += static_cast<char>(static_cast<unsigned char>(point - kBrokenByte));
  } else {
    append_utf8(point, out);
  }
}

std::string encode_utf8(std::u32string_view points) {
  std::string bytes;
  bytes.reserve(points.size());
  for (const char32_t point : points) append_code_point(point, bytes);
  return bytes;
}

size_t count_code_points(std::string_view bytes) {
  size_t count = 0;
  for (; !bytes.empty(); ++count) bytes.remove_prefix(code_point_size(bytes));
  return count;
}

bool is_space(char32_t point) { return is_white_space(point) || (point >= 0x1C && point <= 0x1F); }

bool is_line_end(char32_t point) {
  return (point >= 0x0A && point <= 0x0D) || (point >= 0x1C && point <= 0x1E) || point == 0x85 || point == 0x2028 ||
         point == 0x2029;
}

std::string_view trim_start(std::string_view text) {
  while (!text.empty()) {
    const Decoded first = decode_first(text);
    if (!is_space(first.code)) break;
    text.remove_prefix(first.length);
  }
  return text;
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty()) {
    const size_t begin = previous_code_point(text, text.size());
    if (!is_space(decode_first(text.substr(begin)).code)) break;
    text = text.substr(0, begin);
  }
  return text;
}

}  // namespace cortland::text
