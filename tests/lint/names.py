#!/usr/bin/env python3
"""Names that can be relied upon: a file's name says what is in it and where its test is.

- no typedef of a struct, union or enum, and no name that ends in `_t` made here;
- a C file's name is unique in the tree (a .c and its .h share it, in one folder);
- an include guard is the header's path; a header says what it is in a comment right after it;
- each header of crdt, render and server that has functions and that other folders include has its unit test
  tests/unit/**/test_NAME.c; and each C file there is named in a meson.build. What a folder keeps to itself is tested
  by a file of its own or through the headers that it shows."""

import collections
import os
import re

import tree

# Headers whose functions are tested by subject or through what implements them, not by a test of their name.
TESTED_BY = {
    "crdt/proto.h": ["test_message.c", "test_awareness.c", "test_claims.c"],
    "server/net/transport.h": ["test_loopback.c"],
    "server/api/api.h": ["test_router.c", "test_respond.c"],
    "server/cli/doc_cli.h": ["test_doc_args.c"],
    "server/rooms/load.h": ["test_room_life.c"],
    "server/cli/export_cli.h": ["test_export_args.c", "test_folder_sink.c"],
}
# What users of a layer include; nobody in the tree may yet.
INTERFACES = {"crdt/crdt.h", "crdt/proto.h", "render/render.h"}
TESTED_FOLDERS = ("crdt/", "render/", "server/")

TYPEDEF = re.compile(r"\btypedef\s+(struct|union|enum)\b")
ENDS_IN_T = re.compile(
    r"\b(?:struct|union|enum)\s+(?P<tag>\w+_t)\s*[{;]"
    r"|\btypedef\b[^;{]*?(?:\b(?P<type>\w+_t)\s*;|\(\s*\*\s*(?P<function>\w+_t)\s*\))"
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.M)
FUNCTION = re.compile(r"\b\w+\s*\((?!\s*\*)[^()]*\)")
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


def has_functions(text):
    """True when a header declares or defines one: something called outside of every brace and macro."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", tree.without_comments(text), flags=re.M)
    code = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", code)
    inner = re.compile(r"\{[^{}]*\}")
    while inner.search(code):
        code = inner.sub("", code)
    return bool(FUNCTION.search(code))


def public_headers(root, paths):
    """The interfaces, and every header that another folder of the program includes."""
    public = set(INTERFACES)
    for path in paths:
        if path.startswith(TESTED_FOLDERS):
            for header in INCLUDE.findall(tree.read(root, path) or ""):
                if os.path.dirname(header) != os.path.dirname(path):
                    public.add(header)
    return [path for path in paths if path in public and path.startswith(TESTED_FOLDERS)]


def check_tested(root, paths):
    tests = {os.path.basename(p) for p in paths if p.startswith("tests/unit/")}
    for path in public_headers(root, paths):
        wanted = TESTED_BY.get(path, ["test_" + os.path.basename(path)[:-2] + ".c"])
        missing = [name for name in wanted if name not in tests]
        if missing and has_functions(tree.read(root, path) or ""):
            yield f"{path}:1: no unit test tests/unit/**/{', '.join(missing)}"


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
