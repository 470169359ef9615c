"""What a file uses of libraries and of the standard library reaches it by its own #includes and those of our headers, not only
by the precompiled headers of the quick builds: a release build has none."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["src", "tests", "fuzz"]  # where "..." is looked for, too
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
NOT_CODE = re.compile(r'//[^\n]*|R"\(.*?\)"|"(?:\\.|[^"\\\n])*"', re.DOTALL)

# A use, and the headers that provide it: each a whole name, or how the names of a library begin.
PROVIDERS = [
    (r"fmt::", ["fmt/"]),
    # United with others, a file finds ours as well.
    (r"ErrorCode::", ["base/error.h"]),
    (r"json_text\(|read_if_json\(", ["base/json.h"]),
    (r"tbb::", ["tbb/", "oneapi/tbb/"]),
    (r"hwy::", ["hwy/"]),
    # Made or held: references get along with the forward declaration of base/json.h.
    (r"Json(?:[({]|::| \w+(?: =|;|\{))", ["nlohmann/json.hpp"]),
    (r"spdlog::\w+\(|spdlog::sinks", ["spdlog/"]),
    (r"CLI::\w+\(|CLI::(?:Option|Validator|Error|ParseError)\b", ["CLI/"]),
    (r"proto::[A-Z]\w*|google::protobuf::", ["coreml.pb.h", "google/protobuf/"]),
    (r"testing::Test\b|^TEST(?:_F|_P)?\(", ["gtest/", "gmock/"]),
    (r"testing::(?:ElementsAre|HasSubstr|Contains|StartsWith|Each|Pair)\b", ["gmock/"]),
    (r"std::vector<", ["vector"]),
    (r"std::array[<{ ]", ["array"]),
    (r"std::map<", ["map"]),
    (r"std::set<", ["set"]),
    (r"std::unordered_map<", ["unordered_map"]),
    (r"std::deque<", ["deque"]),
    (r"std::optional<|std::nullopt\b", ["optional"]),
    (r"std::variant<|std::get_if<|std::holds_alternative<", ["variant"]),
    (r"std::function<", ["functional"]),
    (r"std::span\b", ["span"]),
    (r"std::(?:unique|shared|weak)_ptr<|std::make_(?:unique|shared)<", ["memory"]),
    (r"std::(?:string|to_string)\b(?!_view)", ["string", "sstream", "fmt/", "nlohmann/"]),
    (r"std::string_view\b", ["string_view", "string", "fmt/", "nlohmann/"]),
    (r"std::[io]?stringstream\b", ["sstream"]),
    (r"std::mutex\b|std::(?:lock_guard|unique_lock|scoped_lock)\b", ["mutex"]),
    (r"std::thread\b", ["thread"]),
    (r"std::atomic\b", ["atomic"]),
    (r"std::chrono::", ["chrono"]),
    (r"std::filesystem::", ["filesystem"]),
    (r"std::numeric_limits<", ["limits"]),
    (r"std::mt19937", ["random"]),
    (r"std::(?:sort|stable_sort|find_if|any_of|all_of|none_of|lower_bound|upper_bound|nth_element|remove_if|clamp)\(", ["algorithm"]),
    (r"std::(?:iota|accumulate|partial_sum)\(", ["numeric"]),
    (r"std::(?:sqrt|exp|log|pow|isfinite|isnan|lround|floor|ceil)\(", ["cmath", "complex", "random"]),
]
PROVIDERS = [(re.compile(use, re.MULTILINE), headers) for use, headers in PROVIDERS]


def quoted(path, header, files):
    """The file that #include "header" means in `path`; None when it is generated."""
    folder = path.rpartition("/")[0]
    return next((place for place in (f"{folder}/{header}", *(f"{top}/{header}" for top in FOLDERS)) if place in files), None)


def reached(path, files, known):
    """Names of headers, as they are included, that a file of ours brings along."""
    if path not in known:
        known[path] = set()  # for headers that would include each other
        found = set()
        for quote, header in INCLUDE.findall(files[path]):
            place = quoted(path, header, files) if quote == '"' else None
            found |= {header} | (reached(place, files, known) if place else set())
        known[path] = found
    return known[path]


def missing(files):
    """`files` maps paths from the root to their text. Returns a line for every use without a header."""
    found, known = [], {}
    for path, text in sorted(files.items()):
        code = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
        for use, headers in PROVIDERS:
            match = use.search(code)
            if match and not any(have == want or want.endswith("/") and have.startswith(want)
                                 for have in reached(path, files, known) | {path.partition("/")[2]} for want in headers):
                found.append(f"{path}:{code.count(chr(10), 0, match.start()) + 1}: {match.group().strip()} wants <{headers[0]}>")
    return found


class Includes(unittest.TestCase):
    def test_every_use_has_its_header(self):
        files = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for folder in FOLDERS
                 for path in (ROOT / folder).rglob("*") if path.suffix in (".h", ".cc")}
        self.assertGreater(len(files), 300)
        self.assertEqual(missing(files), [])

    def test_the_test_itself(self):
        header = "#include <fmt/format.h>\n#include <vector>\n"
        cases = [
            ('#include "base/error.h"\nauto x = fmt::format("");\nstd::vector<int> y;\n', []),
            ('#include "mil/op.h"\nauto x = fmt::format("");\n', []),  # by a header of a header
            ("f(ErrorCode::io);\n", ["src/a.cc:1: ErrorCode:: wants <base/error.h>"]),
            ('#include "base/error.h"\nf(ErrorCode::io);\n', []),
            ("\nauto x = fmt::format();\n", ["src/a.cc:2: fmt:: wants <fmt/>"]),
            ('#include "base/json.h"\nJson x = f();\n', ["src/a.cc:2: Json x = wants <nlohmann/json.hpp>"]),
            ('#include "base/json.h"\nvoid f(const Json& x, OrderedJson* y);\n', []),
            ("// std::vector<int>\nconst char* s = \"tbb::x\";\n", []),
            ("std::vector<int> x;\n", ["src/a.cc:1: std::vector< wants <vector>"]),
            ("#include <fmt/format.h>\nstd::vector<int> x;\n", ["src/a.cc:2: std::vector< wants <vector>"]),
            ("#include <tbbx/a.h>\ntbb::task x;\n", ["src/a.cc:2: tbb:: wants <tbb/>"]),
        ]
        for text, want in cases:
            files = {"src/base/error.h": header, "src/mil/op.h": '#include "base/error.h"\n',
                     "src/base/json.h": "#include <nlohmann/json_fwd.hpp>\n", "src/a.cc": text}
            self.assertEqual(missing(files), want, text)


if __name__ == "__main__":
    unittest.main()
