#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One agent, two collectors. One of them is killed for a while and comes back. In the end both hold
# the same batches, byte for byte, and what they derive of them is the same too.
#   two_collectors.sh [SECONDS]
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/accounting.sh"
gone=${1:-8}

e2e_begin two
make_ca
make_certificate edge "URI:nines:agent:edge"
new_collector alpha
new_collector beta
free_port
web=$port
start_nginx nginx "server { listen 127.0.0.1:$web; location / { return 200 'fine'; } }"
{
  agent_head 16MiB 500ms
  say "collectors:"
  link alpha 1s
  link beta 1s
  say "canaries: []"
  say "checks:"
  for i in $(seq 5); do
    say "  - {name: tcp-$i, every: 500ms, timeout: 500ms, tcp: {address: \"127.0.0.1:$web\"}}"
    say "  - {name: http-$i, every: 1s, timeout: 1s, http: {url: \"http://127.0.0.1:$web/\"}}"
  done
  # Down whenever beta is: an outcome that changes while one collector cannot be told.
  say "  - {name: beta, every: 500ms, timeout: 500ms, tcp: {address: \"127.0.0.1:${collector_port[beta]}\"}}"
} >"$dir/agent.yaml"
start_collector alpha
start_collector beta
start_agent
begun=$(now_ns)
wait_until 20 "both links stand" linked
batches() { store "$1" 'SELECT count(*) FROM batches'; }
have_batches() { [ "$(batches alpha)" -ge 3 ] && [ "$(batches beta)" -ge 3 ]; }
wait_until 20 "both collectors have batches" have_batches

say "beta is killed for $gone s."
end_process beta KILL
nap $((gone * 1000)) $((gone * 1000))
say "  alpha has $(batches alpha) batches, beta was left with $(batches beta)"
holds "alpha went on alone" test "$(batches alpha)" -gt "$(batches beta)"
start_collector beta
nap 1000 2000
ended_at=$(now_ns)
wait_until $((gone * 3 + 60)) "both links stand again" linked
drain 60
end_process agent TERM
same "exit status of the agent" 0 "$ended"

evidence="SELECT agent, hex(epoch), number, last_number, hex(hash), hex(previous_hash), hex(chain_hash),
  length(bytes), hex(bytes) FROM batches ORDER BY agent, epoch, number"
for name in alpha beta; do
  store "$name" "$evidence" >"$dir/$name.evidence"
  account "$name" 11 "$begun" "$ended_at"
  ask "$name" "/v1/slots?vantage=edge" | jq -c .checks >"$dir/$name.slots"
  # What one collector alone can know: when a batch came.
  jq -c 'del(.received)' "$dir/results.jsonl" | sort >"$dir/$name.results"
  end_process "$name" TERM
  same "exit status of $name" 0 "$ended"
done
say "  $(wc -l <"$dir/alpha.evidence") batches, sha256 of all their bytes: $(sha256sum <"$dir/alpha.evidence" | cut -c 1-16)…"
holds "both have the same evidence, byte for byte" cmp "$dir/alpha.evidence" "$dir/beta.evidence"
holds "both account for the same slots" cmp "$dir/alpha.slots" "$dir/beta.slots"
holds "both tell the same results" cmp "$dir/alpha.results" "$dir/beta.results"
holds "beta's outage was seen" test "$(jq -r 'select(.check == "beta" and .outcome == "down") | .slot' "$dir/results.jsonl" | wc -l)" -ge $((gone * 2 - 2))
finish "Two collectors, one of them dead for $gone s: the same bytes in the end."
