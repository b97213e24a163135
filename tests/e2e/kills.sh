#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Agent and collector are ended again and again at random moments while 21 checks run every second.
# Afterwards the collector must account for every slot that was due exactly once, and no slot that
# fell into an outage of the agent may be anything but unknown.
#   kills.sh [ROUNDS] [SIGNAL]      SIGNAL: KILL, or TERM for clean stops
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/accounting.sh"
rounds=${1:-5}
signal=${2:-KILL}

e2e_begin kills
make_ca
make_certificate edge "URI:nines:agent:edge"
new_collector collector
free_port
web=$port
start_nginx nginx "server { listen 127.0.0.1:$web; location / { return 200 'fine'; } }"
{
  agent_head 16MiB 500ms
  say "collectors:"
  link collector 1s
  say "canaries: []"
  say "checks:"
  for i in $(seq 10); do
    say "  - {name: tcp-$i, every: 1s, timeout: 1s, tcp: {address: \"127.0.0.1:$web\"}}"
  done
  for i in $(seq 8); do
    say "  - {name: http-$i, every: 1s, timeout: 1s, http: {url: \"http://127.0.0.1:$web/$i\"}}"
  done
  for i in $(seq 3); do
    say "  - {name: loopback-$i, every: 1s, timeout: 1s, icmp: {host: 127.0.0.1, count: 1}}"
  done
} >"$dir/agent.yaml"

start_collector collector
start_agent
begun=$(now_ns)
# A check is accounted for from its first durable record on.
all_recorded() { [ "$(store collector 'SELECT count(*) FROM latest')" -eq 21 ]; }
wait_until 30 "every check has a record" all_recorded
say "21 checks every second; agent and collector get SIG$signal $rounds times each."

: >"$dir/outages"
for round in $(seq "$rounds"); do
  nap 200 2500
  if [ $((RANDOM % 2)) -eq 0 ]; then first=agent second=collector; else first=collector second=agent; fi
  for name in "$first" "$second"; do
    running "$name" || die "$name ended by itself in round $round"
    end_process "$name" "$signal"
    [ "$name" != agent ] || away=$(now_ns)
    if [ "$signal" = TERM ]; then
      [ "$ended" -eq 0 ] || deviation "$name left with status $ended after SIGTERM"
    fi
    nap 0 700
  done
  # Back in either order: the agent must cope with a collector that is not there yet.
  if [ $((RANDOM % 2)) -eq 0 ]; then
    echo "$away $(now_ns)" >>"$dir/outages"
    start_agent
    nap 0 500
    start_collector collector
  else
    start_collector collector
    nap 0 500
    echo "$away $(now_ns)" >>"$dir/outages"
    start_agent
  fi
done

say "All $rounds rounds are over; the backlog has to drain."
wait_until 60 "the agent has its link again" linked
nap 1500 2000
ended_at=$(now_ns)
drain 60
end_process agent TERM
same "exit status of the agent after its last SIGTERM" 0 "$ended"
account collector 21 "$begun" "$ended_at"

# Slots whose start fell between the end of one agent and the start of the next.
jq -Rn '[inputs | split(" ") | map(tonumber)]' "$dir/outages" >"$dir/outages.json"
jq -c --slurpfile outages "$dir/outages.json" --slurpfile slots "$dir/slots.json" '
  ($slots[0].checks | map({key: .name, value: .}) | from_entries) as $grids
  | $grids[.check] as $grid | (.slot * $grid.every_ns + $grid.phase_ns) as $at
  | select($outages[0] | any(.[0] <= $at and $at < .[1]))' "$dir/results.jsonl" >"$dir/away.jsonl"
say "  $(wc -l <"$dir/away.jsonl") slots fell into $rounds outages of the agent"
holds "there are such slots" test -s "$dir/away.jsonl"
same "slots of these that are not unknown" "" \
  "$(jq -r 'select(.outcome != "unknown") | "\(.check) \(.outcome) \(.reason)"' "$dir/away.jsonl" | head -n 5)"
same "reasons of these" agent_stopped "$(jq -r .reason "$dir/away.jsonl" | sort -u | paste -sd ' ')"
# What was checked never failed, so nothing may be down: not by a kill, and not by the load of one.
same "results that are down" "" \
  "$(jq -r 'select(.outcome == "down") | "\(.check) \(.started) \(.reason)"' "$dir/results.jsonl" | head -n 5)"
[ "$signal" = KILL ] ||
  same "epochs of the agent" 1 "$(store collector 'SELECT count(*) FROM epochs')"
jq -r '.outcome' "$dir/results.jsonl" | sort | uniq -c | sed 's/^ */  records: /'
finish "Every slot is accounted for exactly once after $rounds SIG$signal of agent and collector."
