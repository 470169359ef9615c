// The tokens that a parser still has before it, the names that it met, and the first problem, which ends it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "text/template/program.h"
#include "text/template/token.h"

namespace cortland::text {

class TokenStream {
 public:
  // REQUIRES: the last token is the end.
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  Token next();
  // Takes the token when it is this one.
  bool accept_sign(std::string_view sign);
  bool accept_name(std::string_view name);
  // False, and a failure, when it is another one.
  bool expect_sign(std::string_view sign);
  bool expect(Token::Kind kind, std::string_view what);
  // The text of a name; empty after a failure.
  std::string expect_name(std::string_view what);

  bool failed() const { return problem_.has_value(); }
  const std::string& problem() const { return *problem_; }
  // Always false, for callers to return. The token that stands there is told too.
  bool stop(std::string_view problem);

  Symbol symbol_of(std::string_view name);
  std::vector<TextPointer> take_names() { return std::move(names_); }
  // Every variable that was read, in the order of the text.
  std::vector<Symbol>& used() { return used_; }

 private:
  friend class ParserLevel;

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  std::optional<std::string> problem_;
  std::vector<TextPointer> names_;
  std::map<std::string, Symbol, std::less<>> symbols_;
  std::vector<Symbol> used_;
};

// One level deeper for as long as it lives; false when that is too deep, and then something has failed.
class ParserLevel {
 public:
  explicit ParserLevel(TokenStream& stream);
  ~ParserLevel() { --stream_.depth_; }
  ParserLevel(const ParserLevel&) = delete;
  ParserLevel& operator=(const ParserLevel&) = delete;
  explicit operator bool() const { return !stream_.failed(); }

 private:
  TokenStream& stream_;
};

TextPointer make_text(std::string_view bytes);

}  // namespace cortland::text
