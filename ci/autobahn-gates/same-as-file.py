#!/usr/bin/python3
"""Gate: the whole index equals a committed one but for the durations, as tungstenite does. same-as-file.py INDEX FILE"""
import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        index = json.load(file)
    for cases in index.values():
        for case in cases.values():
            del case["duration"]
    return index


same = read(sys.argv[1]) == read(sys.argv[2])
print("same" if same else "different")
sys.exit(0 if same else 64)
