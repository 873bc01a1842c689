#!/usr/bin/env python3
"""Writes the C table of static/assets.h: embed.py SITE OUTPUT.c

SITE is the folder that build.mjs filled. The same input gives the same output, byte for byte.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
HASHED = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
# connect-src names WebSockets by 'self', which every browser since 2022 takes for ws: and wss: too.
# data: images are those of notes written elsewhere; the editor itself makes none.
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
BYTES_A_LINE = 32


def request_path(site, file):
    """Path under which the server answers with this file."""
    path = "/" + file.relative_to(site).as_posix()
    return path.removesuffix("index.html")


def is_hashed(file):
    """Whether build.mjs put a hash of the content into the name."""
    return file.parent.name == "assets" and file.name != "LICENSES.txt"


def byte_array(name, data):
    """A C array; never empty, since C has no empty ones."""
    rows = (data[i : i + BYTES_A_LINE] for i in range(0, len(data), BYTES_A_LINE))
    body = ",\n    ".join(",".join(str(byte) for byte in row) for row in rows)
    return f"static const unsigned char {name}[] = {{\n    {body}}};\n"


def squeezed(data):
    """Gzip without a time stamp, or None when it saves less than a tenth."""
    small = gzip.compress(data, 9, mtime=0)
    return small if len(small) < 0.9 * len(data) else None


def c_string(text):
    """A C string literal of printable ASCII."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entry(number, path, file, data):
    """The arrays of one file, and its row of the table."""
    small = squeezed(data)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    gzip_etag = f'"{hashlib.sha256(small).hexdigest()[:32]}-gzip"' if small else None
    arrays = byte_array(f"bytes_{number}", data)
    if small:
        arrays += byte_array(f"gzip_{number}", small)
    row = [
        c_string(path),
        c_string(TYPES[file.suffix]),
        c_string(etag),
        c_string(HASHED if is_hashed(file) else ASK_AGAIN),
        f"bytes_{number}",
        f"sizeof bytes_{number}",
        f"gzip_{number}" if small else "NULL",
        f"sizeof gzip_{number}" if small else "0",
        c_string(gzip_etag) if small else "NULL",
    ]
    return arrays, "    {" + ", ".join(row) + "},\n"


def main(site, output):
    """Writes the table for every file below site."""
    site = pathlib.Path(site)
    files = sorted((request_path(site, file), file) for file in site.rglob("*") if file.is_file())
    entries = [entry(number, path, file, file.read_bytes()) for number, (path, file) in enumerate(files)]
    with open(output, "w", encoding="ascii") as out:
        out.write('/* Written by static/embed.py. */\n#include "static/assets.h"\n\n')
        out.writelines(arrays for arrays, _ in entries)
        out.write("\nconst struct static_asset static_assets[] = {\n")
        out.writelines(row for _, row in entries)
        out.write("};\nconst size_t static_assets_count = sizeof static_assets / sizeof static_assets[0];\n")
        out.write(f"const char static_assets_csp[] = {c_string(CSP)};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
