#!/usr/bin/env bash
# Does everything exist that a text of ours points to? links.sh
# In every tracked text: a *.md that is named, with its heading when that stands behind it in quotes (docs/design.md
# "Verdicts"). In *.md besides: relative links with their #heading, file names with a folder in `code`, and our scripts in
# commands. A path is looked for from the top, from the file that names it, and in harness/ and corpus/findings/.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
command -v python3 >/dev/null || apt_install python3
python3 - <<'PYTHON'
import glob, pathlib, re, subprocess, sys

TEXT = (".md .cc .h .c .sh .py .js .mjs .cmake .wire .yml .yaml .txt .toml .json .bash").split()
SOURCE = r"(?:cc|h|c|sh|py|js|mjs|wire|json|md|cmake|txt|tsv|yml|yaml|toml|known|options|dict)"
top = pathlib.Path(".")
faults, seen = [], 0

def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = pathlib.Path(name)
        wanted = path.suffix in TEXT or path.name in ("Dockerfile", "Jenkinsfile", "pre-commit")
        # A change log tells of files as they were; what is minimised or measured is not written by us.
        if wanted and path.is_file() and name != "CHANGELOG.md" and path.parts[0] != "corpus" and not path.name.startswith("package"):
            yield path

def find(name, source):
    """The file that `name` means when `source` says it."""
    for base in (top, source.parent, top / "harness", top / "corpus/findings"):
        if any(found for found in glob.iglob(str(base / name))):
            return base / name
    return None

def slug(heading):
    """As GitHub makes an anchor of a heading."""
    plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")

def headings(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    return [line.strip() for line in re.findall(r"^#+ +(.*)$", text, re.M)]

def check(found, name, heading, source, line):
    global seen
    seen += 1
    if found is None:
        faults.append(f"{source}:{line}: {name} does not exist")
    elif heading and found.suffix == ".md":
        wanted = slug(heading)
        if wanted not in map(slug, headings(found)):
            faults.append(f"{source}:{line}: {name} has no heading '{heading}'")

def lines_of(path):
    """Lines with their numbers; of *.md without the blocks of code but commands, of C++ the comments only."""
    fence = None
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if path.suffix == ".md" and line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip(" `")
        elif path.suffix in (".cc", ".h", ".c"):
            if "//" in line:
                yield number, line[line.index("//"):]
        elif fence is None:
            yield number, line
        elif fence == "sh":
            names_in_commands(path, number, line)

def named_texts(path, number, line):
    """docs/design.md, docs/design.md "Verdicts"; not what a command writes (--markdown x.md, $out/diff.md)."""
    for match in re.finditer(r'(?<![\w$/.{}*-])([\w-][\w./-]*\.md)\b(?! *\()(?:,? "([^"]+)")?', line):
        if re.search(r"(--markdown[ =\"',]*|>+ ?)$", line[:match.start()]) or "://" in line[:match.start()].split(" ")[-1]:
            continue
        check(find(match[1], path), match[1], match[2], path, number)

def links(path, number, line):
    for target in re.findall(r"\]\(([^)\s]+)\)", line):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        found = path if not name else path.parent / name
        check(found if found.exists() else None, name or path.name, heading, path, number)

def names_in_code(path, number, line):
    """`play/said.cc`, `ci/zoo/ws/server.js`, `ci/*.sh`; NAME and <x> are no files."""
    for code in re.findall(r"`([^`]+)`", line):
        for name in re.findall(rf"(?<![\w$/.{{}}<>:-])([a-z.][\w.*-]*(?:/[\w.*-]+)+\.{SOURCE})(?![\w/])", code):
            if not re.search(r"[A-Z]{3,}", name.replace("README", "")) and not name.startswith("build/"):
                check(find(name, path), name, None, path, number)

def names_in_commands(path, number, line):
    """ci/quickstart.sh, fuzz/run.sh: what a reader is told to type."""
    for name in re.findall(rf"(?<![\w$/.{{}}])((?:ci|fuzz|bench|cases|docs|harness)/[\w./-]+\.{SOURCE})\b", line):
        if not re.search(r"[A-Z]{3,}", name.replace("README", "")):
            check(find(name, path), name, None, path, number)

for path in tracked():
    for number, line in lines_of(path):
        named_texts(path, number, line)
        if path.suffix == ".md":
            links(path, number, line)
            names_in_code(path, number, line)
print("\n".join(dict.fromkeys(faults)) or f"{seen} names of files and headings, all there")
sys.exit(bool(faults))
PYTHON
