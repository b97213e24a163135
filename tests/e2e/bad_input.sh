#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is wrong from outside: configuration, certificates, ports, state folders; batches that are
# cut, forged, oversized, replayed or somebody else's; a captive portal in place of the collector.
# Each is refused with a clear word, counted, and costs nothing that was measured.
#   bad_input.sh
. "$(dirname "$0")/lib.sh"

e2e_begin bad
make_ca
make_certificate edge "URI:nines:agent:edge"
make_certificate stranger "URI:nines:agent:stranger"
make_certificate reader "URI:nines:reader:me"
new_collector collector
free_port
web=$port

# refused WHAT STATUS PATTERN COMMAND…: leaves with this status and says something like this, in one
# line.
refused() {
  local what=$1 expected=$2 pattern=$3 status=0
  shift 3
  timeout 20 "$@" >"$dir/said" 2>&1 </dev/null || status=$?
  sed 's/^/    /' "$dir/said"
  [ "$status" -eq "$expected" ] || deviation "$what: exit status $status, must be $expected"
  grep -qE "$pattern" "$dir/said" || deviation "$what: nothing that matches '$pattern' was said"
  [ "$(wc -l <"$dir/said")" -eq 1 ] || deviation "$what: $(wc -l <"$dir/said") lines were said"
}

say "-- configuration"
cat >"$dir/many.yaml" <<END
agent: {name: edge, stat: $dir/state, socket: $dir/agent.sock}
canaries: []
checks:
  - {name: a, every: 1 parsec, tcp: {address: "127.0.0.1:1"}}
  - {name: a, tcp: {address: "127.0.0.1"}}
  - {name: b, timeout: 5s, timeout: 6s, http: {url: "ftp://127.0.0.1/"}}
  - {name: c, icmp: {host: 127.0.0.1, cuont: 3}}
END
for mode in --check-config ""; do
  status=0
  # shellcheck disable=SC2086  # no option where there is none
  timeout 20 "$agent_program" --config "$dir/many.yaml" $mode >"$dir/said" 2>&1 || status=$?
  same "exit status on a bad configuration ${mode:-at start}" 2 "$status"
done
sed 's/^/    /' "$dir/said"
for place in 1:20 4:23 5:12 5:34 6:31 6:53 7:37; do
  grep -qE "many\.yaml:${place%:*}:[0-9]+: " "$dir/said" || deviation "no complaint about line ${place%:*}"
done
holds "a hint is given" grep -qi "did you mean" "$dir/said"
holds "the duplicate names both places" grep -qE "^[^ ]*many.yaml:6:.*many.yaml:6:" "$dir/said"
printf 'agent: {name: "edge\n' >"$dir/broken.yaml"
refused "text that is no YAML" 2 'broken.yaml:[0-9]+:[0-9]+: ' "$agent_program" --config "$dir/broken.yaml"
refused "a configuration that is not there" 2 'absent.yaml' "$agent_program" --config "$dir/absent.yaml"
refused "the collector's, too" 2 'absent.yaml' "$collector_program" --config "$dir/absent.yaml"
cp "$dir/collector.yaml" "$dir/typo.yaml"
sed -i 's/listen:/lisen:/' "$dir/typo.yaml"
refused "a typo in the collector's" 2 'typo.yaml:2:' "$collector_program" --config "$dir/typo.yaml"

{
  agent_head 16MiB 500ms
  say "collectors:"
  link collector 1s
  say "canaries: []"
  say "checks:"
  for i in $(seq 4); do
    say "  - {name: tcp-$i, every: 500ms, timeout: 500ms, tcp: {address: \"127.0.0.1:$web\"}}"
  done
} >"$dir/agent.yaml"

say "-- certificates"
echo "no certificate at all" >"$dir/nonsense.pem"
for which in absent nonsense; do
  sed "s/edge.pem/$which.pem/" "$dir/agent.yaml" >"$dir/tls.yaml"
  refused "an agent's certificate that is $which" 2 "$which.pem" "$agent_program" --config "$dir/tls.yaml"
  sed "s/certificate: collector.pem/certificate: $which.pem/" "$dir/collector.yaml" >"$dir/tls.yaml"
  refused "a collector's certificate that is $which" 2 "$which.pem" "$collector_program" --config "$dir/tls.yaml"
done
sed "s/key: edge.key/key: reader.key/" "$dir/agent.yaml" >"$dir/tls.yaml"
refused "a key of another certificate" 2 "reader.key|edge.pem" "$agent_program" --config "$dir/tls.yaml"

say "-- ports and folders"
start_nginx nginx "server { listen 127.0.0.1:$web; location / { return 200 'fine'; } }"
sed "s/127.0.0.1:${collector_port[collector]}/127.0.0.1:$web/" "$dir/collector.yaml" >"$dir/port.yaml"
refused "a port in use" 1 "$web.*[Aa]ddress already in use" "$collector_program" --config "$dir/port.yaml"
echo "a file" >"$dir/file"
sed "s|state: $dir/state|state: $dir/file/state|" "$dir/agent.yaml" >"$dir/folder.yaml"
refused "an agent's state folder that cannot be" 1 "$dir/file" "$agent_program" --config "$dir/folder.yaml"
sed "s|state: $dir/collector|state: $dir/file/collector|" "$dir/collector.yaml" >"$dir/folder.yaml"
refused "a collector's state folder that cannot be" 1 "$dir/file" "$collector_program" --config "$dir/folder.yaml"
if [ "$(id -u)" -ne 0 ]; then
  mkdir -m 500 "$dir/readonly"
  sed "s|state: $dir/state|state: $dir/readonly/state|" "$dir/agent.yaml" >"$dir/folder.yaml"
  refused "a folder that may not be written" 1 "readonly" "$agent_program" --config "$dir/folder.yaml"
fi

start_collector collector
start_agent
wait_until 20 "the agent has its link" linked
batches() { store collector 'SELECT count(*) FROM batches'; }
have_batches() { [ "$(batches)" -ge 2 ]; }
wait_until 20 "batches came" have_batches
sed "s/agent.sock/second.sock/" "$dir/agent.yaml" >"$dir/second.yaml"
refused "a state folder in use" 1 "$dir/state" "$agent_program" --config "$dir/second.yaml"
sed "s/second.sock/third.sock/; s|state: $dir/collector|&|" "$dir/collector.yaml" >"$dir/third.yaml"
free_port
sed -i "s/listen: .*/listen: 127.0.0.1:$port/; s/collector.sock/third.sock/" "$dir/third.yaml"
refused "a store in use" 1 "$dir/collector" "$collector_program" --config "$dir/third.yaml"

say "-- a reload"
reloaded() { [ "$(ask agent /v1/status | jq -r .agent.reload.ok)" = "$1" ]; }
results() { ask agent /v1/checks/tcp-1/history | jq '.results | length'; }
has_result() { [ "$(results)" -ge 1 ]; }
wait_until 20 "tcp-1 has a result" has_result
first_slots=$(ask agent /v1/checks/tcp-1 | jq -r .since)
cp "$dir/agent.yaml" "$dir/good.yaml"
echo "checks: [{name: x, evry: 1s}]" >>"$dir/agent.yaml"
kill -s HUP "${e2e_pids[agent]}"
wait_until 20 "the bad configuration is refused" reloaded false
ask agent /v1/status | jq -r '"    \(.agent.reload.message)"' | head -n 3
before=$(results)
measured_on() { [ "$(results)" -gt $((before + 2)) ]; }
wait_until 20 "the agent measures on" measured_on
same "checks after a bad reload" 4 "$(ask agent /v1/status | jq '.checks | length')"
same "tcp-1 is what it was, since" "$first_slots" "$(ask agent /v1/checks/tcp-1 | jq -r .since)"
mv "$dir/good.yaml" "$dir/agent.yaml"
kill -s HUP "${e2e_pids[agent]}"
wait_until 20 "the good one is taken" reloaded true

say "-- batches"
number() { ask collector /metrics | sed -n "s/^nines_batches_total{result=\"$1\"} //p"; }
store collector "SELECT writefile('$dir/batch', bytes) FROM batches WHERE agent = 'edge' ORDER BY number LIMIT 1" >/dev/null
head -c -7 "$dir/batch" >"$dir/truncated"
# One byte of the middle turned round: neither digest nor signature fit any more.
size=$(stat -c %s "$dir/batch")
middle=$(od -An -tu1 -j $((size / 2)) -N 1 "$dir/batch" | tr -d ' ')
cp "$dir/batch" "$dir/forged"
printf "\\x$(printf %x $((middle ^ 255)))" |
  dd of="$dir/forged" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
head -c 40000000 /dev/zero >"$dir/oversized"
: >"$dir/empty"
nonce=000102030405060708090a0b0c0d0e0f
# post CERTIFICATE AGENT FILE [NONCE]: the status, 000 where there was no answer.
post() {
  curl -s -o "$dir/answer" -w '%{http_code}' --max-time 20 --cacert "$dir/ca.pem" \
    --cert "$dir/$1.pem" --key "$dir/$1.key" -H "Nines-Nonce: ${4-$nonce}" \
    -H 'Content-Type: application/x-nines-batch' -H 'Expect:' --data-binary "@$dir/$3" \
    "https://127.0.0.1:${collector_port[collector]}/v1/agents/$2/batches" || true
}
# The agent goes on meanwhile, so what is refused is seen in what is kept of it, not in a total.
duplicates=$(number duplicate)
same "a batch that is sent again" 200 "$(post edge edge batch)"
same "counted as a duplicate" $((duplicates + 1)) "$(number duplicate)"
refusals=$(number refused)
same "a truncated batch" 400 "$(post edge edge truncated)"
same "a forged batch" 400 "$(post edge edge forged)"
same "an empty batch" 400 "$(post edge edge empty)"
same "a batch with a bad nonce" 400 "$(post edge edge batch xyz)"
same "refusals counted" $((refusals + 4)) "$(number refused)"
same "an oversized batch" 413 "$(post edge edge oversized)"
forbidden=$(number forbidden)
same "another agent's batch under one's own name" 403 "$(post stranger stranger batch)"
same "a batch under another agent's name" 403 "$(post stranger edge batch)"
same "a batch from a reader" 403 "$(post reader edge batch)"
holds "what is forbidden is counted" test "$(number forbidden)" -gt "$forbidden"
same "a batch without a certificate" 000 "$(curl -s -o /dev/null -w '%{http_code}' --max-time 20 \
  --cacert "$dir/ca.pem" --data-binary "@$dir/batch" \
  "https://127.0.0.1:${collector_port[collector]}/v1/agents/edge/batches" || true)"
same "agents on record" edge "$(store collector 'SELECT DISTINCT agent FROM batches')"
same "batches set aside" 0 "$(store collector 'SELECT count(*) FROM quarantine')"
same "a body without end from a target" http_too_large "$(
  head -c 3000000 /dev/zero >"$dir/endless"
  free_port
  start_nginx files "server { listen 127.0.0.1:$port; location / { root $dir; } }" >&2
  "$nines" probe "http://127.0.0.1:$port/endless" --json | jq -r .reason
  end_process files KILL)"

say "-- a captive portal"
end_process collector TERM
same "exit status of the collector" 0 "$ended"
start_nginx portal "server { listen 127.0.0.1:${collector_port[collector]} ssl;
  ssl_certificate $dir/collector.pem; ssl_certificate_key $dir/collector.key;
  location / { return 200 '<html>Please accept our terms</html>'; } }"
bad_answers() { ask agent /metrics | sed -n 's/^nines_collector_bad_answers_total{.*} //p'; }
fooled() { [ "$(bad_answers)" -ge 2 ]; }
wait_until 60 "the agent met the portal twice" fooled
same "state of the link" refused "$(ask agent /v1/status | jq -r '.collectors[0].state')"
ask agent /v1/status | jq -r '"    \(.collectors[0].message)"'
holds "the agent keeps its batches" test "$(ask agent /v1/spool | jq .unsent_batches)" -gt 0
end_process portal KILL
start_collector collector
wait_until 120 "the agent has its link again" linked
drain 60
end_process agent TERM
same "exit status of the agent" 0 "$ended"
ask collector "/v1/slots?vantage=edge" >"$dir/slots.json"
same "exactly_once" true "$(jq .exactly_once "$dir/slots.json")"
same "slots missing" 0 "$(jq '[.checks[].missing_slots] | add' "$dir/slots.json")"

say "-- another agent's state"
sed "s/name: edge/name: stranger/; s/edge.pem/stranger.pem/; s/edge.key/stranger.key/" \
  "$dir/agent.yaml" >"$dir/stranger.yaml"
refused "a state folder of another agent" 1 "edge" "$agent_program" --config "$dir/stranger.yaml"
finish "What was wrong was refused, said and counted; nothing was lost."
