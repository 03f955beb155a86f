#!/bin/bash
# Slurm 22.05.8 (Debian): slurmctld saves its state some seconds late. Ended by SIGKILL right after a job of `srun` is over, it
# comes back with that job as RUNNING, though nothing of it runs, and its node stays taken until somebody cancels the job.
# exit 0: still so, 1: it changed, 77: cannot be tried here (root, and the packages slurmctld slurmd slurm-client munge)
set -u
dir=$(mktemp -d) || exit 77
chmod 755 "$dir"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
changed() { echo "changed: $1"; exit 1; }
[ "$(id -u)" = 0 ] || { echo "skipped: its daemons must be started by root"; exit 77; }
for program in munged slurmctld slurmd srun squeue; do
  command -v $program >/dev/null || { echo "skipped: no $program"; exit 77; }
done
mkdir "$dir/state" "$dir/spool"
dd if=/dev/urandom of="$dir/munge.key" bs=128 count=1 2>/dev/null
chmod 600 "$dir/munge.key"
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
host=$(hostname -s)
cat >"$dir/slurm.conf" <<C
ClusterName=example
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(port)
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmdSpoolDir=$dir/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$(port) CPUs=1
PartitionName=all Nodes=n1 Default=YES MaxTime=INFINITE State=UP
C
export SLURM_CONF=$dir/slurm.conf
echo "version: $(srun --version)"
munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
  --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" >/dev/null 2>&1 &
pids+=($!)
until [ -S "$dir/munge.socket" ]; do sleep .1; done
slurmctld -D >/dev/null 2>&1 &
controller=$!
slurmd -D -N n1 >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 300); do sinfo -h -o %t 2>/dev/null | grep -q idle && break; sleep .1; done
timeout 60 srun --job-name=short true || { kill $controller; echo "skipped: no job runs here"; exit 77; }
until listed=$(squeue -h) && [ -z "$listed" ]; do sleep .1; done
echo "after the job: squeue has nothing"
kill -9 $controller 2>/dev/null
{ wait $controller; } 2>/dev/null
slurmctld -D >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 300); do squeue -h >/dev/null 2>&1 && break; sleep .1; done
sleep 20
after=$(squeue -h -o '%j %T')
echo "20 s after the controller came back: $after"
[ "$after" = "short RUNNING" ] || changed "the job is not taken for a running one"
