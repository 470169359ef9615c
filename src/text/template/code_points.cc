#include "text/template/code_points.h"

namespace cortland::text {
namespace {

constexpr char32_t kBrokenByte = 0xDC00;  // plus the byte: 0xDC80 to 0xDCFF

struct Decoded {
  char32_t point;
  size_t size;  // bytes
};

Decoded decode_first(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const Decoded broken{kBrokenByte + lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < size) return broken;
  char32_t point = lead & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return broken;
    point = point << 6 | (at(i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return broken;
  return {point, size};
}

}  // namespace

size_t code_point_size(std::string_view bytes) { return decode_first(bytes).size; }

CodePoints decode_utf8(std::string_view bytes) {
  CodePoints points;
  points.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded first = decode_first(bytes);
    points += first.point;
    bytes.remove_prefix(first.size);
  }
  return points;
}

void append_utf8(char32_t point, std::string& out) {
  const auto byte = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (point < 0x80) {
    byte(point);
  } else if (point >= kBrokenByte + 0x80 && point <= kBrokenByte + 0xFF) {
    byte(point - kBrokenByte);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

std::string encode_utf8(std::u32string_view points) {
  std::string bytes;
  bytes.reserve(points.size());
  for (const char32_t point : points) append_utf8(point, bytes);
  return bytes;
}

size_t count_code_points(std::string_view bytes) {
  size_t count = 0;
  for (; !bytes.empty(); ++count) bytes.remove_prefix(code_point_size(bytes));
  return count;
}

bool is_space(char32_t point) {
  return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) || point == 0x85 || point == 0xA0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

bool is_line_end(char32_t point) {
  return (point >= 0x0A && point <= 0x0D) || (point >= 0x1C && point <= 0x1E) || point == 0x85 || point == 0x2028 ||
         point == 0x2029;
}

std::string_view trim_start(std::string_view text) {
  while (!text.empty()) {
    const Decoded first = decode_first(text);
    if (!is_space(first.point)) break;
    text.remove_prefix(first.size);
  }
  return text;
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty()) {
    size_t begin = text.size() - 1;
    while (begin > 0 && text.size() - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    const Decoded last = decode_first(text.substr(begin));
    if (begin + last.size != text.size() || !is_space(last.point)) break;
    text = text.substr(0, begin);
  }
  return text;
}

}  // namespace cortland::text
