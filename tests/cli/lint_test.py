"""cortland lint, as a user meets it."""

import json
import unittest

from command import GOLDEN, ROOT, CommandTest

# A neural network of the older format with nothing in it: specificationVersion 1, then field 500 of Model, empty.
OLD_MODEL = bytes([0x08, 0x01]) + bytes([0xa2, 0x1f, 0x00])


class Lint(CommandTest):
    def convert(self, *options, source=GOLDEN / "exaone4-full"):
        return self.succeed("convert", source, "-o", "X.mlpackage", "--context", 64, *options)

    def test_convert_says_the_verdict(self):
        self.assertRegex(self.convert(), r"\n  lint      no known blocker, 1 warning: cortland lint X\.mlpackage\n")
        text = self.convert("--attention", "sdpa", "--overwrite")
        self.assertRegex(text, r"\n  lint      1 error, 1 warning: cortland lint X\.mlpackage\n")
        plan = json.loads(self.convert("--dry-run", "--json"))
        self.assertEqual(plan["lint"], {"verdict": "no known blocker, 1 warning", "errors": 0, "warnings": 1, "notes": 1})

    def test_report(self):
        self.convert()
        text = self.succeed("lint", "X.mlpackage")
        self.assertTrue(text.startswith("X.mlpackage: for the Neural Engine, any chip\n  warning  L43  "), text)
        for word in ("decode: embedding (gather): input_ids", "why  The lookup runs on the CPU", "do   Look it up in the app"):
            self.assertIn(word, text)
        self.assertTrue(text.endswith("lint: no known blocker, 1 warning. Where a package runs only a device can tell.\n"), text)

    def test_errors_are_a_failed_check(self):
        self.convert("--attention", "sdpa")
        done = self.run_command("lint", "X.mlpackage")
        self.assertEqual(done.returncode, 1)
        self.assertIn("\n  ERROR    L25  ", done.stdout)
        self.assertEqual(done.stdout.count("(scaled_dot_product_attention)"), 3)
        self.assertIn("and 1 more", done.stdout)
        text = self.run_command("lint", "X.mlpackage", "--verbose").stdout
        self.assertEqual(text.count("(scaled_dot_product_attention)"), 4)
        self.assertEqual(self.run_command("lint", "X.mlpackage", "--quiet").stdout, "")

    def test_json(self):
        self.convert("--attention", "sdpa")
        done = self.run_command("lint", "X.mlpackage", "--json", "--chip", "M3")
        self.assertEqual(done.returncode, 1)
        view = json.loads(done.stdout)
        self.assertEqual((view["unit"], view["chip"], view["errors"]), ("ane", "m3", 1))
        fused = [f for f in view["findings"] if f["rule"] == "L25"]
        self.assertEqual(fused[0]["severity"], "error")
        self.assertIn("layers_0", fused[0]["where"])
        self.assertEqual(view["rules"]["L25"]["source"], "ET, SqB")

    def test_units(self):
        self.convert("--profile", "gpu")
        self.assertIn("for the GPU, any chip\nlint: no known blocker.", self.succeed("lint", "X.mlpackage"))
        done = self.run_command("lint", "X.mlpackage", "--unit", "ane")
        self.assertEqual(done.returncode, 1)
        self.assertIn("L02", done.stdout)

    def test_rules_are_the_page(self):
        self.assertEqual(self.succeed("lint", "--rules"), (ROOT / "docs/lint.md").read_text())

    def test_what_cannot_be_judged(self):
        self.assertIn("lint: got no package, want one", self.fail_with(2, "lint"))
        self.assertIn("there is no such package", self.fail_with(4, "lint", "none.mlpackage"))
        (self.folder / "Old.mlmodel").write_bytes(OLD_MODEL)
        self.assertEqual(self.fail_with(3, "lint", "Old.mlmodel"),
                         "Old.mlmodel: not an ML Program; got a neural network in the older format")
        self.assertIn("--chip: got m9, want any or a13", self.fail_with(2, "lint", "X.mlpackage", "--chip", "m9"))


if __name__ == "__main__":
    unittest.main()
