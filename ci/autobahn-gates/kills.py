#!/usr/bin/python3
"""For each of Autobahn's 517 numbers a planted defect that its case catches: kills.py MATRIX [--table]

MATRIX is written by `wsspec self-test --quick --json MATRIX`. WSSPEC names the program, for its list of numbers. Red when a
number has no case that catches something. --table prints number, case and defect.
"""
import json
import os
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
wsspec = os.environ.get("WSSPEC", os.path.join(root, "build/release/bin/wsspec"))
with open(sys.argv[1], encoding="utf-8") as file:
    killers = json.load(file)["killers"]
listed = subprocess.run([wsspec, "list", "--autobahn"], check=True, capture_output=True, text=True).stdout
numbers = {}
for line in listed.splitlines():
    number, tab, cases = line.partition("\t")
    if tab:
        numbers[number] = [case.strip(",") for case in cases.split()]

without = []
for number, cases in numbers.items():
    found = next((case for case in cases if case in killers), None)
    if found is None:
        without.append(number)
    elif "--table" in sys.argv:
        print(number, found, killers[found], sep="\t")
print(f"{len(numbers) - len(without)} of {len(numbers)} numbers catch a planted defect, "
      f"by {len({killers[case] for cases in numbers.values() for case in cases if case in killers})} different ones")
if without or len(numbers) != 517:
    print("without:", *without)
    sys.exit(1)
