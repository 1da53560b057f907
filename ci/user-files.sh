#!/usr/bin/env bash
# Lints what users copy into their own CI (ci/github, ci/gitlab, ci/jenkins, ci/docker, ci/shell) and what the fuzzing
# services take (ci/oss-fuzz, .clusterfuzzlite) as far as a machine without those services can: the YAML is parsed and its shape checked, every script in it goes through shellcheck, every
# option of wsspec that they name has to exist, and what the Dockerfile copies or becomes is looked at. In all *.md each
# verb and option of wsspec that is named has to exist, too.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
apt_install python3 python3-yaml shellcheck
cd "$root"
/usr/bin/python3 - "$wsspec" <<'PYTHON'
import pathlib, re, subprocess, sys, yaml

faults = []

def help_of(*verb):
    return subprocess.run([sys.argv[1], *verb, "--help"], capture_output=True, text=True, check=True).stdout

def options_of(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))

options = {verb: options_of(help_of(verb)) for verb in re.findall(r"^  ([a-z][a-z-]+) ", help_of(), re.M)}
known = options["run"]

def fault(file, words):
    faults.append(f"{file}: {words}")

def check_script(file, script, shell):
    """shellcheck, and the options of each call of wsspec run."""
    script = re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", script)
    done = subprocess.run(["shellcheck", "-s", shell, "-S", "warning", "-e", "SC2148", "-"], input=script, text=True,
                          capture_output=True)
    if done.returncode:
        fault(file, done.stdout)
    calls = re.findall(r"options\+?=\(([^)]*)\)", script)
    for call in calls + re.findall(r"(?:wsspec|wsspec\.sh|\bWSSPEC\"?) run[^\n]*(?:\\\n[^\n]*)*", script):
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", re.sub(r"'[^']*'", "", call)):
            if option not in known:
                fault(file, f"wsspec run has no option {option}")

def check_steps(file, steps, composite):
    for step in steps:
        if ("run" in step) == ("uses" in step):
            fault(file, f"a step needs either run or uses: {step}")
        if "uses" in step and not re.fullmatch(r"\./?[\w./-]*|[\w.-]+/[\w./-]+@[\w.]+", step["uses"]):
            fault(file, f"not a pinned action: {step['uses']}")
        if "run" in step:
            if composite and "shell" not in step:
                fault(file, f"a step of a composite action needs its shell: {step.get('name')}")
            if "${{ inputs." in step["run"]:
                fault(file, "an input is pasted into a script")
            check_script(file, step["run"], "bash")

file = "ci/github/action.yml"
action = yaml.safe_load(open(file))
for key in ("name", "description", "inputs", "runs"):
    if key not in action:
        fault(file, f"no {key}")
if action["runs"]["using"] != "composite":
    fault(file, "is no composite action")
check_steps(file, action["runs"]["steps"], True)
used = set(re.findall(r"inputs\.([\w-]+)", pathlib.Path(file).read_text()))
if used != set(action["inputs"]):
    fault(file, f"inputs declared and used differ: {used ^ set(action['inputs'])}")

for file in ("ci/github/example.yml", "ci/github/clusterfuzzlite.yml"):
    workflow = yaml.safe_load(open(file))
    if not (workflow.get("on") or workflow.get(True)):  # YAML 1.1 reads the word `on` as true
        fault(file, "no trigger")
    for job in workflow["jobs"].values():
        if "runs-on" not in job:
            fault(file, "a job without runs-on")
        check_steps(file, job["steps"], False)
        for step in job["steps"]:
            if "wsspec" in step.get("uses", ""):
                for name in set(step.get("with", {})) - set(action["inputs"]):
                    fault(file, f"the action has no input {name}")

file = "ci/gitlab/wsspec.gitlab-ci.yml"
for name, job in yaml.safe_load(open(file)).items():
    if not isinstance(job, dict):
        continue
    for part in ("before_script", "script", "after_script"):
        lines = job.get(part, [])
        check_script(f"{file} {name}", "\n".join([lines] if isinstance(lines, str) else lines), "bash")

file = "ci/jenkins/Jenkinsfile"
text = pathlib.Path(file).read_text()
plain = re.sub(r"'''.*?'''|'[^'\n]*'|//[^\n]*", "", text, flags=re.S)
for opening, closing in ("{}", "()", "[]"):
    if plain.count(opening) != plain.count(closing):
        fault(file, f"{opening} and {closing} are not balanced")
if not re.search(r"^pipeline \{", text, re.M) or "stages {" not in text or "agent " not in text:
    fault(file, "is no declarative pipeline")
for script in re.findall(r"sh '''(.*?)'''", text, re.S):
    check_script(file, script, "sh")

def dockerfile(file, context):
    """Its instructions, each looked at by itself."""
    text = re.sub(r"\\\n", " ", pathlib.Path(file).read_text())
    lines = [l.split(None, 1) for l in text.splitlines() if l.strip() and not l.startswith("#")]
    for word, rest in lines:
        if word not in ("FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"):
            fault(file, f"unknown instruction {word}")
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                if not (pathlib.Path(context) / name).exists():
                    fault(file, f"copies {name}, which is not there")
        if word == "RUN":
            check_script(file, rest, "sh")
    return lines

file = "ci/docker/Dockerfile"
if [r for w, r in dockerfile(file, ".") if w == "USER"][-1:] in ([], ["root"], ["0"]):
    fault(file, "the image runs as root")

# The two images differ in where the sources come from, and in nothing else.
images = [dockerfile("ci/oss-fuzz/Dockerfile", "ci/oss-fuzz"), dockerfile(".clusterfuzzlite/Dockerfile", ".")]
def what_for(lines):
    return [re.findall(r"--branch \S+ \S+|install .*|gcr.io\S+", rest) for word, rest in lines if word in ("FROM", "RUN")]
if what_for(images[0]) != what_for(images[1]):
    fault(".clusterfuzzlite/Dockerfile", "brings other libraries than ci/oss-fuzz/Dockerfile")
for file, needed in (("ci/oss-fuzz/project.yaml", {"homepage", "main_repo", "language", "primary_contact"}),
                     (".clusterfuzzlite/project.yaml", {"language"})):
    if missing := needed - set(yaml.safe_load(open(file))):
        fault(file, f"no {', '.join(sorted(missing))}")

file = "ci/shell/wsspec.sh"
check_script(file, pathlib.Path(file).read_text(), "sh")
# What our own pages tell a reader to type: verbs, and their options; what comes behind a pipe is another program's.
any_option = set().union(*options.values()) | options_of(help_of())
for page in map(str, filter(lambda path: "node_modules" not in path.parts, pathlib.Path(".").rglob("*.md"))):
    if page in ("CHANGELOG.md",) or page.startswith("build/"):
        continue
    text = re.sub(r"\\\n\s*", " ", pathlib.Path(page).read_text())
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
    codes = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    for code in codes:
        code = re.sub(r"'[^']*'|\s#.*", "''", code)
        for verb, rest in re.findall(r"(?:^|[|;&] |/)wsspec ([a-z][a-z-]*)([^|;&]*)", code):
            if verb not in options:
                fault(page, f"wsspec has no verb {verb}: {code}")
            for option in options_of(rest) - options.get(verb, any_option):
                fault(page, f"wsspec {verb} has no option {option}: {code}")
        if code.startswith("--"):
            for option in options_of(code.split(" ")[0]) - any_option:
                fault(page, f"no verb of wsspec has {option}")
print("\n".join(faults) or "the files for users are sound")
sys.exit(bool(faults))
PYTHON
