"""cortland diff, as a user meets it."""

import json
import unittest

from command import GOLDEN, CommandTest


class Diff(CommandTest):
    def convert(self, name, *options):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", name, "--quiet", *options)

    def test_equal_packages(self):
        self.convert("A.mlpackage", "--context", 64)
        self.convert("B.mlpackage", "--context", 64)
        self.assertRegex(self.succeed("diff", "A.mlpackage", "B.mlpackage"), r"weights: \d+ equal\n.*\nThe two are equal\.\n$")
        self.assertEqual(self.succeed("diff", "A.mlpackage", "B.mlpackage", "--quiet"), "")

    def test_different_packages(self):
        self.convert("A.mlpackage", "--context", 64)
        self.convert("B.mlpackage", "--context", 128)
        done = self.run_command("diff", "A.mlpackage", "B.mlpackage")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("\n  cortland.contract /context: 64 -> 128\n", done.stdout)
        self.assertRegex(done.stdout, r"\n  input mask: fp16\[1, 1, 1, 64\] -> fp16\[1, 1, 1, 128\]\n")
        done = self.run_command("diff", "A.mlpackage", "B.mlpackage", "--json")
        view = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(view["equal"])
        self.assertEqual(list(view["weight_counts"]), ["equal"])
        self.assertEqual([f["name"] for f in view["functions"]], ["decode", "prefill"])
        changed = view["functions"][0]["operations"]
        self.assertEqual(changed["first"] - changed["same"], len(view["functions"][0]["changes"]))

    def test_what_cannot_be_compared(self):
        self.convert("A.mlpackage", "--context", 64)
        self.assertEqual(self.fail_with(4, "diff", "A.mlpackage", "B.mlpackage"), "B.mlpackage: there is no such package")
        self.assertEqual(self.fail_with(2, "diff", "A.mlpackage"), "diff: got no second, want one; hint: cortland diff --help")


if __name__ == "__main__":
    unittest.main()
