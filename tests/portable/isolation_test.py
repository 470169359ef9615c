"""What apps compile uses the C++20 standard library only, throws nothing, and compiles with the library of Apple systems.

The C API may use POSIX too, to map a file; and it catches what the C++ library throws when memory runs out."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent / "src"
FOLDERS = [folder for folder in ("portable", "host", "text") if (SOURCE / folder).is_dir()]
C_API = "capi/app"
C_HEADERS = {"cortland/host.h", "cortland/text.h", "cortland/types.h"}
POSIX = {"fcntl.h", "sys/mman.h", "sys/stat.h", "unistd.h"}

# Headers of C++20 that the standard library of iOS 18 has in full.
STANDARD = set("""algorithm array bit bitset cassert cctype cerrno cfloat chrono climits cmath compare complex concepts
    condition_variable cstdarg cstddef cstdint cstdio cstdlib cstring ctime deque exception fstream functional
    initializer_list iomanip ios iosfwd iostream istream iterator limits list locale map memory mutex new numbers
    numeric optional ostream queue random ratio set shared_mutex span sstream stack streambuf string string_view
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility variant vector
    version""".split())

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-fno-rtti", f"-I{SOURCE}",
         f"-I{SOURCE.parent}/include"]
COMPILER = ["clang++", "-stdlib=libc++"]


def files(*folders):
    return [path for folder in folders for path in sorted((SOURCE / folder).rglob("*")) if path.suffix in (".h", ".cc")]


def compile_text(text, *flags):
    return subprocess.run([*COMPILER, *FLAGS, *flags, "-x", "c++", "-"], input=text, capture_output=True, text=True)


def code_of(text):
    """Without comments and strings."""
    return re.sub(r'//[^\n]*|"(\\.|[^"\\\n])*"', "", text)


class Isolation(unittest.TestCase):
    def test_there_is_something_to_check(self):
        self.assertGreater(len(files(*FOLDERS)), 5)
        self.assertGreater(len(files(C_API)), 5)

    def test_includes(self):
        for path in files(*FOLDERS, C_API):
            is_c_api = path.is_relative_to(SOURCE / C_API)
            for bracket, name in re.findall(r'^#\s*include\s*([<"])([^>"]+)', path.read_text(), re.MULTILINE):
                with self.subTest(file=path.name, include=name):
                    if bracket == "<":
                        self.assertIn(name, STANDARD | POSIX | C_HEADERS if is_c_api else STANDARD)
                    else:
                        self.assertIn(name.split("/")[0], [*FOLDERS, "capi"] if is_c_api else FOLDERS)

    def test_nothing_throws(self):
        """The build has exceptions on, so that std::bad_alloc can pass; only the C API may catch it."""
        for path in files(*FOLDERS):
            with self.subTest(file=path.name):
                self.assertNotRegex(code_of(path.read_text()), r"\b(try|catch|throw)\b|\bdynamic_cast\b|\btypeid\b")
        self.assertRegex(code_of((SOURCE / C_API / "boundary.h").read_text()), r"\bcatch\b")  # it would be found

    def test_what_the_library_of_ios_lacks(self):
        for path in files(*FOLDERS, C_API):
            with self.subTest(file=path.name):
                self.assertNotRegex(path.read_text(), r"std::(format|from_chars|to_chars|jthread|print|expected)\b")

    def test_the_library_of_apple_systems_takes_them(self):
        if shutil.which(COMPILER[0]) is None or compile_text("#include <vector>\n").returncode != 0:
            self.skipTest("clang with libc++ is not here")
        sources = [path.relative_to(SOURCE).as_posix() for path in files(*FOLDERS, C_API) if path.suffix == ".cc"]
        flags = {source: [] if source.startswith(C_API) else ["-fno-exceptions"] for source in sources}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda source: compile_text(f'#include "{source}"\n', *flags[source]), sources)
        for source, result in zip(sources, results):
            with self.subTest(file=source):
                self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
