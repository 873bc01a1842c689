#!/usr/bin/env python3
"""The lint checks find what they are for: each case is a small tree and the violations it must give."""

import os
import tempfile
import unittest

import layers
import names
import words

HEADER = "#ifndef {guard}\n#define {guard}\n\n/* What it is. */\n{body}\n#endif\n"


def header(path, body=""):
    return HEADER.format(guard=names.guard_of(path), body=body)


BUF, CRDT, TEXT = "crdt/base/buf.h", "crdt/crdt.h", "crdt/types/text.h"
COMMON = {path: header(path) for path in (BUF, CRDT, TEXT, "server/store/store.h", "server/net/lws.h", "render/html.h")}
PUTS = "#include <stdio.h>\nint f(void) { return puts(0); }\n"
SNPRINTF = "#include <stdio.h>\nint f(void) { return snprintf(0, 0, 0); }\n"
LOG_H = "server/base/log.h"
API_H = "render/render.h"

# check, title, path and text of a file, parts of the violations that must come (none: it is fine)
CASES = [
    (layers, "a layer includes one below", "crdt/core/item.c", '#include "crdt/base/buf.h"\n', []),
    (layers, "a layer includes one above", "crdt/core/item.c", '#include "crdt/types/text.h"\n', ["crdt/core may not"]),
    (layers, "the renderer knows crdt.h alone", "render/walk.c", '#include "crdt/types/text.h"\n', ["render may not"]),
    (layers, "outputs do not know each other", "render/plain_text.c", '#include "render/html.h"\n', ["two outputs"]),
    (layers, "its one file", "server/net/lws.c", '#include "server/net/lws.h"\n#include <libwebsockets.h>\n', []),
    (layers, "elsewhere", "server/net/frame.c", "#include <libwebsockets.h>\n", ["may not use libwebsockets"]),
    (layers, "the loop outside net", "server/base/worker.c", "#include <uv.h>\n", ["may not use libuv"]),
    (layers, "sodium outside seal", "server/store/sqlite.c", "#include <sodium.h>\n", ["may not use libsodium"]),
    (layers, "a store of documents", "server/store/sqlite.c", '#include "crdt/crdt.h"\n', ["server/store may not"]),
    (layers, "rooms see the store's table", "server/rooms/room.c", '#include "server/store/store.h"\n', []),
    (layers, "rooms do not see lws", "server/rooms/room.c", '#include "server/net/lws.h"\n', ["server/rooms may not"]),
    (layers, "threads in the engine", "crdt/core/item.c", "#include <pthread.h>\n", ["no threads"]),
    (layers, "output in the engine", "crdt/core/item.c", PUTS, ["no I/O"]),
    (layers, "formatting there", "crdt/core/item.c", SNPRINTF, []),
    (layers, "an unknown library", "server/base/log.c", "#include <curl/curl.h>\n", ["belongs to no library"]),
    (layers, "a relative include", "crdt/core/item.c", '#include "../base/buf.h"\n', ["no path from the root"]),
    (layers, "an unknown folder", "server/new/x.c", "#include <stdio.h>\n", ["in no row"]),
    (layers, "the installed path, in tests", "tests/unit/x.c", "#include <cahier/crdt/base/buf.h>\n", []),
    (layers, "own header late", "crdt/base/buf.c", '#include <stdlib.h>\n#include "crdt/base/buf.h"\n', ["first"]),
    (names, "a struct without typedef", "server/base/log.c", "struct log {\n    int fd;\n};\n", []),
    (names, "a typedef of a struct", "server/base/log.c", "typedef struct log log;\n", ["no typedef of a struct"]),
    (names, "the same in a comment", "server/base/log.c", "/* typedef struct log log; */\n", []),
    (names, "a struct that ends in _t", "server/base/log.c", "struct log_t {\n    int fd;\n};\n", ["log_t"]),
    (names, "a typedef that ends in _t", "server/base/log.c", "typedef unsigned log_t;\n", ["log_t"]),
    (names, "a function type that does", "server/base/log.c", "typedef int (*done_t)(void);\n", ["done_t"]),
    (names, "types of others that do", "server/base/log.c", "static uint8_t f(size_t n, json_t *j);\n", []),
    (names, "a guard of another path", LOG_H, header("server/log.h"), ["SERVER_BASE_LOG_H"]),
    (
        names,
        "a header without a word",
        LOG_H,
        "#ifndef SERVER_BASE_LOG_H\n#define SERVER_BASE_LOG_H\nint f;\n#endif\n",
        ["says in a comment"],
    ),
    (names, "a function without a test", API_H, header(API_H, "int api_open(void);"), ["no unit test"]),
    (names, "an inline one", API_H, header(API_H, "static inline int f(int x)\n{\n    return x;\n}"), ["no unit test"]),
    (names, "a table of functions", API_H, header(API_H, "struct api {\n    int (*put)(int x);\n};"), []),
    (names, "macros alone", API_H, header(API_H, "#define F(x) \\\n    g(x)\n#define H __attribute__((pure))"), []),
    (names, "what a folder keeps to itself", LOG_H, header(LOG_H, "int log_open(void);"), []),
    (names, "a test that is not built", "tests/unit/base/test_log.c", "", ["no meson.build names it"]),
    (words, "a home directory", "x.md", "see /hom" + "e/ann/notes", ["home directory"]),
    (words, "paths of addresses", "x.md", "GET /api/v1/work/1, $HOME/home/x, https://a.example/home/b", []),
    (words, "a registry", "x.md", "https://registr" + "y.npmjs.org/yjs", ["registry"]),
    (words, "a lock file with addresses", "p.json", '  "resol' + 'ved": "x"\n', ["lock file"]),
    (words, "unfinished work", "x.c", "// TO" + "DO later", ["unfinished"]),
]


class Checks(unittest.TestCase):
    def violations(self, check, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as stream:
                    stream.write(text)
            return check.check(root)

    def test_cases(self):
        for check, title, path, text, expected in CASES:
            with self.subTest(title):
                found, count, _ = self.violations(check, {**(COMMON if check is layers else {}), path: text})
                self.assertGreater(count, 0)
                self.assertEqual(len(found), len(expected), found)
                for part in expected:
                    self.assertTrue(any(part in line for line in found), (part, found))

    def test_what_others_include_wants_a_test_that_is_built(self):
        files = {LOG_H: header(LOG_H, "int f(void);"), "server/net/lws.c": '#include "server/base/log.h"\n'}
        self.assertEqual(self.violations(names, files)[0], [f"{LOG_H}:1: no unit test tests/unit/**/test_log.c"])
        files.update({"tests/unit/base/test_log.c": "", "tests/unit/base/meson.build": "'log'"})
        self.assertEqual(self.violations(names, files)[0], [])

    def test_a_name_used_twice_is_found(self):
        found = self.violations(names, {"server/base/log.c": "", "render/log.c": ""})[0]
        self.assertEqual(found, ["server/base/log:1: the name log is taken by render/log"])

    def test_nothing_looked_at_is_a_failure(self):
        for check in (layers, names, words):
            found, count, what = self.violations(check, {})
            self.assertEqual(check.tree.finish(found, count, what), 1)


if __name__ == "__main__":
    unittest.main()
