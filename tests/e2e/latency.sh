#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How long from the slot in which a service fails until that result is durable at the collector? A
# page of a real nginx vanishes and comes back again and again; the only batches that travel are
# those of a change, so the agent's last receipt after a failure is the receipt of that failure, and
# a receipt is written after the collector's commit. Prints a table; no figure is a gate.
#   latency.sh [OUTAGES]
. "$(dirname "$0")/lib.sh"
outages=${1:-12}

e2e_begin latency
make_ca
make_certificate edge "URI:nines:agent:edge"
new_collector collector
free_port
web=$port
mkdir "$dir/pages"
echo fine >"$dir/pages/page"
start_nginx nginx "server { listen 127.0.0.1:$web; location / { root $dir/pages; } }"
{
  agent_head 16MiB 5s
  say "collectors:"
  link collector 1h
  say "canaries: []"
  say "checks:"
  say "  - {name: page, every: 200ms, timeout: 200ms, http: {url: \"http://127.0.0.1:$web/page\"}}"
} >"$dir/agent.yaml"
start_collector collector
start_agent

receipt() { ask agent /v1/status | jq -r '.collectors[0].last_receipt // ""'; }
receipt_since() { [[ $(receipt) > "$1" ]]; }
page_is() { [ "$(ask agent /v1/checks/page | jq -r .outcome)" = "$1" ]; }
change() { # TO
  local at
  at=$(rfc3339 "$(now_ns)")
  if [ "$1" = down ]; then mv "$dir/pages/page" "$dir/page"; else mv "$dir/page" "$dir/pages/page"; fi
  wait_until 15 "the page is $1" page_is "$1"
  wait_until 15 "the collector has that" receipt_since "$at"
}

wait_until 20 "the page is up" page_is up
wait_until 20 "the collector knows" receipt_since ""
nap 1000 1000
for _ in $(seq "$outages"); do
  nap 0 400
  change down
  receipt >>"$dir/receipts"
  change up
done
end_process agent TERM
same "exit status of the agent" 0 "$ended"

ask collector "/v1/results?check=page&vantage=edge&from=2000-01-01T00:00:00Z" >"$dir/results.jsonl"
jq -R . "$dir/receipts" | jq -s . >"$dir/receipts.json"
# jq's numbers have 53 bits: seconds and the fraction are taken apart.
jq -s --slurpfile receipts "$dir/receipts.json" '
  def us: (.[0:19] + "Z" | fromdate) * 1000000 + ((.[19:] | rtrimstr("Z")
    | if . == "" then "0" else .[1:] end + "000000")[0:6] | tonumber);
  sort_by(.slot) | . as $r
  # The page that is away, not a run that a busy machine cut short.
  | [range(1; length) | select($r[.].reason == "http_status" and $r[. - 1].reason != "http_status") | $r[.]]
  | [., $receipts[0]] | transpose | map({
      run: .[0].total_us,
      arrived: ((.[0].received | us) - (.[0].started | us) - .[0].total_us),
      durable: ((.[1] | us) - (.[0].started | us) - .[0].total_us),
      whole: ((.[1] | us) - (.[0].started | us))})' "$dir/results.jsonl" >"$dir/latencies.json"
same "outages on record" "$outages" "$(jq length "$dir/latencies.json")"
same "receipts earlier than what they are for" 0 "$(jq 'map(select(.durable < 0)) | length' "$dir/latencies.json")"
say ""
say "$outages outages; milliseconds; nearest rank"
jq -r '
  def at(p): sort | .[([(p * length | ceil), 1] | max) - 1] / 1000 | . * 100 | round / 100;
  def row(name; of): map(of) as $v | [name, ($v | at(0.5), at(0.9), at(0.99), at(1))] | @tsv;
  (["from … to …", "p50", "p90", "p99", "max"] | @tsv),
  row("the failing run itself"; .run),
  row("its end to arrived at the collector"; .arrived),
  row("its end to its receipt (durable)"; .durable),
  row("its start to its receipt (durable)"; .whole)' "$dir/latencies.json" |
  while IFS=$'\t' read -r name p50 p90 p99 max; do
    printf '%-38s %10s %10s %10s %10s\n' "$name" "$p50" "$p90" "$p99" "$max"
  done
say ""
finish "All $outages outages were durable at the collector."
