"""What apps compile uses the C++20 standard library only, no exceptions, and the C++ library of Apple systems takes it."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent / "src"
FOLDERS = [folder for folder in ("portable", "host", "text") if (SOURCE / folder).is_dir()]

# Headers of C++20 that the standard library of iOS 18 has in full.
STANDARD = set("""algorithm array bit bitset cassert cctype cfloat chrono climits cmath compare complex concepts
    condition_variable cstdarg cstddef cstdint cstdio cstdlib cstring ctime deque exception fstream functional
    initializer_list iomanip ios iosfwd iostream istream iterator limits list locale map memory mutex new numbers numeric
    optional ostream queue random ratio set shared_mutex span sstream stack streambuf string string_view thread tuple
    type_traits typeindex typeinfo unordered_map unordered_set utility variant vector version""".split())

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti", f"-I{SOURCE}"]
COMPILER = ["clang++", "-stdlib=libc++"]


def files():
    return [path for folder in FOLDERS for path in sorted((SOURCE / folder).rglob("*")) if path.suffix in (".h", ".cc")]


def compile_text(text):
    return subprocess.run([*COMPILER, *FLAGS, "-x", "c++", "-"], input=text, capture_output=True, text=True)


class Isolation(unittest.TestCase):
    def test_there_is_something_to_check(self):
        self.assertGreater(len(files()), 5)

    def test_includes(self):
        for path in files():
            for bracket, name in re.findall(r'^#\s*include\s*([<"])([^>"]+)', path.read_text(), re.MULTILINE):
                with self.subTest(file=path.name, include=name):
                    if bracket == "<":
                        self.assertIn(name, STANDARD)
                    else:
                        self.assertIn(name.split("/")[0], FOLDERS)

    def test_what_the_library_of_ios_lacks(self):
        for path in files():
            with self.subTest(file=path.name):
                self.assertNotRegex(path.read_text(), r"std::(format|from_chars|to_chars|jthread|print|expected)\b")

    def test_the_library_of_apple_systems_takes_them(self):
        """The build compiles them with exceptions off already, by the compiler and the library that are the machine's."""
        if shutil.which(COMPILER[0]) is None or compile_text("#include <vector>\n").returncode != 0:
            self.skipTest("clang with libc++ is not here")
        sources = [path.relative_to(SOURCE).as_posix() for path in files() if path.suffix == ".cc"]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda source: compile_text(f'#include "{source}"\n'), sources)
        for source, result in zip(sources, results):
            with self.subTest(file=source):
                self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
