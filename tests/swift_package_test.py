"""The Swift package compiles the files of the C API that CMake compiles, and keeps to what the manifest may have."""

import os
import pathlib
import re
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANIFEST = (ROOT / "Package.swift").read_text(encoding="utf-8")


def files_of_cmake():
    """The source files of the archive cortland_c, as CMake hands them over."""
    paths = [pathlib.Path(path) for path in os.environ["CORTLAND_C_SOURCES"].split(",")]
    return {path.relative_to(ROOT).as_posix() for path in paths
            if path.suffix == ".cc" and path.is_relative_to(ROOT / "src")}


def files_of_manifest():
    """What SwiftPM finds: every source file in the folders of CCortland, however deep."""
    target = re.search(r'name: "CCortland",.*?sources: \[(.*?)\]', MANIFEST, re.DOTALL)
    folders = re.findall(r'"([^"]+)"', target.group(1))
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
        newer = re.compile(r"\b(InlineArray|Observations|UTF8Span|isolated deinit|Task\.immediate|Task\(name:|Subprocess|"
                           r"FoundationModels|BGContinuedProcessingTask|NotificationCenter\.Message|dataPointer\b(?!:)|"
                           r"\.int8|glassEffect|safeAreaBar|navigationSubtitle|scrollEdgeEffect\w*)|\[\d+ of ")
        for path in [*(ROOT / "swift/Sources").rglob("*.swift"), *(ROOT / "app").rglob("*.swift")]:
            if path.parent.name in ("CortlandFoundationModels", "FoundationModelsStandIn"):
                continue  # for iOS 27, and nothing before it
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                self.assertIsNone(newer.search(line), f"{path.name}:{number}")
        self.assertIsNotNone(newer.search("let a: InlineArray<3, Int>"))
        self.assertIsNotNone(newer.search("array.dataPointer.load()"))
        self.assertIsNotNone(newer.search("Text(title).glassEffect()"))

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
                allowed = {"SystemSignals.swift": {"canImport(Darwin)", "os(iOS) || os(visionOS)"}, "SecurityScope.swift": {"canImport(Darwin)"},
                           "Pasteboard.swift": {"canImport(UIKit)", "canImport(AppKit)"}}
                self.assertLessEqual(conditions, allowed.get(path.name, {"canImport(SwiftUI)"}))


if __name__ == "__main__":
    unittest.main()
