#include "text/template/token_stream.h"

namespace cortland::text {
namespace {

constexpr int kMaxDepth = 64;  // a level of brackets takes some 3 kB of stack

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::data: return "text";
    case Token::Kind::variable_begin: return "'{{'";
    case Token::Kind::variable_end: return "'}}'";
    case Token::Kind::block_begin: return "'{%'";
    case Token::Kind::block_end: return "'%}'";
    case Token::Kind::string: return "a string";
    case Token::Kind::end: return "the end of the template";
    default: return "'" + token.text.substr(0, 40) + "'";
  }
}

}  // namespace

TextPointer make_text(std::string_view bytes) { return std::make_shared<const Text>(Text{std::string(bytes), {}}); }

Token TokenStream::next() {
  const Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::accept_sign(std::string_view sign) {
  if (failed() || !peek().is_sign(sign)) return false;
  next();
  return true;
}

bool TokenStream::accept_name(std::string_view name) {
  if (failed() || !peek().is_name(name)) return false;
  next();
  return true;
}

bool TokenStream::expect_sign(std::string_view sign) {
  return accept_sign(sign) || stop("want '" + std::string(sign) + "'");
}

bool TokenStream::expect(Token::Kind kind, std::string_view what) {
  if (failed() || peek().kind != kind) return stop("want " + std::string(what));
  next();
  return true;
}

std::string TokenStream::expect_name(std::string_view what) {
  if (failed() || peek().kind != Token::Kind::name) {
    stop("want " + std::string(what));
    return "";
  }
  return next().text;
}

bool TokenStream::stop(std::string_view problem) {
  if (failed()) return false;
  const std::string where = "chat template: line " + std::to_string(peek().line);
  problem_ = where + ": got " + describe(peek()) + ", " + std::string(problem);
  return false;
}

Symbol TokenStream::symbol_of(std::string_view name) {
  const auto found = symbols_.find(name);
  if (found != symbols_.end()) return found->second;
  const Symbol symbol = static_cast<Symbol>(names_.size());
  names_.push_back(make_text(name));
  symbols_.emplace(name, symbol);
  return symbol;
}

ParserLevel::ParserLevel(TokenStream& stream) : stream_(stream) {
  if (++stream.depth_ <= kMaxDepth) return;
  stream.stop("want at most " + std::to_string(kMaxDepth) + " levels inside each other");
}

}  // namespace cortland::text
