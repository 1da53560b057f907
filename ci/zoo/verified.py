#!/usr/bin/env python3
"""Is every failure of the zoo a known one?  verified.py FOLDER|REPORT.json...  (default: build/zoo/reports)

A failure is verified when somebody has read its log and the clause and written a line into ci/expect/NAME.txt: the baseline
of that server, as `wsspec run --baseline` takes it. Beside the lines of a baseline these files may hold, in comments,

    #reason REGEX "sentence (clause)"      a failure of whatever case whose reason matches: faults that strike anywhere
    #flaky PATTERN "sentence (clause)"     a verdict that changes from run to run, with why that is the server's doing

Prints one line a server and each failure that nobody has verified; exits with 1 if there is one, or an error that is not
listed. A verdict that changed when it was repeated is counted apart: it says that the machine was busy, or that the server
has a race.
"""
import collections
import fnmatch
import json
import pathlib
import re
import shlex
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RED = ("fail", "error")


class Expected:
    """The deviations of one server that were verified by hand."""

    def __init__(self, file):
        self.entries = []  # (outcome or None, pattern of ids or None, pattern of reasons or None, why)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            special = line.startswith(("#reason ", "#flaky "))
            if not line.strip() or line == "baseline 1" or (line.startswith("#") and not special):
                continue
            words = shlex.split(line.lstrip("#"))
            if len(words) < 3 or not re.search(r"\(.*(RFC|section) ?\d", words[2]):
                sys.exit(f"{file.relative_to(ROOT)}:{number}: needs an outcome, a pattern, and a sentence that names the clause")
            self.entries.append((words[0], words[1], words[2]))
        self.used = collections.Counter()

    def covers(self, result):
        for outcome, pattern, why in self.entries:
            if outcome == "reason":
                hit = re.search(pattern, result["reason"])
            elif outcome == "flaky":
                hit = matches(pattern, result["id"]) and result["flaky"]
            else:
                hit = outcome == result["verdict"] and matches(pattern, result["id"])
            if hit:
                self.used[why.rsplit(" (", 1)[0]] += 1
                return True
        return False


def matches(pattern, name):
    """As a baseline matches: `*` stands for anything, brackets for themselves."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "\0").replace("\0", "[[]"))




def check(report):
    name = report.stem
    run = json.loads(report.read_text(encoding="utf-8"))
    file = ROOT / "ci" / "expect" / f"{name}.txt"
    if not file.exists():
        sys.exit(f"{name} has no {file.relative_to(ROOT)}")
    expected = Expected(file)
    tally = collections.Counter()
    unknown = []
    for result in run["results"]:
        tally[result["verdict"]] += 1
        if result["verdict"] not in RED and not result["flaky"]:
            continue
        if expected.covers(result):
            tally["verified"] += 1
        elif result["flaky"]:
            tally["flaky"] += 1
        else:
            unknown.append(result)
    fatal = run["run"]["fatal"]
    print(f"{name:18} {tally['pass']:5} pass {tally['fail']:4} fail {tally['error']:3} error {tally['verified']:4} verified, "
          f"{len(expected.used):2} kinds {tally['flaky']:3} flaky {tally['not_run']:4} not run {len(unknown):3} unverified"
          + (f"  {fatal}" if fatal else ""))
    for result in unknown:
        print(f"    {result['verdict']} {result['id']}: {result['reason']}")
    return tally, len(expected.used), len(unknown)


def main():
    given = [pathlib.Path(a) for a in sys.argv[1:]] or [ROOT / "build" / "zoo" / "reports"]
    reports = [r for g in given for r in (sorted(g.glob("*.json")) if g.is_dir() else [g])]
    if not reports:
        sys.exit("no report; ci/zoo.sh makes them")
    total, kinds, unknown = collections.Counter(), 0, 0
    for report in reports:
        tally, some, more = check(report)
        total += tally
        kinds += some
        unknown += more
    print(f"{len(reports)} servers, {total['fail']} failures in {kinds} kinds, each verified by hand" if unknown == 0 else
          f"{len(reports)} servers, {total['fail']} failures, {unknown} of them or of the errors not verified",
          f"; {total['flaky']} flaky, {total['not_run']} not run", sep="")
    sys.exit(1 if unknown else 0)


main()
