"""The bundled model as a package with its text file, made once for the tests of a file."""

import pathlib
import shutil
import subprocess
import tempfile

from command import CORTLAND, ROOT, CommandTest

CONTEXT = 256


class DemoModelTest(CommandTest):
    @classmethod
    def setUpClass(cls):
        made = pathlib.Path(tempfile.mkdtemp(prefix="cortland-demo-"))
        cls.addClassCleanup(shutil.rmtree, made, ignore_errors=True)
        cls.package = made / "Demo.mlpackage"
        cls.text_file = made / "Demo.text"
        subprocess.run([CORTLAND, "convert", ROOT / "models" / "demo", "-o", cls.package, "--context", str(CONTEXT), "--quiet"],
                       check=True)
