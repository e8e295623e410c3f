#!/usr/bin/env python3
"""Recorded streams (the line format of test/mockbroker) as inputs of decoder_fuzz: see seed.hpp."""
import hashlib
import sys

ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}


def unescape(field):
    if field == "\\N":
        return None
    out, rest = [], iter(field)
    for c in rest:
        out.append(ESCAPES[next(rest)] if c == "\\" else c)
    return "".join(out).encode()


def sized(piece):
    return len(piece).to_bytes(2, "big") + piece


directory = sys.argv[1]
for path in sys.argv[2:]:
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            key, value, *headers = map(str, line.rstrip("\n").split("\t")[1:])
            key, value = unescape(key), unescape(value)
            headers = dict(h.split("=", 1) for h in headers)
            moved = headers.get("__debezium.newkey") or headers.get("__debezium.oldkey")
            flags = ("__debezium.newkey" in headers) | (key is None) << 1 | (value is None) << 2 | (moved is not None) << 3
            seed = bytes([flags, 0]) + (b"" if key is None else sized(key)) + (b"" if moved is None else sized(unescape(moved))) + (value or b"")
            if len(seed) < 16384:
                with open(f"{directory}/{hashlib.sha1(seed).hexdigest()}", "wb") as out:
                    out.write(seed)
