#!/usr/bin/env python3
"""Proves that the checker can fail: a good package passes, and every fault planted in it is found for what it is.

    python self_test.py

Prints what went wrong and at last "N passed, N failed"; exit code 1 when the checker is wrong.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from sample import build_package  # first: it quietens coremltools

from conformance import judge
from draft import Draft
from faults import FAULTS


def faults_of(path: Path) -> list[str]:
    """Every fault that the checker finds in a package."""
    return [fault for verdict in judge(path) for fault in verdict.faults]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder, "good.mlpackage"), Path(folder, "bad.mlpackage")
        build_package(good)
        found = faults_of(good)
        results = [("good package", not found, found)]
        for message, plant in FAULTS:
            shutil.copytree(good, bad)
            draft = Draft(bad)
            plant(draft)
            draft.save()
            found = faults_of(bad)
            results.append((plant.__name__, any(message in fault for fault in found), [f"want: {message}", *found]))
            shutil.rmtree(bad)
    failed = [(name, details) for name, passed, details in results if not passed]
    for name, details in failed:
        print("\n  ".join([f"{name}: FAILED", *details]))
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
