#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real nginx in all its moods, a TCP service and loopback ICMP: outcome, reason and phases of each,
# by one `nines probe` and by the running agent. Then nginx is killed for a while, and the report on
# an agreement must show that as exactly one outage whose bounds contain the true time.
#   nginx.sh [SECONDS OF OUTAGE]
. "$(dirname "$0")/lib.sh"
outage=${1:-6}

e2e_begin nginx
make_ca
make_certificate edge "URI:nines:agent:edge"
make_certificate good "IP:127.0.0.1"
make_certificate expired "IP:127.0.0.1" -days -1
make_certificate other "DNS:other.example"
new_collector collector
for name in plain tls expired other refused shop; do
  free_port
  declare "$name=$port"
done

mkdir "$dir/pages"
echo "<p>Your cart is empty" >"$dir/pages/index.html"
head -c 20000 /dev/zero | tr '\0' x >"$dir/pages/slow.html"
tls_server() { # PORT CERTIFICATE
  echo "server { listen 127.0.0.1:$1 ssl http2; ssl_certificate $dir/$2.pem; ssl_certificate_key $dir/$2.key; ssl_protocols TLSv1.2 TLSv1.3;
    location / { root $dir/pages; } }"
}
start_nginx nginx "
server {
  listen 127.0.0.1:$plain;
  location / { root $dir/pages; }
  location /slow.html { root $dir/pages; limit_rate 100; }
  location /busy { return 503; }
  location /moved { return 302 /; }
  location /packed { alias $dir/pages/slow.html; gzip on; gzip_types *; }
  location /state { default_type application/json; return 200 '{\"queue\": {\"depth\": 12}}'; }
  location /round { return 302 /round; }
}
$(tls_server "$tls" good)
$(tls_server "$expired" expired)
$(tls_server "$other" other)"
start_nginx shop "server { listen 127.0.0.1:$shop; location / { return 200 'open'; } }"

# name | the check | outcome | reason | the phases that were reached
cat >"$dir/table" <<END
plain|http: {url: "http://127.0.0.1:$plain/", expect: {body: {matches: cart}}}|up|ok|connect first_byte transfer
redirected|http: {url: "http://127.0.0.1:$plain/moved"}|up|ok|connect first_byte transfer
tls-good|http: {url: "https://127.0.0.1:$tls/", tls: {ca: ca.pem}}|up|ok|connect tls first_byte transfer
tls-expired|http: {url: "https://127.0.0.1:$expired/", tls: {ca: ca.pem}}|down|tls_certificate_expired|connect tls
tls-other-name|http: {url: "https://127.0.0.1:$other/", tls: {ca: ca.pem}}|down|tls_name_mismatch|connect tls
tls-unknown-ca|http: {url: "https://127.0.0.1:$tls/"}|down|tls_certificate_untrusted|connect tls
slow|http: {url: "http://127.0.0.1:$plain/slow.html"}|down|http_timeout|connect first_byte transfer
refused|http: {url: "http://127.0.0.1:$refused/"}|down|connect_refused|connect
wrong-body|http: {url: "http://127.0.0.1:$plain/", expect: {body: {matches: checkout}}}|down|http_body|connect first_byte transfer
wrong-status|http: {url: "http://127.0.0.1:$plain/busy"}|down|http_status|connect first_byte transfer
round|http: {url: "http://127.0.0.1:$plain/round", redirects: 3}|down|http_redirect_limit|connect first_byte transfer
gzip|http: {url: "http://127.0.0.1:$plain/packed", compression: gzip, expect: {body: {matches: "^x{1000}"}}}|up|ok|connect first_byte transfer
not-br|http: {url: "http://127.0.0.1:$plain/packed", compression: br}|down|http_encoding|connect first_byte transfer
bomb|http: {url: "http://127.0.0.1:$plain/packed", compression: gzip, max_body: 10000}|down|http_too_large|connect first_byte transfer
json|http: {url: "http://127.0.0.1:$plain/state", expect: {json: [{pointer: /queue/depth, below: 100}]}}|up|ok|connect first_byte transfer
wrong-json|http: {url: "http://127.0.0.1:$plain/state", expect: {json: [{pointer: /queue/depth, above: 100}]}}|down|http_json|connect first_byte transfer
fresh|http: {url: "http://127.0.0.1:$plain/", expect: {modified_within: 1h, headers: [{name: Server, matches: nginx}]}}|up|ok|connect first_byte transfer
stale|http: {url: "http://127.0.0.1:$plain/state", expect: {modified_within: 1h}}|down|http_stale|connect first_byte transfer
http2|http: {url: "https://127.0.0.1:$tls/", tls: {ca: ca.pem, min_version: "1.3"}, expect: {version: "2"}}|up|ok|connect tls first_byte transfer
not-http2|http: {url: "http://127.0.0.1:$plain/", expect: {version: "2"}}|down|http_version|connect first_byte transfer
tcp|tcp: {address: "127.0.0.1:$plain"}|up|ok|connect
tcp-tls|tcp: {address: "127.0.0.1:$tls", tls: {ca: ca.pem}}|up|ok|connect tls
tcp-dialogue|tcp: {address: "127.0.0.1:$plain", steps: [{send: "GET / HTTP/1.0\r\n\r\n"}, {expect: "^HTTP/1.1 200"}]}|up|ok|connect first_byte transfer
tcp-refused|tcp: {address: "127.0.0.1:$refused"}|down|connect_refused|connect
tcp-no-greeting|tcp: {address: "127.0.0.1:$plain", steps: [{expect: "^220 "}]}|down|tcp_timeout|connect first_byte
loopback|icmp: {host: 127.0.0.1, count: 3, interval: 20ms}|up|ok|
END

# check_result NAME OUTCOME REASON PHASES: the result stands in $dir/result.json.
check_result() {
  local found
  found=$(jq -r '[.outcome, .reason, (.phases // {} | keys_unsorted | map(rtrimstr("_us")) | join(" "))] | join("|")' "$dir/result.json")
  if [ "$1" = loopback ] && [[ $found = "unknown|agent_no_permission|"* ]]; then
    say "  loopback: this machine permits no ICMP here, and the agent says so"
  elif [ "$found" = "$2|$3|$4" ]; then
    printf '  %-16s %-5s %-26s %s\n' "$1" "$2" "$3" \
      "$(jq -r '[(.phases // {} | to_entries[] | "\(.key | rtrimstr("_us")) \(.value)"), "total \(.total_us) µs"] | join(", ")' "$dir/result.json")"
  else
    deviation "$1 is $found and must be $2|$3|$4: $(jq -r .detail "$dir/result.json")"
  fi
}

say "One run of each by nines probe:"
while IFS='|' read -r name check outcome reason phases; do
  echo "{name: $name, every: 10s, timeout: 1500ms, $check}" >"$dir/$name.check.yaml"
  status=0
  "$nines" probe --check "$dir/$name.check.yaml" --json >"$dir/result.json" || status=$?
  check_result "$name" "$outcome" "$reason" "$phases"
  case $(jq -r .outcome "$dir/result.json") in up) code=0 ;; down) code=2 ;; *) code=3 ;; esac
  [ "$status" -eq "$code" ] || deviation "nines probe left with $status for $name, and must with $code"
  case $name in
    tls-good) [ "$(jq .tls.verified "$dir/result.json")" = true ] || deviation "$name is not verified" ;;
    tls-expired) [ "$(jq .tls.verified "$dir/result.json")" = false ] || deviation "$name is verified" ;;
    redirected) [ "$(jq '.http.hops | length' "$dir/result.json")" = 1 ] || deviation "$name has no hop" ;;
    wrong-status) [ "$(jq .http.status "$dir/result.json")" = 503 ] || deviation "$name is not 503" ;;
  esac
done <"$dir/table"

say "The same by the agent:"
{
  agent_head 16MiB 500ms
  say "collectors:"
  link collector 1s
  say "canaries: []"
  say "checks:"
  say "  - {name: shop, every: 1s, timeout: 900ms, http: {url: \"http://127.0.0.1:$shop/\"}}"
  while IFS='|' read -r name check _; do
    say "  - {name: $name, every: 2s, timeout: 1500ms, $check}"
  done <"$dir/table"
} >"$dir/agent.yaml"
cat >"$dir/agreements/shop.yaml" <<END
apiVersion: nines/v1
kind: Agreement
metadata: {name: shop, version: "1.0.0"}
spec:
  effective: {from: "2020-01-01T00:00:00", timeZone: UTC}
  scope:
    services: [{name: shop}]
  measurement:
    checks:
      - {name: shop, service: shop, every: 1s, timeout: 900ms, http: {url: "http://127.0.0.1:$shop/"}}
  objectives:
    - {name: availability, service: shop, statistic: availability, target: "99", period: {calendar: month}}
END
start_collector collector
start_agent
no_pending() { [ "$(ask agent /v1/status | jq .counts.pending)" = 0 ]; }
wait_until 15 "every check has a result" no_pending
while IFS='|' read -r name check outcome reason phases; do
  ask agent "/v1/checks/$name" | jq .last >"$dir/result.json"
  check_result "$name" "$outcome" "$reason" "$phases"
done <"$dir/table"

shop_is() { [ "$(ask agent /v1/checks/shop | jq -r .outcome)" = "$1" ]; }
shop_ran_at() { [[ $(ask agent /v1/checks/shop | jq -r .last.started) > $(rfc3339 "$1") ]]; }
wait_until 10 "the shop is up" shop_is up
from=$(now_ns)
wait_until 10 "it was seen up since" shop_ran_at $((from + 1500000000))

before=$(now_ns)
end_process shop KILL
dead=$(now_ns)
say "nginx of the shop is killed for $outage s."
nap $((outage * 1000)) $((outage * 1000))
holds "the agent sees it down" shop_is down
alive=$(now_ns)
run_nginx shop
after=$(now_ns)
wait_until 10 "the shop is up again" shop_is up
to=$(now_ns)
wait_until 10 "it was seen up since" shop_ran_at "$to"
drain 20
end_process agent TERM
same "exit status of the agent" 0 "$ended"

period="$(rfc3339 "$from")/$(rfc3339 "$to")"
status=0
"$nines" report --socket "$dir/collector.sock" --agreement shop --period "$period" || status=$?
same "exit status of nines report (BREACHED)" 2 "$status"
"$nines" report --socket "$dir/collector.sock" --agreement shop --period "$period" \
  --format json >"$dir/report.json" || true
jq '.objectives[0] | {verdict, value, seconds, outages}' "$dir/report.json"
same "verdict" BREACHED "$(jq -r '.objectives[0].verdict' "$dir/report.json")"
same "number of outages" 1 "$(jq '.objectives[0].outages | length' "$dir/report.json")"
# Seconds are integers, or rational strings as "26748/10".
rational='def number: if type == "string" then split("/") | map(tonumber) | .[0] / (.[1] // 1) else . end;'
same "the outage counts" true "$(jq '.objectives[0].outages[0].counted' "$dir/report.json")"
say "  the truth: no server for $(jq -n "($alive - $dead) / 1e9") to $(jq -n "($after - $before) / 1e9") s"
same "min_s <= truth <= max_s" true "$(jq --argjson low $((alive - dead)) --argjson high $((after - before)) \
  "$rational"'.objectives[0].outages[0] | (.min_s | number) <= $high / 1e9 and (.max_s | number) >= $low / 1e9' \
  "$dir/report.json")"
same "min_s <= down_s <= max_s" true "$(jq "$rational"'.objectives[0].outages[0]
  | (.min_s | number) <= (.down_s | number) and (.down_s | number) <= (.max_s | number)' "$dir/report.json")"
same "the bounds are as tight as two rounds of a check" true "$(jq "$rational"'.objectives[0].outages[0]
  | (.max_s | number) - (.min_s | number) <= 3' "$dir/report.json")"
same "the seconds add up to the period" true "$(jq "$rational"'.objectives[0]
  | ([.seconds[] | number] | add) - (.period.length_s | number) | fabs < 1e-6' "$dir/report.json")"
finish "Right outcomes, reasons and phases; $outage s of outage are one outage within its bounds."
