#!/usr/bin/env python3
"""Compares chat templates as rendered here and by jinja2 under the settings of transformers, on random templates.

Usage: compare.py RENDER [COUNT [SEED [CASES]]]

RENDER is render.cc, compiled with the libraries cortland_text and cortland_portable. Needs jinja2.
Prints what differs: other text, or one of the two fails. What is known to differ is listed in is_expected.
With CASES it writes those that agree into that file (tests/golden/text/expressions.jsonl was made so, of seed 11).
"""

import json
import random
import subprocess
import sys

import jinja2.ext
import jinja2.sandbox

CONTEXT = {
    "messages": [{"role": "system", "content": "S  "}, {"role": "user", "content": "Héllo 안녕 😀\n"},
                 {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": {"b": [1.5]}}]}],
    "d": {"a": 1, "b": [1, 2.0, "x'y", None, True], "items": 3, "c": {"k": "é\n"}},
    "l": [3, 1, 2], "e": [], "z": None, "t": True, "f": False, "i": 7, "n": -3, "x": 2.5, "big": 1e300,
    "s": "The quick brown fox", "u": "ÀÉß ǅ straße 가나", "w": " \t pad\u3000\n", "m": "a\nb\r\n\nc\n",
    "p": [{"name": "Kim", "age": 30, "tags": ["a"]}, {"name": "lee", "age": 25},
          {"name": "Park", "age": 30, "tags": []}],
}
NAMES = [*CONTEXT, "nope", "loop"]
LITERALS = ["0", "1", "2", "-1", "10", "3.5", "0.1", "1e3", "true", "false", "none", "''", "'a'", "'o'", "' '", "'\\n'",
            "'ab'", "'The'", "'é'", "'%s'", "[]", "[1]", "[1, 2, 3]", "['b', 'A', 'c']", "(1,)", "(1, 'x')", "{}", "{'a': 1}",
            "{1: 'x', 'b': none}", "[[1, 2], [3, 4]]", "range(4)", "'1_0'", "'12'", "'-4.5'"]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = """abs|attr('a')|batch(2)|list|batch(2, 0)|list|capitalize|center(9)|count|d('q')|default('q', true)|
    dictsort|escape|first|float|float(1.5)|int|int(3)|indent|indent(2, true)|indent('>', blank=true)|items|list|
    join|join(', ')|last|length|list|lower|map('upper')|list|map(attribute='name')|list|map('length')|list|max|min|
    reject('odd')|list|rejectattr('age')|list|replace('a', 'o')|replace('', '-')|reverse|list|round|round(1)|
    round(2, 'floor')|round(-1)|safe|select|list|select('string')|list|selectattr('tags')|list|
    selectattr('age', '>', 26)|list|slice(2)|list|sort|sort(reverse=true)|sort(attribute='age')|
    sort(case_sensitive=true)|string|sum|title|tojson|tojson(indent=2)|tojson(ensure_ascii=true)|
    tojson(sort_keys=true)|trim|trim('Tx')|unique|list|upper|wordcount|string|length"""
FILTERS = [f.strip() for f in FILTERS.replace("\n", "").split("|")]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping",
         "iterable", "sequence", "odd", "even", "lower", "upper", "callable", "divisibleby(2)", "sameas(none)",
         "in([1, 2])", "eq(1)", "gt(0)", "equalto('a')"]
METHODS = """strip() lstrip() rstrip() strip('Tx') split() split('o') split(' ',1) rsplit('o',1) rsplit()
    splitlines() splitlines(true) startswith('T') endswith(('x','n')) replace('o','0') replace('o','0',1) upper()
    lower() title() capitalize() find('o') rfind('o') count('o') join(['a','b']) isdigit() isupper() islower()
    isspace() get('a') get('q','r') keys()|list values()|list items()|list copy() center(11) ljust(4) rjust(30,'.')
    zfill(6) partition('o') rpartition('o') removeprefix('The') removesuffix('x') count(1) index(1) swapcase()
    isalpha() isalnum() append(1) nope""".split()
ATTRIBUTES = [".a", ".name", ".nope", "['a']", "['items']", "[0]", "[-1]", "[9]", "[1:]", "[:-1]", "[::-1]", "[1:9:2]",
              "[-3:-1]", "['b'][1]", ".role", ".content", ".0"]
STATEMENTS = [
    "{%% for v in %s %%}{{ loop.index }}{{ v }}{{ ',' if not loop.last }}{%% else %%}none{%% endfor %%}",
    "{%% for v in %s if v %%}{{ loop.length }}{{ loop.previtem }}{{ v }}{%% endfor %%}",
    "{%% for k, v in %s %%}{{ k }}={{ v }};{%% endfor %%}",
    "{%% if %s %%}\n  yes\n{%% else %%}\n  no\n{%% endif %%}\n!",
    "{%% set q = %s %%}{{ q }}{{ q is string }}",
    "{%% set q, r = %s %%}{{ q }}{{ r }}",
    "{%% set ns = namespace(v=0) %%}{%% for j in [1, 2] %%}{%% set ns.v = %s %%}{%% endfor %%}{{ ns.v }}",
    "{%% macro g(a, b=2) %%}<{{ a }}{{ b }}>{%% endmacro %%}{{ g(%s) }}{{ g(b=%s) }}",
    "{%% set q %%}a{{ %s }}b{%% endset %%}{{ q | length }}",
    "{%% filter upper %%}{{ %s }}x{%% endfilter %%}",
    "{%% with q = %s %%}{{ q }}{%% endwith %%}{{ q }}",
    "  {%%- if %s -%%}  a {%%- endif +%%}  b",
    "\n  {%%+ if %s %%}x\n  {%% endif %%}  y\n",
    "{%% call(v) mm(%s) %%}{{ v }}{%% endcall %%}",
]
MAX_CASE = 400  # characters of a template and its text that are written into CASES
MM = "{% macro mm(a) %}[{{ caller(a) }}]{% endmacro %}"


def expression(r, depth):
    if depth <= 0 or r.random() < 0.12:
        return r.choice(NAMES) if r.random() < 0.65 else r.choice(LITERALS)
    inner = expression(r, depth - 1)
    kind = r.randrange(12)
    if kind < 2:
        return f"{inner} | {r.choice(FILTERS)}"
    if kind < 4:
        return f"({inner}).{r.choice(METHODS)}"
    if kind < 6:
        return f"{inner} {r.choice(BINARY)} {expression(r, depth - 1)}"
    if kind == 6:
        return f"({inner}){r.choice(ATTRIBUTES)}"
    if kind == 7:
        return f"{inner} is {r.choice(['', 'not '])}{r.choice(TESTS)}"
    if kind == 8:
        return f"({inner} if {expression(r, depth - 1)} else {expression(r, depth - 2)})"
    if kind == 9:
        return f"{r.choice(['not ', '-', '+'])}{inner}"
    if kind == 10:
        return r.choice(["[%s, 1]", "(%s, 'k')", "{'k': %s}", "(%s)", "'%%s|%%5s|%%r' %% (%s, 1, 'q')",
                         "'%%d %%.2f' %% (%s, 2)"]) % inner
    return f"{inner}{r.choice(ATTRIBUTES)}"


def template(r):
    if r.random() < 0.55:
        return "{{ %s }}" % expression(r, r.randrange(1, 4))
    form = r.choice(STATEMENTS)
    values = tuple(expression(r, r.randrange(1, 3)) for _ in range(form.count("%s")))
    return MM + form % values


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


JINJA = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                                     extensions=[jinja2.ext.loopcontrols])
JINJA.filters["tojson"] = tojson


def render_there(text):
    try:
        return "ok", JINJA.from_string(text).render(**json.loads(json.dumps(CONTEXT)))
    except Exception as error:  # whatever a template makes Python raise
        return "error", f"{type(error).__name__}: {error}"


def render_here(process, text):
    process.stdin.write(json.dumps({"template": text, "context": CONTEXT}).encode() + b"\n")
    process.stdin.flush()
    status, size = process.stdout.readline().split()
    return status.decode(), process.stdout.read(int(size)).decode(errors="replace")


def is_expected(text, there, here):
    """Known differences, written down in chat_template.h: big integers, lazy lists, identity and names of objects."""
    if "beyond 64 bits" in here[1] or "repeated too often" in here[1]:
        return True
    marks = (" object at 0x", " AT 0X", "<built-in method", "<bound method", "complex()", "j)")
    if any(mark in there[1] for mark in marks):
        return True
    if "has no len()" in there[1] or "generator" in there[1]:
        return True
    # What a filter does element by element fails there only when somebody looks at the elements.
    is_lazy = any(f"| {name}" in text for name in ("map", "select", "reject", "batch", "slice", "items", "unique"))
    # Jinja folds constants in another way than it computes: slices of what has none are undefined then.
    if "a slice wants" in here[1] or "Markup(" in there[1] or "LoopContext" in there[1] + here[1] or "big" in text:
        return True
    return "swapcase" in text or (is_lazy and here[0] == "error")


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    process = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    differences = rendered = 0
    cases = [{"context": CONTEXT}]
    for _ in range(count):
        text = template(r)
        there, here = render_there(text), render_here(process, text)
        rendered += there[0] == "ok"
        same = there[0] == here[0] and (there[0] == "error" or there[1] == here[1])
        expected = is_expected(text, there, here)
        if same and not expected and len(text) + len(there[1]) < MAX_CASE:
            cases.append({"template": text, "expected" if there[0] == "ok" else "error": there[1]})
        if same or expected:
            continue
        differences += 1
        print(f"{text!r}\n  there: {there}\n  here:  {here}")
    print(f"{count} templates, {rendered} render, {differences} differ")
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w", encoding="ascii") as file:
            file.writelines(json.dumps(case) + "\n" for case in cases)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
