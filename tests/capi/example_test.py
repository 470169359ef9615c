"""Compiles the example of docs/c-api.md as its readers would, and runs it on a text file."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIBRARY = os.environ["CORTLAND_C"]
TEXT_FILE = os.environ["CORTLAND_TEXT_FILE"]  # a program that writes a text file
COMPILER = os.environ.get("CC", "cc")
CXX_LIBRARY = os.environ.get("CXX_LIBRARY", "-lstdc++")


class Example(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        source = re.search(r"```c\n(.*?)```", (ROOT / "docs/c-api.md").read_text(), re.DOTALL).group(1)
        (self.folder / "chat.c").write_text(source)
        subprocess.run([COMPILER, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "chat.c",
                        f"-I{ROOT}/include", LIBRARY, CXX_LIBRARY, "-lm", "-o", "chat"], cwd=self.folder, check=True)

    def run_chat(self, *arguments):
        return subprocess.run(["./chat", *arguments], cwd=self.folder, capture_output=True, text=True)

    def test_answers(self):
        subprocess.run([TEXT_FILE, self.folder / "model.text"], check=True)
        done = self.run_chat("model.text")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\n\(\d+ tokens of prompt\)\n$")

    def test_says_what_is_wrong(self):
        self.assertEqual(self.run_chat().returncode, 2)
        done = self.run_chat("missing.text")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "missing.text: cannot be opened; got No such file or directory, "
                                      "want a text file\n")


if __name__ == "__main__":
    unittest.main()
