#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From a claim to evidence: a port is down, the provider claims force majeure, only the customer may
# accept it, the report then excludes it, and its bundle verifies offline until one bit is flipped.
# What a person wrote is erased, and all of it verifies as before.
. "$(dirname "$0")/lib.sh"

e2e_begin proof
command -v python3 >/dev/null || skip "needs python3"
make_ca
make_certificate "$agent_name" "URI:nines:agent:$agent_name"
make_certificate alice "URI:nines:actor:alice"
make_certificate bob "URI:nines:actor:bob"
new_collector collector
cat >>"$dir/collector.yaml" <<END
  actors:
    - {name: alice, party: provider, agreements: [shop]}
    - {name: bob, party: customer, agreements: [shop]}
END
free_port
{
  agent_head
  echo "canaries: []"
  echo "collectors:"
  link collector 1s
  echo "checks:"
  echo "  - {name: closed, every: 1s, timeout: 500ms, tcp: {address: \"127.0.0.1:$port\"}}"
} >"$dir/agent.yaml"
from=$(date -u +%Y-%m-%dT%H:%M:%SZ)
cat >"$dir/agreements/shop.yaml" <<END
apiVersion: nines/v1
kind: Agreement
metadata: {name: shop, version: "1"}
spec:
  effective: {from: "$from"}
  scope: {services: [{name: shop}]}
  measurement:
    checks:
      - {name: closed, service: shop, every: 1s, timeout: 500ms, tcp: {address: "127.0.0.1:$port"}}
  objectives: [{name: availability, target: "99"}]
  exclusions: {kinds: {force_majeure: {needs: [evidence, acceptance by the customer]}}}
  parties: {provider: {name: North, signs: {role: head}}, customer: {name: Harbour, signs: {role: CIO}}}
  obligations: {provider: [{what: restore from backup, every: 1M}]}
  communication: {notices: {incidentOpened: 5m, incidentUpdate: 30m}}
END
start_collector collector
start_agent
has_results() { [ "$(ask agent /v1/checks/closed/history | jq '.results | length')" -ge 5 ]; }
wait_until 60 "five slots have ended" has_results
drain 30
to=$(date -u +%Y-%m-%dT%H:%M:%SZ)
end_process agent TERM

as() { # ACTOR COMMAND…: in that person's name; `said` is the exit code
  local actor=$1
  shift
  said=0
  "$nines" "$@" --collector "https://127.0.0.1:${collector_port[collector]}" --ca "$dir/ca.pem" \
    --certificate "$dir/$actor.pem" --key "$dir/$actor.key" 2>&1 || said=$?
}
seconds_of() { # CATEGORY, of the report as it stands
  as bob report --agreement shop --period "$from/$to" --format json |
    jq -r ".objectives[0].seconds.$1 // 0"
}

holds "time is down before anybody claims" test "$(seconds_of down)" != 0
same "what is excluded then" 0 "$(seconds_of excluded)"
as alice exclusion claim flood --agreement shop --kind force_majeure --from "$from" --to "$to" \
  --evidence "report of the fire brigade" >"$dir/words"
same "exit code of the claim" 0 "$said"
as alice exclusion approve flood --agreement shop >"$dir/words"
holds "who claims cannot approve" test "$said" != 0
sed 's/^/    /' "$dir/words"
same "what is excluded after the claim" 0 "$(seconds_of excluded)"
as bob exclusion approve flood --agreement shop >"$dir/words"
same "exit code of the customer's approval" 0 "$said"
same "what is down after it" 0 "$(seconds_of down)"
holds "time is excluded" test "$(seconds_of excluded)" != 0
as bob exclusion list --agreement shop >"$dir/words"
sed 's/^/    /' "$dir/words"
holds "the list names the exclusion" grep -q flood "$dir/words"
as alice incident open outage-1 --agreement shop --service shop >"$dir/words"
same "exit code of opening an incident" 0 "$said"
as alice incident update outage-1 --agreement shop --note "the tide is going out" >"$dir/words"
same "exit code of telling the customer of it" 0 "$said"
as bob incident update outage-1 --agreement shop --note "is it?" >"$dir/words"
holds "the customer tells himself nothing" test "$said" != 0
told() { # incidents, promises kept, promises missed, their clocks; as the report stands
  as bob report --agreement shop --period "$from/$(date -u +%Y-%m-%dT%H:%M:%SZ)" --format json |
    jq -c '.notices | [.incidents, .met, .breached, (.clocks | map(.clock))]'
}
is_told() { [ "$(told)" = '[1,1,0,["incidentOpened","incidentUpdate"]]' ]; }
wait_until 30 "the report says that the first notice came in time" is_told
due=$("$nines" sla obligations "$dir/agreements/shop.yaml" --json | jq -rs '.[0].due')
duty=$("$nines" sla obligations "$dir/agreements/shop.yaml" --json | jq -rs '.[0].id')
as bob duty done d-1 --agreement shop --duty "$duty" --due "$due" >"$dir/words"
holds "nobody ticks off what the other party owes" test "$said" != 0
sed 's/^/    /' "$dir/words"
as alice duty done d-1 --agreement shop --duty "$duty" --due "$due" --evidence "ticket 812" >"$dir/words"
same "exit code of ticking a duty off" 0 "$said"
as bob duty list --agreement shop >"$dir/words"
sed 's/^/    /' "$dir/words"
holds "both parties see the proof" grep -q "ticket 812" "$dir/words"
as bob observation down seen-1 --agreement shop --service shop --from "$from" --to "$to" \
  --text "the till said error 5" >"$dir/words"
same "exit code of an observation" 0 "$said"
as bob annotation add note-1 --agreement shop --text "seen from the shop floor" >"$dir/words"
same "exit code of an annotation" 0 "$said"
as bob membership retire v-1 --agreement shop --vantage "$agent_name" >"$dir/words"
holds "only the provider says who measures" test "$said" != 0
as alice membership retire v-1 --agreement shop --vantage "$agent_name" >"$dir/words"
same "exit code of retiring a vantage" 0 "$said"
as alice restatement propose r-1 --agreement shop --period 2020-01 --reason "late data" >"$dir/words"
holds "a period that is not sealed is not restated" test "$said" != 0
sed 's/^/    /' "$dir/words"
for kind in observation annotation membership restatement; do
  as alice "$kind" list --agreement shop >"$dir/words"
  same "exit code of listing each $kind" 0 "$said"
  sed 's/^/    /' "$dir/words"
done
same "observations" "down shop the till said error 5 bob" \
  "$(as alice observation list --agreement shop --json |
    jq -r '.[] | .event.outcome + " " + .event.service + " " + .event.text + " " + .actor')"
same "what is down is as before" 0 "$(seconds_of down)"

as bob log head >"$dir/head.json"
same "exit code of keeping the log's head" 0 "$said"
missing() { as bob report --agreement shop --period "$from/$to" --format json | jq -c '.signatures[0].missing'; }
same "who is to sign and has not" '["provider","customer"]' "$(missing)"
as alice signature sign "$dir/agreements/shop.yaml" --party provider >"$dir/words"
same "exit code of the provider's signature" 0 "$said"
sed 's/^/    /' "$dir/words"
as alice signature sign "$dir/agreements/shop.yaml" --party customer >"$dir/words"
holds "nobody signs for the other party" test "$said" != 0
sed 's/"99"/"98"/' "$dir/agreements/shop.yaml" >"$dir/changed.yaml"
as bob signature sign "$dir/changed.yaml" --party customer >"$dir/words"
holds "a changed text is not signed under its version" test "$said" != 0
sed 's/^/    /' "$dir/words"
same "digests that the refusal names" 2 \
  "$(grep -o '\(is\|signed\) sha256:[0-9a-f]*' "$dir/words" | sort -u | wc -l)"
as bob signature sign "$dir/agreements/shop.yaml" --party customer >"$dir/words"
same "exit code of the customer's signature" 0 "$said"
as bob signature sign "$dir/agreements/shop.yaml" --party customer >"$dir/words"
holds "nobody signs twice" test "$said" != 0
same "who is to sign and has not, now" '[]' "$(missing)"
as bob signature list --agreement shop >"$dir/words"
same "exit code of listing signatures" 0 "$said"
sed 's/^/    /' "$dir/words"
as bob log check "$dir/head.json" >"$dir/words"
same "exit code of holding the log against the head that was kept" 0 "$said"
sed 's/^/    /' "$dir/words"

as bob report --agreement shop --period "$from/$to" --bundle "$dir/bundle" >"$dir/words"
same "exit code of fetching the bundle" 0 "$said"
verify() { # FILE: its words are shown; `said` is the exit code
  said=0
  "$nines" verify "$1" >"$dir/words" 2>&1 || said=$?
  sed 's/^/    /' "$dir/words"
}
verify "$dir/bundle"
same "exit code of verify" 0 "$said"
holds "verify names the signatures" grep -q "2 signatures under versions" "$dir/words"
python3 - "$dir/bundle" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[1] + ".bad", "wb").write(data)
END
verify "$dir/bundle.bad"
same "exit code of verify after a flipped bit" 2 "$said"

as bob annotation add visit-1 --agreement shop --text "Ms Li fell at the till" --about visitor-17 \
  >"$dir/words"
same "exit code of a word on a visitor" 0 "$said"
same "the word, as the other party reads it" "Ms Li fell at the till" \
  "$(as alice annotation list --agreement shop --json |
    jq -r '.[] | select(.event.id == "visit-1").event.text')"
# shellcheck disable=SC2317
nowhere() { ! grep -rqaF "$1" "$dir/collector"; }
holds "the store has the word nowhere in the clear" nowhere "Ms Li"
holds "the store has the visitor's name with its key" grep -qaF visitor-17 "$dir/collector/subject.keys"
as bob log head >"$dir/head.json"
as bob report --agreement shop --period "$from/$to" --bundle "$dir/before" >"$dir/words"
as bob erase visitor-17 --agreement shop >"$dir/words"
same "exit code of the erasure" 0 "$said"
sed 's/^/    /' "$dir/words"
holds "the visitor's name is nowhere" nowhere visitor-17
as alice annotation list --agreement shop >"$dir/words"
sed 's/^/    /' "$dir/words"
holds "the list says that it is erased" grep -q "(erased 20" "$dir/words"
as bob erase visitor-17 --agreement shop >"$dir/words"
holds "nothing is left to erase" test "$said" != 0
sed 's/^/    /' "$dir/words"
as bob log check "$dir/head.json" >"$dir/words"
same "exit code of holding the log against the head from before the erasure" 0 "$said"
verify "$dir/before"
same "exit code of verifying a bundle from before the erasure" 0 "$said"
as bob report --agreement shop --period "$from/$to" --bundle "$dir/after" >"$dir/words"
verify "$dir/after"
same "exit code of verifying one from after it" 0 "$said"
holds "verify says what was erased" grep -q "1 were erased" "$dir/words"
finish "who claims does not decide, and what is proven can be recomputed"
