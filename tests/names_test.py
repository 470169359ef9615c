"""Two headers below src/ never define the same name in the same namespace: the linker would take one of them for both."""

import collections
import pathlib
import re
import unittest

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
NAMESPACE = re.compile(r"^namespace ([a-z_:]+) \{", re.MULTILINE)
# At the start of a line, so not inside of another type.
TYPE = re.compile(r"^(?:struct|class|enum class|enum|union) ([A-Za-z_]\w*)[^;()]*\{", re.MULTILINE)


def definitions(text):
    """Qualified names of the types that a header defines; each of our files has one namespace."""
    namespace = NAMESPACE.search(text)
    return [f"{namespace.group(1) if namespace else ''}::{name}" for name in TYPE.findall(text)]


class Names(unittest.TestCase):
    def test_no_type_is_defined_twice(self):
        places = collections.defaultdict(list)
        for path in sorted(SRC.rglob("*.h")):
            for name in definitions(path.read_text(encoding="utf-8")):
                places[name].append(str(path.relative_to(SRC)))
        self.assertGreater(len(places), 100)
        self.assertEqual({name: files for name, files in places.items() if len(files) > 1}, {})

    def test_the_test_itself(self):
        text = "namespace a::b {\nstruct X {\n  struct Y {};\n};\nclass Z;\nenum class E : int { k };\n}\n"
        self.assertEqual(definitions(text), ["a::b::X", "a::b::E"])


if __name__ == "__main__":
    unittest.main()
