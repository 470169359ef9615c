// The words of a template.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cortland::text {

struct Token {
  enum class Kind : uint8_t {
    data,            // text outside of all tags
    variable_begin,  // {{
    variable_end,
    block_begin,  // {%
    block_end,
    name,
    integer,
    floating,
    string,  // without its quotes and escapes
    sign,    // operators and brackets
    end,     // of the template
  };
  Kind kind = Kind::end;
  int line = 1;
  std::string text;

  bool is(Kind other, std::string_view value) const { return kind == other && text == value; }
  bool is_name(std::string_view value) const { return is(Kind::name, value); }
  bool is_sign(std::string_view value) const { return is(Kind::sign, value); }
};

}  // namespace cortland::text
