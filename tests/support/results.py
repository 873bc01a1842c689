#!/usr/bin/env python3
"""Sums up Meson's test logs: lists what was skipped and what failed, and ends with one plain line.

    results.py LOG...        LOG is a testlog.json of `meson test`, one JSON object a line

Exit code 1 when anything failed or there was no test."""

import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def reason(test):
    """The line in which a skipped test says what it misses: the last one that says SKIP, else the last one."""
    lines = [line.strip() for line in (test.get("stdout") or "").splitlines() if line.strip()]
    lines += [line.strip() for line in (test.get("stderr") or "").splitlines() if line.strip()]
    said = [line for line in lines if "skip" in line.lower()]
    return (said or lines or ["no reason given"])[-1]


def failure(test):
    code = test.get("returncode")
    return reason(test) if code is None else f"{test['result']}, exit code {code}"


def read(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        return [json.loads(line) for line in log if line.strip()]


def label(path):
    """Names the build when there are several: the log's own name, without its suffix."""
    return os.path.basename(path).rpartition(".")[0]


def main(paths):
    tests = []
    for path in paths:
        for test in read(path):
            tests.append(test if len(paths) == 1 else {**test, "name": f"[{label(path)}] {test['name']}"})
    skipped = [test for test in tests if test["result"] in SKIPPED]
    failed = [test for test in tests if test["result"] not in PASSED | SKIPPED]
    for title, some, say in (("Skipped:", skipped, reason), ("Failed:", failed, failure)):
        if some:
            print(f"\n{title}")
            for test in some:
                print(f"  {test['name']}: {say(test)}")
    passed = len(tests) - len(failed) - len(skipped)
    print(f"\n{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 0 if tests and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
