# SPDX-License-Identifier: Apache-2.0
# Sourced by every scenario here: a folder of its own, throw-away keys, the real programs on free
# loopback ports, and waits that end when a condition holds or a stated time is over. On exit only
# processes that were started here are ended; after a failure their logs are shown. Works as root or
# not. NINES_BUILD is the folder whose agent/, collector/ and cli/ hold the programs.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
export LC_ALL=C.UTF-8

e2e_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NINES_BUILD=${NINES_BUILD:-$e2e_source/build/dev}
nines=$NINES_BUILD/cli/nines
agent_program=$NINES_BUILD/agent/nines-agent
collector_program=$NINES_BUILD/collector/nines-collector

# The programs forbid that anything traces them, so LeakSanitizer cannot look at them.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

declare -A e2e_pids=()   # name → process id of what was started here
declare -A e2e_ports=()  # ports that this script has given out
failed_checks=0

say() { printf '%s\n' "$*"; }

skip() {
  say "skipped: $*"
  exit 77
}

# make_namespace NAME: a network namespace that programs can be run in, or the scenario is skipped.
make_namespace() {
  [ "$(id -u)" -eq 0 ] || skip "needs root for network namespaces"
  ip netns add "$1" 2>/dev/null || skip "may not make network namespaces"
  ip netns exec "$1" true 2>/dev/null && return
  ip netns delete "$1"
  skip "ip netns exec does not work here: in a chroot, / must be a mount point (mount --bind DIR DIR)"
}

die() {
  say "FAILED: $*"
  exit 1
}

# A deviation that lets the rest of the scenario still tell something.
deviation() {
  say "DEVIATION: $*"
  failed_checks=$((failed_checks + 1))
}

# same WHAT EXPECTED ACTUAL
same() {
  if [ "$2" = "$3" ]; then
    say "  as it must be: $1 is ${3:-nothing}"
  else
    deviation "$1 is '$3' and must be '$2'"
  fi
}

# holds WHAT COMMAND…
holds() {
  local what=$1
  shift
  if "$@"; then say "  as it must be: $what"; else deviation "not so: $what"; fi
}

finish() {
  [ "$failed_checks" -eq 0 ] || die "$failed_checks deviations, see above"
  say "$1"
}

# What the agent and the collectors say of themselves, before they are ended.
last_words() {
  local name
  for name in "${!e2e_pids[@]}"; do
    running "$name" || say "--- $name is not running"
  done
  [ -S "$dir/agent.sock" ] || return 0
  say "--- the agent's status"
  ask agent /v1/status | jq -c 'del(.checks)' || true
}

e2e_end() {
  local status=$? name
  trap - EXIT
  if [ "$status" -ne 0 ] && [ "$status" -ne 77 ] && [ -d "${dir:-}" ]; then last_words || true; fi
  for name in "${!e2e_pids[@]}"; do end_process "$name" KILL; done
  if declare -F e2e_cleanup >/dev/null; then e2e_cleanup || true; fi
  if [ "$status" -ne 0 ] && [ "$status" -ne 77 ] && [ -d "${dir:-}" ]; then
    for name in "$dir"/*.log; do
      grep -m 1 -A 20 -E 'ERROR: |runtime error|assert' "$name" || true
      [ -s "$name" ] || continue
      say "--- the end of ${name##*/}"
      tail -n 25 "$name"
    done
  fi
  if [ -n "${NINES_KEEP:-}" ]; then
    say "kept: $dir"
  else
    rm -rf "${dir:?}"
  fi
  exit "$status"
}

# e2e_begin NAME: the folder `dir`, and everything that must be installed.
e2e_begin() {
  local tool
  for tool in "$nines" "$agent_program" "$collector_program"; do
    [ -x "$tool" ] || die "$tool is not built"
  done
  for tool in openssl curl jq sqlite3 ss; do
    command -v "$tool" >/dev/null || die "$tool is missing: tools/install_packages test"
  done
  dir=$(mktemp -d "${TMPDIR:-/tmp}/nines-$1-XXXXXX")
  trap e2e_end EXIT
  trap 'exit 130' INT TERM
}

now_ns() { date +%s%N; }
rfc3339() { date -u -d "@${1:0:-9}.${1: -9}" +%Y-%m-%dT%H:%M:%S.%NZ; }  # from nanoseconds

# wait_until SECONDS WHAT COMMAND…: polls; the scenario fails when the time is over.
wait_until() {
  local limit=$1 what=$2 deadline
  shift 2
  deadline=$(($(now_ns) + limit * 1000000000))
  until "$@" 2>/dev/null; do
    [ "$(now_ns)" -lt "$deadline" ] || die "not within $limit s: $what"
    sleep 0.05
  done
}

# A pause that is part of a scenario (somebody pulls a plug at a random moment), never a wait.
# nap FROM_MS TO_MS
nap() {
  local ms=$(($1 + RANDOM * ($2 - $1 + 1) / 32768))
  sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# Sets `port` to one below the range that the kernel gives to clients, so that it stays free.
free_port() {
  local try
  for try in $(seq 200); do
    port=$((20000 + RANDOM % 10000))
    [ -z "${e2e_ports[$port]:-}" ] || continue
    [ -z "$(ss -Htln "sport = :$port")" ] || continue
    e2e_ports[$port]=taken
    return
  done
  die "no free port after $try tries"
}

# --- processes

# start NAME COMMAND…: in the background, both outputs appended to NAME.log.
start() {
  local name=$1
  shift
  "$@" >>"$dir/$name.log" 2>&1 </dev/null &
  e2e_pids[$name]=$!
}

running() { [ -n "${e2e_pids[$1]:-}" ] && kill -0 "${e2e_pids[$1]}" 2>/dev/null; }
not_running() { ! running "$1"; }

# end_process NAME SIGNAL: sets `ended` to the exit status (128 + signal where a signal ended it).
end_process() {
  local pid=${e2e_pids[$1]:-}
  ended=0
  [ -n "$pid" ] || return 0
  kill -s "$2" "$pid" 2>/dev/null || true
  { wait "$pid" || ended=$?; } 2>/dev/null
  unset "e2e_pids[$1]"
}

# --- keys

make_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
    -subj "/CN=nines throw-away CA" -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
}

# make_certificate NAME SUBJECT_ALT_NAMES [EXTRA OPTIONS OF openssl x509…]
make_certificate() {
  local name=$1 names=$2
  shift 2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
    -keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null
  [ $# -gt 0 ] || set -- -days 30
  openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
    -CAcreateserial -extfile <(echo "subjectAltName=$names") -out "$dir/$name.pem" "$@" 2>/dev/null
}

# --- collector: one or several, by name

# new_collector NAME: its configuration; the port stands in collector_port[NAME].
declare -A collector_port=()
new_collector() {
  free_port
  collector_port[$1]=$port
  make_certificate "$1" "DNS:localhost,IP:127.0.0.1"
  mkdir -p "$dir/agreements"
  cat >"$dir/$1.yaml" <<END
collector:
  listen: 127.0.0.1:$port
  tls: {ca: ca.pem, certificate: $1.pem, key: $1.key}
  socket: $dir/$1.sock
  state: $dir/$1
  agreements: $dir/agreements
END
}

collector_answers() { ask "$1" /healthz >/dev/null; }

start_collector() {
  start "$1" "$collector_program" --config "$dir/$1.yaml"
  wait_until 30 "collector $1 answers" collector_answers "$1"
}

# ask NAME PATH: over the local socket of an agent or a collector.
ask() { curl -sSf --max-time 20 --unix-socket "$dir/$1.sock" "http://nines$2"; }

store() { sqlite3 -readonly -cmd '.timeout 5000' "$dir/$1/collector.db" "$2"; }

# --- agent

# link COLLECTOR [SHIP]: an item of `collectors:`.
link() {
  cat <<END
  - url: https://127.0.0.1:${collector_port[$1]}
    tls: {ca: ca.pem, certificate: $agent_name.pem, key: $agent_name.key}
    ship: ${2:-2s}
END
}

agent_name=edge
agent_answers() { ask agent /healthz >/dev/null; }

# start_agent: with $dir/agent.yaml, which the scenario has written.
start_agent() {
  start agent "$agent_program" --config "$dir/agent.yaml"
  wait_until 30 "the agent answers" agent_answers
}

agent_head() { # what the scenario's agent.yaml begins with
  cat <<END
agent: {name: $agent_name, state: $dir/state, socket: $dir/agent.sock, spool: {size: ${1:-16MiB}, commit: ${2:-2s}}}
END
}

# drain SECONDS: waits until every collector has every batch that is sealed by now. New ones are
# sealed all the time, on a busy machine faster than a moment without any can be met.
drain() {
  drain_to=$(($(ask agent /v1/spool | jq .next_batch) - 1))
  wait_until "$1" "every collector has batch $drain_to" drained
}
drained() {
  [ "$(ask agent /v1/status | jq --argjson n "$drain_to" '[.collectors[].durable] | min >= $n')" = true ]
}
linked() { [ "$(ask agent /v1/status | jq '[.collectors[] | select(.state != "ok")] | length')" = 0 ]; }

# --- nginx, one process without children, so that it can be killed like a host that loses power

# start_nginx NAME SERVERS: `server {…}` blocks.
start_nginx() {
  command -v nginx >/dev/null || die "nginx is missing: tools/install_packages test"
  mkdir -p "$dir/$1.d"
  {
    [ "$(id -u)" -ne 0 ] || echo "user root;"
    cat <<END
daemon off;
master_process off;
pid $dir/$1.d/pid;
error_log stderr error;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path $dir/$1.d/body;
  proxy_temp_path $dir/$1.d/proxy;
  fastcgi_temp_path $dir/$1.d/fastcgi;
  uwsgi_temp_path $dir/$1.d/uwsgi;
  scgi_temp_path $dir/$1.d/scgi;
  default_type text/html;
$2
}
END
  } >"$dir/$1.conf"
  run_nginx "$1"
}

listens() { [ -n "$(ss -Htln "sport = :$1")" ]; }
not_listens() { ! listens "$1"; }

# run_nginx NAME: again, with the configuration that it had.
run_nginx() {
  local first
  start "$1" nginx -c "$dir/$1.conf" -p "$dir/$1.d"
  first=$(sed -n 's/^ *listen 127.0.0.1:\([0-9]*\).*/\1/p' "$dir/$1.conf" | head -n 1)
  wait_until 10 "nginx listens on $first" listens "$first"
}
