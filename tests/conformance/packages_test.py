"""Converts every checkpoint of the repository in every form and has Apple's own readers judge the packages."""

import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHECKPOINTS = [*sorted((ROOT / "tests/golden/checkpoints").glob("*")), ROOT / "models/demo"]
FORMS = [("--attention", form, *splits) for form, splits in itertools.product(("matmul", "sdpa"), ((), ("--head-splits", "1")))]


class Packages(unittest.TestCase):
    def test_every_checkpoint_in_every_form(self):
        with tempfile.TemporaryDirectory(prefix="cortland-conformance-") as folder:
            packages = []
            for checkpoint, form in itertools.product(CHECKPOINTS, FORMS):
                # EXAONE 4 in every form, the other families in the first one.
                if not checkpoint.name.startswith("exaone4-") and checkpoint.name != "demo" and form != FORMS[0]:
                    continue
                packages.append(f"{folder}/{checkpoint.name}-{len(packages)}.mlpackage")
                subprocess.run([os.environ["CORTLAND"], "convert", checkpoint, "-o", packages[-1], "--context", "64",
                                "--prefill", "16", "--quiet", *form], check=True)
            judged = subprocess.run([sys.executable, HERE / "conformance.py", *packages], capture_output=True, text=True)
            self.assertEqual(judged.returncode, 0, judged.stdout + judged.stderr)
            self.assertTrue(judged.stdout.rstrip().endswith(f"{3 * len(packages)} passed, 0 failed"), judged.stdout)


if __name__ == "__main__":
    unittest.main()
