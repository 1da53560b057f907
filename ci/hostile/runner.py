"""What a CI system would obey in the lines of standard input; prints those lines. After ActionCommand.TryParse and
TryParseV2 of actions/runner, and `##vso[` and `##teamcity[` of Azure Pipelines and TeamCity. runner.py [OWN...]: commands of
these names are wsspec's own and allowed at the front of a line."""
import re
import sys

own = sys.argv[1:]
bad = []
for line in re.split(r"\r\n|\r|\n", sys.stdin.buffer.read().decode("utf-8", "replace")):
    text = line.lstrip()
    command = re.match(r"::\s*([a-z-]+)?[^\n]*?::", text)
    if command and line == text and command.group(1) in own:
        continue
    if text.startswith("::") and "::" in text[2:] or re.search(r"##[A-Za-z]*\[", line):
        bad.append(line)
print("\n".join(bad))
sys.exit(1 if bad else 0)
