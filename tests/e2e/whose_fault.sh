#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An agent in a network namespace of its own, behind a gateway, twenty checks and two canaries. What
# fails is its uplink, part of it, what lies behind an answering gateway, its resolver, IPv6 alone,
# one target. In the report the service must be charged with what is its own and with nothing else.
#   whose_fault.sh [SECONDS OF EACH FAILURE]
. "$(dirname "$0")/lib.sh"
length=${1:-12}

command -v nft >/dev/null || skip "needs nft"
command -v dnsmasq >/dev/null || skip "needs dnsmasq"
edge=nines-edge-$$ gateway=nines-gw-$$ outside=nines-out-$$
make_namespace "$edge"
e2e_cleanup() {
  local ns
  for ns in "$edge" "$gateway" "$outside"; do ip netns delete "$ns" 2>/dev/null || true; done
  rm -rf "/etc/netns/$edge"
}
e2e_begin whose-fault
ip netns add "$gateway"
ip netns add "$outside"

# The agent's names are resolved by what stands here, as ip-netns(8) arranges it.
mkdir -p "/etc/netns/$edge"
printf 'nameserver 10.213.2.2\noptions timeout:1 attempts:1\n' >"/etc/netns/$edge/resolv.conf"

in_ns() { ip netns exec "$@"; }
connect_namespaces() { # A ADDRESS_A B ADDRESS_B NAME: a cable, v4 as given and v6 beside it
  ip link add "$5a" netns "$1" type veth peer name "$5b" netns "$3"
  ip -n "$1" address add "10.213.$2/24" dev "$5a"
  ip -n "$3" address add "10.213.$4/24" dev "$5b"
  ip -n "$1" -6 address add "fd00:213:${2%%.*}::${2##*.}/64" dev "$5a" nodad
  ip -n "$3" -6 address add "fd00:213:${4%%.*}::${4##*.}/64" dev "$5b" nodad
  ip -n "$1" link set "$5a" up
  ip -n "$3" link set "$5b" up
}
connect_namespaces "$edge" 1.2 "$gateway" 1.1 up
connect_namespaces "$gateway" 2.1 "$outside" 2.2 out
for ns in $edge $gateway $outside; do ip -n "$ns" link set lo up; done
in_ns "$gateway" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$edge" route add default via 10.213.1.1
ip -n "$edge" -6 route add default via fd00:213:1::1
ip -n "$outside" route add default via 10.213.2.1
ip -n "$outside" -6 route add default via fd00:213:2::1
for host in 10 11 12 53; do
  ip -n "$outside" address add "10.213.2.$host/24" dev outb
  ip -n "$outside" -6 address add "fd00:213:2::$host/64" dev outb nodad
done

make_ca
make_certificate edge "URI:nines:agent:edge"
new_collector collector
make_certificate collector "IP:10.213.2.2"
sed -i "s/listen: 127.0.0.1/listen: 10.213.2.2/" "$dir/collector.yaml"

start_in() { # NAMESPACE NAME COMMAND…
  local ns=$1 name=$2
  shift 2
  start "$name" ip netns exec "$ns" "$@"
}
in_ns "$outside" sysctl -qw net.ipv6.bindv6only=1
for host in 10 11 12; do
  mkdir -p "$dir/web$host.d"
  cat >"$dir/web$host.conf" <<END
daemon off; master_process off; user root; pid $dir/web$host.d/pid; error_log stderr error;
events { worker_connections 256; }
http { access_log off; client_body_temp_path $dir/web$host.d/a; proxy_temp_path $dir/web$host.d/b;
  fastcgi_temp_path $dir/web$host.d/c; uwsgi_temp_path $dir/web$host.d/d; scgi_temp_path $dir/web$host.d/e;
  server { listen 10.213.2.$host:80; listen [fd00:213:2::$host]:80; location / { return 200 'open'; } } }
END
  start_in "$outside" "web$host" nginx -c "$dir/web$host.conf" -p "$dir/web$host.d"
done
start_in "$outside" resolver dnsmasq --keep-in-foreground --no-resolv --no-hosts --conf-file=/dev/null \
  --listen-address=10.213.2.2 --bind-interfaces --pid-file= --user=root \
  --address=/shop.example/10.213.2.10 --address=/pay.example/10.213.2.11

# name | check: the last word of a name says by what it is reached
{
  for host in 10 11 12; do
    say "http-$host-v4|http: {url: \"http://10.213.2.$host/\"}"
    say "tcp-$host-v4|tcp: {address: \"10.213.2.$host:80\"}"
    say "icmp-$host-v4|icmp: {host: 10.213.2.$host, count: 3, interval: 50ms}"
    say "http-$host-v6|http: {url: \"http://[fd00:213:2::$host]/\"}"
    say "icmp-$host-v6|icmp: {host: \"fd00:213:2::$host\", count: 3, interval: 50ms}"
  done
  say "shop-name|http: {url: \"http://shop.example/\"}"
  say "pay-name|http: {url: \"http://pay.example/\"}"
  say "shop-tcp-name|tcp: {address: \"shop.example:80\"}"
  say "tcp6-10-v6|tcp: {address: \"[fd00:213:2::10]:80\"}"
  say "tcp6-11-v6|tcp: {address: \"[fd00:213:2::11]:80\"}"
} >"$dir/checks"
canaries='["icmp://10.213.2.53", "tcp://10.213.2.2:53"]'
check_line() { echo "{name: $1, every: 1s, timeout: 900ms, ${3:-}$2}"; }
{
  agent_head 16MiB 500ms
  echo "collectors:"
  echo "  - {url: \"https://10.213.2.2:${collector_port[collector]}\", ship: 1s, tls: {ca: ca.pem, certificate: edge.pem, key: edge.key}}"
  echo "defaults: {every: 1s, timeout: 900ms}"
  echo "canaries: $canaries"
  echo "checks:"
  while IFS='|' read -r name check; do echo "  - $(check_line "$name" "$check")"; done <"$dir/checks"
} >"$dir/agent.yaml"
{
  cat <<END
apiVersion: nines/v1
kind: Agreement
metadata: {name: all, version: "1.0.0"}
spec:
  effective: {from: "2020-01-01T00:00:00", timeZone: UTC}
  scope:
    services:
END
  while IFS='|' read -r name _; do echo "      - {name: $name}"; done <"$dir/checks"
  echo "  measurement:"
  echo "    canaries: $canaries"
  echo "    checks:"
  while IFS='|' read -r name check; do
    echo "      - $(check_line "$name" "$check" "service: $name, ")"
  done <"$dir/checks"
  echo "  objectives:"
  while IFS='|' read -r name _; do
    echo "    - {name: $name, service: $name, statistic: availability, target: \"99\", period: {calendar: month}}"
  done <"$dir/checks"
} >"$dir/agreements/all.yaml"
start_in "$outside" collector "$collector_program" --config "$dir/collector.yaml"
wait_until 30 "collector answers" collector_answers collector
start_in "$edge" agent "$agent_program" --config "$dir/agent.yaml"
wait_until 30 "the agent answers" agent_answers
all_up() { [ "$(ask agent /v1/status | jq .counts.up)" -ge 20 ] && [ "$(ask agent /v1/status | jq '.counts.down + .counts.unknown')" = 0 ]; }
wait_until 30 "everything is up" all_up

# judge FROM TO: "NAME UP DOWN UNKNOWN CAUSES" of each objective between two instants, in seconds.
judge() {
  ask collector "/v1/reports?agreement=all&period=$(rfc3339 "$1")/$(rfc3339 "$2")" |
    jq -r '.objectives[] | [.name, (.seconds | .up, .down, .unknown | tostring),
      (.unknown_by // {} | to_entries | map(select(.value != 0 and .value != "0") | .key) | join(","))] | @tsv'
}
seconds_of() { awk -v v="$1" 'BEGIN { n = split(v, p, "/"); printf "%d", n == 2 ? p[1] / p[2] : v }'; }

# expect_state KIND STATE…: of every objective whose name ends in KIND, the seconds of the failure
# that are not in one of the states must be few. One slot at each end may fall on either side.
slack=3
expect_state() {
  local name up down unknown causes good state kind=$1
  shift
  while IFS=$'\t' read -r name up down unknown causes; do
    [[ $name == *"$kind" ]] || continue
    good=0
    for state in "$@"; do
      case $state in
        up) good=$((good + $(seconds_of "$up"))) ;;
        down) good=$((good + $(seconds_of "$down"))) ;;
        unknown) good=$((good + $(seconds_of "$unknown"))) ;;
      esac
    done
    printf '  %-14s up %3d, down %3d, unknown %3d s %s\n' "$name" "$(seconds_of "$up")" \
      "$(seconds_of "$down")" "$(seconds_of "$unknown")" "$causes"
    [ "$good" -ge "$((length - slack))" ] ||
      deviation "$name is ${*} for $good s of $length and must be for all"
    if [[ " $* " != *" down "* ]] && [ "$(seconds_of "$down")" -gt 0 ]; then
      deviation "$name is charged with $down s of downtime that is not its own"
    fi
  done <"$dir/judged"
}

# failure WHAT BREAK MEND: breaks, waits, mends, waits until all is well, and judges that time.
failure() {
  local from to
  say
  say "$1, for $length s:"
  "$2"
  from=$(now_ns)
  nap $((length * 1000)) $((length * 1000))
  to=$(now_ns)
  "$3"
  wait_until 60 "everything is up again" all_up
  wait_until $((length * 3 + 60)) "the agent has its link again" linked
  drain 60
  judge "$from" "$to" >"$dir/judged"
}

cut_uplink() { ip -n "$edge" link set upa down; }
mend_uplink() {
  ip -n "$edge" link set upa up
  ip -n "$edge" -6 address replace fd00:213:1::2/64 dev upa nodad
  ip -n "$edge" route replace default via 10.213.1.1
  ip -n "$edge" -6 route replace default via fd00:213:1::1
}
drop() { # NAMESPACE RULE…: in what is forwarded
  local ns=$1
  shift
  in_ns "$ns" nft "add table inet faults; add chain inet faults forward { type filter hook forward priority 0; }; add rule inet faults forward $*"
}
mend_drop() { in_ns "$gateway" nft delete table inet faults; }
lose_some() { drop "$gateway" numgen random mod 100 '<' 30 drop; }
cut_behind_gateway() { drop "$gateway" drop; }
cut_resolver() { drop "$gateway" udp dport 53 drop; }
cut_ipv6() { drop "$gateway" meta nfproto ipv6 drop; }
cut_one() { drop "$gateway" ip daddr 10.213.2.12 drop; }

failure "The uplink is gone" cut_uplink mend_uplink
expect_state "" unknown
failure "What lies behind an answering gateway is gone" cut_behind_gateway mend_drop
expect_state "" unknown
failure "30 % of all packets are lost" lose_some mend_drop
say "  The canaries answer now and then, so the uplink is not gone. A lost packet is sent again after a"
say "  second, and what is not there in time is down: the path is not what was agreed, wherever it loses."
while IFS=$'\t' read -r name up down unknown causes; do
  printf '  %-14s up %3d, down %3d, unknown %3d s %s\n' "$name" "$(seconds_of "$up")" \
    "$(seconds_of "$down")" "$(seconds_of "$unknown")" "$causes"
done <"$dir/judged"
failure "The resolver is silent" cut_resolver mend_drop
expect_state "-name" unknown
expect_state "-v4" up
expect_state "-v6" up
failure "IPv6 alone is gone" cut_ipv6 mend_drop
expect_state "-v4" up
expect_state "-name" up
say "  The IPv4 canaries answer, so the IPv6 path is charged to what is reached by it:"
expect_state "-v6" down unknown
failure "One target is blocked" cut_one mend_drop
expect_state "-10-v4" up
expect_state "-11-v4" up
expect_state "-12-v4" down
expect_state "-v6" up
end_process agent TERM
same "exit status of the agent" 0 "$ended"
finish "Each failure was charged to whom it belongs."
