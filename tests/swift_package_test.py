"""The Swift package compiles the files of the C API that CMake compiles, and keeps to what the manifest may have."""

import os
import pathlib
import re
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What is only compiled on Linux.
STAND_INS = {ROOT / "swift/Sources" / name for name in ("CoreMLStandIn", "FoundationModelsStandIn", "SwiftUIStandIn")}
# For iOS 27, and nothing before it.
NEWEST = {ROOT / "swift/Sources/CortlandFoundationModels", ROOT / "swift/Tests/CortlandTests/FoundationModels"}
# Names that iOS 18 lacks: how they are found, and a line with each.
NEWER = [
    (r"\bInlineArray\b", "let a: InlineArray<3, Int>"), (r"\[\d+ of ", "let a: [3 of Int]"),
    (r"\bObservations\b", "for await count in Observations({ model.count }) {}"),
    (r"\bUTF8Span\b", "let text: UTF8Span"), (r"\bisolated deinit\b", "isolated deinit { close() }"),
    (r"\bTask(\.detached)?\.immediate", "Task.immediate { await run() }"), (r"\baddImmediateTask", "group.addImmediateTask {}"),
    (r"\bTask(\.detached)?\(name:", 'Task(name: "load") {}'), (r"\bTask(\.detached)?\(name:", 'Task.detached(name: "load") {}'),
    (r"\baddTask(UnlessCancelled)?\(name:", 'group.addTask(name: "load") {}'), (r"\bSubprocess\b", "import Subprocess"),
    (r"\bFoundationModels\b", "import FoundationModels"),
    (r"\bBGContinuedProcessingTask", "BGContinuedProcessingTaskRequest(identifier: id)"),
    (r"\bNotificationCenter\.\w*Message", "struct Opened: NotificationCenter.MainActorMessage {}"),
    (r"\bdataPointer\b(?!:)", "array.dataPointer.load()"), (r"\.int8\b", "MLMultiArray(shape: sides, dataType: .int8)"),
    (r"\bglassEffect", "Text(title).glassEffect()"), (r"\bGlassEffectContainer\b", "GlassEffectContainer { Text(title) }"),
    (r"\.buttonStyle\(\.glass", "Button(title) {}.buttonStyle(.glass)"), (r"\bToolbarSpacer\b", "ToolbarSpacer(.fixed)"),
    (r"\btabBarMinimizeBehavior\b", ".tabBarMinimizeBehavior(.onScrollDown)"), (r"\bWebView\(", "WebView(url: page)"),
    (r"\bsafeAreaBar\b", ".safeAreaBar(edge: .bottom) {}"), (r"\bnavigationSubtitle\b", ".navigationSubtitle(title)"),
    (r"\bscrollEdgeEffect", ".scrollEdgeEffectStyle(.hard, for: .top)"),
    (r"\bAttributedTextSelection\b", "@State var selection = AttributedTextSelection()"),
    (r"\bTextEditor\(text: \$\w*[aA]ttributed", "TextEditor(text: $attributedText)"),
]
MANIFEST = (ROOT / "Package.swift").read_text(encoding="utf-8")


def files_of_cmake():
    """The source files of the archive cortland_c, as CMake hands them over."""
    paths = [pathlib.Path(path) for path in os.environ["CORTLAND_C_SOURCES"].split(",")]
    return {path.relative_to(ROOT).as_posix() for path in paths
            if path.suffix == ".cc" and path.is_relative_to(ROOT / "src")}


def files_of_manifest():
    """What SwiftPM finds: every source file in the folders of CCortland, however deep."""
    folders = re.findall(r'"([^"]+)"', re.search(r"^let core = \[(.*?)\]", MANIFEST, re.MULTILINE).group(1))
    found = {path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*")
             if path.suffix in {".c", ".cc", ".cpp", ".m", ".mm", ".S"}}
    return found


class SwiftPackage(unittest.TestCase):
    def test_both_builds_compile_the_same_files(self):
        wanted = files_of_cmake()
        self.assertGreater(len(wanted), 100)
        self.assertEqual(files_of_manifest(), wanted)

    def test_the_manifest_needs_nothing_from_outside(self):
        for word in ["unsafeFlags", ".package(", "binaryTarget"]:
            self.assertNotIn(word, MANIFEST)
        # Only what stands in for Core ML on Linux.
        self.assertEqual(re.findall(r'systemLibrary\(name: "(\w+)"', MANIFEST), ["CCortlandInterp"])
        self.assertNotRegex(MANIFEST.partition("if standsIn {")[0], "systemLibrary|\"CoreMLStandIn\",")

    def test_nothing_is_newer_than_the_oldest_system(self):
        """On Linux @available says nothing: what iOS 18 lacks would only be found on a Mac."""
        for pattern, line in NEWER:
            self.assertRegex(line, pattern)
        newer = re.compile("|".join(f"(?:{pattern})" for pattern, _ in NEWER))
        self.assertIsNone(newer.search("value.int8Value; MLMultiArray(dataPointer: memory); Task { TextEditor(text: $draft) }"))
        paths = [path for folder in ("swift", "app") for path in (ROOT / folder).rglob("*.swift")
                 if not (STAND_INS | NEWEST) & set(path.parents)]
        self.assertGreater(len(paths), 100)
        self.assertTrue(any("Tests" in path.parts for path in paths))
        for path in paths:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                self.assertIsNone(newer.search(line), f"{path.name}:{number}")

    def test_every_mirrored_name_is_compiled_on_a_mac(self):
        """swift/core_ml_interface.txt is what stands in for Core ML; MirroredInterface.swift is compiled against both."""
        text = (ROOT / "swift/Tests/CortlandTests/Mirror/MirroredInterface.swift").read_text(encoding="utf-8")
        # Newer than iOS 18; not on every processor; what a value is that is none of the others.
        names = {"int8", "float16", "Float16", "Int8", "unsupported"}
        names = {name for name in self.mirrored_names() if name not in names}
        self.assertGreater(len(names), 100)
        self.assertEqual([name for name in sorted(names) if not re.search(rf"\b{name}\b", text)], [])

    @staticmethod
    def mirrored_names():
        for line in (ROOT / "swift/core_ml_interface.txt").read_text(encoding="utf-8").splitlines():
            place, declaration = line.split(": ", 1)
            yield from place.split(".")[1:]
            word = re.search(r"\b(?:case|let|var|func|class|struct|enum|protocol) `?(?!func\b|let\b|var\b)(\w+)", declaration)
            if word and not re.match("(conforms to|inherits from) ", declaration):
                yield word.group(1)

    def test_the_example_of_the_readme_is_a_test(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        example = textwrap.indent(re.search(r"```swift\n(.*?)```", readme, re.DOTALL).group(1), "    ")
        test = ROOT / "swift/Tests/CortlandTests/CoreML/ReadmeExample.swift"
        self.assertIn(example, test.read_text(encoding="utf-8"))

    def test_the_examples_of_the_articles_are_a_test(self):
        test = (ROOT / "swift/Tests/CortlandTests/CoreML/ArticleExamples.swift").read_text(encoding="utf-8")
        articles = sorted((ROOT / "swift/Sources/Cortland/Cortland.docc").glob("*.md"))
        self.assertEqual(len(articles), 5)
        for path in articles:
            for example in re.findall(r"```swift\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
                with self.subTest(article=path.name):
                    self.assertIn(textwrap.indent(example, "    "), test)

    def test_only_one_target_knows_core_ml(self):
        """On Apple systems and on Linux it is the same code: what differs are imports, and one shim."""
        sources = ROOT / "swift/Sources"
        imports = {path.relative_to(sources).parts[0] for path in sources.rglob("*.swift")
                   if re.search(r"^\s*import (CoreML|CoreMLStandIn)$", path.read_text(encoding="utf-8"), re.MULTILINE)}
        self.assertEqual(imports, {"CortlandCoreML"})
        for path in (sources / "CortlandCoreML").rglob("*.swift"):
            text = path.read_text(encoding="utf-8")
            with self.subTest(file=path.name):
                self.assertNotIn("StandIn)", text.replace("import CoreMLStandIn", ""))
                conditions = re.findall(r"#if (.*)", text)
                self.assertLessEqual(set(conditions), {"canImport(CoreML)"} if path.stem != "AutoreleasePool" else
                                     {"canImport(ObjectiveC)"})


    def test_what_is_for_ios_27_is_behind_conditions(self):
        condition = "#if canImport(FoundationModels, _version: 2) || canImport(FoundationModelsStandIn)"
        for path in (ROOT / "swift/Sources/CortlandFoundationModels").glob("*.swift"):
            with self.subTest(file=path.name):
                before, _, inside = path.read_text(encoding="utf-8").partition(condition)
                self.assertNotRegex(before, r"\b(struct|extension|func)\b")
                declared = re.findall(r"\n    (?:public |)(?:struct|extension|enum|func)\b", inside)
                self.assertEqual(inside.count("\n    @available(iOS 27, macOS 27, visionOS 27, *)\n"), len(declared))
                self.assertGreater(len(declared), 0)

    def test_views_are_the_same_code_everywhere(self):
        """But for the files that say what the system says, and what was copied."""
        for path in (ROOT / "swift/Sources/CortlandUI").rglob("*.swift"):
            conditions = set(re.findall(r"#(?:else)?if (.*)", path.read_text(encoding="utf-8")))
            with self.subTest(file=path.name):
                allowed = {"SystemSignals.swift": {"canImport(Darwin)"}, "SecurityScope.swift": {"canImport(Darwin)"},
                           "Pasteboard.swift": {"canImport(UIKit)", "canImport(AppKit)"}}
                self.assertLessEqual(conditions, allowed.get(path.name, {"canImport(SwiftUI)"}))


if __name__ == "__main__":
    unittest.main()
