"""cortland convert --precision with --profile and --target: what each of them chooses, and what falls back."""

import json
import unittest

from command import GOLDEN, ROOT, CommandTest, tree

DEMO = ROOT / "models" / "demo"
NO_STATES = "the package has the form of the profile ane, not gpu: the target has no states"


def without_blocks(wanted):
    return f"6-bit palette takes the place of {wanted} in 42 matrices: the target has no blocks"


class Precision(CommandTest):
    def plan(self, *options):
        done = self.run_command("convert", DEMO, "-o", "X.mlpackage", "--context", 64, "--dry-run", "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def convert(self, *options, name="X.mlpackage"):
        return json.loads(self.succeed("convert", DEMO, "-o", name, "--context", 64, "--evaluate", 0, "--json", *options))

    def metadata(self):
        view = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))
        self.assertEqual(view["findings"], [])
        return view["metadata"]

    def test_a_precision_chooses_its_profile(self):
        for precision, profile in (("float16", "ane"), ("int8", "ane"), ("INT4", "gpu"), ("b4w", "gpu"), ("int4-asym", "gpu"),
                                   ("lut4", "ane"), ("lut6", "ane"), ("lut8", "ane")):
            self.assertEqual(self.plan("--precision", precision)["profile"], profile, precision)
        self.assertEqual(self.plan("--precision", "lut4", "--profile", "gpu")["profile"], "gpu")
        self.assertEqual(self.plan("--precision", "int8", "--block-size", 32)["profile"], "gpu")

    def test_int8_in_blocks(self):
        self.convert("--precision", "int8", "--block-size", 32)
        metadata = self.metadata()["cortland.quantization"]
        self.assertEqual((metadata["body"], metadata["embedding"]), ("int8 in blocks of 32",) * 2)
        # What int4 has beside it keeps its scale for each row.
        self.convert("--precision", "int4", "--block-size", 64, name="X4.mlpackage")
        metadata = json.loads(self.succeed("inspect", "X4.mlpackage", "--json"))["metadata"]["cortland.quantization"]
        self.assertEqual((metadata["body"], metadata["embedding"]), ("int4 in blocks of 64", "int8 per row"))
        note = "int8 in blocks suits the GPU; the Neural Engine wants lut4"
        self.assertIn(note, self.plan("--precision", "int8", "--block-size", 32, "--profile", "ane")["notes"])
        self.assertEqual(self.plan("--precision", "int8", "--block-size", 32, "--target", "iOS17")["fallbacks"],
                         ["int8 per row takes the place of int8 in blocks of 32 in 43 matrices: the target has no blocks"])

    def test_blocks_on_the_neural_engine_are_written_and_a_note_says_more(self):
        note = "int4 suits the GPU; the Neural Engine wants lut4"
        result = self.convert("--precision", "int4", "--profile", "ane")
        self.assertEqual((result["profile"], result["fallbacks"]), ("ane", []))
        self.assertIn(note, result["notes"])
        self.assertEqual(self.metadata()["cortland.quantization"]["body"], "int4 in blocks of 32")
        self.assertNotIn(note, self.plan("--precision", "int4", "--profile", "gpu")["notes"])

    def test_options_of_ane_beside_a_precision_for_gpu(self):
        message = self.fail_with(2, "convert", DEMO, "--precision", "int4", "--prefill", 16)
        self.assertEqual(message, "--prefill: belongs to the profile ane, got a precision for the profile gpu; hint: leave it out, "
                                  "or choose --profile ane")
        self.plan("--precision", "int4", "--profile", "ane", "--prefill", 16)

    def test_an_older_target_has_palettes(self):
        for precision, line in (("int4", without_blocks("int4 in blocks of 32")),
                                ("int4-asym", without_blocks("uint4 with offsets in blocks of 32")),
                                ("lut4", "4-bit palette takes the place of 4-bit palettes of 32 rows in 42 matrices: the target has "
                                         "one palette a matrix")):
            result = self.plan("--precision", precision, "--target", "iOS17")
            self.assertEqual((result["profile"], result["fallbacks"]), ("ane", [line]))
            self.assertIn(line, result["notes"])
        for precision in "int8", "lut8":
            self.assertEqual(self.plan("--precision", precision, "--target", "iOS17", "--strict")["fallbacks"], [])

    def test_the_package_tells_of_the_palettes(self):
        self.convert("--precision", "int4", "--target", "iOS17")
        metadata = self.metadata()
        self.assertEqual(metadata["cortland.fallbacks"], [without_blocks("int4 in blocks of 32")])
        self.assertEqual(metadata["cortland.quantization"]["fallbacks"], {"6-bit palette": 42})
        self.assertEqual(metadata["cortland.command"],
                         "convert --context 64 --prefill 8 --precision int4 --profile ane --target iOS17 --attention matmul")

    def test_a_budget_of_bits_goes_where_it_helps(self):
        def convert(name, *options):
            return json.loads(self.succeed("convert", DEMO, "-o", name, "--context", 128, "--precision", "int4", "--evaluate", 96, "--json", *options))

        uniform = convert("uniform.mlpackage")
        bits = uniform["bits_per_weight"]
        # From larger blocks to the same size by other ways than smaller blocks everywhere.
        mixed = convert("X.mlpackage", "--block-size", 128, "--target-bpw", bits, "--keep", "*.layers.3.*=int4")
        self.assertLessEqual(mixed["bits_per_weight"], bits)
        self.assertGreater(mixed["bits_per_weight"], 0.99 * bits)
        self.assertEqual(mixed["bytes"]["weights"], len(tree(self.folder / "X.mlpackage")["Data/com.apple.CoreML/weights/weight.bin"]))
        self.assertLess(mixed["quality"]["mean_kl"], 0.95 * uniform["quality"]["mean_kl"])
        metadata = self.metadata()
        chosen = metadata["cortland.quantization"]["chosen"]
        self.assertTrue(set(chosen) <= {"int4 in blocks of 64", "int4 in blocks of 32", "int4 in blocks of 16", "int8 per row", "fp16"}, chosen)
        tensors = [tensor for form in chosen.values() for tensor in form]
        self.assertEqual(len(tensors), len(set(tensors)))
        self.assertFalse([tensor for tensor in tensors if ".layers.3." in tensor])
        self.assertIn(f" --target-bpw {bits:g}"[:16], metadata["cortland.command"])
        verbose = self.run_command("convert", DEMO, "--dry-run", "--context", 128, "--precision", "int4", "--target-bpw", 5.2, "--verbose").stderr
        self.assertRegex(verbose, r"(?m)^ *model\.layers\.\d\.mlp\.down_proj\.weight: .*, chosen by --target-bpw$")
        everything = self.plan("--precision", "int8", "--target-bpw", 20)
        self.assertAlmostEqual(everything["bits_per_weight"], self.plan()["bits_per_weight"], 2)

    def test_keep_may_be_repeated(self):
        def bits(*layers):
            rules = [word for layer in layers for word in ("--keep", f"*.layers.{layer}.*=float16")]
            return self.plan("--precision", "int4", *rules)["bits_per_weight"]

        self.assertTrue(bits() < bits(3) < bits(3, 2))

    def test_every_bit_of_a_budget_helps_palettes(self):
        least = 1.0
        for bits in None, 6.5:
            budget = ("--target-bpw", bits) if bits else ()
            result = json.loads(self.succeed("convert", DEMO, "-o", "X.mlpackage", "--context", 128, "--precision", "lut4", "--profile", "gpu",
                                             "--evaluate", 96, "--json", "--overwrite", *budget))
            size = (self.folder / "X.mlpackage" / "Data/com.apple.CoreML/weights/weight.bin").stat().st_size
            if bits:
                self.assertLessEqual(8 * size / 4657152, bits)
                self.assertGreater(8 * size / 4657152, 0.99 * bits)
            self.assertLess(result["quality"]["mean_kl"], 0.8 * least)
            least = result["quality"]["mean_kl"]
        self.assertTrue(set(self.metadata()["cortland.quantization"]["chosen"]) <= {"6-bit palettes of 32 rows", "8-bit palette", "fp16"},
                        self.metadata()["cortland.quantization"]["chosen"])

    def test_a_budget_of_bits_that_is_too_small(self):
        message = self.fail_with(2, "convert", DEMO, "-o", "X.mlpackage", "--context", 64, "--precision", "int4", "--target-bpw", 4.5)
        self.assertRegex(message, r"^--target-bpw: got 4\.5, want at least 4\.9\d+, which --precision int4 takes with 4657152 parameters; hint: ")
        self.nothing_left()

    def test_gpu_needs_states(self):
        result = self.convert("--profile", "gpu", "--target", "iOS17", "--attention", "sdpa")
        lines = [NO_STATES, "attention is lowered as matmul, not sdpa: the target has no fused op"]
        self.assertEqual((result["profile"], result["fallbacks"]), ("ane", lines))
        self.assertEqual([f["name"] for f in result["functions"]], ["main"])
        metadata = self.metadata()
        self.assertEqual(metadata["cortland.fallbacks"], lines)
        self.assertIn("PASSED", self.succeed("verify", "X.mlpackage", "--against", DEMO, "--tokens", 8))
        # The command says what was asked for, and gives the same again.
        command = metadata["cortland.command"]
        self.assertEqual(command, "convert --context 64 --precision float16 --profile gpu --target iOS17 --attention sdpa")
        self.succeed(*command.split(), "-o", "Again.mlpackage", DEMO)
        self.assertEqual(tree(self.folder / "Again.mlpackage"), tree(self.folder / "X.mlpackage"))

    def test_strict_names_all_reasons(self):
        message = self.fail_with(3, "convert", DEMO, "-o", "X.mlpackage", "--profile", "gpu", "--precision", "int4", "--target", "iOS17",
                                 "--strict")
        self.assertIn(f"{NO_STATES}; {without_blocks('int4 in blocks of 32')}; hint: ", message)
        self.nothing_left()

    def test_what_a_matrix_cannot_have_is_no_fallback_of_the_target(self):
        done = self.run_command("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64, "--precision", "int4",
                                "--block-size", 128, "--strict", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["fallbacks"], [])
        self.assertIn("int8 per row", self.metadata()["cortland.quantization"]["fallbacks"])


if __name__ == "__main__":
    unittest.main()
