"""A stdout that cannot be written, little memory, and files that may not grow."""

import os
import pathlib
import resource
import signal
import subprocess
import unittest

from command import CORTLAND, GOLDEN, ROOT, CommandTest

MODEL = GOLDEN / "exaone4-full"
SANITIZED = b"__asan_init" in pathlib.Path(CORTLAND).read_bytes()


class Output(CommandTest):
    def run_to(self, stdout, *arguments, **options):
        return subprocess.run([CORTLAND, *map(str, arguments)], cwd=self.folder, env=self.environment, stdout=stdout,
                              stderr=subprocess.PIPE, text=True, timeout=60, **options)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_full_device(self):
        for arguments in (("inspect", MODEL), ("inspect", MODEL, "--json"), ("inspect", MODEL, "--ops"), ("--help",),
                          ("--version",), ("convert", MODEL, "--dry-run", "--json")):
            with open("/dev/full", "w") as full:
                done = self.run_to(full, *arguments)
            self.assertEqual(done.returncode, 5, arguments)
            self.assertEqual(done.stderr.splitlines()[-1], "cortland: standard output: No space left on device")

    def test_closed_stdout(self):
        done = self.run_to(None, "inspect", MODEL, preexec_fn=lambda: os.close(1))
        self.assertEqual((done.returncode, done.stderr), (5, "cortland: standard output: Bad file descriptor\n"))
        # With nothing to say there is nothing to fail, and no file of the package stands in for stdout.
        done = self.run_to(None, "convert", MODEL, "-o", "X.mlpackage", "--quiet", preexec_fn=lambda: os.close(1))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.succeed("inspect", "X.mlpackage")

    def test_a_reader_that_has_had_enough(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = self.run_to(write_end, "inspect", MODEL, "--ops")
        os.close(write_end)
        self.assertEqual((done.returncode, done.stderr), (141, ""))

    def test_nobody_reads_the_messages(self):
        done = subprocess.run([CORTLAND, "convert", MODEL, "-o", "X.mlpackage"], cwd=self.folder, env=self.environment,
                              stdout=subprocess.PIPE, preexec_fn=lambda: os.close(2), timeout=60)
        self.assertEqual(done.returncode, 0)

    def test_limit_on_files(self):
        """Without a handler of the caller's: the limit must not end the process with half a package."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        message = self.fail_with(5, "convert", MODEL, "-o", "X.mlpackage", preexec_fn=limit)
        self.assertIn("cannot write at byte", message)
        self.nothing_left()

    @unittest.skipIf(SANITIZED, "sanitizers reserve terabytes")
    def test_little_memory(self):
        """A threaded OpenBLAS hangs or ends the process where its threads find no memory."""
        for megabytes in range(80, 161, 20):
            def limit():
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
            done = self.run_to(subprocess.PIPE, "convert", ROOT / "models" / "demo", "-o", f"{megabytes}.mlpackage", "--quiet",
                               preexec_fn=limit)
            self.assertIn(done.returncode, (0, 5), f"{megabytes} MB: {done.stderr}")
            self.assertEqual(len(done.stderr.splitlines()), 0 if done.returncode == 0 else 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
