#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A target that is silent in one phase at a time: name, connection, handshake, first byte, body, a
# step of a dialogue and so on. Each run must end as down with the phase's reason, at its deadline
# and not much later; meanwhile a check every 100 ms keeps its pace.
# Where no tolerance is asked for, slots that a busy machine left out are not judged.
#   timeouts.sh [MILLISECONDS BEYOND THE DEADLINE [MILLISECONDS OF LATENESS]]
. "$(dirname "$0")/lib.sh"
tolerance=${1:-1000}
late=${2:-1000}
busy='[]'
[ $# -gt 0 ] || busy='["agent_overloaded", "agent_overlap"]'
timeout=700
rounds=10

command -v dnsmasq >/dev/null || skip "needs dnsmasq"
edge=nines-edge-$$
make_namespace "$edge"
e2e_cleanup() {
  ip netns delete "$edge" 2>/dev/null || true
  rm -rf "/etc/netns/$edge"
}
e2e_begin timeouts
mkdir -p "/etc/netns/$edge"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"/etc/netns/$edge/resolv.conf"
ip -n "$edge" link set lo up
# 10.213.9.0/24 takes everything and answers nothing.
ip -n "$edge" link add void type veth peer name nowhere
ip -n "$edge" link set void arp off up
ip -n "$edge" link set nowhere arp off up
ip -n "$edge" address add 10.213.9.254/24 dev void

# Ports: silent after connecting; a body that stops; a greeting and nothing more; UDP without reply.
cat >"$dir/silent.py" <<'END'
import socket, threading

def serve(port, words):
    s = socket.create_server(("127.0.0.1", port), backlog=512)
    kept = []
    while True:
        c, _ = s.accept()
        if words:
            c.sendall(words)
        kept.append(c)
        del kept[:-400]

BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot a hundred"
for port, words in ((8001, b""), (8002, BODY), (8003, b"220 ready\r\n")):
    threading.Thread(target=serve, args=(port, words), daemon=True).start()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 8004))
while True:
    u.recvfrom(2048)
END
start silent ip netns exec "$edge" python3 "$dir/silent.py"
# The resolver answers for the root, and waits for silent.example without end.
start resolver ip netns exec "$edge" dnsmasq --keep-in-foreground --no-resolv --no-hosts \
  --conf-file=/dev/null --listen-address=127.0.0.1 --bind-interfaces --pid-file= --user=root \
  --server=/silent.example/10.213.9.53 --local=//

# name | reason | the check
cat >"$dir/checks" <<END
dns of http|dns_timeout|http: {url: "http://silent.example/"}
dns of tcp|dns_timeout|tcp: {address: "silent.example:80"}
dns query|dns_timeout|dns: {server: 10.213.9.53, name: a.example}
dns over tcp|connect_timeout|dns: {server: 10.213.9.53, name: a.example, transport: tcp}
connect of http|connect_timeout|http: {url: "http://10.213.9.1/"}
connect of tcp|connect_timeout|tcp: {address: "10.213.9.1:80"}
tls of https|tls_timeout|http: {url: "https://127.0.0.1:8001/"}
tls of tcp|tls_timeout|tcp: {address: "127.0.0.1:8001", tls: {}}
tls handshake|tls_timeout|tls: {address: "127.0.0.1:8001"}
first byte|http_timeout|http: {url: "http://127.0.0.1:8001/"}
body|http_timeout|http: {url: "http://127.0.0.1:8002/"}
dialogue, step 1|tcp_timeout|tcp: {address: "127.0.0.1:8001", steps: [{expect: "^220"}]}
dialogue, step 3|tcp_timeout|tcp: {address: "127.0.0.1:8003", steps: [{expect: "^220"}, {send: "NOOP\r\n"}, {expect: "^250"}]}
starttls|tcp_timeout|tcp: {address: "127.0.0.1:8003", starttls: smtp, tls: {}}
grpc|http_timeout|grpc: {address: "127.0.0.1:8001"}
udp|udp_timeout|udp: {address: "127.0.0.1:8004", send: "x", expect: "y"}
icmp|icmp_timeout|icmp: {host: 10.213.9.1, count: 3, interval: 50ms}
exec|exec_timeout|exec: {command: [/bin/sleep, "30"]}
END
{
  agent_head 16MiB 500ms
  echo "canaries: []"
  echo "checks:"
  echo "  - {name: pace, every: 100ms, timeout: 90ms, tcp: {address: \"127.0.0.1:8003\"}}"
  while IFS='|' read -r name _ check; do
    echo "  - {name: \"${name//[ ,]/_}\", every: 1s, timeout: ${timeout}ms, $check}"
  done <"$dir/checks"
} >"$dir/agent.yaml"
start agent ip netns exec "$edge" "$agent_program" --config "$dir/agent.yaml"
wait_until 30 "the agent answers" agent_answers

# judged CHECK: the results that are judged; the first found cold caches and, under a sanitizer, much
# else to do.
judged() {
  ask agent "/v1/checks/${1//[ ,]/_}/history" |
    jq -c --argjson busy "$busy" '.results[1:] | map(select(IN(.reason; $busy[]) | not))'
}
ended_rounds() { [ "$(judged "$1" | jq length)" -ge "$rounds" ]; }
# Nobody asks meanwhile: on two cores the asking itself makes starts late.
nap $((rounds * 1000 + 2000)) $((rounds * 1000 + 2000))
while IFS='|' read -r name _; do
  wait_until 60 "$name has ended $rounds times" ended_rounds "$name"
done <"$dir/checks"

printf '%-18s %-16s %28s\n' "silent in" reason "beyond the deadline, ms"
while IFS='|' read -r name reason _; do
  judged "$name" >"$dir/history.json"
  read -r least most wrong <<<"$(jq -r --arg reason "$reason" --argjson t $((timeout * 1000)) '
    [(map((.total_us // 0) - $t) | min, max),
      (map(select(.outcome != "down" or .reason != $reason) | .outcome + " " + .reason) | unique | join(","))]
    | @tsv' "$dir/history.json")"
  printf '%-18s %-16s %12s to %12s\n' "$name" "$reason" "$(awk -v u="$least" 'BEGIN { printf "%.1f", u / 1000 }')" \
    "$(awk -v u="$most" 'BEGIN { printf "%.1f", u / 1000 }')"
  [ -z "$wrong" ] || deviation "$name ended as $wrong, not as down $reason"
  [ "$most" -le $((tolerance * 1000)) ] || deviation "$name ended $most µs after its deadline"
  [ "$least" -ge $((-tolerance * 1000)) ] || deviation "$name ended $((-least)) µs before its deadline"
done <"$dir/checks"

ask agent /v1/checks/pace/history >"$dir/history.json"
read -r count worst gaps <<<"$(jq -r '.results[10:] | [length, (map(.late_us) | max),
  ([.[1:], .[:-1]] | transpose | map(select(.[0].slot - .[1].slot != 1 and .[1].slot - .[0].slot != 1)) | length)] | @tsv' \
  "$dir/history.json")"
say "Meanwhile $count runs every 100 ms: the latest start was $worst µs late, $gaps slots were left out."
[ "$worst" -le $((late * 1000)) ] || deviation "a start was $worst µs late"
# A start that would be a quarter of the interval late is left out, and recorded as that: on a busy
# machine 25 ms come about without any fault of the loop's.
[ "$late" -ge 1000 ] || same "slots that were left out" 0 "$gaps"
end_process agent TERM
same "exit status of the agent" 0 "$ended"
finish "Each silence ended at its deadline, and nothing else waited for it."
