"""Checks every #include below src/ against src/LAYERS: what a folder may include, and which libraries it may use."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# How the headers of a library begin, by its name in LAYERS.
LIBRARIES = {
    "Accelerate/": "cblas",
    "CLI/": "CLI11",
    "cblas.h": "cblas",
    "cortland/": "cortland",
    "curl/": "curl",
    "editline/": "editline",
    "fmt/": "fmt",
    "google/protobuf/": "protobuf",
    "hwy/": "hwy",
    "nlohmann/": "nlohmann",
    "oneapi/tbb/": "tbb",
    "openssl/": "openssl",
    "spdlog/": "spdlog",
    "tbb/": "tbb",
}
STANDARD = re.compile(r"[a-z0-9_]+")  # <vector>, <cstdint>
SYSTEM = re.compile(r"(sys/|linux/|mach/)?[a-z0-9_]+\.h")  # <unistd.h>, <sys/stat.h>
NOT_ON_EVERY_PHONE = {"format"}  # standard headers that the oldest supported iOS lacks


class Layer:
    def __init__(self, folders, libraries, standard_only):
        self.folders = folders
        self.libraries = libraries
        self.standard_only = standard_only


def parse_layers(text):
    layers = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, rest = line.partition("->")
        name = name.strip()
        bracket = re.search(r"\[([^\]]*)\]", rest)
        standard_only = "(standard library only" in rest
        words = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", rest).split()
        folders = set(layers) if words == ["all", "above"] else set(words)
        unknown = folders - set(layers)
        if unknown or name in layers:
            raise ValueError(f"LAYERS: row {name} names {sorted(unknown)}, which are no rows above it, or stands twice")
        layers[name] = Layer(folders, set(bracket.group(1).split()) if bracket else set(), standard_only)
    return layers


def layer_of(layers, path):
    """The row whose folder holds `path` (given from src/); None when there is none."""
    rows = [name for name in layers if path.startswith(name + "/")]
    return max(rows, key=len, default=None)


def library_of(header):
    for prefix, library in LIBRARIES.items():
        if header.startswith(prefix):
            return library
    return None


def judge_include(layers, name, quote, header):
    """Why a file of the folder `name` may not have this include; None when it may."""
    layer = layers[name]
    library = "protobuf" if header.endswith(".pb.h") else library_of(header)
    if quote == '"' and library is None:
        other = layer_of(layers, header)
        if other is None:
            return "in no folder that LAYERS names"
        return None if other == name or other in layer.folders else f"{name} may not include {other}"
    if library is not None:
        allowed = layer.libraries | (layers["base"].libraries if "base" in layer.folders else set())
        return None if library in allowed else f"{name} may not use the library {library}"
    if layer.standard_only:
        fits = STANDARD.fullmatch(header) and header not in NOT_ON_EVERY_PHONE
        return None if fits else f"{name} may use the standard library only"
    fits = STANDARD.fullmatch(header) or SYSTEM.fullmatch(header)
    return None if fits else "of a library that this test does not know"


def violations(layers, files):
    """`files` maps paths below src/ to their text."""
    found = []
    for path, text in sorted(files.items()):
        name = layer_of(layers, path)
        if name is None:
            found.append(f"src/{path}: its folder has no row in LAYERS")
            continue
        for match in INCLUDE.finditer(text):
            reason = judge_include(layers, name, match.group(1), match.group(2))
            if reason:
                line = text.count("\n", 0, match.start(2)) + 1
                found.append(f"src/{path}:{line}: {match.group(2)}: {reason}")
    return found


class Layers(unittest.TestCase):
    def setUp(self):
        self.layers = parse_layers((ROOT / "src/LAYERS").read_text())

    def test_every_include_is_allowed(self):
        paths = [p for p in (ROOT / "src").rglob("*") if p.suffix in {".h", ".cc", ".c", ".mm"}]
        files = {p.relative_to(ROOT / "src").as_posix(): p.read_text() for p in paths}
        self.assertGreater(len(files), 50)
        self.assertGreater(sum(len(INCLUDE.findall(text)) for text in files.values()), 100)
        self.assertEqual(violations(self.layers, files), [])

    def test_every_local_include_exists(self):
        missing = []
        for path in (ROOT / "src").rglob("*.*"):
            if path.suffix not in {".h", ".cc"}:
                continue
            for quote, header in INCLUDE.findall(path.read_text()):
                if quote == '"' and not header.endswith(".pb.h") and not (ROOT / "src" / header).exists():
                    missing.append(f"{path.relative_to(ROOT)}: {header}")
        self.assertEqual(missing, [])

    def test_planted_includes_are_found(self):
        cases = [
            ("base/a.cc", '#include "tensor/dtype.h"', "1: tensor/dtype.h: base may not include tensor"),
            ("tensor/a.cc", "#include <tbb/a.h>\n#include <curl/curl.h>",
             "2: curl/curl.h: tensor may not use the library curl"),
            ("mil/ops/a.h", '\n\n#  include "lower/plan.h"', "3: lower/plan.h: mil may not include lower"),
            ("mil/a.cc", "#include <hwy/highway.h>", "1: hwy/highway.h: mil may not use the library hwy"),
            ("lower/a.cc", '#include "coreml.pb.h"', "1: coreml.pb.h: lower may not use the library protobuf"),
            ("reference/a.cc", '#include "mil/op.h"', "1: mil/op.h: reference may not include mil"),
            ("host/a.cc", '#include "base/error.h"', "1: base/error.h: host may not include base"),
            ("host/b.cc", "#include <fmt/format.h>", "1: fmt/format.h: host may not use the library fmt"),
            ("text/a.cc", "#include <unistd.h>", "1: unistd.h: text may use the standard library only"),
            ("text/b.cc", "#include <format>", "1: format: text may use the standard library only"),
            ("interp/a.cc", "#include <boost/any.hpp>", "1: boost/any.hpp: of a library that this test does not know"),
            ("interp/b.cc", '#include "neighbour.h"', "1: neighbour.h: in no folder that LAYERS names"),
            ("capi/app/a.cc", '#include "interp/states.h"', "1: interp/states.h: capi/app may not include interp"),
            ("text/c.cc", "#include <cortland/text.h>", "1: cortland/text.h: text may not use the library cortland"),
            ("extra/a.cc", "", " its folder has no row in LAYERS"),
        ]
        for path, text, want in cases:
            self.assertEqual(violations(self.layers, {path: text}), [f"src/{path}:{want}"])

    def test_allowed_includes_are_not(self):
        allowed = {
            "base/a.cc": "#include <fmt/format.h>\n#include <oneapi/tbb/parallel_for.h>\n#include <sys/stat.h>\n",
            "mil/ops/a.h": '#include "mil/op.h"\n#include "tensor/dtype.h"\n#include <fmt/format.h>\n',
            "package/a.cc": '#include "coreml.pb.h"\n#include <google/protobuf/io.h>\n',
            "pipeline/a.cc": '#include "hub/download.h"\n#include "reference/a.h"\n#include "text/a.h"\n',
            "capi/app/a.cc": '#include <cortland/text.h>\n#include <sys/mman.h>\n#include "text/tokenizer.h"\n',
            "capi/interp/a.cc": '#include "package/reader.h"\n#include <fmt/format.h>\n',
            "text/a.cc": '#include "text/vocabulary.h"\n#include <vector>\n// #include <unistd.h>\n',
        }
        self.assertEqual(violations(self.layers, allowed), [])

    def test_a_row_may_only_name_rows_above_it(self):
        with self.assertRaisesRegex(ValueError, "row a names"):
            parse_layers("a -> b\nb ->\n")
        with self.assertRaisesRegex(ValueError, "row a names"):
            parse_layers("a ->\na ->\n")


if __name__ == "__main__":
    unittest.main()
