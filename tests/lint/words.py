#!/usr/bin/env python3
"""Nothing in the tree knows the machine it was written on: no absolute paths of homes and work directories, no
address of a package registry (lock files included), no left-over markers of unfinished work."""

import re

import tree

# Written so that no pattern matches its own source.
FORBIDDEN = [
    (r"(?<![\w.$})/])/(?:home|Users)/[a-z]\w*", "a home directory"),
    (r"(?<![\w.$})/])/(?:work|workspace|root|mnt)/\w+", "a directory of one machine"),
    (r"(?<![\w.$})/])/tmp/build\b", "a build directory of one machine"),
    (r"\bregistr[y]\.(?:npmjs|yarnpkg|npmmirror)\b|\bnpm\.pkg\.githu[b]", "the address of a package registry"),
    (r"\b(?:deb|security|snapshot)\.debia[n]\.org\b", "the address of a package registry"),
    (r"\bpyp[i]\.org|\bpythonhoste[d]\.org|\bcrate[s]\.io\b", "the address of a package registry"),
    (r'^\s*"resolve[d]":', "a lock file with addresses (see .npmrc)"),
    (r"\b(?:TOD[O]|FIXM[E])\b", "a marker of unfinished work"),
]
PATTERNS = [(re.compile(pattern, re.M), what) for pattern, what in FORBIDDEN]
# Data of others: recorded documents, corpora, texts of specifications.
DATA = re.compile(r"(^|/)(corpus|vectors|fixtures|recorded)/")


def check(root):
    violations, count = [], 0
    for path in tree.files(root):
        if DATA.search(path):
            continue
        text = tree.read(root, path)
        if text is None:
            continue
        count += 1
        for pattern, what in PATTERNS:
            for match in pattern.finditer(text):
                violations.append(f"{path}:{tree.line_of(text, match.start())}: {what}: {match.group().strip()}")
    return violations, count, "files"


if __name__ == "__main__":
    tree.run(check)
