// The rules as a page to read: docs/lint.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cortland::lint {

struct Source {
  std::string_view tag, text;
};
// What the tags of rules stand for.
std::span<const Source> sources();

std::string handbook();

}  // namespace cortland::lint
