"""Compares what the Swift package offers with swift/public_interface.txt: a change of it is one that somebody meant.

scripts/swift_test calls it behind a build; `--record` writes the file instead. Every name must be documented, and the
articles may only speak of names that there are (which docc knows, where Swift came with it)."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "swift/public_interface.txt"
MODULES = ["Cortland", "CortlandCoreML", "CortlandFoundationModels", "CortlandStore", "CortlandTesting", "CortlandUI"]


def symbols_of(module, build, folder):
    target = json.loads(subprocess.check_output(["swift", "-print-target-info"]))["target"]["triple"]
    folders = ROOT / "include", ROOT / "swift/Sources/CCortlandInterp"
    headers = [flag for path in folders for flag in ("-Xcc", "-I", "-Xcc", path)]
    subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-target", target, "-I", build / "Modules",
                    *headers, "-output-dir", folder, "-minimum-access-level", "public", "-skip-synthesized-members"],
                   check=True)
    graphs = sorted(pathlib.Path(folder).glob(f"{module}*.symbols.json"))
    return [symbol for graph in graphs for symbol in json.loads(graph.read_text(encoding="utf-8"))["symbols"]]


def problems_of_articles(graphs):
    """What docc says of the catalogue of Cortland, with the symbol graphs in a folder."""
    docc = shutil.which("docc") or pathlib.Path(shutil.which("swift")).resolve().parent / "docc"
    if not pathlib.Path(docc).exists():
        return ""
    catalogue = ROOT / "swift/Sources/Cortland/Cortland.docc"
    run = subprocess.run([docc, "convert", catalogue, "--additional-symbol-graph-dir", graphs, "--output-path",
                          pathlib.Path(graphs) / "documentation", "--fallback-display-name", "Cortland",
                          "--fallback-bundle-identifier", "Cortland", "--warnings-as-errors"],
                         capture_output=True, text=True)
    return run.stdout + run.stderr if run.returncode else ""


def is_written(symbol):
    """Not made by the compiler, as the parts of Hashable and Codable are."""
    return "::SYNTHESIZED::" not in symbol["identifier"]["precise"] and "location" in symbol


def line_of(module, symbol):
    place = ".".join([module, *symbol["pathComponents"][:-1]])
    declaration = "".join(fragment["spelling"] for fragment in symbol["declarationFragments"])
    return f"{place}: {' '.join(declaration.split())}"


def interface(build):
    lines, undocumented, articles = set(), [], ""
    for module in MODULES:
        with tempfile.TemporaryDirectory() as folder:
            for symbol in filter(is_written, symbols_of(module, build, folder)):
                lines.add(line_of(module, symbol))
                if "docComment" not in symbol:
                    undocumented.append(line_of(module, symbol))
            if module == "Cortland":
                articles = problems_of_articles(folder)
    return sorted(lines), undocumented, articles


def main():
    lines, undocumented, articles = interface(pathlib.Path(sys.argv[1]))
    if "--record" in sys.argv:
        RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 0
    known = RECORD.read_text(encoding="utf-8").splitlines()
    for mark, found in (("+", set(lines) - set(known)), ("-", set(known) - set(lines))):
        for line in sorted(found):
            print(f"{mark} {line}")
    for line in undocumented:
        print(f"has no documentation: {line}")
    print(articles, end="")
    if lines == known and not undocumented and not articles:
        return 0
    print(f"{RECORD.relative_to(ROOT)}: is not what the package offers; hint: {' '.join(sys.argv)} --record")
    return 1


if __name__ == "__main__":
    sys.exit(main())
