#!/usr/bin/python3
"""Where our verdicts and Autobahn's differ, number by number, each with its reason: differences.py INDEX > FILE

INDEX is an index.json of ours with the agents ws, websockets and beast (ci/zoo); INCUMBENT below is what Autobahn|Testsuite
25.10.1 said of the same three servers, measured. Red when a number differs without a reason in REASONS. Only facts about
Autobahn stand here: numbers and verdicts.
"""
import json
import re
import sys

# Everything not named was OK / OK in both of two runs. "?": NON-STRICT in one run and OK in the other, a race.
INFORMATIONAL = ["7.1.6", "7.13.1", "7.13.2"]
INCUMBENT = {
    "ws": {"NON-STRICT": ["6.4.1", "6.4.2", "6.4.3", "6.4.4"]},
    "websockets": {
        "NON-STRICT": ["3.2", "3.3", "4.1.3", "4.1.4", "4.2.3", "4.2.4", "5.15", "6.4.3", "6.4.4"],
        "?": ["3.4", "4.1.5", "4.2.5"],
    },
    "beast": {},
}

REASONS = [
    (r"3\.[234]|4\.[12]\.[345]|5\.15",
     "Whether the good message in front of the fault still comes back is a race between the echo and the failure. RFC 6455 "
     "7.1.7 forbids to process what comes behind the fault and asks for nothing about what came before: recorded as info, "
     "never held against the server."),
    (r"6\.4\.[1-4]",
     "RFC 6455 8.1 demands to fail the connection for octets that are not UTF-8, but not before the message is complete; 5.6 "
     "speaks of the message as a whole. Failing late is legal: info, not a poorer way."),
    (r"7\.1\.6",
     "Autobahn cannot fail this one. Behind a Close no data frame may follow (RFC 6455 5.5.1) and no ping is answered, so it is "
     "judged; which of the echoes still come is open and info."),
    (r"7\.13\.[12]",
     "Autobahn cannot fail these. 5000 and above lie outside every range (RFC 6455 7.4.2, 11.7): refusing is a pass, answering "
     "in an orderly way is info, and staying silent or going on is not good."),
]


def theirs(agent, number):
    if number in INFORMATIONAL:
        return "INFORMATIONAL"
    for verdict, numbers in INCUMBENT[agent].items():
        if number in numbers:
            return "OK or NON-STRICT" if verdict == "?" else verdict
    return "OK"


def order(number):
    return [int(part) for part in number.split(".")]


with open(sys.argv[1], encoding="utf-8") as file:
    index = json.load(file)
agents = [agent for agent in INCUMBENT if agent in index]
numbers = sorted({number for agent in agents for number in index[agent]}, key=order)
rows, unexplained = [], []
for number in numbers:
    cells, differs = [], False
    for agent in agents:
        ours, other = index[agent][number]["behavior"], theirs(agent, number)
        close = index[agent][number]["behaviorClose"]
        if close not in ("OK", "INFORMATIONAL"):
            ours += " / " + close
        same = ours == other or ours in other.split(" or ")
        differs |= not same
        cells.append(ours if same else f"**{ours}** ({other})")
    if not differs:
        continue
    reason = next((i for i, (pattern, _) in enumerate(REASONS) if re.fullmatch(pattern, number)), None)
    if reason is None:
        unexplained.append(number)
    rows.append((number, cells, "-" if reason is None else chr(ord("a") + reason)))

print(f"""# Verdicts that differ from Autobahn's

Written by `ci/autobahn-gates/differences.py` from a run of all 517 numbers against {", ".join(agents)} (the versions in
`ci/zoo/targets.tsv`): `wsspec run --autobahn-spec`. Bold is ours, in brackets what Autobahn|Testsuite 25.10.1 says of the same
server; plain means the same. {len(numbers) - len(rows)} numbers agree on all of them, {len(rows)} do not.
""")
print("| number | " + " | ".join(agents) + " | why |\n|---|" + "---|" * len(agents) + "---|")
for number, cells, why in rows:
    print(f"| {number} | " + " | ".join(cells) + f" | {why} |")
print("\n## Why\n")
for i, (_, reason) in enumerate(REASONS):
    print(f"- **{chr(ord('a') + i)}**: {reason}")
print("""
## Rules that differ and do not show on these three

| numbers | Autobahn | here |
|---|---|---|
| 9.1 to 9.6 | type and length of the echo | every octet |
| 12, 13 | SHA-1 of each echo | every octet, and a reference beyond the agreed window fails (RFC 7692 7.1.2.1) |
| 13.2 to 13.7 | an answer that the offer does not allow passes | inconclusive, thus FAILED; other cases judge the answer itself (RFC 7692 7.1) |
| 2.5, 5.18, 7.9 and all others that want the connection failed | OK also for a server that has died of it | an end of TCP without a Close frame passes, too, but afterwards the server must be seen to serve |
| skipped, not reached | absent | FAILED |""")
if unexplained:
    print("no reason for:", *unexplained, file=sys.stderr)
    sys.exit(1)
