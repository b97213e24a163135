# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by scenarios that ask whether every slot was recorded exactly once. It looks
# twice: at what the collector says of itself (/v1/slots), and at the results it hands out, which are
# laid against the slot grid here.
# shellcheck shell=bash disable=SC2154

# fetch_results COLLECTOR: every result of every check as one JSON line each, in results.jsonl.
fetch_results() {
  local check
  : >"$dir/results.jsonl"
  while read -r check; do
    ask "$1" "/v1/results?check=$check&vantage=$agent_name&from=2000-01-01T00:00:00Z" \
      >>"$dir/results.jsonl"
  done < <(ask "$1" "/v1/slots?vantage=$agent_name" | jq -r '.checks[].name')
}

# account COLLECTOR CHECKS FROM_NS TO_NS: each of CHECKS checks has one record for each slot from
# FROM to TO; both ends may be two seconds off (the first slot comes after the start).
account() {
  local collector=$1 checks=$2 from=$3 to=$4 page=$dir/slots.json
  ask "$collector" "/v1/slots?vantage=$agent_name" >"$page"
  same "the number of checks on record" "$checks" "$(jq '.checks | length' "$page")"
  same "exactly_once" true "$(jq .exactly_once "$page")"
  jq -r '"  \(.checks | map(.due) | add) slots were due, \(.checks | map(.recorded) | add) recorded"' "$page"
  same "slots recorded twice" 0 "$(jq '[.checks[].doubled_slots] | add' "$page")"
  same "slots missing" 0 "$(jq '[.checks[].missing_slots] | add' "$page")"
  same "checks that begin late or end early" "" "$(jq -r --argjson from "$from" --argjson to "$to" '
    .checks[] | . as $c
    | (.first_slot * .every_ns + .phase_ns) as $first | (.last_slot * .every_ns + .phase_ns) as $last
    | select($first > $from + .every_ns + 2e9 or $last < $to - .every_ns - 2e9)
    | "\(.name) \(.from) \(.to)"' "$page")"

  fetch_results "$collector"
  # Independent of /v1/slots. A record that stands for several slots comes as a line for each, and
  # those have no number of their own.
  same "holes and overlaps among the results" "" "$(jq -rs '
    group_by(.check)[] | sort_by(.slot) | . as $r | range(1; length)
    | select($r[.].slot != $r[. - 1].slot + 1)
    | "\($r[.].check): slot \($r[. - 1].slot), then \($r[.].slot)"' "$dir/results.jsonl" | head -n 5)"
  same "sequence numbers used twice" 0 "$(jq -rs '
    map(select(.seq) | "\(.epoch) \(.seq)") | length - (unique | length)' \
    "$dir/results.jsonl")"
  same "batches that do not follow on each other" "" "$(store "$collector" "
    SELECT number FROM (SELECT number, last_number, first_seq, result_count,
      lag(last_number, 1, 0) OVER w AS before, lag(first_seq + result_count, 1, 1) OVER w AS seq
      FROM headers WINDOW w AS (PARTITION BY agent, epoch ORDER BY number))
    WHERE number <> before + 1 OR first_seq <> seq LIMIT 5")"
}
