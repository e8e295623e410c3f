#!/usr/bin/env python3
"""Combinations of the connector's settings, one a line.

few: four of them, so that each value that people use most is there; all: every pair of settings.
"""
import itertools
import sys

SETTINGS = {
    "converter": ["embedded", "plain", "flat", "flat-plain"],  # plain: without schemas
    "decimal": ["precise", "string", "double"],
    "time": ["adaptive", "connect", "isostring", "adaptive_time_microseconds", "microseconds", "nanoseconds"],
    "binary": ["bytes", "hex", "base64", "base64-url-safe"],
    "interval": ["numeric", "string"],
    "hstore": ["json", "map"],
    "unknown": ["false", "true"],  # include.unknown.datatypes
    "deletes": ["rewrite", "tombstone", "rewrite-with-tombstone", "delete-to-tombstone"],  # of flattened records
}
FEW = [
    ("embedded", "precise", "adaptive", "bytes", "numeric", "json", "true", "rewrite"),
    ("plain", "string", "connect", "hex", "string", "map", "true", "rewrite"),
    ("flat", "precise", "isostring", "base64", "string", "json", "false", "rewrite"),
    ("plain", "precise", "adaptive", "bytes", "numeric", "json", "false", "rewrite"),
]


def pairs(combination):
    return set(itertools.combinations(enumerate(combination), 2))


def all_pairs():
    """Greedy, and always the same: the combination with the most new pairs comes next."""
    chosen = list(FEW)
    everything = list(itertools.product(*SETTINGS.values()))
    missing = set().union(*map(pairs, everything)) - set().union(*map(pairs, chosen))
    while missing:
        best = max(everything, key=lambda c: len(pairs(c) & missing))
        chosen.append(best)
        missing -= pairs(best)
    return chosen


for combination in FEW if sys.argv[1:] == ["few"] else all_pairs():
    print(",".join(combination))
