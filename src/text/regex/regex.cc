#include "text/regex/regex.h"

#include <utility>

#include "text/regex/compiler.h"
#include "text/regex/matcher.h"
#include "text/regex/parser.h"

namespace cortland::text::regex {

portable::Result<Regex> Regex::compile(std::string_view pattern) {
  const portable::Result<Node> tree = parse_regex(pattern);
  if (!tree) return portable::Failure{tree.message()};
  portable::Result<Program> program = compile_regex(*tree);
  if (!program) return portable::Failure{program.message()};
  return Regex(std::make_shared<const Program>(std::move(*program)));
}

bool Regex::find(std::string_view text, size_t from, Match& match) const {
  Matcher matcher(*this);
  matcher.start(text);
  return matcher.find(from, match);
}

}  // namespace cortland::text::regex
