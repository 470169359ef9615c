"""Runs the cortland binary for the tests of the command line, in a folder that goes away."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "checkpoints"
CORTLAND = os.environ["CORTLAND"]


class CommandTest(unittest.TestCase):
    """Each test has an empty folder, self.folder, and no Hugging Face cache but its own, and no network."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cortland-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {"PATH": os.environ["PATH"], "HF_HOME": str(self.folder / "hf"), "HOME": str(self.folder),
                            "HF_HUB_OFFLINE": "1"}

    def run_command(self, *arguments, **options):
        """Returns the finished process; stdout and stderr are text."""
        return subprocess.run([CORTLAND, *map(str, arguments)], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=240, **options)

    def succeed(self, *arguments):
        """Runs, wants exit code 0, and returns stdout."""
        done = self.run_command(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def fail_with(self, code, *arguments, **options):
        """Runs, wants this exit code and one message, and returns the message without "cortland: "."""
        done = self.run_command(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        lines = [line for line in done.stderr.splitlines() if not line.endswith(" ...") and not line.startswith("note: ")]
        self.assertTrue(lines and lines[0].startswith("cortland: "), done.stderr)
        return "\n".join(lines)[len("cortland: "):].replace(str(self.folder) + "/", "")

    def copy_checkpoint(self, name="exaone4-full", to="checkpoint"):
        """A golden checkpoint that the test may change."""
        target = self.folder / to
        shutil.copytree(GOLDEN / name, target)
        return target

    def edit_config(self, checkpoint, **changes):
        path = checkpoint / "config.json"
        config = json.loads(path.read_text())
        config.update(changes)
        path.write_text(json.dumps(config))

    def nothing_left(self, *known):
        """The folder holds what is named and nothing else, not even hidden files."""
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), sorted(known))


def read_tensors(path):
    """The header and the data of a safetensors file."""
    content = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + size]), content[8 + size:]


def write_tensors(path, header, data):
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def tree(package):
    """Every file of a package with its bytes."""
    return {str(p.relative_to(package)): p.read_bytes() for p in sorted(package.rglob("*")) if p.is_file()}
