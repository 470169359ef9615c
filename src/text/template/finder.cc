#include "text/template/finder.h"

namespace cortland::text {
namespace {

constexpr size_t kShort = 32;  // bytes up to which the plain search is linear enough, and faster

}  // namespace

// Knuth, Morris, Pratt.
Finder::Finder(std::string_view wanted) : wanted_(wanted) {
  if (wanted.size() <= kShort) return;
  borders_.assign(wanted.size() + 1, 0);
  size_t border = 0;
  for (size_t i = 1; i < wanted.size(); ++i) {
    while (border > 0 && wanted[i] != wanted[border]) border = borders_[border];
    if (wanted[i] == wanted[border]) ++border;
    borders_[i + 1] = border;
  }
}

size_t Finder::find(std::string_view text, size_t from) const {
  if (borders_.empty()) return text.find(wanted_, from);
  size_t matched = 0;
  for (size_t i = from; i < text.size(); ++i) {
    while (matched > 0 && text[i] != wanted_[matched]) matched = borders_[matched];
    if (text[i] == wanted_[matched]) ++matched;
    if (matched == wanted_.size()) return i + 1 - matched;
  }
  return text.npos;
}

size_t Finder::rfind(std::string_view text) const {
  if (borders_.empty()) return text.rfind(wanted_);
  size_t last = text.npos, matched = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != wanted_[matched]) matched = borders_[matched];
    if (text[i] == wanted_[matched]) ++matched;
    if (matched < wanted_.size()) continue;
    last = i + 1 - matched;
    matched = borders_[matched];
  }
  return last;
}

}  // namespace cortland::text
