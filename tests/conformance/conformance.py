#!/usr/bin/env python3
"""Judges Core ML packages with Apple's own readers, and by rules of our own where those overlook something.

    python conformance.py PACKAGE.mlpackage...

Prints a line for every package and every function, each followed by its faults, and at last "N passed, N failed" over
those lines. Exit code 1 when anything failed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from interface import check_interface
from package import check_package, open_package
from program import check_form, check_types
from weights import check_weights


@dataclass
class Verdict:
    """What was found about a package or one of its functions."""

    title: str
    facts: str = ""
    faults: list[str] = field(default_factory=list)

    def print(self) -> None:
        print(f"{self.title}: {'FAILED' if self.faults else 'ok'}{f' ({self.facts})' if self.facts else ''}")
        for fault in self.faults:
            print(f"  {fault}")


def judge(path: Path) -> list[Verdict]:
    """The verdict on the package, then one on each function."""
    try:
        package = open_package(path)
    except Exception as error:  # Apple's reader and protobuf raise many kinds
        return [Verdict(path.name, faults=[f"cannot be opened: {error}"])]
    records, weight_faults = check_weights(package)
    functions = sorted(package.program.functions)
    verdicts = [
        Verdict(
            path.name,
            f"specification {package.model.specificationVersion}, {len(functions)} functions, {records} blobs",
            check_package(package) + weight_faults,
        )
    ]
    for function in functions:
        compared, type_faults = check_types(package, function)
        faults = check_form(package, function) + type_faults + check_interface(package, function)
        verdicts.append(Verdict(f"{path.name} {function}", f"{compared} types compared", faults))
    return verdicts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", type=Path, metavar="PACKAGE")
    verdicts = []
    for path in parser.parse_args().packages:
        for verdict in judge(path):
            verdict.print()
            verdicts.append(verdict)
    failed = sum(bool(verdict.faults) for verdict in verdicts)
    print(f"{len(verdicts) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
