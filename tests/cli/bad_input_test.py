"""Bad input: one clear message, the right exit code, and nothing left behind."""

import json
import resource
import shutil
import signal
import struct
import unittest

from command import GOLDEN, CommandTest, read_tensors, write_tensors


class BadInput(CommandTest):
    def refuse(self, code, *expected, source="checkpoint", name="X.mlpackage", **options):
        """Converting fails with this code, a message that holds every expected text, and no output."""
        before = sorted(p.name for p in self.folder.iterdir())
        message = self.fail_with(code, "convert", source, "-o", name, "--context", 64, **options)
        for text in expected:
            self.assertIn(text, message)
        self.nothing_left(*before)

    def change_weights(self, change):
        """Applies change(header, data) -> (header, data) to a copy of a golden checkpoint."""
        path = self.copy_checkpoint() / "model.safetensors"
        header, data = read_tensors(path)
        header.pop("__metadata__", None)
        write_tensors(path, *change(header, data))

    def test_truncated_file(self):
        path = self.copy_checkpoint() / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-100])
        self.refuse(4, "checkpoint/model.safetensors: tensor ", "hint: the file is truncated, download it again")

    def test_truncated_header(self):
        path = self.copy_checkpoint() / "model.safetensors"
        path.write_bytes(path.read_bytes()[:50])
        self.refuse(4, "checkpoint/model.safetensors: header length at byte 0")

    def test_oversized_header(self):
        path = self.copy_checkpoint() / "model.safetensors"
        path.write_bytes(struct.pack("<Q", 2**64 - 1) + path.read_bytes()[8:])
        self.refuse(4, "header length at byte 0: got 18446744073709551615")

    def test_trailing_bytes(self):
        path = self.copy_checkpoint() / "model.safetensors"
        path.write_bytes(path.read_bytes() + b"polyglot")
        self.refuse(4, "8 bytes follow the last tensor")

    def test_overlapping_and_gapped_tensors(self):
        def shift(by):
            def change(header, data):
                last = max(header.values(), key=lambda entry: entry["data_offsets"][1])
                last["data_offsets"] = [offset + by for offset in last["data_offsets"]]
                return header, data + b"\0" * max(by, 0)
            return change
        self.change_weights(shift(-2))
        self.refuse(4, "the data overlaps")
        self.folder.joinpath("checkpoint").rename(self.folder / "old")
        self.change_weights(shift(2))
        self.refuse(4, "the data has a gap")

    def test_wrong_shape_missing_and_unknown_tensors_come_in_one_message(self):
        def change(header, data):
            header["model.norm.weight"]["shape"] = [2, 64]
            header["model.layers.7.mystery.weight"] = header.pop("model.layers.0.self_attn.q_norm.weight")
            return header, data
        self.change_weights(change)
        self.refuse(4, "3 reasons", "tensor model.norm.weight: got shape [2, 64], want [128]",
                    "tensor model.layers.0.self_attn.q_norm.weight is missing",
                    "tensor model.layers.7.mystery.weight is not part of a model of type exaone4")

    def test_missing_head(self):
        checkpoint = self.copy_checkpoint()
        self.edit_config(checkpoint, tie_word_embeddings=False)
        self.refuse(4, "tensor lm_head.weight is missing; want [400, 128]")

    def test_nan_weights(self):
        def change(header, data):
            begin = header["model.layers.1.mlp.up_proj.weight"]["data_offsets"][0]
            return header, data[:begin + 6] + b"\xc0\x7f" + data[begin + 8:]  # a bfloat16 NaN
        self.change_weights(change)
        self.refuse(4, "tensor model.layers.1.mlp.up_proj.weight: holds a NaN or an infinity")

    def test_nan_in_a_norm(self):
        def change(header, data):
            begin = header["model.norm.weight"]["data_offsets"][0]
            return header, data[:begin] + b"\x80\x7f" + data[begin + 2:]  # a bfloat16 infinity
        self.change_weights(change)
        self.refuse(4, "tensor model.norm.weight: holds a NaN or an infinity")

    def test_large_values_are_cut_with_a_note(self):
        def change(header, data):
            begin = header["model.layers.1.mlp.up_proj.weight"]["data_offsets"][0]
            return header, data[:begin] + b"\x80\x48" + data[begin + 2:]  # bfloat16 262144
        self.change_weights(change)
        result = json.loads(self.succeed("convert", "checkpoint", "-o", "X.mlpackage", "--context", 64, "--json", "--fp16-scale", "off"))
        self.assertIn("tensor model.layers.1.mlp.up_proj.weight: 1 values beyond fp16 were cut to 65504 (largest 262144)",
                      result["notes"])

    def test_integer_weights(self):
        def change(header, data):
            for entry in header.values():
                entry["dtype"] = "I16"
            return header, data
        self.change_weights(change)
        self.refuse(3, "got I16, want F16, BF16 or F32")

    def test_unknown_element_type(self):
        def change(header, data):
            header["model.norm.weight"]["dtype"] = "F7"
            return header, data
        self.change_weights(change)
        self.refuse(3, 'tensor model.norm.weight: dtype "F7" is not supported')

    def test_unsupported_models_list_all_reasons(self):
        checkpoint = self.copy_checkpoint()
        self.edit_config(checkpoint, hidden_act="xielu", mystery_scale=2.0,
                         rope_scaling={"rope_type": "spiral", "factor": 2.0},
                         quantization_config={"quant_method": "hqq", "bits": 4})
        self.refuse(3, "config.json: 4 reasons", 'activation "xielu" is not supported', 'the checkpoint is quantized by "hqq"',
                    'kind "spiral" is not supported', 'key "mystery_scale" is not known')

    def test_unknown_architecture(self):
        checkpoint = self.copy_checkpoint()
        self.edit_config(checkpoint, model_type="elman")
        self.refuse(3, 'config.json: model_type "elman" is not supported; want apertus, arcee, bloom, ')
        shutil.rmtree(checkpoint)
        self.edit_config(self.copy_checkpoint(), model_type="mixtral")
        self.refuse(3, 'config.json: model_type "mixtral" is not supported: it has a mixture of experts')

    def test_duplicate_keys(self):
        path = self.copy_checkpoint() / "config.json"
        path.write_text(path.read_text().replace("{", '{"hidden_size": 1,', 1))
        self.refuse(4, 'checkpoint/config.json: key "hidden_size" appears twice in one object')

    def test_config_that_is_no_json(self):
        path = self.copy_checkpoint() / "config.json"
        path.write_text('{"model_type": "exaone4",')
        self.refuse(4, "checkpoint/config.json: not valid JSON at line 1, column 26")

    def test_index_that_leaves_the_folder(self):
        checkpoint = self.copy_checkpoint("exaone4-rope")
        path = checkpoint / "model.safetensors.index.json"
        index = json.loads(path.read_text())
        for name in ("../secret.safetensors", "/etc/passwd", ".."):
            index["weight_map"]["model.norm.weight"] = name
            path.write_text(json.dumps(index))
            self.refuse(4, 'weight_map["model.norm.weight"]', f'got "{name}", want the name of a file in the same folder')

    def test_missing_shard(self):
        checkpoint = self.copy_checkpoint("exaone4-rope")
        (checkpoint / "model-00002-of-00003.safetensors").unlink()
        self.refuse(4, "names the file model-00002-of-00003.safetensors, which is not there")

    def test_no_weights_and_pickled_weights(self):
        checkpoint = self.copy_checkpoint()
        (checkpoint / "model.safetensors").unlink()
        (checkpoint / "expected.safetensors").unlink()
        self.refuse(4, "checkpoint: found neither model.safetensors nor model.safetensors.index.json")
        (checkpoint / "pytorch_model.bin").write_bytes(b"\x80\x02")
        self.refuse(3, "weights are in pytorch_model.bin, which can execute code when read")

    def test_no_checkpoint(self):
        self.refuse(4, "nowhere/at/all: there is no such folder or file", source="nowhere/at/all")
        (self.folder / "file.gguf").write_bytes(b"GGUF")
        self.refuse(4, "file.gguf: version at byte 4: the file ends", source="file.gguf")
        (self.folder / "file.bin").write_bytes(b"GGUF")
        self.refuse(4, "file.bin: is a file", source="file.bin")

    def test_output_below_a_file(self):
        (self.folder / "file").write_text("")
        self.refuse(2, "file/X.mlpackage: there is no folder to write into; got a file at file",
                    source=GOLDEN / "exaone4-full", name="file/X.mlpackage")

    def test_output_in_a_missing_folder(self):
        self.refuse(2, "hint: mkdir -p a/b", source=GOLDEN / "exaone4-full", name="a/b/X.mlpackage")

    def test_output_of_another_kind(self):
        self.refuse(2, "--output: got X.bin, want a name that ends in .mlpackage", source=GOLDEN / "exaone4-full",
                    name="X.bin")

    def test_full_disk(self):
        """A limit on the size of files stands for a disk that fills up."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        self.refuse(5, "cannot write at byte", source=GOLDEN / "exaone4-full", preexec_fn=limit)

    def test_usage(self):
        for arguments in ((), ("convert",), ("convert", "a", "--model-id", "b"), ("frobnicate",), ("convert", "a", "--context"),
                          ("convert", GOLDEN / "exaone4-full", "--context", "0"),
                          ("convert", GOLDEN / "exaone4-full", "--attention", "none"),
                          ("convert", GOLDEN / "exaone4-full", "--head-splits", "0")):
            done = self.run_command(*arguments)
            self.assertEqual(done.returncode, 2, f"{arguments}: {done.stderr}")
            self.assertNotEqual(done.stderr, "")
        self.nothing_left()

    def test_what_this_version_cannot_do(self):
        for option, value in (("--target", "iOS15"), ("--profile", "tpu")):
            message = self.fail_with(3, "convert", GOLDEN / "exaone4-full", option, value)
            self.assertIn(f"{option}: got {value}, want ", message)

    def test_errors_as_json(self):
        done = self.run_command("convert", "nowhere/at/all", "--json")
        self.assertEqual(done.returncode, 4)
        self.assertEqual(json.loads(done.stdout)["error"]["kind"], "not_found")


if __name__ == "__main__":
    unittest.main()
