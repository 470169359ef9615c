"""Writes src/text/unicode_tables.cc and src/text/decomposition_tables.cc.

Usage: make.py DERIVED_AGE, with the packages of requirements.txt. DERIVED_AGE is DerivedAge.txt of the Unicode
Character Database, of any version from 11 on (Debian: package unicode-data).

Each table is a list of numbers as LEB128 varints (seven bits a byte, low bits first, the high bit: more follows) in
base64. src/text/unicode_tables.h says what the numbers mean.
"""

import base64
import pathlib
import re
import sys

import regex
import unicodedata2
from fontTools import unicodedata as scripts

VERSION = "16.0.0"
TEXT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/text"
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()
CODES = range(0x110000)
SCALARS = [code for code in CODES if not 0xD800 <= code < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)

# Case pairs of Unicode 16 that are newer than the str methods of common Pythons.
NEW_LOWER = {0x1C89: 0x1C8A, 0xA7CB: 0x0264, 0xA7CC: 0xA7CD, 0xA7DA: 0xA7DB, 0xA7DC: 0x019B,
             **{code: code + 0x20 for code in range(0x10D50, 0x10D66)}}
NEW_UPPER = {low: code for code, low in NEW_LOWER.items()}


def varints(numbers):
    out = bytearray()
    for number in numbers:
        assert number >= 0
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return base64.b64encode(out).decode()


def runs(value_of, width):
    """Length * width + value of each run of equal values."""
    numbers, begin = [], 0
    for code in range(1, 0x110001):
        if code == 0x110000 or value_of(code) != value_of(begin):
            value = value_of(begin)
            assert value < width
            numbers.append((code - begin) * width + value)
            begin = code
    return numbers


def members(pattern):
    text = "".join(map(chr, SCALARS))
    return {ord(char) for char in regex.findall(pattern, text)}


def member_runs(codes):
    return runs(lambda code: int(code in codes), 2)


def mappings(pairs):
    """For each pair (code, codes): the step from the code before, how many, the codes as zigzag steps."""
    numbers, before = [], 0
    for code, targets in sorted(pairs):
        numbers += [code - before, len(targets)]
        last = code
        for target in targets:
            step = target - last
            numbers.append(step * 2 if step >= 0 else ~step * 2 + 1)
            last = target
        before = code
    return numbers


def lower(code):
    return [NEW_LOWER[code]] if code in NEW_LOWER else [ord(char) for char in chr(code).lower()]


def upper(code):
    return [NEW_UPPER[code]] if code in NEW_UPPER else [ord(char) for char in chr(code).upper()]


def title(code):
    return [NEW_UPPER[code]] if code in NEW_UPPER else [ord(char) for char in chr(code).title()]


def fold(code):
    return [NEW_LOWER[code]] if code in NEW_LOWER else [ord(char) for char in chr(code).casefold()]


def decompositions(compatible):
    for code in SCALARS:
        words = unicodedata2.decomposition(chr(code)).split()
        if code not in HANGUL and words and words[0].startswith("<") == compatible:
            yield code, [int(word, 16) for word in words if not word.startswith("<")]


def composes(code, targets):
    return len(targets) == 2 and unicodedata2.normalize("NFC", "".join(map(chr, targets))) == chr(code)


def major_ages(path, category):
    """The version that each code point came with; what the file does not know came later."""
    unassigned = CATEGORIES.index("Cn")
    ages = [0 if category[code] == unassigned else int(VERSION.split(".")[0]) for code in CODES]
    for first, last, major in re.findall(r"(?m)^([0-9A-F]+)(?:\.\.([0-9A-F]+))? *; (\d+)", path.read_text()):
        for code in range(int(first, 16), int(last or first, 16) + 1):
            if ages[code]:
                ages[code] = int(major)
    return ages


def literal(name, numbers):
    text = varints(numbers)
    lines = [text[at:at + 114] for at in range(0, len(text), 114)]
    return f"const std::string_view {name} =\n" + "\n".join(f'    "{line}"' for line in lines) + ";\n"


def names(name, values):
    lines, line = [], "   "
    for value in values:
        word = f' "{value}",'
        if len(line) + len(word) > 118:
            lines.append(line)
            line = "   "
        line += word
    return f"const std::array<std::string_view, {len(values)}> {name} = {{\n" + "\n".join([*lines, line]) + "\n};\n"


def write(file, parts):
    head = f"// Made by tools/unicode_tables/make.py from Unicode {VERSION}. Do not edit.\n"
    include = '#include "text/unicode_tables.h"\n\n'
    body = "namespace cortland::text {\n\n" + "\n".join(parts) + "\n}  // namespace cortland::text\n"
    (TEXT / file).write_text(head + include + body)


def main():
    assert unicodedata2.unidata_version == VERSION
    category = [CATEGORIES.index(unicodedata2.category(chr(code))) for code in CODES]
    script = [scripts.script(chr(code)) for code in CODES]
    tags = sorted(set(script))
    letters = {code for code in CODES if CATEGORIES[category[code]] in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl")}
    break_values = {"CR": 1, "LF": 1, "Control": 1, "Extend": 2, "ZWJ": 2, "SpacingMark": 3, "Prepend": 4}
    breaks = {code: value for name, value in break_values.items() for code in members(r"\p{GCB=%s}" % name)}
    upper_lower = [{code for code in CODES if CATEGORIES[category[code]] == name} for name in ("Lu", "Ll")]
    write("unicode_tables.cc", [
        f'const std::string_view kUnicodeVersion = "{VERSION}";\n',
        literal("kCategoryRuns", runs(category.__getitem__, 32)),
        literal("kAgeRuns", runs(major_ages(pathlib.Path(sys.argv[1]), category).__getitem__, 32)),
        literal("kOtherAlphabeticRuns", member_runs(members(r"\p{Alphabetic}") - letters)),
        literal("kOtherUppercaseRuns", member_runs(members(r"\p{Uppercase}") - upper_lower[0])),
        literal("kOtherLowercaseRuns", member_runs(members(r"\p{Lowercase}") - upper_lower[1])),
        names("kScriptNames", [scripts.script_name(tag).replace("_", "") for tag in tags]),
        literal("kScriptRuns", runs([tags.index(tag) for tag in script].__getitem__, 256)),
        literal("kLowerMappings", mappings((code, lower(code)) for code in SCALARS if lower(code) != [code])),
        literal("kUpperMappings", mappings((code, upper(code)) for code in SCALARS if upper(code) != [code])),
        literal("kTitleMappings", mappings((code, title(code)) for code in SCALARS if title(code) != upper(code))),
        literal("kFoldMappings", mappings((code, fold(code)) for code in SCALARS if fold(code) != [code])),
        literal("kGraphemeBreakRuns", runs(lambda code: breaks.get(code, 0), 8)),
        literal("kCombiningClassRuns", runs(lambda code: unicodedata2.combining(chr(code)), 256)),
    ])
    canonical = dict(decompositions(False))
    write("decomposition_tables.cc", [
        literal("kCanonicalMappings", mappings(canonical.items())),
        literal("kCompatibilityMappings", mappings(decompositions(True))),
        literal("kNoCompositions", mappings((code, []) for code, targets in canonical.items()
                                            if len(targets) == 2 and not composes(code, targets))),
    ])


if __name__ == "__main__":
    main()
