#!/usr/bin/env bash
# Shows ci/campaign/slurm-submit.sh on this machine: munged, slurmctld and three slurmd of our own in a folder, a
# campaign of four shards, one node killed in mid-run; then every shard must be complete, every finding there.
# Needs root and the packages slurm-wlm and munge. slurm-try.sh WSSPEC; takes some minutes, because Slurm holds a
# job back for two when its node died.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

wsspec=$(realpath "${1:?usage: slurm-try.sh WSSPEC}")
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for file in "$work"/*.pid; do [[ -f $file ]] && kill -KILL "$(<"$file")" 2>/dev/null; done
  rm -rf "$work"
}
trap cleanup EXIT

mkdir -p "$work"/{state,munge} && chmod 711 "$work" && chmod 755 "$work/munge"
head -c 1024 /dev/urandom >"$work/munge/key" && chmod 400 "$work/munge/key"
chown -R munge "$work/munge"
su -s /bin/sh munge -c "exec munged --foreground --key-file=$work/munge/key --socket=$work/munge/socket \
  --pid-file=$work/munge/pid --seed-file=$work/munge/seed --log-file=$work/munge/log" &
pids+=($!)

cat >"$work/slurm.conf" <<CONF
ClusterName=wsspec
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=17100
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=10
KillWait=5
MpiDefault=none
SwitchType=switch/none
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
NodeName=fz[1-3] NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=[17101-17103] CPUs=1 RealMemory=2000
PartitionName=all Nodes=fz[1-3] Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
mkdir -p "$work"/spool-fz{1,2,3}
for _ in {1..100}; do [[ -S $work/munge/socket ]] && break; sleep 0.1; done
[[ -S $work/munge/socket ]] || die "munged does not come up"
slurmctld -f "$SLURM_CONF" -D >/dev/null 2>&1 &
pids+=($!)
declare -A node
for name in fz1 fz2 fz3; do
  slurmd -f "$SLURM_CONF" -N "$name" -D >/dev/null 2>&1 &
  node[$name]=$!
  pids+=($!)
done
for _ in {1..150}; do
  [[ $(sinfo -h -t idle -o %D 2>/dev/null) == 3 ]] && break
  sleep 0.2
done
say "nodes: $(sinfo -h -o '%D %t' | paste -sd,)"

campaign=$work/campaign
"$wsspec" campaign init "$campaign" --memory --defect fragment.ping-inside-lost --shards 4 --time "${TIME:-20s}"
read -r array merge < <(WSSPEC=$wsspec bash "$root/ci/campaign/slurm-submit.sh" "$campaign")
say "submitted: array $array, merge $merge"
for _ in {1..100}; do [[ -f $campaign/shards/0/stats.json ]] && break; sleep 0.2; done
victim=$(squeue -h -j "$array" -t R -o '%N' | head -1)
say "killing node ${victim:?no shard runs}"
kill -KILL "${node[$victim]}"
# With its node the shard dies, and Slurm's step daemon above it, which would tell how it ended otherwise.
for pid in $(pgrep -f "campaign shard $campaign"); do
  if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx "SLURMD_NODENAME=$victim"; then
    kill -KILL "$(ps -o ppid= -p "$pid" | tr -d ' ')" "$pid" 2>/dev/null || true
  fi
done

for _ in {1..400}; do
  [[ -z $(squeue -h -j "$array,$merge" 2>/dev/null) ]] && break
  # Slurm holds a requeued job for two minutes; the wait is not what is shown here.
  for id in $(squeue -h -j "$array" -t PD -o '%i' 2>/dev/null); do
    scontrol update "jobid=$id" StartTime=now >/dev/null 2>&1 || true
  done
  sleep 1
done
complete=$(grep -l '"complete": true' "$campaign"/shards/*/stats.json | wc -l)
again=$(grep -h '"starts"' "$campaign"/shards/*/stats.json | grep -cv '"starts": 1' || true)
cat "$campaign/log/merge.log"
say "$complete of 4 shards complete, $again of them started more than once"
[[ $complete == 4 ]] || tail "$campaign"/log/shard-*.log
[[ $complete == 4 ]] || die "a shard is not complete"
[[ $again -ge 1 ]] || die "no shard was started again, so the node's death showed nothing"
[[ -f $campaign/merged/findings/index.json ]] || die "nothing was merged"
grep -q '"missing-pong"' "$campaign/merged/findings/index.json" || die "the planted defect is not among the findings"
