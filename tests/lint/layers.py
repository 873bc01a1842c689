#!/usr/bin/env python3
"""Who may include whom: the architecture as a table, checked against every #include.

Each folder is a layer. An include names a file by its path from the root (`"crdt/base/buf.h"`; as a user of the
installed library would write it, `<cahier/crdt/base/buf.h>`, in examples, tests and benches), a library's header
or one of the C library's. A file always may include what lies in its own folder."""

import os
import re

import tree

ENGINE = ["crdt/base/*", "crdt/crdt.h"]
EVERYTHING = ["*"]

# The most specific row decides; those of `crdt` and `server` are for the files right in these folders. `ours`: what
# may be included besides the folder's own files (`*` stands for any name in that folder and below). `libraries`: see
# LIBRARY_HEADERS. `pure`: no I/O, threads or clock.
LAYERS = {
    "crdt": {"ours": ["crdt/base/*"], "libraries": [], "pure": True},
    "crdt/base": {"ours": [], "libraries": [], "pure": True},
    "crdt/lib0": {"ours": ["crdt/base/*"], "libraries": [], "pure": True},
    # core, wire and types together implement crdt.h: its enums and prototypes are theirs.
    "crdt/core": {"ours": ENGINE + ["crdt/lib0/*"], "libraries": [], "pure": True},
    "crdt/wire": {"ours": ENGINE + ["crdt/lib0/*", "crdt/core/*"], "libraries": [], "pure": True},
    "crdt/types": {"ours": ENGINE + ["crdt/lib0/*", "crdt/core/*"], "libraries": [], "pure": True},
    # proto implements proto.h.
    "crdt/proto": {"ours": ENGINE + ["crdt/lib0/*", "crdt/proto.h"], "libraries": [], "pure": True},
    "crdt/examples": {"ours": EVERYTHING, "libraries": []},
    "render": {"ours": ENGINE, "libraries": ["cmark", "utf8proc", "jansson", "libxml2", "gumbo"]},
    # The page as a table of files, made by the build.
    "static": {"ours": ["crdt/base/*"], "libraries": []},
    "server/base": {"ours": ["crdt/base/*"], "libraries": ["jansson", "zlib"]},
    "server/seal": {"ours": ["crdt/base/*", "server/base/*"], "libraries": ["libsodium"]},
    # libwebsockets runs on libuv's loop, which the timers and the wake-up share.
    "server/net": {"ours": ["crdt/base/*", "server/base/*"], "libraries": ["libuv"]},
    "server/net/lws.c": {"ours": ["crdt/base/*", "server/base/*"], "libraries": ["libwebsockets", "libuv"]},
    "server/store": {"ours": ["crdt/base/*", "server/base/*", "server/seal/*"], "libraries": ["sqlite3"]},
    "server/auth": {
        "ours": ["crdt/base/*", "server/base/*", "server/seal/*", "server/store/store.h"],
        "libraries": [],
    },
    "server/rooms": {
        "ours": ENGINE
        + ["crdt/proto.h", "server/base/*", "server/auth/*", "server/store/store.h"]
        + ["server/net/transport.h", "server/net/frame.h", "server/net/outq.h"],
        "libraries": [],
    },
    # Notes as files: formats, PDF by a process of its own, zip. Bytes and documents in, bytes out.
    "server/export": {
        "ours": ENGINE + ["render/render.h", "server/base/*"],
        "libraries": ["libarchive", "utf8proc"],
    },
    "server/api": {
        "ours": ENGINE
        + ["render/render.h", "static/assets.h", "server/export/*", "server/base/*", "server/rooms/*", "server/auth/*"]
        + ["server/store/store.h"]
        + ["server/net/transport.h", "server/net/http.h", "server/net/http_head.h", "server/net/http_stream.h"]
        + ["server/net/counts.h", "server/net/name.h", "server/net/sse.h", "server/net/sse_wire.h"]
        + ["server/net/token.h"],
        "libraries": ["jansson"],
    },
    "server/cli": {"ours": ENGINE + ["crdt/proto.h", "render/render.h", "server/*"], "libraries": []},
    "server": {"ours": ENGINE + ["crdt/proto.h", "render/render.h", "server/*"], "libraries": []},
    # sqlite3 for the file system shim that loses power and disk space.
    "tests": {"ours": EVERYTHING, "libraries": ["cmocka", "zlib", "jansson", "libwebsockets", "sqlite3", "libarchive"]},
    "bench": {"ours": EVERYTHING, "libraries": ["cmocka", "zlib", "jansson", "libwebsockets"]},
}

# One file per output: they share the tree and the escaping, and do not know one another.
STRANGERS = [
    {"render/html", "render/markdown", "render/plain_text", "render/note_json", "render/import_md", "render/import_html"},
]

LIBRARY_HEADERS = {
    "libwebsockets": r"libwebsockets(/.*)?\.h",
    "libuv": r"uv\.h|uv/.*",
    "sqlite3": r"sqlite3(ext)?\.h",
    "jansson": r"jansson\.h",
    "cmark": r"cmark(_\w+)?\.h",
    "utf8proc": r"utf8proc\.h",
    "libxml2": r"libxml/.*",
    "gumbo": r"gumbo\.h",
    "libsodium": r"sodium(/.*)?\.h",
    "libarchive": r"archive(_entry)?\.h",
    "cmocka": r"cmocka\.h",
    "zlib": r"zlib\.h",
}

C11 = """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype"""
POSIX = """arpa/inet dirent dlfcn fcntl ftw getopt glob grp libgen linux/.* malloc net/if netdb netinet/in netinet/tcp
poll pthread pwd regex sched semaphore spawn strings sys/.* syslog termios ucontext unistd .*intrin"""
# What a pure layer may take of the C library. stdio is there for vsnprintf alone.
PURE = """assert ctype errno float inttypes limits math stdalign stdarg stdbool stddef stdint stdio stdlib stdnoreturn
string strings"""

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.M)
# The functions that would make a pure layer do I/O; snprintf and vsnprintf only format.
STDIO_CALLS = re.compile(
    r"\b((?:f?printf|f?puts|f?putc|putchar|fopen|fwrite|fread|fclose|perror)(?=\s*\()|std(?:err|out|in)\b)"
)


def names(words):
    return re.compile("(?:" + "|".join(words.split()) + r")\.h")


LIBC, PURE_LIBC = names(C11 + " " + POSIX), names(PURE)


def row_of(path):
    """The row for a file: the file's own, else that of the nearest folder."""
    rest = ""
    while path:
        if path in LAYERS and not (path in ("crdt", "server") and "/" in rest):
            return path, LAYERS[path]
        path, _, name = path.rpartition("/")
        rest = f"{name}/{rest}" if rest else name
    return None, None


def allowed(target, patterns):
    return any(p == target or p == "*" or p.endswith("/*") and target.startswith(p[:-1]) for p in patterns)


def judge_ours(path, target, row_name, row):
    """Why `path` may not include the project's file `target`, or None."""
    own = os.path.dirname(path) + "/"
    stems = {path.rpartition(".")[0], target.rpartition(".")[0]}
    if len(stems) == 2 and any(stems <= group for group in STRANGERS):
        return "two outputs of the renderer must not know each other"
    if target.startswith(own) or allowed(target, row["ours"]):
        return None
    return f"{row_name} may not include {target}"


def judge_library(header, row_name, row):
    for library, pattern in LIBRARY_HEADERS.items():
        if re.fullmatch(pattern, header):
            return None if library in row["libraries"] else f"{row_name} may not use {library}"
    if not LIBC.fullmatch(header):
        return f"<{header}> belongs to no library of the table"
    if row.get("pure") and not PURE_LIBC.fullmatch(header):
        return f"{row_name} does no I/O, has no threads and no clock, so no <{header}>"
    return None


def judge(root, path, quoted, header):
    row_name, row = row_of(path)
    if row is None:
        return "this folder is in no row of the table"
    installed = header.startswith("cahier/crdt/")
    if installed and row["ours"] == EVERYTHING:
        return None if os.path.isfile(os.path.join(root, header[len("cahier/") :])) else f"no such header: {header}"
    if not quoted:
        return judge_library(header, row_name, row)
    if not os.path.isfile(os.path.join(root, header)):
        return f'"{header}" is no path from the root'
    return judge_ours(path, header, row_name, row)


def own_header_first(root, path, includes):
    """A file with a header of its name includes that before all others, so that the header stands on its own."""
    header = path[:-2] + ".h"
    if not path.endswith(".c") or not os.path.isfile(os.path.join(root, header)):
        return None
    return None if includes and includes[0] == header else f"include {header} first"


def check(root):
    violations, count = [], 0
    for path in tree.c_files(root):
        text = tree.read(root, path) or ""
        found = list(INCLUDE.finditer(text))
        count += len(found)
        for match in found:
            why = judge(root, path, match.group(1) == '"', match.group(2))
            if why:
                violations.append(f"{path}:{tree.line_of(text, match.start())}: {why}")
        why = own_header_first(root, path, [m.group(2) for m in found])
        if why:
            violations.append(f"{path}:1: {why}")
        row_name, row = row_of(path)
        if row and row.get("pure"):
            code = tree.without_comments(text)
            for call in STDIO_CALLS.finditer(code):
                violations.append(f"{path}:{tree.line_of(code, call.start())}: {row_name} does no I/O: {call.group(1)}")
    return violations, count, "includes"


if __name__ == "__main__":
    tree.run(check)
