#!/usr/bin/env python3
"""The installed library is one that a stranger can use: it shows exactly the functions of its headers, static and
shared; each header stands on its own; the examples build with what pkg-config says, and print what they must.

installed_library.py BUILD_DIRECTORY SOURCE_ROOT COMPILER ARGUMENT…   (arguments: as the library was built)"""

import glob
import os
import re
import subprocess
import sys
import tempfile

import example_runs

EXAMPLES = ["two_writers", "print_update"]
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Wundef", "-Werror"]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def find(root, name):
    found = glob.glob(f"{root}/**/{name}", recursive=True)
    if len(found) != 1:
        sys.exit(f"{name} is installed {len(found)} times: {found}")
    return found[0]


def declared(header):
    """The functions that a header declares without defining them."""
    with open(header, encoding="utf-8") as stream:
        code = re.sub(r"/\*.*?\*/", " ", stream.read(), flags=re.S)
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", code, flags=re.M)
    code = re.sub(r"__attribute__\s*\(\(.*?\)\)\)?", "", code)
    while re.search(r"\{[^{}]*\}", code):
        code = re.sub(r"\{[^{}]*\}", " ", code)
    return set(re.findall(r"\b(\w+)\s*\([^()]*\)\s*(?:MUST_CHECK)?\s*;", code))


def exported(arguments):
    """Functions and data that others can link with."""
    lines = (line.split() for line in run(["nm", *arguments]).splitlines())
    return {fields[-1] for fields in lines if len(fields) == 3 and fields[1] in "TDBRVW"}


def compare(what, shown, public):
    wrong = [f"{what}: shows {name}, which no header declares" for name in sorted(shown - public)]
    return wrong + [f"{what}: lacks {name}" for name in sorted(public - shown)]


def check_headers(folder, headers, cflags, compiler):
    """Each header compiles as the first thing in a file."""
    for header in headers:
        name = header[header.index("/cahier/crdt/") + 1 :]
        source = os.path.join(folder, "header.c")
        with open(source, "w", encoding="utf-8") as stream:
            stream.write(f"#include <{name}>\nint nothing;\n")
        run([*compiler, *WARNINGS, *cflags, "-c", source, "-o", source + ".o"])


def build_examples(folder, sources, link, cflags, compiler):
    os.mkdir(folder)
    programs = [os.path.join(folder, name) for name in EXAMPLES]
    for name, program in zip(EXAMPLES, programs):
        run([*compiler, *WARNINGS, *cflags, os.path.join(sources, name + ".c"), *link, "-o", program])
    return programs


def main():
    build, sources, *compiler = sys.argv[1:]
    examples = os.path.join(sources, "crdt", "examples")
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "installed")
        run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", root, "--tags", "devel,runtime"])
        packages = os.path.dirname(find(root, "cahier-crdt.pc"))
        environment = {**os.environ, "PKG_CONFIG_PATH": packages, "PKG_CONFIG_SYSROOT_DIR": root}
        cflags = run(["pkg-config", "--cflags", "cahier-crdt"], env=environment).split()
        libs = run(["pkg-config", "--libs", "cahier-crdt"], env=environment).split()
        shared, static = find(root, "libcahier-crdt.so"), find(root, "libcahier-crdt.a")
        headers = sorted(glob.glob(f"{root}/**/cahier/crdt/**/*.h", recursive=True))
        public = set().union(*(declared(header) for header in headers))

        wrong = compare("the shared library", exported(["-D", "--defined-only", shared]), public)
        wrong += compare("the static library", exported(["-g", "--defined-only", static]), public)
        check_headers(folder, headers, cflags, compiler)
        at_run_time = f"-Wl,-rpath,{os.path.dirname(shared)}"
        for link in [[*libs, at_run_time], [static]]:
            where = os.path.join(folder, "static" if link == [static] else "shared")
            wrong += example_runs.check(*build_examples(where, examples, link, cflags, compiler))
        print(*wrong, sep="\n")
        print(f"{len(headers)} headers, {len(public)} functions, {2 * len(EXAMPLES)} programs, {len(wrong)} wrong")
        return 1 if wrong or len(public) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
