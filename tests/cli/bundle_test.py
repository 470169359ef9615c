"""cortland convert -o FOLDER/: a package with everything that goes with it."""

import hashlib
import json
import re
import unittest

from command import GOLDEN, ROOT, CommandTest, tree

DEMO = ROOT / "models" / "demo"


class Bundle(CommandTest):
    def test_what_lies_in_it(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64)
        self.nothing_left("Demo")
        bundle = self.folder / "Demo"
        self.assertEqual(sorted(p.name for p in bundle.iterdir()),
                         ["Demo.mlpackage", "Demo.text", "LICENSE", "README.md", "cortland.json"])
        self.assertEqual((bundle / "LICENSE").read_bytes(), (DEMO / "LICENSE").read_bytes())
        manifest = json.loads((bundle / "cortland.json").read_text())
        self.assertEqual((manifest["format"], manifest["package"], manifest["text"]),
                         ("cortland.bundle", "Demo.mlpackage", "Demo.text"))
        listed = {entry["path"]: (entry["bytes"], entry["sha256"]) for entry in manifest["files"]}
        found = {path: (len(data), hashlib.sha256(data).hexdigest()) for path, data in tree(bundle).items()}
        del found["cortland.json"]
        self.assertEqual(listed, found)

    def test_the_package_in_it_is_the_one_that_stands_alone(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64, "--evaluate", 0)
        self.succeed("convert", DEMO, "-o", "Demo.mlpackage", "--context", 64)
        self.assertEqual(tree(self.folder / "Demo" / "Demo.mlpackage"), tree(self.folder / "Demo.mlpackage"))
        self.assertEqual((self.folder / "Demo" / "Demo.text").read_bytes(), (self.folder / "Demo.text").read_bytes())

    def test_every_command_takes_it(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64, "--evaluate", 0)
        self.assertIn("PASSED", self.succeed("verify", "Demo/", "--against", DEMO, "--tokens", 4))
        self.assertIn("decode", self.succeed("inspect", "Demo"))
        self.assertEqual(self.succeed("run", "Demo", "-p", "How do you say apple in Korean?", "--temp", 0, "--quiet"),
                         "Apple in Korean is 사과.\n")
        self.assertEqual(self.succeed("detokenize", "Demo/", "6", "--special"), "[|endofturn|]\n")

    def test_the_model_card(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64)
        card = (self.folder / "Demo" / "README.md").read_text()
        self.assertTrue(card.startswith("---\nlibrary_name: coreml\n"))
        self.assertIn("\nlicense: apache-2.0\n", card)
        self.assertRegex(card, r"\| float32 \| [5-9]\d dB \| \de-\d+ \| 100\.0 % \|")
        self.assertRegex(card, r"\| float16 \| [3-9]\d dB \|")
        self.assertNotIn(str(ROOT), card)
        command = re.search(r"## Made by\n\n    cortland (.*) -o Demo/ demo\n", card).group(1)
        self.succeed(*command.split(), "-o", "Again.mlpackage", DEMO)
        self.assertEqual(tree(self.folder / "Again.mlpackage"), tree(self.folder / "Demo" / "Demo.mlpackage"))

    def test_a_bundle_of_the_gpu_profile(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 100, "--profile", "gpu")
        card = (self.folder / "Demo" / "README.md").read_text()
        self.assertIn("| made for | the GPU, above all of a Mac;", card)
        self.assertNotIn("apple-neural-engine", card)
        command = re.search(r"## Made by\n\n    cortland (.*) -o Demo/ demo\n", card).group(1)
        self.succeed(*command.split(), "-o", "Again.mlpackage", DEMO)
        self.assertEqual(tree(self.folder / "Again.mlpackage"), tree(self.folder / "Demo" / "Demo.mlpackage"))

    def test_the_bytes_do_not_depend_on_threads_or_place(self):
        (self.folder / "deeper").mkdir()
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64, "--threads", 1)
        self.succeed("convert", DEMO, "-o", "deeper/Demo/", "--context", 64, "--threads", 2)
        self.assertEqual(tree(self.folder / "Demo"), tree(self.folder / "deeper" / "Demo"))

    def test_a_checkpoint_without_licence_and_tokenizer(self):
        done = self.run_command("convert", GOLDEN / "exaone4-full", "-o", "X/", "--context", 32, "--evaluate", 0)
        self.assertEqual(done.returncode, 0, done.stderr)
        card = (self.folder / "X" / "README.md").read_text()
        self.assertIn("The checkpoint names no licence.", card)
        self.assertIn("Not measured.", card)
        self.assertIsNone(json.loads((self.folder / "X" / "cortland.json").read_text())["text"])

    def test_an_existing_folder(self):
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 64, "--evaluate", 0)
        before = tree(self.folder / "Demo")
        self.assertIn("exists already", self.fail_with(2, "convert", DEMO, "-o", "Demo/", "--context", 32))
        self.assertEqual(tree(self.folder / "Demo"), before)
        self.succeed("convert", DEMO, "-o", "Demo/", "--context", 32, "--overwrite", "--evaluate", 0)
        self.assertNotEqual(tree(self.folder / "Demo"), before)
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "photo").write_text("x")
        message = self.fail_with(2, "convert", DEMO, "-o", "mine/", "--overwrite")
        self.assertIn("got a folder without cortland.json, want a bundle", message)
        self.nothing_left("Demo", "mine")

    def test_a_broken_manifest(self):
        (self.folder / "Demo").mkdir()
        for text in "{", "{}", '{"package": "../X.mlpackage"}', '{"package": "X"}':
            (self.folder / "Demo" / "cortland.json").write_text(text)
            self.assertIn("cortland.json", self.fail_with(4, "inspect", "Demo"))


if __name__ == "__main__":
    unittest.main()
