# shellcheck shell=bash
# Reads the table of the zoo; to be sourced by the scripts beside it. With ZOO=clients it is that of the clients,
# with ZOO=clients/reconnect, clients/autobahn and clients/browsers those of the folders below it, with ZOO=hops that of the hops.

zoo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=ci/lib.sh
source "$zoo/../lib.sh"
zoo_build=$root/build/zoo
zoo_table=$zoo/targets.tsv
zoo_ports=18100
# The columns of the tables, in order; those after them are for people.
zoo_columns=(name core language library apt npm build start)
if [[ -n ${ZOO:-} ]]; then
  zoo=$zoo/$ZOO
  zoo_build=$zoo_build/$ZOO
  zoo_table=$zoo/${ZOO%%/*}.tsv
  zoo_ports=18300
fi
if [[ ${ZOO:-} == hops ]]; then
  zoo_ports=18500
  zoo_columns=(name core kind software apt npm config start reload drain)
fi

zoo_names() { awk -F'\t' '!/^#/ && NF { print $1 }' "$zoo_table"; }
zoo_core_names() { awk -F'\t' '!/^#/ && NF && $2 == "core" { print $1 }' "$zoo_table"; }

# zoo_field NAME COLUMN : one cell, "" for "-".
zoo_field() {
  local i column=0
  for i in "${!zoo_columns[@]}"; do
    [[ ${zoo_columns[i]} == "$2" ]] && column=$((i + 1))
  done
  ((column > 0)) || die "$(basename "$zoo_table") has no column '$2'"
  awk -F'\t' -v name="$1" -v column="$column" \
    '!/^#/ && $1 == name { if ($column != "-") print $column; found = 1 } END { exit !found }' "$zoo_table" ||
    die "unknown name '$1'; known: $(zoo_names | paste -sd' ')"
}

# zoo_port NAME : a port of its own for each row, below the kernel's ephemeral range.
zoo_port() { zoo_names | awk -v name="$1" -v base="$zoo_ports" '$1 == name { print base + NR }'; }

# zoo_select ARGUMENT... : names; none or --all is all, --core the core.
zoo_select() {
  local name
  [[ $# -eq 0 || $1 == --all ]] && { zoo_names; return; }
  [[ $1 == --core ]] && { zoo_core_names; return; }
  for name in "$@"; do
    zoo_field "$name" name
  done
}

# zoo_installed NAME : are its packages here?
zoo_installed() {
  local packages npm
  read -ra packages <<<"$(zoo_field "$1" apt)"
  npm=$(zoo_field "$1" npm)
  [[ -z $(missing_packages "${packages[@]}") ]] && [[ -z $npm || -d $zoo/$npm/node_modules ]]
}

# zoo_ready NAME : is it installed and built, so that start.sh can run it?
zoo_ready() {
  zoo_installed "$1" || return 1
  [[ -z $(zoo_field "$1" build) || -f $zoo_build/$1.stamp ]]
}

# zoo_command NAME COLUMN PORT : the build or start command with its places filled in; it runs in the folder of the table.
zoo_command() {
  local command
  command=$(zoo_field "$1" "$2")
  command=${command//\{build\}/$zoo_build}
  printf '%s\n' "${command//\{port\}/${3:-}}"
}
