#!/usr/bin/env python3
"""Writes src/text/template/letter_tables.cc: upper, lower and title case of letters, and which characters can be printed.

Usage: tools/letter_tables/make.py

Everything comes from Python's own str methods, whose behaviour the tables stand for.
"""

import pathlib
import sys
import unicodedata

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "src/text/template/letter_tables.cc"
POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def ranges_of(mapping):
    """[first, last, step, offset]: runs of letters whose counterpart lies equally far away."""
    runs = []
    for point, other in sorted(mapping.items()):
        offset = other - point
        if runs:
            first, last, step, old = runs[-1]
            gap = point - last
            if offset == old and gap <= 2 and (step == 0 or gap == step):
                runs[-1] = [first, point, gap, old]
                continue
        runs.append([point, point, 0, offset])
    return [(first, last, step or 1, offset) for first, last, step, offset in runs]


def lines_of(items):
    line = ""
    for item in items:
        if len(line) + len(item) > 114:
            yield "    " + line.rstrip()
            line = ""
        line += item + ", "
    if line:
        yield "    " + line.rstrip()


def table(kind, name, items):
    return [f"constexpr {kind} k{name}Rows[] = {{", *lines_of(items), "};",
            f"const std::span<const {kind}> k{name} = k{name}Rows;", ""]


def case_tables(name, changed):
    single = {c: ord(s) for c, s in changed.items() if len(s) == 1}
    several = {c: s for c, s in changed.items() if len(s) > 1}
    yield from table("CaseRange", name, ["{0x%X, 0x%X, %d, %d}" % run for run in ranges_of(single)])
    texts = ["{0x%X, U\"%s\"}" % (c, "".join("\\U%08X" % ord(x) for x in s)) for c, s in sorted(several.items())]
    yield from table("CaseText", f"{name}Texts", texts)


def hidden():
    """Ranges of characters that repr() escapes."""
    runs = []
    for point in range(0x110000):
        if chr(point).isprintable():
            continue
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ["{0x%X, 0x%X}" % (first, last) for first, last in runs]


def main():
    lines = [f"// Written by tools/letter_tables/make.py from Unicode {unicodedata.unidata_version}.",
             '#include "text/template/letter_tables.h"', "", "namespace cortland::text {", ""]
    letters = {c: chr(c) for c in POINTS}
    lines += case_tables("Upper", {c: s.upper() for c, s in letters.items() if s.upper() != s})
    lines += case_tables("Lower", {c: s.lower() for c, s in letters.items() if s.lower() != s})
    lines += case_tables("Title", {c: s.title() for c, s in letters.items() if s.title() != s.upper()})
    lines += table("HiddenRange", "Hidden", hidden())
    lines += ["}  // namespace cortland::text", ""]
    OUTPUT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
