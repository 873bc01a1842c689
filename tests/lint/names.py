#!/usr/bin/env python3
"""Names that can be relied upon: a file's name says what is in it and where its test is.

- no typedef of a struct, union or enum, and no name that ends in `_t` made here;
- a C file's name is unique in the tree (a .c and its .h share it, in one folder);
- an include guard is the header's path; a header says what it is in a comment right after it;
- each header of crdt, render and server has its unit test tests/unit/**/test_NAME.c, named in a meson.build."""

import collections
import os
import re

import tree

# Headers without a unit test of their own, each with the reason.
NO_TEST_OF_ITS_OWN = {
    "crdt/core/block.h": "a struct without functions",
    "server/base/clock.h": "a table that every test fills in",
    "server/net/transport.h": "a table; its implementations are tested",
    "server/store/store.h": "a table; its implementations are tested",
}
TESTED_FOLDERS = ("crdt/", "render/", "server/")

TYPEDEF = re.compile(r"\btypedef\s+(struct|union|enum)\b")
ENDS_IN_T = re.compile(
    r"\b(?:struct|union|enum)\s+(?P<tag>\w+_t)\s*[{;]"
    r"|\btypedef\b[^;{]*?(?:\b(?P<type>\w+_t)\s*;|\(\s*\*\s*(?P<function>\w+_t)\s*\))"
)
GUARD = re.compile(r"\A#ifndef (\w+)\n#define (\w+)\n\n?(?P<next>/?\*?)")


def guard_of(path):
    return re.sub(r"[^A-Za-z0-9]", "_", path).upper()


def check_code(path, text):
    code = tree.without_comments(text)
    for match in TYPEDEF.finditer(code):
        yield match.start(), f"no typedef of a {match.group(1)}"
    for match in ENDS_IN_T.finditer(code):
        yield match.start(), f"{match[match.lastgroup]}: names that end in _t belong to POSIX"


def check_header(path, text):
    match = GUARD.match(text)
    wanted = guard_of(path)
    if not match or match.group(1) != wanted or match.group(2) != wanted:
        yield 0, f"a header begins with #ifndef {wanted} and #define {wanted}"
    elif match.group("next") != "/*":
        yield 0, "after its guard a header says in a comment what it is"


def check_unique(paths):
    places = collections.defaultdict(set)
    for path in paths:
        stem, _, suffix = path.rpartition(".")
        places[os.path.basename(stem)].add(stem)
    for name, stems in sorted(places.items()):
        if len(stems) > 1:
            first, *others = sorted(stems)
            for stem in others:
                yield f"{stem}:1: the name {name} is taken by {first}"


def check_tested(root, paths):
    tests = {os.path.basename(p): p for p in paths if p.startswith("tests/unit/")}
    for path in paths:
        if not path.endswith(".h") or not path.startswith(TESTED_FOLDERS) or path in NO_TEST_OF_ITS_OWN:
            continue
        wanted = "test_" + os.path.basename(path)[:-2] + ".c"
        if wanted not in tests:
            yield f"{path}:1: no unit test tests/unit/**/{wanted}"
    for path in sorted(NO_TEST_OF_ITS_OWN):
        if not os.path.isfile(os.path.join(root, path)):
            continue
        if "test_" + os.path.basename(path)[:-2] + ".c" in tests:
            yield f"{path}:1: has a test now: take it from the list of exceptions"


def check_built(root, paths):
    """A test that no meson.build names never runs."""
    builds = [p for p in tree.files(root) if p.startswith("tests/unit/") and p.endswith("/meson.build")]
    named = set(re.findall(r"\w+", " ".join(tree.read(root, build) or "" for build in builds)))
    for path in paths:
        stem = os.path.basename(path)[:-2]
        if path.startswith("tests/unit/") and path.endswith(".c") and not named & {stem, stem.removeprefix("test_")}:
            yield f"{path}:1: no meson.build names it"


def check(root):
    paths = tree.c_files(root)
    violations = []
    for path in paths:
        text = tree.read(root, path) or ""
        found = list(check_code(path, text))
        if path.endswith(".h"):
            found += check_header(path, text)
        violations += [f"{path}:{tree.line_of(text, at)}: {why}" for at, why in found]
    violations += check_unique(paths)
    violations += check_tested(root, paths)
    violations += check_built(root, paths)
    return violations, len(paths), "C files"


if __name__ == "__main__":
    tree.run(check)
