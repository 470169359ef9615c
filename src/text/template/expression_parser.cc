#include "text/template/expression_parser.h"

#include <algorithm>

#include "text/template/number.h"

namespace cortland::text {
namespace {

constexpr int kMaxHeight = 200;

using Kind = Token::Kind;

}  // namespace

void ExpressionParser::attach(Node& owner, ExpressionPointer& place, ExpressionPointer part) {
  if (part != nullptr) owner.height = std::max(owner.height, part->height + 1);
  if (owner.height > kMaxHeight) {
    stream_.stop("want an expression of at most " + std::to_string(kMaxHeight) + " levels");
  }
  place = std::move(part);
}

void ExpressionParser::append(Node& owner, std::vector<ExpressionPointer>& places, ExpressionPointer part) {
  attach(owner, places.emplace_back(), std::move(part));
}

ExpressionPointer ExpressionParser::parse() {
  const ParserLevel level(stream_);
  if (!level) return nullptr;
  ExpressionPointer value = parse_or();
  while (stream_.accept_name("if")) {
    auto node = make<Conditional>();
    attach(*node, node->then, std::move(value));
    attach(*node, node->test, parse_or());
    if (stream_.accept_name("else")) attach(*node, node->otherwise, parse());
    value = std::move(node);
  }
  return value;
}

ExpressionPointer ExpressionParser::parse_without_condition() {
  const ParserLevel level(stream_);
  return level ? parse_or() : nullptr;
}

ExpressionPointer ExpressionParser::parse_tuple() { return parse_some(&ExpressionParser::parse); }

ExpressionPointer ExpressionParser::parse_tuple_without_condition() {
  return parse_some(&ExpressionParser::parse_without_condition);
}

ExpressionPointer ExpressionParser::parse_some(Rule rule) {
  auto node = make<Display>();
  node->kind = Sequence::Kind::tuple;
  ExpressionPointer first = (this->*rule)();
  if (stream_.failed() || !stream_.peek().is_sign(",")) return first;
  append(*node, node->elements, std::move(first));
  while (stream_.accept_sign(",")) {
    const Token& token = stream_.peek();
    const bool is_end = token.kind == Kind::variable_end || token.kind == Kind::block_end || token.is_sign(")") ||
                        token.is_name("recursive");
    if (is_end) break;
    append(*node, node->elements, (this->*rule)());
  }
  return node;
}

ExpressionPointer ExpressionParser::parse_logic(Rule operand, std::string_view word, Logic::Kind kind) {
  ExpressionPointer left = (this->*operand)();
  while (stream_.accept_name(word)) {
    auto node = make<Logic>();
    node->kind = kind;
    attach(*node, node->left, std::move(left));
    attach(*node, node->right, (this->*operand)());
    left = std::move(node);
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_or() {
  return parse_logic(&ExpressionParser::parse_and, "or", Logic::Kind::any);
}

ExpressionPointer ExpressionParser::parse_and() {
  return parse_logic(&ExpressionParser::parse_not, "and", Logic::Kind::all);
}

ExpressionPointer ExpressionParser::parse_not() {
  if (!stream_.peek().is_name("not")) return parse_comparison();
  const ParserLevel level(stream_);
  if (!level) return nullptr;
  auto node = make<Not>();
  stream_.next();
  attach(*node, node->operand, parse_not());
  return node;
}

ExpressionPointer ExpressionParser::parse_comparison() {
  using Comparing = Comparison::Kind;
  constexpr std::pair<std::string_view, Comparing> kSigns[] = {
      {"==", Comparing::equal},   {"!=", Comparing::unequal},    {"<", Comparing::less},
      {"<=", Comparing::less_equal}, {">", Comparing::greater}, {">=", Comparing::greater_equal}};
  ExpressionPointer first = parse_sum();
  auto node = make<Comparison>();
  while (!stream_.failed()) {
    const Token& token = stream_.peek();
    const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                                   [&](const auto& one) { return token.is_sign(one.first); });
    std::optional<Comparing> kind;
    if (sign != std::end(kSigns)) kind = sign->second;
    if (token.is_name("in")) kind = Comparing::in;
    if (token.is_name("not") && stream_.peek(1).is_name("in")) {
      kind = Comparing::not_in;
      stream_.next();
    }
    if (!kind) break;
    stream_.next();
    node->steps.push_back({*kind, nullptr});
    attach(*node, node->steps.back().operand, parse_sum());
  }
  if (node->steps.empty()) return first;
  attach(*node, node->first, std::move(first));
  return node;
}

ExpressionPointer ExpressionParser::parse_binary(Rule operand,
                                                 std::initializer_list<std::pair<std::string_view, Operation>> signs) {
  ExpressionPointer left = (this->*operand)();
  while (!stream_.failed()) {
    const auto sign = std::find_if(signs.begin(), signs.end(),
                                   [&](const auto& one) { return stream_.peek().is_sign(one.first); });
    if (sign == signs.end()) break;
    auto node = make<Binary>();
    stream_.next();
    node->operation = sign->second;
    attach(*node, node->left, std::move(left));
    attach(*node, node->right, (this->*operand)());
    left = std::move(node);
  }
  return left;
}

ExpressionPointer ExpressionParser::parse_sum() {
  return parse_binary(&ExpressionParser::parse_concatenation, {{"+", Operation::add}, {"-", Operation::subtract}});
}

ExpressionPointer ExpressionParser::parse_concatenation() {
  ExpressionPointer first = parse_product();
  if (stream_.failed() || !stream_.peek().is_sign("~")) return first;
  auto node = make<Concatenation>();
  append(*node, node->parts, std::move(first));
  while (stream_.accept_sign("~")) append(*node, node->parts, parse_product());
  return node;
}

ExpressionPointer ExpressionParser::parse_product() {
  return parse_binary(&ExpressionParser::parse_power, {{"*", Operation::multiply},
                                                       {"/", Operation::divide},
                                                       {"//", Operation::floor_divide},
                                                       {"%", Operation::modulo}});
}

// In Jinja it takes the left pair first.
ExpressionPointer ExpressionParser::parse_power() {
  return parse_binary(&ExpressionParser::parse_unary, {{"**", Operation::power}});
}

ExpressionPointer ExpressionParser::parse_unary() { return parse_filters(parse_signed()); }

// Filters bind to the signed value: -1 | abs is 1.
ExpressionPointer ExpressionParser::parse_signed() {
  if (!stream_.peek().is_sign("-") && !stream_.peek().is_sign("+")) return parse_postfix(parse_primary());
  const ParserLevel level(stream_);
  if (!level) return nullptr;
  auto node = make<Sign>();
  node->kind = stream_.next().text == "-" ? Sign::Kind::minus : Sign::Kind::plus;
  attach(*node, node->operand, parse_signed());
  return parse_postfix(std::move(node));
}

ExpressionPointer ExpressionParser::parse_primary() {
  const Token& token = stream_.peek();
  if (token.kind == Kind::name) return parse_name();
  if (token.kind == Kind::integer || token.kind == Kind::floating) return parse_number();
  if (token.kind == Kind::string) {
    auto node = make<Constant>();
    std::string text;
    while (stream_.peek().kind == Kind::string) text += stream_.next().text;
    node->value = make_text(text);
    return node;
  }
  if (token.is_sign("[")) return parse_list();
  if (token.is_sign("{")) return parse_dict();
  if (!stream_.accept_sign("(")) return stream_.stop("want a value"), nullptr;
  if (stream_.peek().is_sign(")")) {
    auto empty = make<Display>();
    empty->kind = Sequence::Kind::tuple;
    stream_.next();
    return empty;
  }
  ExpressionPointer inner = parse_tuple();
  stream_.expect_sign(")");
  return inner;
}

ExpressionPointer ExpressionParser::parse_name() {
  auto constant = make<Constant>();
  auto variable = make<Variable>();
  const std::string name = stream_.next().text;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    constant->value = name == "true" || name == "True";
    return constant;
  }
  if (name == "none" || name == "None") {
    constant->value = None{};
    return constant;
  }
  variable->name = stream_.symbol_of(name);
  stream_.used().push_back(variable->name);
  return variable;
}

ExpressionPointer ExpressionParser::parse_number() {
  auto node = make<Constant>();
  const Token& token = stream_.peek();
  if (token.kind == Kind::floating) {
    node->value = *parse_float(token.text);
  } else {
    const std::optional<int64_t> value = parse_integer(token.text, 0);
    if (!value) return stream_.stop("want an integer of at most 64 bits"), nullptr;
    node->value = *value;
  }
  stream_.next();
  return node;
}

ExpressionPointer ExpressionParser::parse_list() {
  auto node = make<Display>();
  stream_.next();
  while (!stream_.failed() && !stream_.peek().is_sign("]")) {
    append(*node, node->elements, parse());
    if (!stream_.accept_sign(",")) break;
  }
  stream_.expect_sign("]");
  return node;
}

ExpressionPointer ExpressionParser::parse_dict() {
  auto node = make<DictDisplay>();
  stream_.next();
  while (!stream_.failed() && !stream_.peek().is_sign("}")) {
    auto& [key, value] = node->entries.emplace_back();
    attach(*node, key, parse());
    stream_.expect_sign(":");
    attach(*node, value, parse());
    if (!stream_.accept_sign(",")) break;
  }
  stream_.expect_sign("}");
  return node;
}

}  // namespace cortland::text
