#!/usr/bin/env python3
"""shellcheck reads every shell script: files that end in .sh or begin by naming bash or sh."""

import re
import shutil
import subprocess
import sys

import tree

SHEBANG = re.compile(r"\A#!.*\b(?:ba)?sh\b")


def check(root):
    tool = shutil.which("shellcheck")
    if not tool:
        print("SKIP: no shellcheck (Debian package shellcheck)")
        sys.exit(tree.SKIP)
    scripts = [p for p in tree.files(root) if p.endswith(".sh") or SHEBANG.match((tree.read(root, p) or "")[:80])]
    said = subprocess.run([tool, "--format=gcc", *scripts], cwd=root, capture_output=True, text=True, check=False)
    return said.stdout.splitlines() + said.stderr.splitlines(), len(scripts), "scripts"


if __name__ == "__main__":
    tree.run(check)
