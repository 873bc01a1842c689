#!/usr/bin/env python3
"""The examples of crdt/examples print what they must.

example_runs.py TWO_WRITERS PRINT_UPDATE"""

import subprocess
import sys

TEXTS = b"Anna: We meet on early Monday. Bring cake!\nBen: We meet on early Monday. Bring cake!\n"

# What, arguments, bytes of an update, exit code, output. The first three are what yjs 13.6 writes for
# `text.insert(0, 'Hi!')` by client 1 and for the deletion of its first letter.
UPDATES = [
    (
        "an insert, v1",
        [],
        "01 01 01 00 04 01 04 74657874 03 486921 00",
        0,
        b'brings  client 1, clocks 0 to 2\nroot text: "Hi!"\n',
    ),
    (
        "an insert, v2",
        ["--v2"],
        "00 00 01 01 00 00 01 04 0a 07 74657874486921 04 03 01 01 00 00 01 01 00 00",
        0,
        b'brings  client 1, clocks 0 to 2\nroot text: "Hi!"\n',
    ),
    (
        "a delete alone",
        [],
        "00 01 01 01 00 01",
        0,
        b"deletes client 1, clocks 0 to 0\nsome of it waits for updates that are not here\n",
    ),
    ("no update", [], "01 01 ff", 1, b""),
]


def run(program, arguments=(), given=b""):
    return subprocess.run([program, *arguments], input=given, capture_output=True, check=False)


def check(two_writers, print_update):
    """Complaints about what the programs print."""
    wrong = []
    done = run(two_writers)
    if done.returncode != 0 or done.stdout != TEXTS:
        wrong.append(f"two_writers: exit code {done.returncode}, {done.stdout!r} {done.stderr!r}")
    for what, arguments, given, code, wanted in UPDATES:
        done = run(print_update, arguments, bytes.fromhex(given))
        if done.returncode != code or done.stdout != wanted:
            wrong.append(f"print_update, {what}: exit code {done.returncode}, {done.stdout!r} {done.stderr!r}")
    return wrong


def main():
    wrong = check(*sys.argv[1:])
    print(*wrong, sep="\n")
    print(f"{1 + len(UPDATES)} runs, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
