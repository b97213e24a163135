#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The collector is gone for longer than a small spool holds. The agent must say exactly what it had
# to drop; once the collector is back the backlog drains, nothing is doubled, and what was delivered
# and what was dropped add up to every result there ever was.
#   uplink.sh [SECONDS WITHOUT COLLECTOR AT LEAST] [HOW]     HOW: gone, or hung: it takes connections
#     and says nothing, so that a batch may arrive whose receipt the agent never sees.
. "$(dirname "$0")/lib.sh"
gone=${1:-2}
how=${2:-gone}

e2e_begin uplink
make_ca
make_certificate edge "URI:nines:agent:edge"
new_collector collector
free_port
web=$port
# Commits come every 20 ms and take a block each: the ring fills within seconds.
start_nginx nginx "server { listen 127.0.0.1:$web; location / { return 200 'fine'; } }"
{
  agent_head 1MiB 20ms
  say "collectors:"
  link collector 1s
  say "canaries: []"
  say "checks:"
  for i in $(seq 10); do
    say "  - {name: http-$i, every: 200ms, timeout: 200ms, http: {url: \"http://127.0.0.1:$web/\"}}"
    say "  - {name: tcp-$i, every: 200ms, timeout: 200ms, tcp: {address: \"127.0.0.1:$web\"}}"
  done
} >"$dir/agent.yaml"
start_collector collector
start_agent
wait_until 20 "the agent has its link" linked
all_delivered() { [ "$(store collector "SELECT count(*) FROM latest")" -eq 20 ]; }
wait_until 20 "every check has a result at the collector" all_delivered

say "The collector is $how; 100 results a second go on, into a spool of 1 MiB."
if [ "$how" = hung ]; then
  kill -STOP "${e2e_pids[collector]}"
else
  end_process collector TERM
  same "exit status of the collector" 0 "$ended"
fi
cut_at=$(now_ns)
full() { [ "$(ask agent /v1/spool | jq '.gaps | length')" -gt 0 ]; }
wait_until 120 "the spool is full and says so" full
say "  the spool was full after $((($(now_ns) - cut_at) / 1000000)) ms"
for _ in $(seq "$gone"); do nap 1000 1000; done
ask agent /v1/spool >"$dir/spool.json"
jq -c '{state, used_bytes, size_bytes, unsent_batches, unsent_results, dropped_results, gaps}' "$dir/spool.json"
same "state of the spool" full "$(jq -r .state "$dir/spool.json")"
same "gaps (one outage, one gap)" 1 "$(jq '.gaps | length' "$dir/spool.json")"
same "the gap's numbers and its count agree" true \
  "$(jq '.gaps[0] | .last - .first + 1 == .results' "$dir/spool.json")"
same "the gap has what was dropped" true \
  "$(jq '([.gaps[].results] | add) == .dropped_results' "$dir/spool.json")"
same "used_bytes is within the ring" true "$(jq '.used_bytes <= .size_bytes' "$dir/spool.json")"
status=0
"$nines" spool --socket "$dir/agent.sock" || status=$?

say "The collector is back after $((($(now_ns) - cut_at) / 1000000000)) s."
if [ "$how" = hung ]; then kill -CONT "${e2e_pids[collector]}"; else start_collector collector; fi
wait_until $((gone * 3 + 120)) "the agent has its link again" linked
drain 120
end_process agent TERM
same "exit status of the agent" 0 "$ended"

store collector "SELECT '  on record: gap of ' || batches || ' batches, ' || results || ' results, seq ' ||
  first_seq || ' to ' || last_seq || ', ' || cause FROM gaps"
# While the backlog drains the ring may still be full: what it drops then is a gap behind the first.
gaps=$(store collector 'SELECT count(*) FROM gaps')
holds "gaps on record ($gaps) are 1 or 2" test "$gaps" -ge 1 -a "$gaps" -le 2
delivered=$(store collector 'SELECT sum(result_count) FROM headers')
dropped=$(store collector 'SELECT sum(results) FROM gaps')
total=$(store collector "SELECT max(first_seq + result_count) - 1 FROM headers")
say "  $delivered results delivered, $dropped dropped, $total numbered"
same "delivered + dropped" "$total" "$((delivered + dropped))"
same "batches that do not follow on each other" "" "$(store collector "
    SELECT number FROM (SELECT h.number, h.last_number, h.first_seq,
      lag(h.last_number, 1, 0) OVER w AS before,
      lag(h.first_seq + h.result_count + coalesce(g.results, 0), 1, 1) OVER w AS seq
      FROM headers h LEFT JOIN gaps g USING (agent, epoch, number)
      WINDOW w AS (PARTITION BY h.agent, h.epoch ORDER BY h.number))
    WHERE number <> before + 1 OR first_seq <> seq LIMIT 5")"
ask collector "/v1/slots?vantage=edge" >"$dir/slots.json"
same "exactly_once" true "$(jq .exactly_once "$dir/slots.json")"
same "slots recorded twice" 0 "$(jq '[.checks[].doubled_slots] | add' "$dir/slots.json")"
same "causes of missing slots" gap \
  "$(jq -r '[.checks[].missing[].cause] | unique | join(" ")' "$dir/slots.json")"
# A range record is one result over several slots; counts by check are of the whole gap as it was sent.
missing=$(jq '[.checks[].missing_slots] | add' "$dir/slots.json")
holds "missing slots ($missing) are those of the gap" test "$missing" -ge "$dropped" -a "$missing" -le \
  "$(store collector 'SELECT sum(up + down + unknown) FROM gap_checks')"
finish "The gap was told exactly, the backlog drained, nothing came twice."
