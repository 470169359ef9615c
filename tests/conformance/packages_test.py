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
# For iOS 17: what differs is the cache and the ends, so that a few families do, with and without learned positions and ALiBi.
OLD_CHECKPOINTS = ["demo", "exaone4-full", "exaone4-hybrid", "bloom", "gemma3-text", "gpt2", "llama-gqa"]


class Packages(unittest.TestCase):
    def judge(self, packages):
        """Has the checker judge them; returns what it printed."""
        judged = subprocess.run([sys.executable, HERE / "conformance.py", *packages], capture_output=True, text=True)
        self.assertEqual(judged.returncode, 0, judged.stdout + judged.stderr)
        return judged.stdout.rstrip()

    def test_the_form_for_ios_17(self):
        with tempfile.TemporaryDirectory(prefix="cortland-conformance-") as folder:
            packages = []
            for checkpoint in CHECKPOINTS:
                if checkpoint.name in OLD_CHECKPOINTS:
                    packages.append(f"{folder}/{checkpoint.name}.mlpackage")
                    subprocess.run([os.environ["CORTLAND"], "convert", checkpoint, "-o", packages[-1], "--context", "64",
                                    "--target", "iOS17", "--quiet"], check=True)
            self.assertEqual(len(packages), len(OLD_CHECKPOINTS))
            printed = self.judge(packages)
            self.assertTrue(printed.endswith(f"{2 * len(packages)} passed, 0 failed"), printed)
            # The checker wants the version that the opset needs: 8 is that of CoreML7.
            self.assertEqual(printed.count("ok (specification 8, 1 functions"), len(packages), printed)

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
            printed = self.judge(packages)
            self.assertTrue(printed.endswith(f"{3 * len(packages)} passed, 0 failed"), printed)


if __name__ == "__main__":
    unittest.main()
