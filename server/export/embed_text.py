#!/usr/bin/env python3
"""Writes a C file with a text as an array: embed_text.py TEXT HEADER NAME OUTPUT.c

HEADER declares `extern const char NAME[]`. Numbers instead of a string literal: those may be 4,095 characters long at
least, and no more everywhere (C11, 5.2.4.1).
"""
import pathlib
import sys

NUMBERS_A_LINE = 24


def main(text, header, name, output):
    numbers = [str(byte if byte < 128 else byte - 256) for byte in pathlib.Path(text).read_bytes()] + ["0"]
    lines = [", ".join(numbers[at : at + NUMBERS_A_LINE]) for at in range(0, len(numbers), NUMBERS_A_LINE)]
    body = ",\n    ".join(lines)
    pathlib.Path(output).write_text(f'#include "{header}"\n\nconst char {name}[] = {{\n    {body},\n}};\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
