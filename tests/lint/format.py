#!/usr/bin/env python3
"""clang-format decides about spaces. Version 14 does: others format the same file differently."""

import re
import shutil
import subprocess
import sys

import tree

VERSION = "14"
BATCH = 40


def find_tool():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(rf"version {VERSION}\.", said):
                return path
    print(f"SKIP: no clang-format {VERSION} (Debian package clang-format-{VERSION})")
    sys.exit(tree.SKIP)


def check(root):
    tool, paths, violations = find_tool(), tree.c_files(root), []
    for start in range(0, len(paths), BATCH):
        command = [tool, "--dry-run", "-Werror", "--ferror-limit=1", *paths[start : start + BATCH]]
        said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stderr
        for place in re.findall(r"^(\S+?:\d+):\d+: error", said, re.M):
            violations.append(f"{place}: not formatted: run ./dev format")
    return violations, len(paths), "C files"


if __name__ == "__main__":
    tree.run(check)
