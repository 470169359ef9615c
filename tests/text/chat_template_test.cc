// What the golden cases leave out: messages, limits, scopes of rare kind, and how a context reaches a template.
#include "text/chat_template.h"

#include <gmock/gmock.h>

#include <thread>

namespace cortland::text {
namespace {

using portable::JsonValue;
using testing::HasSubstr;
using testing::StartsWith;

std::string render(const std::string& source, const ChatTemplate::Context& context) {
  const auto parsed = ChatTemplate::parse(source);
  if (!parsed) return "parse: " + parsed.message();
  const auto rendered = parsed->render(context);
  return rendered ? *rendered : "render: " + rendered.message();
}

std::string render(const std::string& source, const std::string& variables = "{}") {
  ChatTemplate::Context context;
  context.variables = *portable::parse_json(variables)->object();
  return render(source, context);
}

TEST(ChatTemplate, SeesItsContext) {
  ChatTemplate::Context context;
  context.messages = *portable::parse_json(R"([{"role": "user", "content": "Hi", "n": 1, "x": 1.0}])");
  context.tools = *portable::parse_json(R"([{"b": 1, "a": 2}])");
  context.add_generation_prompt = true;
  context.variables.emplace_back("bos_token", JsonValue(std::string("<s>")));
  context.now = {2024, 2, 29, 0, 5, 9};
  EXPECT_EQ(render("{{ bos_token }}{{ messages[0].content }}{{ messages[0].n }}{{ messages[0].x }}{{ tools | tojson }}"
                   "{{ documents is none }}{{ add_generation_prompt }}{{ strftime_now('%d %b %Y %H:%M %p %j') }}",
                   context),
            "<s>Hi11.0[{\"b\": 1, \"a\": 2}]TrueTrue29 Feb 2024 00:05 AM 060");
  context.variables.emplace_back("tools", JsonValue(std::string("mine")));
  EXPECT_EQ(render("{{ tools }}", context), "mine");
}

TEST(ChatTemplate, TellsWhereAndWhatIsWrong) {
  EXPECT_EQ(render("a\n{{ b.c.d }}"),
            "render: chat template: line 2: 'c' of something undefined; got 'b' is undefined");
  EXPECT_EQ(render("{{ 1 + 'a' }}"),
            "render: chat template: line 1: operator + does not take these; got int and str");
  EXPECT_EQ(render("{{ 'a' | nope }}"), "render: chat template: line 1: no filter has this name; got 'nope'");
  EXPECT_EQ(render("\n{% if x %}"), "parse: chat template: line 2: got the end of the template, want 'endif'");
  EXPECT_EQ(render("{% fi %}"), "parse: chat template: line 1: got 'fi', which is no tag that is known or wanted here");
  EXPECT_EQ(render("{{ 'a"), "parse: chat template: line 1: a string without end");
  EXPECT_EQ(render("{{ a ! b }}"), "parse: chat template: line 1: a character that means nothing here; got '!'");
  EXPECT_EQ(render("{{ (a] }}"), "parse: chat template: line 1: brackets that do not match; got ']', want ')'");
  EXPECT_EQ(render("{% break %}"), "parse: chat template: line 1: got 'break', want it in a loop");
  EXPECT_EQ(render("{# a"), "parse: chat template: line 1: a comment without end");
  EXPECT_EQ(render("{% raw %}a{% endra %}"), "parse: chat template: line 1: a raw block without end");
  EXPECT_EQ(render("{{ a"), "parse: chat template: line 1: a tag without end; want '}}'");
}

TEST(ChatTemplate, NoTagReachesOutOfItsBlock) {
  for (const char* text : {
           "{% for a in b %}{% endif %}", "{% endfor %}", "{% else %}", "{% if a %}{% endfor %}",
           "{% for a in b %}{% set c %}{% break %}{% endset %}{% endfor %}", "{% macro m(a=1, b) %}{% endmacro %}",
           "{% set true = 1 %}", "{% set a.b.c = 1 %}", "{% for a, 1 in c %}", "{% call 1 %}{% endcall %}",
           "{{ f(a=1, 2) }}", "{{ f(**a, *b) }}", "{{ a is string is string }}", "{{ }}", "{{ a b }}", "{{ a. }}",
           "{{ 99999999999999999999 }}", "{{ '\\ud800' }}", "{{ '\\x4' }}", "{% %}", "{{ {1} }}", "{{ [1 2] }}"}) {
    EXPECT_THAT(render(text), StartsWith("parse: chat template: line 1: ")) << text;
  }
}

TEST(ChatTemplate, RaisesInItsOwnWords) {
  const auto parsed = ChatTemplate::parse("{{ raise_exception('Say: ' ~ 1) }}");
  ASSERT_TRUE(parsed);
  const auto rendered = parsed->render({});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(ChatTemplate::raised(rendered.message()), "Say: 1");
  EXPECT_EQ(ChatTemplate::raised("chat template: line 1: it cannot be called; got str"), std::nullopt);
  EXPECT_EQ(ChatTemplate::raised(""), std::nullopt);
}

TEST(ChatTemplate, Scopes) {
  EXPECT_EQ(render("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}"), "12");
  EXPECT_EQ(render("{% set ns = namespace() %}{% for i in [1, 2] %}{% set y = i %}{% macro m() %}{{ y }}{% endmacro %}"
                   "{% if loop.first %}{% set ns.m = m %}{% endif %}{% endfor %}{{ ns.m() }}"), "1");
  EXPECT_EQ(render("{% set a = 1 %}{% set b %}{% set a = 2 %}{{ a }}{% endset %}{{ a }}{{ b }}"), "12");
  EXPECT_EQ(render("{% for a in [1] %}{% for b in [2] %}{{ loop.index }}{% endfor %}{{ loop.last }}{% endfor %}"
                   "{{ loop }}"),
            "1True");
  EXPECT_EQ(render("{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}{{ f() }}"), "1112");
  EXPECT_EQ(render("{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}{% call f() %}{% endcall %}"),
            "FalseTrue");
  EXPECT_THAT(render("{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}"), HasSubstr("no argument 'a', or not twice"));
}

TEST(ChatTemplate, FiltersOnBlocks) {
  EXPECT_EQ(render("{% filter upper | replace('A', 'b') %}a{% filter trim %} c {% endfilter %}{% endfilter %}"), "bC");
  EXPECT_EQ(render("{% set x | trim | length %} a {% endset %}{{ x + 1 }}"), "2");
}

TEST(ChatTemplate, BrokenTextComesThroughAsItIs) {
  EXPECT_EQ(render("\xff{{ '\xe9\x80' | length }}{{ 'a\xff' | upper }}{{ '\xed\xa0\x80'[::-1] | length }}"),
            "\xff" "2A\xff" "3");
}

std::string limited(const std::string& source, const Limits& limits) {
  ChatTemplate::Context context;
  context.limits = limits;
  return render(source, context);
}

TEST(ChatTemplate, HasNoEnd) {
  EXPECT_EQ(limited("{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}", {.steps = 100'000}),
            "render: chat template: line 1: it does not come to an end; want at most 100000 steps");
  EXPECT_EQ(limited("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", {}),
            "render: chat template: line 1: expressions, blocks and macros inside each other; want at most 400 levels");
  EXPECT_EQ(limited("{% for a in range(1000) %}{{ 'x' * 1000 }}{% endfor %}", {.output = 100'000}),
            "render: chat template: line 1: the text is too long; want at most 100000 bytes");
  const Limits small{.memory = 1'000'000};
  const std::string full = "render: chat template: line 1: its values take too much memory; want at most 1000000 bytes";
  const std::string twice = "{% for a in range(40) %}{% set n.a = n.a + n.a %}{% endfor %}";
  EXPECT_EQ(limited("{% set n = namespace(a='x') %}" + twice, small), full);
  EXPECT_EQ(limited("{% set n = namespace(a=[1]) %}" + twice, small), full);
  EXPECT_EQ(limited("{{ range(100000) | list }}", small), full);
  EXPECT_EQ(limited("{{ ('%9999d' % 1).replace(' ', 'x' * 200) }}", small), full);
  EXPECT_THAT(limited("{{ 'x' * 99999999999 }}", {}), HasSubstr("a text or list repeated too often"));
  EXPECT_THAT(limited("{{ range(100001) }}", {}), HasSubstr("range is too long; want at most 100000 numbers"));
  EXPECT_THAT(limited("{{ 'a' | center(99999999999) }}", {}), HasSubstr("too much memory"));
  EXPECT_THAT(limited("{{ [1] | tojson(indent=99999) }}", {}), HasSubstr("an indent that is too wide"));
  EXPECT_THAT(limited("{{ 9223372036854775807 + 1 }}", {}), HasSubstr("an integer beyond 64 bits"));
  EXPECT_THAT(limited("{{ 3 ** 99 }}", {}), HasSubstr("an integer beyond 64 bits"));
}

// Values that share their parts are small and yet have no end when they are written, compared or searched.
TEST(ChatTemplate, SharedValuesHaveNoEndEither) {
  const std::string grow = "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}"
                           "{% set n.b = [n.b, n.b] %}{% endfor %}";
  for (const char* use :
       {"{{ n.a }}", "{{ n.a | tojson }}", "{{ n.a == n.b }}", "{{ n.a < n.b }}", "{{ n.a in [n.b] }}"}) {
    EXPECT_THAT(limited(grow + use, {.steps = 300'000}), HasSubstr("want at most 300000 steps")) << use;
  }
  EXPECT_THAT(render("{% set n = namespace(a=[1]) %}{% for i in range(200) %}{% set n.a = [n.a] %}{% endfor %}"),
              HasSubstr("want at most 100 levels"));
  EXPECT_THAT(render("{% set n = namespace() %}{% set n.a = [n] %}{{ n }}"), HasSubstr("want at most 400 levels"));
}

TEST(ChatTemplate, DeepTemplates) {
  const auto repeat = [](const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
  };
  EXPECT_EQ(render("{{ " + repeat("(", 60) + "1" + repeat(")", 60) + " }}"), "1");
  EXPECT_EQ(render("{{ 1" + repeat(" + 1", 150) + " }}"), "151");
  EXPECT_EQ(render("{{ 1" + repeat(" ~ 1", 5000) + " }}"), repeat("1", 5001));
  const int n = 20'000;
  for (const std::string& text :
       {"{{ " + repeat("(", n) + repeat(")", n) + "}}", "{{ " + repeat("[", n) + repeat("]", n) + "}}",
        "{{ " + repeat("{a:", n) + repeat("}", n) + "}}", "{% set " + repeat("(", n) + repeat(")", n) + "%}",
        "{{ " + repeat("not ", n) + "1 }}", "{{ " + repeat("-", n) + "1 }}", "{{ 1" + repeat(" + 1", n) + " }}",
        "{{ a" + repeat(".a", n) + " }}", "{{ a" + repeat("|a", n) + " }}", "{{ a" + repeat("()", n) + " }}",
        "{{ a" + repeat(" if a", n) + " }}", "{{ a" + repeat(" if a else a", n) + " }}",
        repeat("{% if a %}", n), repeat("{% for a in a %}", n)}) {
    EXPECT_THAT(render(text), HasSubstr(" levels")) << text.substr(0, 20);
  }
  EXPECT_EQ(render(repeat("a", 1 << 21)), "parse: chat template: got 2097152 bytes, want at most 1048576");
}

TEST(ChatTemplate, LongSearchesTakeLinearTime) {
  const std::string text = "{% set a = 'a' * 1000000 %}{% set b = 'a' * 500000 + 'b' %}";
  EXPECT_EQ(render(text + "{{ b in a }}{{ a.find(b) }}{{ a.rfind(b) }}{{ a.count(b) }}{{ a.split(b) | length }}"
                          "{{ a.rsplit(b) | length }}{{ a.replace(b, '') | length }}"),
            "False-1-10111000000");
}

TEST(ChatTemplate, ManyThreadsMayRender) {
  const auto parsed = ChatTemplate::parse(
      "{% macro m(a) %}[{{ a }}]{% endmacro %}{% for i in range(200) %}{{ m('x') }}{% endfor %}");
  ASSERT_TRUE(parsed);
  const std::string want = *parsed->render({});
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) count += *parsed->render({}) != want;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace cortland::text
