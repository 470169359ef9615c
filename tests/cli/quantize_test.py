"""cortland quantize and the quality that convert measures, as a user meets them."""

import json
import unittest

from command import GOLDEN, ROOT, CommandTest, tree

DEMO = ROOT / "models" / "demo"


class Quantize(CommandTest):
    def weights(self, package):
        return tree(self.folder / package)["Data/com.apple.CoreML/weights/weight.bin"]

    def test_the_codes_are_those_of_a_conversion(self):
        """Weights that fp16 holds lose nothing on their way through a float16 package."""
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "half.mlpackage", "--context", 64, "--quiet")
        for precision in ("int8", "int4", "lut6"):
            converted, quantized = f"c-{precision}.mlpackage", f"q-{precision}.mlpackage"
            self.succeed("convert", GOLDEN / "exaone4-full", "-o", converted, "--context", 64, "--precision", precision, "--profile", "ane",
                         "--quiet")
            self.succeed("quantize", "half.mlpackage", "-o", quantized, "--precision", precision, "--quiet")
            self.assertEqual(self.weights(converted), self.weights(quantized), precision)
            for package in (converted, quantized):
                self.succeed("verify", package, "--against", GOLDEN / "exaone4-full", "--tokens", 16, "--greedy", 4, "--quiet")

    def test_the_text_file_comes_along_and_the_input_stays(self):
        self.succeed("convert", DEMO, "-o", "half.mlpackage", "--context", 64, "--quiet")
        before = tree(self.folder / "half.mlpackage")
        out = json.loads(self.succeed("quantize", "half.mlpackage", "-o", "small.mlpackage", "--precision", "lut4", "--json"))
        self.assertEqual(before, tree(self.folder / "half.mlpackage"))
        self.assertEqual((self.folder / "half.text").read_bytes(), (self.folder / "small.text").read_bytes())
        self.assertLess(out["bytes"]["weights"], 0.32 * out["bytes"]["input_weights"])
        view = json.loads(self.succeed("inspect", "small.mlpackage", "--json"))
        self.assertEqual(view["metadata"]["cortland.quantization"]["weights"], "lut4")
        self.assertIn("quantize --precision lut4", view["metadata"]["cortland.command"])
        self.succeed("run", "small.mlpackage", "--prompt", "Hello", "--max-tokens", 2)

    def test_what_is_refused(self):
        self.succeed("convert", DEMO, "-o", "int8.mlpackage", "--context", 64, "--precision", "int8", "--quiet", "--evaluate", 0)
        message = self.fail_with(3, "quantize", "int8.mlpackage", "-o", "again.mlpackage", "--precision", "int4")
        self.assertIn("has no fp16 weight that --precision int4 makes smaller", message)
        message = self.fail_with(2, "quantize", "int8.mlpackage", "-o", "int8.mlpackage")
        self.assertIn("exists", message)
        self.fail_with(4, "quantize", "none.mlpackage", "-o", "again.mlpackage")
        self.nothing_left("int8.mlpackage", "int8.text")

    def test_what_the_systems_of_a_package_cannot_have(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "half.mlpackage", "--context", 64, "--target", "iOS17", "--attention", "sdpa",
                     "--quiet")
        line = "6-bit palette takes the place of int4 in blocks of 32 in 14 matrices: the target has no blocks"
        message = self.fail_with(3, "quantize", "half.mlpackage", "-o", "small.mlpackage", "--precision", "int4", "--strict")
        self.assertEqual(message, f"--strict: the package cannot be what was asked for: {line}; hint: without --strict the nearest form is written")
        self.nothing_left("half.mlpackage")
        out = json.loads(self.succeed("quantize", "half.mlpackage", "-o", "small.mlpackage", "--precision", "int4", "--json"))
        self.assertEqual(out["fallbacks"], [line])
        metadata = json.loads(self.succeed("inspect", "small.mlpackage", "--json"))["metadata"]
        self.assertEqual(metadata["cortland.fallbacks"], ["attention is lowered as matmul, not sdpa: the target has no fused op", line])
        self.succeed("quantize", "half.mlpackage", "-o", "int8.mlpackage", "--precision", "int8", "--strict", "--quiet")

    def test_the_quality_of_codes_is_measured_and_stated(self):
        out = json.loads(self.succeed("convert", DEMO, "-o", "a.mlpackage", "--context", 64, "--precision", "lut4", "--json"))
        quality = json.loads(self.succeed("inspect", "a.mlpackage", "--json"))["metadata"]["cortland.quality"]
        self.assertEqual(out["quality"], quality)
        self.assertEqual(quality["tokens"], 32)
        self.assertLess(quality["mean_kl"], 0.1)
        self.assertGreater(quality["mean_kl"], 0)
        self.assertGreater(quality["top1_agreement"], 0.7)
        text = self.succeed("convert", DEMO, "-o", "b.mlpackage", "--context", 64, "--precision", "lut4")
        self.assertRegex(text, r"quality +KL [0-9.e-]+ nats, top-1 \d+ %")
        self.assertEqual(tree(self.folder / "a.mlpackage"), tree(self.folder / "b.mlpackage"))
        self.succeed("convert", DEMO, "-o", "c.mlpackage", "--context", 64, "--precision", "lut4", "--evaluate", 0, "--quiet")
        self.assertNotIn("cortland.quality", json.loads(self.succeed("inspect", "c.mlpackage", "--json"))["metadata"])

    def test_several_packages_make_a_table(self):
        for precision in ("float16", "int8"):
            self.succeed("convert", DEMO, "-o", f"{precision}.mlpackage", "--context", 64, "--precision", precision, "--evaluate", 0, "--quiet")
        packages = ("float16.mlpackage", "int8.mlpackage")
        text = self.succeed("verify", *packages, "--against", DEMO, "--tokens", 8, "--greedy", 1)
        self.assertRegex(text, r"(?m)^package +precision +weights +KL")
        self.assertRegex(text, r"(?m)^float16.mlpackage +float16 +9.\d+ MB .* ok$")
        self.assertRegex(text, r"(?m)^int8.mlpackage +int8 +4.\d+ MB .* ok$")
        rows = json.loads(self.succeed("verify", *packages, "--against", DEMO, "--tokens", 8, "--greedy", 1, "--json"))
        self.assertEqual([row["precision"] for row in rows], ["float16", "int8"])
        self.assertLess(rows[0]["kl"]["mean"], rows[1]["kl"]["mean"])

    def test_presets_are_listed(self):
        listed = json.loads(self.succeed("presets", "--json"))
        self.assertEqual([p["name"] for p in listed], ["float16", "int8", "int4", "int4-asym", "lut4", "lut6", "lut8", "keep"])
        text = self.succeed("presets")
        for preset in listed:
            self.assertIn(preset["why"], text)


if __name__ == "__main__":
    unittest.main()
