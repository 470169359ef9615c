"""cortland convert, as a user meets it."""

import json
import os
import pathlib
import shlex
import shutil
import unittest

from command import GOLDEN, ROOT, CommandTest, read_tensors, tree, write_tensors


class Convert(CommandTest):
    def put_in_cache(self, hub_id, checkpoint):
        """As huggingface_hub lays it out: snapshots are links into blobs/."""
        model = self.folder / "hf" / "hub" / ("models--" + hub_id.replace("/", "--"))
        snapshot = model / "snapshots" / "0123abc"
        snapshot.mkdir(parents=True)
        (model / "blobs").mkdir()
        (model / "refs").mkdir()
        (model / "refs" / "main").write_text("0123abc")
        for number, file in enumerate(sorted(checkpoint.iterdir())):
            blob = model / "blobs" / f"{number:064x}"
            shutil.copy(file, blob)
            (snapshot / file.name).symlink_to(pathlib.Path("../../blobs") / blob.name)

    def test_the_line_of_the_mission(self):
        self.put_in_cache("LGAI-EXAONE/EXAONE-4.0-1.2B", GOLDEN / "exaone4-full")
        line = ("cortland convert --model-id LGAI-EXAONE/EXAONE-4.0-1.2B --max-seq-len 32 --precision float16 "
                "--output X.mlpackage --verbose")
        done = self.run_command(*shlex.split(line)[1:])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Wrote X.mlpackage\n", done.stdout)
        self.assertIn("context   32 tokens", done.stdout)
        self.assertIn("Next: cortland verify X.mlpackage --against LGAI-EXAONE/EXAONE-4.0-1.2B", done.stdout)
        header, _ = read_tensors(GOLDEN / "exaone4-full" / "model.safetensors")
        for name in header:
            if name != "__metadata__":
                self.assertIn(name + " ", done.stderr)
        self.assertIn("llama3", done.stderr)
        view = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))
        source = view["metadata"]["cortland.source"]
        self.assertEqual((source["model_id"], source["revision"]), ("LGAI-EXAONE/EXAONE-4.0-1.2B", "0123abc"))

    def test_a_hub_id_that_is_not_in_the_cache(self):
        message = self.fail_with(4, "convert", "--model-id", "org/name")
        self.assertIn("org/name: revision main is not in the local Hugging Face cache", message)
        message = self.fail_with(4, "convert", "org/name")
        self.assertIn("org/name: is neither a folder nor a model in the local Hugging Face cache", message)
        self.assertIn("`cortland download org/name` gets it", message)
        self.nothing_left()

    def test_every_form_of_the_source_gives_the_same_bytes(self):
        checkpoint = GOLDEN / "exaone4-hybrid"
        self.succeed("convert", checkpoint, "-o", "a.mlpackage", "--context", 64, "--threads", 1)
        (self.folder / "deeper").mkdir()
        self.succeed("convert", "--model-id", checkpoint, "--output", "deeper/b.mlpackage", "--max-seq-len", 64,
                     "--threads", 7, "--quiet")
        self.assertEqual(tree(self.folder / "a.mlpackage"), tree(self.folder / "deeper" / "b.mlpackage"))

    def test_storage_types_and_shards_do_not_change_the_weights(self):
        """fp16 source, the same values as fp32, and the same in two shards."""
        checkpoint = self.copy_checkpoint("exaone4-hybrid")
        weight_file = pathlib.Path("Data/com.apple.CoreML/weights/weight.bin")
        self.succeed("convert", checkpoint, "-o", "half.mlpackage", "--context", 64)
        header, data = read_tensors(checkpoint / "model.safetensors")
        import struct
        wide, wide_data, shards = {}, b"", [({}, b""), ({}, b"")]
        for number, (name, entry) in enumerate(sorted((n, e) for n, e in header.items() if n != "__metadata__")):
            begin, end = entry["data_offsets"]
            values = struct.unpack(f"<{(end - begin) // 2}e", data[begin:end])
            floats = struct.pack(f"<{len(values)}f", *values)
            wide[name] = {**entry, "dtype": "F32", "data_offsets": [len(wide_data), len(wide_data) + len(floats)]}
            wide_data += floats
            part, part_data = shards[number % 2]
            part[name] = {**entry, "data_offsets": [len(part_data), len(part_data) + end - begin]}
            shards[number % 2] = (part, part_data + data[begin:end])
        write_tensors(checkpoint / "model.safetensors", wide, wide_data)
        self.succeed("convert", checkpoint, "-o", "wide.mlpackage", "--context", 64)
        (checkpoint / "model.safetensors").unlink()
        weight_map = {}
        for number, (part, part_data) in enumerate(shards):
            file = f"model-{number + 1:05}-of-00002.safetensors"
            write_tensors(checkpoint / file, part, part_data)
            weight_map.update({name: file for name in part})
        (checkpoint / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
        self.succeed("convert", checkpoint, "-o", "sharded.mlpackage", "--context", 64)
        half, wide_bytes, sharded = (
            (self.folder / f"{n}.mlpackage" / weight_file).read_bytes() for n in ("half", "wide", "sharded"))
        self.assertEqual(half, wide_bytes)
        self.assertEqual(half, sharded)

    def test_summary_and_json(self):
        text = self.succeed("convert", ROOT / "models" / "demo", "-o", "Demo.mlpackage", "--context", 200)
        self.assertIn("Wrote Demo.mlpackage\n", text)
        for word in ("bits per weight", "decode", "prefill", "input_ids int32[1, 64]", "logits fp16[1, 1, 2048]",
                     "state kv fp16[12, 2, 256, 64]", "at the peak", "Next: cortland verify"):
            self.assertIn(word, text)
        result = json.loads(self.succeed("convert", ROOT / "models" / "demo", "-o", "Demo.mlpackage", "--context", 200,
                                         "--overwrite", "--json"))
        size = sum(len(content) for content in tree(self.folder / "Demo.mlpackage").values())
        self.assertEqual(result["bytes"]["total"], size)
        self.assertEqual(result["context"], 256)
        self.assertEqual([f["name"] for f in result["functions"]], ["decode", "prefill"])
        self.assertIn("context 200 is rounded up to 256", result["notes"][0])
        self.assertGreater(result["peak_memory_bytes"], 0)

    def test_dry_run_writes_nothing_and_tells_the_size(self):
        text = self.succeed("convert", ROOT / "models" / "demo", "-o", "Demo.mlpackage", "--dry-run")
        self.assertIn("Would write Demo.mlpackage\n", text)
        self.nothing_left()
        planned = json.loads(self.succeed("convert", ROOT / "models" / "demo", "--dry-run", "--json"))
        written = json.loads(self.succeed("convert", ROOT / "models" / "demo", "--json"))
        self.assertFalse(planned["written"])
        self.assertTrue(written["written"])
        self.assertEqual(planned["bytes"]["weights"], written["bytes"]["weights"])
        self.nothing_left("demo.mlpackage", "demo.text")

    def test_the_text_file_of_a_replaced_package_goes(self):
        self.succeed("convert", ROOT / "models" / "demo", "-o", "X.mlpackage", "--context", 32)
        self.nothing_left("X.mlpackage", "X.text")
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 32, "--overwrite")
        self.nothing_left("X.mlpackage")
        (self.folder / "X.text").write_text("my notes")
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 32, "--overwrite")
        self.assertEqual((self.folder / "X.text").read_text(), "my notes")
        message = self.fail_with(2, "convert", ROOT / "models" / "demo", "-o", "X.mlpackage", "--context", 32, "--overwrite")
        self.assertIn("X.text: the output exists and is not replaced; got another kind of file", message)

    def test_json_tells_the_options(self):
        result = json.loads(self.succeed("convert", GOLDEN / "exaone4-full", "--dry-run", "--json", "--context", 32,
                                         "--attention", "sdpa", "--head-splits", 2, "--target", "iOS26"))
        self.assertEqual({key: result[key] for key in ("context", "prefill", "attention", "head_splits", "target")},
                         {"context": 32, "prefill": 32, "attention": "sdpa", "head_splits": 2, "target": "iOS26"})

    def test_dry_run_beside_an_existing_output(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        before = tree(self.folder / "X.mlpackage")
        text = self.succeed("convert", GOLDEN / "exaone4-rope", "-o", "X.mlpackage", "--dry-run")
        self.assertIn("Next: the same command without --dry-run, with --overwrite: the output exists already\n", text)
        for options, needed in ((), True), (("--overwrite",), False):
            result = json.loads(self.succeed("convert", GOLDEN / "exaone4-rope", "-o", "X.mlpackage", "--dry-run", "--json",
                                             *options))
            self.assertEqual(result["needs_overwrite"], needed)
        self.assertEqual(tree(self.folder / "X.mlpackage"), before)
        self.nothing_left("X.mlpackage")

    def test_the_next_line_can_be_pasted(self):
        self.copy_checkpoint(to="it's a model")
        text = self.succeed("convert", "it's a model", "-o", "$X (1).mlpackage", "--context", 64)
        line = text.splitlines()[-1]
        self.assertTrue(line.startswith("Next: cortland "), line)
        self.assertEqual(shlex.split(line)[2:], ["verify", "$X (1).mlpackage", "--against", "it's a model"])

    def test_quiet_says_nothing(self):
        done = self.run_command("convert", ROOT / "models" / "demo", "--quiet")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_factor_for_fp16(self):
        line = ("convert", GOLDEN / "llama-gqa", "-o", "X.mlpackage", "--context", 64, "--overwrite", "--json")
        result = json.loads(self.succeed(*line, "--fp16-scale", 0.25))
        self.assertEqual(result["fp16_scale"], {"stream": [2] * 5})
        metadata = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))["metadata"]
        self.assertEqual(metadata["cortland.fp16_scale"], {"stream": [2] * 5})
        self.assertIn(" --fp16-scale 0.25", metadata["cortland.command"])
        self.assertIsNone(json.loads(self.succeed(*line))["fp16_scale"])
        self.assertNotIn("fp16", json.loads(self.succeed("inspect", "X.mlpackage", "--json"))["metadata"]["cortland.command"])

    def test_progress_is_plain_lines_off_a_terminal(self):
        done = self.run_command("convert", ROOT / "models" / "demo")
        self.assertEqual(done.stderr, "reading the checkpoint ...\nlooking how large values become ...\nbuilding the program ...\n"
                                      "writing weights ...\nfinishing ...\n")

    def test_existing_output(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        before = tree(self.folder / "X.mlpackage")
        message = self.fail_with(2, "convert", GOLDEN / "exaone4-rope", "-o", "X.mlpackage")
        self.assertEqual(message, "X.mlpackage: the output exists already; hint: --overwrite replaces it")
        self.assertEqual(tree(self.folder / "X.mlpackage"), before)
        self.succeed("convert", GOLDEN / "exaone4-rope", "-o", "X.mlpackage", "--context", 64, "--overwrite")
        self.assertNotEqual(tree(self.folder / "X.mlpackage"), before)
        self.nothing_left("X.mlpackage")

    def test_a_folder_that_is_no_package_is_never_replaced(self):
        precious = self.folder / "X.mlpackage"
        precious.mkdir()
        (precious / "thesis.txt").write_text("years of work")
        self.fail_with(2, "convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--overwrite")
        self.assertEqual((precious / "thesis.txt").read_text(), "years of work")

    def test_a_file_is_never_replaced(self):
        (self.folder / "X.mlpackage").write_text("years of work")
        for options in (), ("--overwrite",), ("--dry-run",):
            message = self.fail_with(2, "convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", *options)
            self.assertEqual(message, "X.mlpackage: the output exists and is not replaced; got a file, want a package; "
                                      "hint: choose another name")
        self.assertEqual((self.folder / "X.mlpackage").read_text(), "years of work")

    def test_a_link_is_never_replaced(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64)
        for name, target in ("link", "X.mlpackage"), ("dangling", "nowhere"):
            (self.folder / f"{name}.mlpackage").symlink_to(target)
            message = self.fail_with(2, "convert", GOLDEN / "exaone4-full", "-o", f"{name}.mlpackage/", "--overwrite")
            self.assertIn(f"{name}.mlpackage: the output exists and is not replaced; got a symbolic link", message)
        self.nothing_left("X.mlpackage", "dangling.mlpackage", "link.mlpackage")

    @unittest.skipUnless(os.path.isdir("/proc/self"), "needs a folder that nobody can write to")
    def test_an_output_folder_that_cannot_be_written_to(self):
        done = self.run_command("convert", GOLDEN / "exaone4-full", "-o", "/proc/self/X.mlpackage")
        self.assertEqual(done.returncode, 5)
        self.assertRegex(done.stderr, r"^cortland: /proc/self/X.mlpackage: cannot write into the folder /proc/self; [^/;]+\n$")

    def test_fused_attention_and_head_splits(self):
        self.succeed("convert", GOLDEN / "exaone4-full", "-o", "X.mlpackage", "--context", 64, "--attention", "sdpa",
                     "--head-splits", 3)
        view = json.loads(self.succeed("inspect", "X.mlpackage", "--json"))
        operations = view["functions"][0]["operations"]
        self.assertEqual(operations["scaled_dot_product_attention"], 2)
        self.assertNotIn("softmax", operations)
        self.assertEqual(operations["conv"], 2 * 7 + 3)
        self.assertIn("--attention sdpa --head-splits 3", view["metadata"]["cortland.command"])

    def test_the_gpu_profile(self):
        text = self.succeed("convert", ROOT / "models" / "demo", "-o", "Demo.mlpackage", "--context", 200, "--profile", "GPU")
        for word in ("context   200 tokens", "main      inputIds int32[1, 1 to 200], causalMask fp16[1, 1, 1 to 200, 1 to 200]",
                     "logits fp16[1, ?, 2048]   state keyCache fp16[6, 1, 2, 200, 64], valueCache fp16[6, 1, 2, 200, 64]"):
            self.assertIn(word, text)
        view = json.loads(self.succeed("inspect", "Demo.mlpackage", "--json"))
        command = "convert --context 200 --precision float16 --profile gpu --target iOS18 --attention sdpa"
        self.assertEqual(view["metadata"]["cortland.command"], command)
        self.assertEqual(view["findings"], [])
        self.assertIn("PASSED", self.succeed("verify", "Demo.mlpackage", "--against", ROOT / "models" / "demo", "--tokens", 16))
        self.assertEqual(self.succeed("run", "Demo.mlpackage", "-p", "How do you say apple in Korean?", "--temp", 0, "--quiet"),
                         "Apple in Korean is 사과.\n")
        (self.folder / "t.txt").write_text("Hello! How can I help you?")
        self.assertIn("perplexity", self.succeed("perplexity", "Demo.mlpackage", "--file", "t.txt"))
        planned = json.loads(self.succeed("convert", GOLDEN / "gemma2", "--dry-run", "--json", "--context", 50, "--profile", "gpu"))
        self.assertEqual({key: planned[key] for key in ("profile", "context", "prefill", "attention", "head_splits")},
                         {"profile": "gpu", "context": 50, "prefill": None, "attention": "matmul", "head_splits": None})

    def test_options_of_ane_alone(self):
        for option in "--prefill", "--head-splits":
            message = self.fail_with(2, "convert", GOLDEN / "exaone4-full", "--profile", "gpu", option, 2)
            self.assertEqual(message, f"{option}: belongs to the profile ane, got --profile gpu; hint: leave it out")
        self.nothing_left()

    def test_help_is_worth_reading(self):
        text = self.succeed("convert", "--help")
        for option in ("--output", "--context", "--max-seq-len", "--prefill", "--precision", "--profile", "--target",
                       "--strict", "--attention", "--head-splits", "--dry-run", "--overwrite", "--threads", "--json", "--quiet",
                       "--verbose", "--model-id"):
            self.assertIn(option, text)


if __name__ == "__main__":
    unittest.main()
