# shellcheck shell=bash
# Shared by the scripts under ci/; to be sourced. Nothing here runs by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# missing_packages NAME... : those of the names that dpkg does not have installed.
missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
  done
}

# as_root COMMAND... : runs it as root, through sudo only if that is needed.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

# apt_install NAME... : installs what is missing; says nothing and touches nothing when all is there.
apt_install() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is no Debian-like system (no dpkg-query or apt-get); install by hand what corresponds to: $*"
  fi
  local missing log
  mapfile -t missing < <(missing_packages "$@" | sort -u)
  [[ ${#missing[@]} -eq 0 ]] && return 0
  [[ $(id -u) -eq 0 ]] || command -v sudo >/dev/null ||
    die "needs root to install packages, and sudo is not here; missing: ${missing[*]}"
  say "installing: ${missing[*]}"
  log=$(mktemp)
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  if ! { as_root "${apt[@]}" update &&
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# node_packages : the apt packages that give node and npm, if the machine has none of its own.
node_packages() {
  command -v node >/dev/null || printf 'nodejs\n'
  command -v npm >/dev/null || printf 'npm\n'
}

# npm_install FOLDER : `npm ci` there, once for each content of its lock file.
npm_install() {
  local folder=$1 stamp sum
  stamp=$folder/node_modules/.installed-lock
  sum=$(sha256sum <"$folder/package-lock.json")
  [[ -f $stamp && $(<"$stamp") == "$sum" ]] && return 0
  say "npm ci in ${folder#"$root"/}"
  # Install scripts stay off unless the folder says otherwise in its .npmrc: they are not needed for plain JavaScript.
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >/dev/null) || die "npm ci failed in $folder"
  printf '%s\n' "$sum" >"$stamp"
}

# wait_for_port PORT PID SECONDS : true as soon as 127.0.0.1:PORT accepts; false if PID ends or time runs out.
wait_for_port() {
  local port=$1 pid=$2 left=$(($3 * 20))
  while ((left-- > 0)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# stop_server PID SECONDS : SIGTERM, then SIGKILL when it does not end in time (and false).
stop_server() {
  local pid=$1 left=$(($2 * 20))
  kill -TERM "$pid" 2>/dev/null || true
  while ((left-- > 0)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  if kill -0 "$pid" 2>/dev/null; then
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return 1
  fi
  wait "$pid" 2>/dev/null
  return 0
}
