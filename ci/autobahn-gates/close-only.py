#!/usr/bin/python3
"""Gate: behaviorClose alone, with strict expected failures, as aiohttp does. close-only.py INDEX [NUMBER...]

A NUMBER is expected to fail; that it does not is red, too.
"""
import json
import sys

expected = set(sys.argv[2:])
bad = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for cases in json.load(file).values():
        for number, case in cases.items():
            good = case["behaviorClose"] in ("OK", "INFORMATIONAL")
            if good == (number in expected):
                print(number, case["behaviorClose"])
                bad += 1
print(bad, "bad")
sys.exit(bad > 0)
