#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A check that is run again soon after a failure: what that finds is shown as evidence and stored as
# events, and every slot still has exactly one result. A service that is back by then ends it.
#   recheck.sh [SECONDS]
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/accounting.sh"
seconds=${1:-6}

e2e_begin recheck
command -v python3 >/dev/null || skip "needs python3"
make_ca
make_certificate "$agent_name" "URI:nines:agent:$agent_name"
new_collector collector
start_collector collector
for name in closed flaky; do
  free_port
  declare "$name=$port"
done
# Every third connection is answered, the others are closed without a word: a slot fails, its first
# recheck too, and the second one is up.
cat >"$dir/flaky.py" <<END
import socket
s = socket.create_server(("127.0.0.1", $flaky))
n = 0
while True:
    c, _ = s.accept()
    n += 1
    if n % 3 == 0:
        c.sendall(b"ready\\n")
    c.close()
END
start flaky python3 "$dir/flaky.py"
wait_until 10 "the flaky server listens" listens "$flaky"
{
  agent_head
  echo "canaries: []"
  echo "collectors:"
  link collector 1s
  cat <<END
checks:
  - {name: closed, every: 1s, timeout: 100ms, recheck: {after: 150ms, times: 2}, tcp: {address: "127.0.0.1:$closed"}}
  - {name: flaky, every: 1s, timeout: 100ms, recheck: {after: 100ms, times: 3}, tcp: {address: "127.0.0.1:$flaky", steps: [{expect: "ready"}]}}
  - {name: plain, every: 1s, timeout: 100ms, tcp: {address: "127.0.0.1:$closed"}}
END
} >"$dir/agent.yaml"
from=$(now_ns)
start_agent
ended() { [ "$(ask agent /v1/checks/plain/history | jq '.results | length')" -ge "$seconds" ]; }
wait_until 60 "$seconds slots have ended" ended
to=$(now_ns)

rechecks() { ask agent "/v1/checks/$1" | jq -r '.outages[0].rechecks // [] | .[]'; }
rechecks closed | sed 's/^/    /'
same "rechecks of the closed port that are not down" "" \
  "$(rechecks closed | grep -vE '^closed slot [0-9]+ recheck [12]/2: down connect_refused ' || true)"
holds "the first is told" grep -q 'recheck 1/2' <(rechecks closed)
holds "and the second" grep -q 'recheck 2/2' <(rechecks closed)
same "rechecks of a check without the key" "" "$(rechecks plain)"
holds "one that is up ends it" grep -q 'recheck 2/3: up ok' <(rechecks flaky)
same "rechecks after one that was up" "" "$(rechecks flaky | grep 'recheck 3/3' || true)"
"$nines" why closed --socket "$dir/agent.sock" >"$dir/why.txt" || true
holds "nines why shows them" grep -q 'closed slot' "$dir/why.txt"

end_process agent TERM
same "exit status of the agent" 0 "$ended"
told() { [ "$(store collector "SELECT count(*) FROM events WHERE kind = 8")" -ge "$seconds" ]; }
wait_until 20 "the collector has the events" told
say "Each slot has one result, rechecks or not:"
account collector 3 "$from" "$to"
finish "rechecks are evidence beside the slots, and none of them is a slot"
