#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The live page in a real browser: each party sees its agreement, the page follows by itself, says
# since when it is stale once nobody answers, is whole without script, and no policy is broken.
#   page.sh [FOLDER]     with a folder: pictures of it, in both languages, wide, narrow, dark
# Needs Debian's chromium (and fonts-noto-cjk for Chinese), which ./test does not install.
. "$(dirname "$0")/lib.sh"

pictures=${1:-}
command -v chromium >/dev/null || skip "needs chromium: apt-get install chromium fonts-noto-cjk"
e2e_begin page
make_ca
make_certificate "$agent_name" "URI:nines:agent:$agent_name"
make_certificate alice "URI:nines:actor:alice"
make_certificate carol "URI:nines:actor:carol"
new_collector collector
cat >>"$dir/collector.yaml" <<END
  actors:
    - {name: alice, party: provider, agreements: [shop]}
    - {name: carol, party: customer, agreements: [other]}
END
free_port
closed=$port
free_port
web=$port
free_port
front=$port
free_port
other=$port
free_port
frozen=$port

# A browser's way in: a web server that shows the collector a person's certificate.
proxy() { # PORT NAME
  cat <<END
server { listen 127.0.0.1:$1; location / {
  proxy_pass https://127.0.0.1:${collector_port[collector]};
  proxy_ssl_certificate $dir/$2.pem; proxy_ssl_certificate_key $dir/$2.key; } }
END
}
mkdir -p "$dir/frozen"
start_nginx nginx "
server { listen 127.0.0.1:$web; location / { return 200 'fine'; } }
$(proxy "$front" alice)
$(proxy "$other" carol)
server { listen 127.0.0.1:$frozen; root $dir/frozen; location /v1/ { return 502; } }"

{
  agent_head
  echo "canaries: []"
  echo "collectors:"
  link collector 1s
  echo "checks:"
  echo "  - {name: web, every: 1s, timeout: 500ms, http: {url: \"http://127.0.0.1:$web/\"}}"
  echo "  - {name: till, every: 1s, timeout: 500ms, tcp: {address: \"127.0.0.1:$closed\"}}"
} >"$dir/agent.yaml"
agreement() {
  cat <<END
apiVersion: nines/v1
kind: Agreement
metadata: {name: shop, version: "1.0.0"}
spec:
  effective: {from: "$(date -u +%Y-%m-%dT%H:%M:%SZ)", timeZone: Asia/Shanghai}
  scope: {services: [{name: web}, {name: till}]}
  measurement:
    checks:
      - {name: web, service: web, every: 1s, timeout: 500ms, http: {url: "http://127.0.0.1:$web/"}}
      - {name: till, service: till, every: 1s, timeout: 500ms, tcp: {address: "127.0.0.1:$closed"}}
  objectives:
    - {name: availability, service: web, target: "99.9"}
    - {name: till-availability, service: till, target: "99.9999"}
    - {name: response, service: web, statistic: mean, max: 200ms}
  exclusions:
    kinds:
      maintenance:
        notice: 0s
        windows:
          - {name: weekly-patching, timeZone: Asia/Shanghai, dtstart: "2026-01-04T02:00:00", rrule: FREQ=WEEKLY, duration: 2h}
END
}
start_collector collector

browser_runs=0
# browse URL OPTION…: headless, with a profile of its own; what its console says goes to console.
browse() {
  browser_runs=$((browser_runs + 1))
  timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
    --enable-logging=stderr --user-data-dir="$dir/profile-$browser_runs" "${@:2}" "$1" \
    2>"$dir/console" || deviation "the browser failed on $1"
}
# dom FILE URL VIRTUAL_SECONDS OPTION…: the page as it stands after so much of the browser's time.
dom() { browse "$2" --dump-dom --virtual-time-budget="$3"000 "${@:4}" >"$dir/$1"; }
picture() { # NAME URL WIDTH HEIGHT OPTION…
  [ -n "$pictures" ] || return 0
  mkdir -p "$pictures"
  browse "$2" --screenshot="$pictures/$1.png" --window-size="$3,$4" --virtual-time-budget=3000 "${@:5}"
}
has() { grep -qF -- "$2" "$dir/$1"; }
hasnt() { ! has "$1" "$2"; }
stale_hidden() { grep -o '<div id="stale"[^>]*>' "$dir/$1" | grep -q hidden; }
stale_shown() { ! stale_hidden "$1"; }

say "-- nothing is loaded"
dom empty.html "http://127.0.0.1:$front/" 3
holds "the page says what to do" has empty.html "None of the agreements that alice may see is loaded"
picture empty-en "http://127.0.0.1:$front/" 1280 700

say "-- a service that is down"
agreement >"$dir/agreements/shop.yaml"
kill -s HUP "${e2e_pids[collector]}"
start_agent
live() { ask collector /v1/live; }
judged() { [ "$(live | jq -r '.agreements[0].objectives[1].verdict')" = BREACHED ]; }
wait_until 150 "the objective is breached" judged
live | jq -c '.agreements[0].objectives[] | [.name, .value, .verdict, .outlook]' | sed 's/^/    /'
same "the state of the closed port" down "$(live | jq -r '.agreements[0].services[] | select(.name == "till").state')"
dom shop.html "http://127.0.0.1:$front/" 3
holds "it shows the verdict in words" has shop.html "BREACHED"
holds "it shows what is down" has shop.html "Down right now: till"
holds "it shows why" has shop.html "connect_refused"
holds "it is not stale" stale_hidden shop.html
dom shop-zh.html "http://127.0.0.1:$front/?lang=zh" 3
holds "it speaks Chinese" has shop-zh.html "当前不可用"
holds "the console is silent about policy" hasnt console "Content Security Policy"
dom carol.html "http://127.0.0.1:$other/" 3
holds "another party sees nothing of it" hasnt carol.html "till"
curl -sSf "http://127.0.0.1:$front/" >"$dir/served.html"
holds "without script it is whole" has served.html "Down right now: till"
holds "and says that it does not follow" has served.html "<noscript><p>Without script"
for language in en zh; do
  picture "wide-$language" "http://127.0.0.1:$front/?lang=$language" 1280 1900
  picture "narrow-$language" "http://127.0.0.1:$front/?lang=$language" 360 4200
done
picture dark-en "http://127.0.0.1:$front/" 1280 1900 --blink-settings=preferredColorScheme=0
[ -z "$pictures" ] || browse "http://127.0.0.1:$front/" --no-pdf-header-footer \
  --print-to-pdf="$pictures/paper.pdf" --virtual-time-budget=3000

say "-- it follows by itself"
dom first.html "http://127.0.0.1:$front/" 1
as_of() { sed -n 's/.*data-as-of="\([^"]*\)".*/\1/p' "$dir/$1"; }
cp "$dir/served.html" "$dir/frozen/index.html"
# Two and a half minutes of the browser's time pass in moments; the collector answers all of it.
dom followed.html "http://127.0.0.1:$front/" 150
holds "with a collector that answers it never is stale" stale_hidden followed.html

say "-- nobody answers"
end_process collector TERM
dom young.html "http://127.0.0.1:$frozen/" 20
holds "for a moment nothing is said" stale_hidden young.html
dom stale.html "http://127.0.0.1:$frozen/" 119
holds "within two minutes the page says so" stale_shown stale.html
holds "and since when" grep -qE 'id="since">([0-9-]* )?[0-9]{2}:[0-9]{2}:[0-9]{2} \(UTC' "$dir/stale.html"
same "and shows what it knew" "$(as_of young.html)" "$(as_of stale.html)"
if [ -n "$pictures" ]; then
  browse "http://127.0.0.1:$frozen/" --screenshot="$pictures/stale-en.png" --window-size=1280,900 \
    --virtual-time-budget=119000
fi
finish "the page is the same for both, follows, and says when it does not"
