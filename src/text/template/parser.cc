#include "text/template/parser.h"

#include <algorithm>

#include "text/template/expression_parser.h"
#include "text/template/lexer.h"
#include "text/template/statement.h"
#include "text/template/token_stream.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

constexpr size_t kMaxSource = 1 << 20;  // bytes

using Kind = Token::Kind;
using Words = std::initializer_list<std::string_view>;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : stream_(std::move(tokens)), expressions_(stream_) {}

  Result<std::unique_ptr<const Program>> parse() {
    auto program = std::make_unique<Program>();
    program->body = parse_block({});
    if (!stream_.failed() && stream_.peek().kind != Kind::end) stream_.stop("want the tag that it ends");
    if (stream_.failed()) return Failure{stream_.problem()};
    program->names = stream_.take_names();
    return std::unique_ptr<const Program>(std::move(program));
  }

 private:
  // How loop controls are meant: they belong to the loop around them in the same block.
  struct LoopDepth {
    explicit LoopDepth(int& depth, int now) : depth_(depth), before_(std::exchange(depth, now)) {}
    ~LoopDepth() { depth_ = before_; }
    int& depth_;
    int before_;
  };

  template <typename T>
  std::unique_ptr<T> make() const {
    auto node = std::make_unique<T>();
    node->line = stream_.peek().line;
    return node;
  }

  // Up to a tag of one of these names, whose name is the next token then, or to the end of the template.
  Block parse_block(Words ends) {
    Block block;
    const ParserLevel level(stream_);
    while (!stream_.failed() && stream_.peek().kind != Kind::end) {
      if (stream_.peek().kind == Kind::data) {
        auto data = make<Data>();
        data->text = stream_.next().text;
        block.push_back(std::move(data));
      } else if (stream_.peek().kind == Kind::variable_begin) {
        stream_.next();
        auto output = make<Output>();
        output->value = expressions_.parse_tuple();
        stream_.expect(Kind::variable_end, "'}}'");
        block.push_back(std::move(output));
      } else {
        stream_.next();
        const Token& word = stream_.peek();
        if (word.kind != Kind::name) stream_.stop("want the name of a tag");
        const bool is_end =
            std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return word.is_name(end); });
        if (is_end) return block;
        if (StatementPointer statement = parse_statement()) block.push_back(std::move(statement));
        stream_.expect(Kind::block_end, "'%}'");
      }
    }
    if (ends.size() > 0 && !stream_.failed()) stream_.stop("want '" + std::string(*(ends.end() - 1)) + "'");
    return block;
  }

  // The body of a tag: from its end to one of these, of which the last one ends it all.
  Block parse_body(Words ends) {
    stream_.accept_sign(":");
    stream_.expect(Kind::block_end, "'%}'");
    return parse_block(ends);
  }

  // A body that ends at this one tag. Loop controls do not reach out of it.
  Block parse_closed_body(std::string_view end) {
    const LoopDepth depth(loops_, 0);
    Block body = parse_body({end});
    stream_.accept_name(end);
    return body;
  }

  StatementPointer parse_statement() {
    using Rule = StatementPointer (Parser::*)();
    constexpr std::pair<std::string_view, Rule> kRules[] = {
        {"if", &Parser::parse_if},         {"for", &Parser::parse_for},
        {"set", &Parser::parse_set},       {"macro", &Parser::parse_macro},
        {"call", &Parser::parse_call},     {"filter", &Parser::parse_filter},
        {"with", &Parser::parse_with},     {"generation", &Parser::parse_generation},
        {"break", &Parser::parse_control<Break>}, {"continue", &Parser::parse_control<Continue>},
        {"print", &Parser::parse_print},
    };
    const auto rule = std::find_if(std::begin(kRules), std::end(kRules),
                                   [&](auto& one) { return stream_.peek().is_name(one.first); });
    if (stream_.failed() || rule == std::end(kRules)) {
      stream_.stop("which is no tag that is known or wanted here");
      return nullptr;
    }
    return (this->*rule->second)();
  }

  StatementPointer parse_if() {
    auto node = make<If>();
    do {
      stream_.next();
      If::Branch& branch = node->branches.emplace_back();
      branch.test = expressions_.parse_tuple_without_condition();
      branch.body = parse_body({"elif", "else", "endif"});
    } while (!stream_.failed() && stream_.peek().is_name("elif"));
    if (stream_.accept_name("else")) node->branches.emplace_back().body = parse_body({"endif"});
    stream_.accept_name("endif");
    return node;
  }

  StatementPointer parse_for() {
    auto node = make<For>();
    stream_.next();
    node->loop = stream_.symbol_of("loop");
    node->target = parse_target("in");
    if (!stream_.accept_name("in")) stream_.stop("want 'in'");
    node->elements = expressions_.parse_tuple_without_condition();
    if (stream_.accept_name("if")) node->test = expressions_.parse();
    node->is_recursive = stream_.accept_name("recursive");
    {
      const LoopDepth depth(loops_, loops_ + 1);
      node->body = parse_body({"else", "endfor"});
    }
    if (stream_.accept_name("else")) node->otherwise = parse_body({"endfor"});
    stream_.accept_name("endfor");
    return node;
  }

  template <typename T>
  StatementPointer parse_control() {
    if (loops_ == 0) stream_.stop("want it in a loop");
    auto node = make<T>();
    stream_.next();
    return node;
  }

  StatementPointer parse_print() {
    auto node = make<Output>();
    stream_.next();
    node->value = expressions_.parse();
    return node;
  }

  StatementPointer parse_set() {
    auto assignment = make<Set>();
    auto captured = make<SetBlock>();
    stream_.next();
    Target target = parse_target("");
    if (stream_.accept_sign("=")) {
      assignment->target = std::move(target);
      assignment->value = expressions_.parse_tuple();
      return assignment;
    }
    captured->target = std::move(target);
    if (stream_.accept_sign("|")) captured->block.filters = expressions_.parse_filter_block();
    captured->block.body = parse_closed_body("endset");
    return captured;
  }

  StatementPointer parse_filter() {
    auto node = make<CapturedBlock>();
    stream_.next();
    node->block.filters = expressions_.parse_filter_block();
    node->block.body = parse_closed_body("endfilter");
    return node;
  }

  // What a trainer wants to know about; for all others a block like any.
  StatementPointer parse_generation() {
    auto node = make<CapturedBlock>();
    stream_.next();
    node->block.body = parse_closed_body("endgeneration");
    return node;
  }

  StatementPointer parse_with() {
    auto node = make<With>();
    stream_.next();
    while (!stream_.failed() && stream_.peek().kind != Kind::block_end) {
      Target target = parse_target("");
      stream_.expect_sign("=");
      ExpressionPointer value = expressions_.parse();
      node->variables.emplace_back(std::move(target), std::move(value));
      if (!stream_.accept_sign(",")) break;
    }
    node->body = parse_body({"endwith"});
    stream_.accept_name("endwith");
    return node;
  }

  StatementPointer parse_macro() {
    auto node = make<MacroDefinition>();
    stream_.next();
    node->signature.name = stream_.expect_name("the name of the macro");
    node->name = stream_.symbol_of(node->signature.name);
    const size_t first_use = stream_.used().size();
    parse_parameters(node->signature);
    node->body = parse_closed_body("endmacro");
    find_special(node->signature, first_use);
    return node;
  }

  StatementPointer parse_call() {
    auto node = make<CallBlock>();
    stream_.next();
    node->caller = make_text("caller");
    node->signature.name = "caller";
    const size_t first_use = stream_.used().size();
    if (stream_.peek().is_sign("(")) parse_parameters(node->signature);
    node->call = expressions_.parse();
    if (node->call == nullptr || node->call->as_call() == nullptr) stream_.stop("want a call before it");
    node->body = parse_closed_body("endcall");
    find_special(node->signature, first_use);
    return node;
  }

  void parse_parameters(Signature& signature) {
    stream_.expect_sign("(");
    while (!stream_.failed() && !stream_.peek().is_sign(")")) {
      Signature::Parameter& parameter = signature.parameters.emplace_back();
      parameter.name = stream_.symbol_of(stream_.expect_name("the name of a parameter"));
      const size_t count = signature.parameters.size();
      if (stream_.accept_sign("=")) {
        parameter.value = expressions_.parse();
      } else if (count > 1 && signature.parameters[count - 2].value != nullptr) {
        stream_.stop("want a default for this parameter too");
      }
      if (!stream_.accept_sign(",")) break;
    }
    stream_.expect_sign(")");
  }

  // Whether the body reads `caller`, `varargs` or `kwargs`, and they are not parameters.
  void find_special(Signature& signature, size_t first_use) {
    const auto find = [&](std::string_view name) -> std::optional<Symbol> {
      const Symbol symbol = stream_.symbol_of(name);
      const std::vector<Symbol>& used = stream_.used();
      const auto first = used.begin() + static_cast<std::ptrdiff_t>(first_use);
      const bool is_used = std::find(first, used.end(), symbol) != used.end();
      const bool is_parameter = std::any_of(signature.parameters.begin(), signature.parameters.end(),
                                            [&](const Signature::Parameter& one) { return one.name == symbol; });
      return is_used && !is_parameter ? std::optional(symbol) : std::nullopt;
    };
    signature.caller = find("caller");
    signature.varargs = find("varargs");
    signature.kwargs = find("kwargs");
  }

  // A name, name.attribute, or several with commas between, up to the word `end`.
  Target parse_target(std::string_view end) {
    Target first = parse_single_target();
    if (stream_.failed() || !stream_.peek().is_sign(",")) return first;
    Target all;
    all.several.push_back(std::move(first));
    while (stream_.accept_sign(",")) {
      if (stream_.peek().is_name(end) || stream_.peek().is_sign("=") || stream_.peek().is_sign(")")) break;
      all.several.push_back(parse_single_target());
    }
    return all;
  }

  Target parse_single_target() {
    Target target;
    const ParserLevel level(stream_);
    if (!level) return target;
    if (stream_.accept_sign("(")) {
      target = parse_target("");
      stream_.expect_sign(")");
      return target;
    }
    const std::string name = stream_.expect_name("the name of a variable");
    constexpr std::string_view kReserved[] = {"true", "True", "false", "False", "none", "None"};
    if (std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved)) {
      stream_.stop("want a name to assign to before it, not a constant");
    }
    target.name = stream_.symbol_of(name);
    if (stream_.accept_sign(".")) target.attribute = make_text(stream_.expect_name("the name of an attribute"));
    return target;
  }

  TokenStream stream_;
  ExpressionParser expressions_;
  int loops_ = 0;
};

}  // namespace

Result<std::unique_ptr<const Program>> parse_program(std::string_view source) {
  if (source.size() > kMaxSource) {
    return Failure{"chat template: got " + std::to_string(source.size()) + " bytes, want at most " +
                   std::to_string(kMaxSource)};
  }
  Result<std::vector<Token>> tokens = read_tokens(source);
  if (!tokens) return Failure{tokens.message()};
  return Parser(std::move(*tokens)).parse();
}

}  // namespace cortland::text
