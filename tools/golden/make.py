#!/usr/bin/env python3
"""Reference data for decoder checkpoints.

Each case builds a tiny random model from its transformers configuration class, saves it as an ordinary
checkpoint (config.json + safetensors), reads the saved weights back in float32 and stores what transformers
computes from them, next to the checkpoint, in expected.safetensors and expected.json.

    python make.py --out DIR --cases gemma,gemma2      write cases (names or groups, comma separated, or all)
    python make.py --out DIR --cases all --verify      re-check what is in DIR instead of writing

Everything is seeded; the same versions of torch and transformers give the same files.
"""
import argparse
import os
import sys
import traceback

import cases_exaone
import cases_gemma
import cases_gpt
import cases_llama
import cases_parallel
import cases_rope
from expect import make_case, verify_case

GROUPS = {m.__name__.removeprefix("cases_"): m.CASES
          for m in (cases_exaone, cases_llama, cases_gemma, cases_gpt, cases_parallel, cases_rope)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--out", required=True, help="folder that gets one folder per case")
    ap.add_argument("--cases", default="all", help=f"all, groups ({', '.join(GROUPS)}) or names, separated by commas")
    ap.add_argument("--verify", action="store_true", help="re-check the files in --out")
    a = ap.parse_args()
    wanted = set(a.cases.split(","))
    known = {"all", *GROUPS, *(c.name for cases in GROUPS.values() for c in cases)}
    if wanted - known:
        ap.error(f"no such case: {', '.join(sorted(wanted - known))}")
    os.makedirs(a.out, exist_ok=True)
    failed, n = [], 0
    for group, cases in GROUPS.items():
        for case in cases:
            if not {"all", group, case.name} & wanted:
                continue
            n += 1
            try:
                if not a.verify:
                    make_case(case, a.out)
                elif not verify_case(case, a.out):
                    failed.append(case.name)
            except Exception as e:    # report every case, then fail
                failed.append(case.name)
                print(f"FAILED {case.name}: {type(e).__name__}: {e}", flush=True)
                if os.environ.get("TRACE"):
                    traceback.print_exc()
    print(f"{n} cases, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
