#!/usr/bin/python3
"""Gate: behavior and behaviorClose of every case are good. both-fields.py INDEX [--strict-close]

As uWebSockets reads the report; with --strict-close as coder/websocket and bandit do, which let UNIMPLEMENTED and a
NON-STRICT close be red.
"""
import json
import sys

good = {"OK", "INFORMATIONAL", "NON-STRICT"}
close_good = {"OK", "INFORMATIONAL"} if "--strict-close" in sys.argv else good
bad = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for agent, cases in json.load(file).items():
        for number, case in cases.items():
            if case["behavior"] not in good or case["behaviorClose"] not in close_good:
                print(agent, number, case["behavior"], case["behaviorClose"])
                bad += 1
print(bad, "bad")
sys.exit(bad > 0)
