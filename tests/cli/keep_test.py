"""What is quantized in a checkpoint is the same in the package: weights are decoded by coremltools and compared with what the
checkpoint stands for."""

import json
import logging
import pathlib
import sys
import unittest

import gguf
import numpy as np
import quantized_checkpoints as checkpoints
from command import CommandTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from apple import frontend  # noqa: E402
from package import open_package  # noqa: E402

logging.disable(logging.WARNING)

PLACES = {"self_attn.q_proj": "q", "self_attn.k_proj": "k", "self_attn.v_proj": "v", "self_attn.o_proj": "o", "mlp.gate_proj": "gate",
          "mlp.up_proj": "up", "mlp.down_proj": "down"}
Q4_0, Q4_1, Q5_0, Q8_0, Q4_K, Q6_K, IQ4_NL = (gguf.GGMLQuantizationType[name] for name in
                                              ("Q4_0", "Q4_1", "Q5_0", "Q8_0", "Q4_K", "Q6_K", "IQ4_NL"))


def constant_of(name):
    """What our program calls the weight of a layer."""
    if name in ("lm_head", "model.embed_tokens"):
        return {"lm_head": "head_0_weight", "model.embed_tokens": "embedding_weight"}[name]
    _, _, layer, place = name.split(".", 3)
    return f"layers_{layer}_{PLACES[place]}_weight"


def weights_alone(model):
    """The model without what is computed with them, which takes the reader the longest."""
    alone = type(model)()
    alone.CopyFrom(model)
    for function in alone.mlProgram.functions.values():
        for block in function.block_specializations.values():
            for i in reversed(range(len(block.operations))):
                if block.operations[i].type != "const" and not block.operations[i].type.startswith("constexpr_"):
                    del block.operations[i]
            block.outputs[:] = [block.operations[-1].outputs[0].name]
    return alone


def decoded(path):
    """Every weight by name: whether it is encoded, and its numbers."""
    package = open_package(path)
    program = frontend.load(weights_alone(package.model), package.model.specificationVersion, str(package.weights_folder), force_spec_version=True)
    found = {}
    for op in [op for function in program.functions.values() for op in function.operations]:
        if op.op_type.startswith("constexpr_"):
            found[op.outputs[0].name] = (True, np.asarray(op.materialized_val_inference()))
        elif op.op_type == "const" and np.ndim(op.outputs[0].val) >= 2:
            found[op.outputs[0].name] = (False, np.asarray(op.outputs[0].val))
    return found


class Keep(CommandTest):
    def setUp(self):
        super().setUp()
        self.rng = np.random.default_rng(7)

    def convert(self, source, profile="gpu", *options):
        """Converts and verifies; returns the constants and the summary."""
        package = self.folder / f"{profile}.mlpackage"
        prefill = ["--prefill", 8] if profile == "ane" else []
        summary = json.loads(self.succeed("convert", source, "-o", package, "--context", 64, *prefill, "--profile", profile, "--precision",
                                          "keep", "--overwrite", "--json", *options))
        report = json.loads(self.run_command("verify", package, "--against", source, "--tokens", 12, "--greedy", 2, "--json").stdout)
        return decoded(package), summary, report

    def check_exact(self, constants, expected, left=()):
        for name, weights in expected.items():
            if name in left or weights.ndim != 2:
                continue
            constant = constant_of(name)
            is_encoded, got = constants[constant if constant in constants else constant.replace("_q_", "_q_unscaled_")]
            self.assertTrue(is_encoded, name)
            np.testing.assert_array_equal(got.reshape(weights.shape), weights.astype(np.float16), err_msg=name)

    def check(self, expected, source, profile="gpu"):
        constants, summary, report = self.convert(source, profile)
        self.check_exact(constants, expected)
        self.assertTrue(report["passed"], report["checks"])
        self.assertLess(report["kl"]["mean"], 1e-4)
        return constants, summary

    def kept(self, profile="gpu"):
        text = json.loads(self.succeed("inspect", f"{profile}.mlpackage", "--json"))["metadata"]["cortland.quantization"]
        return json.loads(text) if isinstance(text, str) else text

    def test_gptq(self):
        for group in (32, 64, 128, -1):
            with self.subTest(group):
                source = self.folder / f"gptq{group}"
                self.check(checkpoints.write_gptq(source, self.rng, group), source)
                self.assertEqual(sum(self.kept()["kept"].values()), 14)

    def test_gptq_with_zero_points_in_both_formats(self):
        for version in ("gptq", "gptq_v2"):
            with self.subTest(version):
                source = self.folder / version
                self.check(checkpoints.write_gptq(source, self.rng, 128, symmetric=False, version=version), source)
                self.assertEqual(self.kept()["kept"], {"uint4 with offsets in blocks of 128": 14})

    def test_gptq_of_8_bits(self):
        source = self.folder / "gptq8"
        self.check(checkpoints.write_gptq(source, self.rng, 128, bits=8), source)
        self.assertEqual(self.kept()["kept"], {"int8 in blocks of 128": 14})

    def test_the_order_of_activations_is_undone_where_it_can_be(self):
        source = self.folder / "ordered"
        expected = checkpoints.write_gptq(source, self.rng, 128, activation_order=True)
        constants, summary, report = self.convert(source)
        self.assertEqual(self.kept()["kept"], {"int4 in blocks of 128": 2})
        self.assertTrue(any("12 weights are quantized again, int8 per row: its columns are grouped in activation order" in note
                            for note in summary["notes"]), summary["notes"])
        self.assertLess(report["kl"]["mean"], 1e-3)
        for i in range(checkpoints.LAYERS):
            down = constants[f"layers_{i}_down_weight"][1].reshape(checkpoints.WIDTH, -1)
            want = expected[f"model.layers.{i}.mlp.down_proj"].astype(np.float16)
            # The same columns in another order, and the rows of gate and up in that order too.
            order = [int(np.flatnonzero((want == column[:, None]).all(0))[0]) for column in down.T]
            self.assertEqual(sorted(order), list(range(checkpoints.MLP)))
            for place in ("gate", "up"):
                weights = expected[f"model.layers.{i}.mlp.{place}_proj"]
                got = constants[f"layers_{i}_{place}_weight"][1].reshape(weights.shape).astype(np.float32)
                self.assertLess(np.abs(got - weights[order]).max(), np.abs(weights).max() / 200)

    def test_awq(self):
        for group in (32, 64, 128):
            with self.subTest(group):
                source = self.folder / f"awq{group}"
                self.check(checkpoints.write_awq(source, self.rng, group), source)
                self.assertEqual(self.kept()["kept"], {f"uint4 with offsets in blocks of {group}": 14})

    def test_compressed_tensors(self):
        cases = {"words": {}, "zeros": {"symmetric": False}, "words8": {"bits": 8}, "rows": {"bits": 8, "group": -1, "packed": False},
                 "row_zeros": {"bits": 8, "group": -1, "packed": False, "symmetric": False}}
        for name, options in cases.items():
            with self.subTest(name):
                source = self.folder / name
                _, summary = self.check(checkpoints.write_compressed(source, self.rng, **options), source)
                says = any("quantizes activations" in note for note in summary["notes"])
                self.assertEqual(says, not options.get("packed", True), summary["notes"])
                self.assertEqual(sum(self.kept()["kept"].values()), 14)

    def test_gguf(self):
        for kind, scheme in ((Q4_0, "uint4 with offsets in blocks of 32"), (Q8_0, "int8 in blocks of 32"), (Q5_0, "int8 in blocks of 32"),
                             (IQ4_NL, "int8 in blocks of 32")):
            with self.subTest(kind.name):
                source = self.folder / f"{kind.name}.gguf"
                expected = checkpoints.write_gguf(source, self.folder / "llama-gqa", self.rng, {"proj": kind, "embed": kind, "lm_head": kind})
                self.check(expected, source)
                self.assertEqual(self.kept()["kept"], {scheme: 16})

    # Queries are scaled by an operation of their own.
    def test_the_ane_form_folds_nothing_into_codes(self):
        source = self.folder / "Q4_0.gguf"
        expected = checkpoints.write_gguf(source, self.folder / "llama-gqa", self.rng, {"proj": Q4_0, "embed": Q4_0, "lm_head": Q8_0})
        constants, _ = self.check(expected, source, "ane")
        self.assertIn("layers_0_q_unscaled_weight", constants)

    def test_what_has_no_form_is_quantized_again_and_named(self):
        source = self.folder / "mixed.gguf"
        kinds = {"gate_proj": Q4_1, "up_proj": Q4_K, "down_proj": Q6_K, "proj": Q4_0}
        expected = checkpoints.write_gguf(source, self.folder / "llama-gqa", self.rng, kinds)
        constants, summary, report = self.convert(source)
        left = [name for name in expected if "mlp" in name or "embed" in name or "lm_head" in name]
        self.check_exact(constants, expected, left)
        for name in left:
            is_encoded, got = constants[constant_of(name)]
            want = expected[name]
            got = got.reshape(want.shape).astype(np.float32)
            if "mlp" in name:
                error = np.sqrt(np.mean((got - want) ** 2) / np.mean(want**2))
                self.assertLess(error, 0.02, name)
            else:
                self.assertFalse(is_encoded)
                np.testing.assert_array_equal(got, want)
        notes = "\n".join(summary["notes"])
        self.assertIn("2 weights are quantized again, int8 per row: Q4_1 has a floating minimum", notes)
        self.assertIn("2 weights are quantized again, int8 per row: Q4_K has super-blocks", notes)
        self.assertIn("2 weights are quantized again, int8 per row: Q6_K has super-blocks", notes)
        self.assertEqual(self.kept()["fallbacks"], {"int8 per row": 6})
        self.assertLess(report["kl"]["mean"], 1e-2)

    def test_other_precisions_decode_the_codes(self):
        source = self.folder / "awq"
        expected = checkpoints.write_awq(source, self.rng)
        summary = json.loads(self.succeed("convert", source, "-o", "half.mlpackage", "--context", 64, "--json"))
        self.assertTrue(any("AWQ int4" in note and "--precision keep" in note for note in summary["notes"]), summary["notes"])
        constants = decoded(self.folder / "half.mlpackage")
        for name, weights in expected.items():
            is_encoded, got = constants[constant_of(name)]
            self.assertFalse(is_encoded)
            if "q_proj" not in name:  # the scale of scores is in it
                np.testing.assert_array_equal(got.reshape(weights.shape), weights.astype(np.float16), err_msg=name)

    def test_a_checkpoint_that_is_not_quantized_has_nothing_to_keep(self):
        source = self.copy_checkpoint()
        summary = json.loads(self.succeed("convert", source, "-o", "M.mlpackage", "--context", 64, "--precision", "keep", "--json"))
        self.assertTrue(any("nothing to keep" in note for note in summary["notes"]), summary["notes"])

    def test_other_schemes_are_refused_by_name(self):
        source = self.folder / "checkpoint"
        checkpoints.write_gptq(source, self.rng)
        cases = {
            'quantized by "fp8", which is not supported; want gptq, awq or compressed-tensors': {"quant_method": "fp8"},
            "quantization_config.bits: got 3, want 4 or 8": {"quant_method": "gptq", "bits": 3},
            "quantization_config.group_size: got 48, want -1, 16, 32": {"quant_method": "gptq", "bits": 4, "group_size": 48},
            'checkpoint_format: got "marlin", want gptq or gptq_v2': {"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"},
            'version: got "gemv", want gemm or GEMM': {"quant_method": "awq", "bits": 4, "version": "gemv"},
            'format: got "float-quantized", want pack-quantized': {"quant_method": "compressed-tensors", "format": "float-quantized",
                                                                   "config_groups": {"group_0": {"weights": {"num_bits": 8}}}},
        }
        for message, config in cases.items():
            with self.subTest(message):
                self.edit_config(source, quantization_config=config)
                self.assertIn(message, self.fail_with(3, "convert", source, "-o", "X.mlpackage", "--precision", "keep"))

    def test_damaged_layers_are_named(self):
        for change, message in ((lambda t: t.pop("model.layers.0.mlp.up_proj.scales"), "up_proj.scales is missing beside it"),
                                (lambda t: t.update({"model.layers.0.mlp.up_proj.g_idx": np.full(256, 9, np.int32)}), "the group of column 0: got 9, want 0 to 1"),
                                (lambda t: t.update({"model.layers.0.mlp.up_proj.qzeros": np.zeros((2, 63), np.int32)}), "got I32 [2, 63], want I32 [2, 64]"),
                                (lambda t: t["model.layers.0.mlp.up_proj.scales"].fill(np.nan), "holds a scale that is not finite")):
            with self.subTest(message):
                source = self.folder / "checkpoint"
                saved = checkpoints.save
                checkpoints.save = lambda folder, tensors: (change(tensors), saved(folder, tensors))
                try:
                    checkpoints.write_gptq(source, self.rng)
                finally:
                    checkpoints.save = saved
                self.assertIn(message, self.fail_with(4, "convert", source, "-o", "X.mlpackage", "--precision", "keep"))


if __name__ == "__main__":
    unittest.main()
