"""Checks the repository as a whole: its size, the length of its files, and what must or must not stand in them."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

MAX_TOTAL_BYTES = 40_000_000
MAX_LINES = 600
MAX_COLUMNS = 120  # of C and C++, but where a text in quotes goes on; swift format checks Swift

SOURCE_SUFFIXES = {".cc", ".h", ".py", ".swift", ".sh", ".cmake", ".proto"}
TEXT_SUFFIXES = SOURCE_SUFFIXES | {".md", ".txt", ".json", ".yml", ".yaml", ".toml"}

# In two halves, so that this file is not one that it finds.
MARKER = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME)\\b|^(" + "<" * 7 + "|" + ">" * 7 + r") \S")
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:" + "work|root|home" + r")/")

REQUIRED = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "scripts/setup",
            "scripts/demo", "scripts/test", ".ci/run"]


def repository_files():
    """Every file that is tracked, or would be with `git add .`."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in sorted(set(listed.split("\0"))) if path and (ROOT / path).is_file()]


def is_script(path):
    return path == ".ci/run" or (path.startswith("scripts/") and not pathlib.PurePath(path).suffix)


def is_source(path):
    pure = pathlib.PurePath(path)
    return pure.suffix in SOURCE_SUFFIXES or pure.name == "CMakeLists.txt" or is_script(path)


def is_text(path):
    return is_source(path) or pathlib.PurePath(path).suffix in TEXT_SUFFIXES


def matching_lines(pattern, path, text):
    return [f"{path}:{number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)]


class Repository(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = repository_files()

    def read(self, path):
        return (ROOT / path).read_text(encoding="utf-8")

    def test_is_small(self):
        sizes = {path: (ROOT / path).stat().st_size for path in self.files}
        largest = sorted(sizes, key=sizes.get)[-5:]
        self.assertLess(sum(sizes.values()), MAX_TOTAL_BYTES, f"the largest files: {largest}")

    def test_no_source_file_is_long(self):
        sources = [path for path in self.files if is_source(path)]
        self.assertGreater(len(sources), 50)
        lengths = {path: len(self.read(path).splitlines()) for path in sources}
        self.assertEqual({path: n for path, n in lengths.items() if n > MAX_LINES}, {})

    def test_lines_of_c_and_cpp_are_of_one_width(self):
        long = [f"{path}:{number}" for path in self.files if pathlib.Path(path).suffix in {".cc", ".h", ".c"}
                for number, line in enumerate(self.read(path).splitlines(), 1)
                if len(line) > MAX_COLUMNS and '"' not in line]
        self.assertEqual(long, [])

    def test_no_source_has_a_marker_of_unfinished_work(self):
        found = [line for path in self.files if is_source(path)
                 for line in matching_lines(MARKER, path, self.read(path))]
        self.assertEqual(found, [])

    def test_no_text_names_a_folder_of_one_machine(self):
        found = [line for path in self.files if is_text(path)
                 for line in matching_lines(MACHINE_PATH, path, self.read(path))]
        self.assertEqual(found, [])

    def test_what_every_reader_looks_for_is_there(self):
        self.assertEqual([path for path in REQUIRED if path not in self.files], [])

    def test_scripts_can_be_run(self):
        scripts = [path for path in self.files if is_script(path)]
        self.assertEqual([path for path in scripts if not (ROOT / path).stat().st_mode & 0o100], [])

    def test_continuous_integration_runs_the_test_script(self):
        self.assertRegex(self.read(".ci/run"), r"(?m)^[^#\n]*\bscripts/test\b")


class Patterns(unittest.TestCase):
    def test_markers(self):
        for text in ["// TO" + "DO: later", "# FIX" + "ME"]:
            self.assertTrue(MARKER.search(text), text)
        for text in ["// to" + "do", "AUTO" + "DOC", "METHOD"]:
            self.assertFalse(MARKER.search(text), text)

    def test_machine_paths(self):
        for path in ["work/main", "root/.cache", "home/me/x"]:
            self.assertTrue(MACHINE_PATH.search(f'"/{path}"'), path)
            self.assertTrue(MACHINE_PATH.search(f"cd /{path}"), path)
            self.assertTrue(MACHINE_PATH.search(f"/{path}"), path)
        for text in ["https://example.com/home/page", "src/work/x", "a/root/b", "~/work/x", "$HOME/work/x"]:
            self.assertFalse(MACHINE_PATH.search(text), text)

    def test_kinds_of_files(self):
        self.assertTrue(all(is_source(path) for path in ["src/a.cc", "src/CMakeLists.txt", "scripts/test", ".ci/run"]))
        self.assertFalse(any(is_source(path) for path in ["README.md", "tests/golden/a.txt", "scripts/notes.md"]))
        self.assertTrue(is_text("docs/a.md"))
        self.assertFalse(is_text("a.safetensors"))


if __name__ == "__main__":
    unittest.main()
