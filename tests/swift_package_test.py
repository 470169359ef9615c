"""The Swift package compiles the files of the C API that CMake compiles, and keeps to what the manifest may have."""

import os
import pathlib
import re
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
        for word in ["unsafeFlags", ".package(", "binaryTarget", "systemLibrary"]:
            self.assertNotIn(word, MANIFEST)


if __name__ == "__main__":
    unittest.main()
