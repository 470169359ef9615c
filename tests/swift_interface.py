"""Compares what the Swift package offers with swift/public_interface.txt, and what of Core ML is mirrored for Linux with
swift/core_ml_interface.txt: a change is one that somebody meant.

scripts/swift_test calls it behind a build; `--record` writes the files instead. Every name must be documented, and the
articles may only speak of names that there are (which docc knows, where Swift came with it)."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORDS = {ROOT / "swift/public_interface.txt": ["Cortland", "CortlandCoreML", "CortlandFoundationModels", "CortlandStore",
                                              "CortlandTesting", "CortlandUI"],
           ROOT / "swift/core_ml_interface.txt": ["CoreMLStandIn"]}
# What the compiler adds to every type that does not renounce it.
IMPLIED = {"Swift.Copyable", "Swift.Escapable", "Swift.SendableMetatype"}


def graphs_of(module, build, folder):
    target = json.loads(subprocess.check_output(["swift", "-print-target-info"]))["target"]["triple"]
    folders = ROOT / "include", ROOT / "swift/Sources/CCortlandInterp"
    headers = [flag for path in folders for flag in ("-Xcc", "-I", "-Xcc", path)]
    subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-target", target, "-I", build / "Modules",
                    *headers, "-output-dir", folder, "-minimum-access-level", "public", "-skip-synthesized-members"],
                   check=True)
    graphs = sorted(pathlib.Path(folder).glob(f"{module}*.symbols.json"))
    return [json.loads(graph.read_text(encoding="utf-8")) for graph in graphs]


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


def is_set_privately(symbol):
    """Declarations in the graph do not tell; the line of the source does."""
    path = pathlib.Path(symbol["location"]["uri"].removeprefix("file://"))
    line = path.read_text(encoding="utf-8").splitlines()[symbol["location"]["position"]["line"]]
    return re.search(r"\b(private|fileprivate|internal|package)\(set\)", line) is not None


def line_of(module, symbol):
    place = ".".join([module, *symbol["pathComponents"][:-1]])
    declaration = " ".join("".join(fragment["spelling"] for fragment in symbol["declarationFragments"]).split())
    if declaration.endswith("{ get set }") and is_set_privately(symbol):
        declaration = declaration.replace("{ get set }", "{ get }")
    return f"{place}: {declaration}"


def conformances(module, graph):
    """What types conform to and inherit from, but for what the compiler implies."""
    names = {symbol["identifier"]["precise"]: symbol["pathComponents"] for symbol in graph["symbols"] if is_written(symbol)}
    own = {identifier: ".".join([module, *path]) for identifier, path in names.items()}
    for relation in graph["relationships"]:
        target = own.get(relation["target"], relation.get("targetFallback"))
        if relation["kind"] in ("conformsTo", "inheritsFrom") and relation["source"] in names and target not in IMPLIED:
            verb = "conforms to" if relation["kind"] == "conformsTo" else "inherits from"
            yield f"{own[relation['source']]}: {verb} {target}"


def interface(modules, build):
    lines, undocumented, articles = set(), [], ""
    for module in modules:
        with tempfile.TemporaryDirectory() as folder:
            graphs = graphs_of(module, build, folder)
            for graph in graphs:
                lines.update(conformances(module, graph))
            for symbol in filter(is_written, (symbol for graph in graphs for symbol in graph["symbols"])):
                lines.add(line_of(module, symbol))
                if "docComment" not in symbol:
                    undocumented.append(line_of(module, symbol))
            if module == "Cortland":
                articles = problems_of_articles(folder)
    return sorted(lines), undocumented, articles


def compare(record, modules):
    lines, undocumented, articles = interface(modules, pathlib.Path(sys.argv[1]))
    if "--record" in sys.argv:
        record.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return True
    known = record.read_text(encoding="utf-8").splitlines()
    for mark, found in (("+", set(lines) - set(known)), ("-", set(known) - set(lines))):
        for line in sorted(found):
            print(f"{mark} {line}")
    for line in undocumented:
        print(f"has no documentation: {line}")
    print(articles, end="")
    if lines == known and not undocumented and not articles:
        return True
    print(f"{record.relative_to(ROOT)}: is not what the package offers; hint: {' '.join(sys.argv)} --record")
    return False


def main():
    return 0 if all([compare(record, modules) for record, modules in RECORDS.items()]) else 1


if __name__ == "__main__":
    sys.exit(main())
