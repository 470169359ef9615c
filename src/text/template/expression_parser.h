// Reads expressions.
#pragma once

#include "text/template/expression.h"
#include "text/template/token_stream.h"

namespace cortland::text {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& stream) : stream_(stream) {}

  // All give nullptr once the stream has failed.
  ExpressionPointer parse();
  ExpressionPointer parse_without_condition();  // where a following `if` belongs to the tag
  // Several with commas between make a tuple.
  ExpressionPointer parse_tuple();
  ExpressionPointer parse_tuple_without_condition();
  // | a | b, or a | b at the start of a filter block.
  ExpressionPointer parse_filters(ExpressionPointer operand);
  ExpressionPointer parse_filter_block();

 private:
  using Rule = ExpressionPointer (ExpressionParser::*)();

  ExpressionPointer parse_some(Rule rule);
  ExpressionPointer parse_binary(Rule operand, std::initializer_list<std::pair<std::string_view, Operation>> signs);
  ExpressionPointer parse_logic(Rule operand, std::string_view word, Logic::Kind kind);
  ExpressionPointer parse_or();
  ExpressionPointer parse_and();
  ExpressionPointer parse_not();
  ExpressionPointer parse_comparison();
  ExpressionPointer parse_sum();
  ExpressionPointer parse_concatenation();
  ExpressionPointer parse_product();
  ExpressionPointer parse_power();
  ExpressionPointer parse_unary();
  ExpressionPointer parse_signed();
  ExpressionPointer parse_primary();
  ExpressionPointer parse_name();
  ExpressionPointer parse_number();
  ExpressionPointer parse_list();
  ExpressionPointer parse_dict();
  ExpressionPointer parse_postfix(ExpressionPointer base);
  ExpressionPointer parse_subscript(ExpressionPointer base);
  ExpressionPointer parse_filter(ExpressionPointer operand);
  ExpressionPointer parse_test(ExpressionPointer operand);
  std::string parse_dotted_name();
  std::unique_ptr<Call> parse_call_of(ExpressionPointer callee, TextPointer method);
  ArgumentList parse_arguments(Node& owner);
  void parse_argument(Node& owner, ArgumentList& list);

  // A new node, at the line of the next token.
  template <typename T>
  std::unique_ptr<T> make() const {
    auto node = std::make_unique<T>();
    node->line = stream_.peek().line;
    return node;
  }
  // Puts a part into its place in a node. Fails when the tree becomes too high: chains such as a + b + c nest too.
  void attach(Node& owner, ExpressionPointer& place, ExpressionPointer part);
  void append(Node& owner, std::vector<ExpressionPointer>& places, ExpressionPointer part);

  TokenStream& stream_;
};

}  // namespace cortland::text
