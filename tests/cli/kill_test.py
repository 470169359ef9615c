"""A process that dies at any moment leaves the old package, the new one, or none: never a broken one."""

import os
import signal
import subprocess
import time
import unittest

from command import CORTLAND, GOLDEN, ROOT, CommandTest, tree

ATTEMPTS = 40


class Kill(CommandTest):
    def start(self, *arguments, **options):
        return subprocess.Popen([CORTLAND, *map(str, arguments)], cwd=self.folder, env=self.environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def duration(self, *arguments):
        started = time.monotonic()
        self.succeed(*arguments)
        return time.monotonic() - started

    def test_kill_while_writing_and_while_replacing(self):
        package = self.folder / "X.mlpackage"
        convert_old = ("convert", GOLDEN / "exaone4-bigvocab", "-o", "X.mlpackage", "--context", 64)
        convert_new = ("convert", GOLDEN / "exaone4-bigvocab", "-o", "X.mlpackage", "--context", 128)
        span = self.duration(*convert_old)
        old = tree(package)
        self.succeed("inspect", "X.mlpackage", "--quiet")
        self.succeed(*convert_new, "--overwrite")
        new = tree(package)
        self.succeed("inspect", "X.mlpackage", "--quiet")
        self.succeed(*convert_old, "--overwrite")
        for attempt in range(ATTEMPTS):
            replaces = attempt % 2 == 0
            if not replaces and package.exists():
                package.rename(self.folder / f"done-{attempt}")
            process = self.start(*convert_new, *(["--overwrite"] if replaces else []))
            time.sleep(1.2 * span * attempt / ATTEMPTS)
            process.send_signal(signal.SIGKILL)
            process.wait()
            if package.exists():
                self.assertIn(tree(package), (old, new))
            elif replaces and attempt == 0:
                self.fail("the old package is gone")
        # The next run clears up what the dead ones left, and its own output is whole.
        self.succeed(*convert_new, "--overwrite")
        self.assertEqual(tree(package), new)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])

    def test_interrupt_clears_up(self):
        process = self.start("convert", GOLDEN / "exaone4-bigvocab", "-o", "X.mlpackage", "--context", 64)
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(), (130, -signal.SIGINT, 0))
        left = [name for name in os.listdir(self.folder) if name.startswith(".")]
        self.assertEqual(left, [])

    def start_writing(self, **options):
        """A conversion whose hidden folder is there, unless it is done already."""
        process = self.start("convert", ROOT / "models" / "demo", "-o", "X.mlpackage", "--overwrite", **options)
        while process.poll() is None and not any(name.startswith(".X") for name in os.listdir(self.folder)):
            time.sleep(0.001)
        return process

    def test_every_signal_has_its_code_and_clears_up(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            codes = set()
            for _ in range(5):  # a fast machine may be done before it is stopped
                process = self.start_writing()
                time.sleep(0.01)
                process.send_signal(number)
                codes.add(process.wait(timeout=60))
                self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])
            self.assertLessEqual(codes, {128 + number, 0})

    def test_ignored_signals_stay_ignored(self):
        process = self.start_writing(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_second_signal_ends_it_at_once(self):
        process = self.start_writing()
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.send_signal(number)
        self.assertIn(process.wait(timeout=60), (-signal.SIGINT, -signal.SIGTERM, 0))


if __name__ == "__main__":
    unittest.main()
