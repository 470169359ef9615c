// What follows a value: attributes, elements, calls, filters and tests.
#include "text/template/expression_parser.h"
#include "text/template/filters.h"
#include "text/template/tests.h"

namespace cortland::text {
namespace {

using Kind = Token::Kind;

}  // namespace

ExpressionPointer ExpressionParser::parse_postfix(ExpressionPointer base) {
  while (!stream_.failed()) {
    const Token& token = stream_.peek();
    if (token.is_sign(".") && stream_.peek(1).kind == Kind::name) {
      auto node = make<Attribute>();
      stream_.next();
      node->name = make_text(stream_.next().text);
      if (stream_.peek().is_sign("(")) {
        base = parse_call_of(std::move(base), node->name);
        continue;
      }
      attach(*node, node->base, std::move(base));
      base = std::move(node);
    } else if (token.is_sign(".")) {
      auto node = make<Subscript>();
      stream_.next();
      if (stream_.peek().kind != Kind::integer) return stream_.stop("want a name or a number"), nullptr;
      attach(*node, node->base, std::move(base));
      attach(*node, node->key, parse_number());
      base = std::move(node);
    } else if (token.is_sign("[")) {
      base = parse_subscript(std::move(base));
    } else if (token.is_sign("(")) {
      base = parse_call_of(std::move(base), nullptr);
    } else {
      break;
    }
  }
  return base;
}

ExpressionPointer ExpressionParser::parse_subscript(ExpressionPointer base) {
  auto slice = make<Slice>();
  auto element = make<Subscript>();
  auto tuple = make<Display>();
  tuple->kind = Sequence::Kind::tuple;
  stream_.next();
  ExpressionPointer first;
  if (!stream_.peek().is_sign(":")) first = parse();
  if (stream_.accept_sign(":")) {
    const auto has_bound = [&] { return !stream_.peek().is_sign(":") && !stream_.peek().is_sign("]"); };
    attach(*slice, slice->base, std::move(base));
    attach(*slice, slice->begin, std::move(first));
    if (has_bound()) attach(*slice, slice->end, parse());
    if (stream_.accept_sign(":") && has_bound()) attach(*slice, slice->step, parse());
    stream_.expect_sign("]");
    return slice;
  }
  if (stream_.peek().is_sign(",")) {
    append(*tuple, tuple->elements, std::move(first));
    while (stream_.accept_sign(",") && !stream_.peek().is_sign("]")) append(*tuple, tuple->elements, parse());
    first = std::move(tuple);
  }
  stream_.expect_sign("]");
  attach(*element, element->base, std::move(base));
  attach(*element, element->key, std::move(first));
  return element;
}

ExpressionPointer ExpressionParser::parse_filters(ExpressionPointer operand) {
  while (!stream_.failed()) {
    if (stream_.accept_sign("|")) {
      operand = parse_filter(std::move(operand));
    } else if (stream_.accept_name("is")) {
      operand = parse_test(std::move(operand));
    } else if (stream_.peek().is_sign("(")) {
      operand = parse_call_of(std::move(operand), nullptr);
    } else {
      break;
    }
  }
  return operand;
}

ExpressionPointer ExpressionParser::parse_filter_block() {
  ExpressionPointer value = parse_filter(make<BlockText>());
  while (stream_.accept_sign("|")) value = parse_filter(std::move(value));
  return value;
}

std::string ExpressionParser::parse_dotted_name() {
  std::string name = stream_.expect_name("a name");
  while (stream_.accept_sign(".")) name += "." + stream_.expect_name("a name");
  return name;
}

ExpressionPointer ExpressionParser::parse_filter(ExpressionPointer operand) {
  auto node = make<Filter>();
  node->name = parse_dotted_name();
  node->builtin = find_filter(node->name);
  attach(*node, node->operand, std::move(operand));
  if (stream_.peek().is_sign("(")) node->arguments = parse_arguments(*node);
  return node;
}

ExpressionPointer ExpressionParser::parse_test(ExpressionPointer operand) {
  auto negation = make<Not>();
  const bool is_negated = stream_.accept_name("not");
  auto node = make<Test>();
  node->name = parse_dotted_name();
  node->builtin = find_test(node->name);
  attach(*node, node->operand, std::move(operand));
  const Token& token = stream_.peek();
  const bool is_value = token.kind == Kind::name || token.kind == Kind::string || token.kind == Kind::integer ||
                        token.kind == Kind::floating || token.is_sign("[") || token.is_sign("{");
  if (token.is_sign("(")) {
    node->arguments = parse_arguments(*node);
  } else if (token.is_name("is")) {
    return stream_.stop("want no test behind a test"), nullptr;
  } else if (is_value && !token.is_name("else") && !token.is_name("or") && !token.is_name("and")) {
    append(*node, node->arguments.positional, parse_postfix(parse_primary()));
  }
  if (!is_negated) return node;
  attach(*negation, negation->operand, std::move(node));
  return negation;
}

std::unique_ptr<Call> ExpressionParser::parse_call_of(ExpressionPointer callee, TextPointer method) {
  auto node = make<Call>();
  node->method = std::move(method);
  attach(*node, node->callee, std::move(callee));
  node->arguments = parse_arguments(*node);
  return node;
}

ArgumentList ExpressionParser::parse_arguments(Node& owner) {
  ArgumentList list;
  const ParserLevel level(stream_);
  stream_.expect_sign("(");
  while (!stream_.failed() && !stream_.peek().is_sign(")")) {
    parse_argument(owner, list);
    if (!stream_.accept_sign(",")) break;
  }
  stream_.expect_sign(")");
  return list;
}

void ExpressionParser::parse_argument(Node& owner, ArgumentList& list) {
  if (stream_.accept_sign("*")) {
    if (list.more_positional || list.more_named) stream_.stop("want one * argument, before **");
    return attach(owner, list.more_positional, parse());
  }
  if (stream_.accept_sign("**")) {
    if (list.more_named) stream_.stop("want one ** argument");
    return attach(owner, list.more_named, parse());
  }
  if (stream_.peek().kind == Kind::name && stream_.peek(1).is_sign("=")) {
    if (list.more_named) stream_.stop("want named arguments before **");
    auto& [name, value] = list.named.emplace_back();
    name = make_text(stream_.next().text);
    stream_.next();
    return attach(owner, value, parse());
  }
  if (!list.named.empty() || list.more_positional || list.more_named) {
    stream_.stop("want this argument before named ones");
  }
  append(owner, list.positional, parse());
}

}  // namespace cortland::text
