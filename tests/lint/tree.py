"""What the lint checks share: which files are the project's, and how a check reports.

A check is a program `check.py [ROOT]`. It prints each violation as `path:line: text`, then one line that counts
what it looked at, and exits with 0 (none), 1 (some, or nothing was looked at) or 77 (a tool is not installed)."""

import os
import re
import sys

SOURCE_FOLDERS = ("crdt", "render", "server", "static", "bench", "tests")
SKIP = 77


def root_of(arguments):
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.abspath(arguments[0]) if arguments else os.path.dirname(os.path.dirname(here))


def files(root):
    """Paths, relative to root and with slashes, of everything but version control, builds and installed modules."""
    for folder, subfolders, names in os.walk(root):
        at_top = folder == root
        subfolders[:] = sorted(
            name
            for name in subfolders
            if name not in (".git", "node_modules", "__pycache__", ".cache")
            and not (at_top and name.startswith("build"))
        )
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                yield os.path.relpath(path, root).replace(os.sep, "/")


def c_files(root, suffixes=(".c", ".h")):
    return [p for p in files(root) if p.endswith(suffixes) and p.split("/")[0] in SOURCE_FOLDERS]


def read(root, path):
    """The text of a file, or None when it holds a zero byte: then it is no text."""
    with open(os.path.join(root, path), "rb") as stream:
        data = stream.read()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def without_comments(text):
    """C source with comments and string contents blanked; line numbers stay."""
    token = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(violations, count, what):
    for violation in violations:
        print(violation)
    print(f"{count} {what} checked, {len(violations)} violations")
    if count == 0:
        print("nothing was checked: that is a failure too")
    return 1 if violations or count == 0 else 0


def run(check):
    """Runs check(root) -> (violations, count, what) as the program."""
    sys.exit(finish(*check(root_of(sys.argv[1:]))))
