#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real service stops: the collector opens an incident by its own rule, tells a web hook, then by
# mail who comes next, and goes no further once somebody has seen it. A real Alertmanager shows the
# incident while it is open. The service is back: it says so to those who were told. Killed between an alert and its delivery, it delivers after the start
# what it would have delivered, under the same key.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || skip "needs python3-aiosmtpd"
command -v prometheus-alertmanager >/dev/null || skip "needs prometheus-alertmanager"
e2e_begin alerts
make_ca
make_certificate edge "URI:nines:agent:edge"
make_certificate good "DNS:localhost,IP:127.0.0.1"
new_collector collector
free_port
web=$port
free_port
hook=$port
free_port
mail=$port
free_port
manager=$port
start_nginx web "server { listen 127.0.0.1:$web; location / { return 200 'open'; } }"

# Where alerts go: each message becomes a line of hook.jsonl, mail.jsonl, pager.jsonl.
cat >"$dir/hook.py" <<'PYTHON'
import http.server
import sys

folder, port = sys.argv[1:]


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(f"{folder}/hook.jsonl", "ab") as out:
            out.write(body + b"\n")
        with open(f"{folder}/hook.keys", "a") as out:
            out.write(self.headers["Idempotency-Key"] + " " + self.headers["X-Token"] + "\n")
        self.send_response(204)
        self.end_headers()


http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Hook).serve_forever()
PYTHON
cat >"$dir/mail.py" <<'PYTHON'
import email
import email.policy
import json
import ssl
import sys
import time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, port = sys.argv[1:]


class Keep:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": mail["Subject"],
                "key": mail["X-Nines-Dedup-Key"], "text": mail.get_content(), "tls": session.ssl is not None}
        name = "heads" if line["subject"].startswith("[log]") else "mail"
        with open(f"{folder}/{name}.jsonl", "a") as out:
            out.write(json.dumps(line) + "\n")
        return "250 taken"


def known(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"nines", b"hunter2"))


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/good.pem", f"{folder}/good.key")
Controller(Keep(), hostname="127.0.0.1", port=int(port), tls_context=context, require_starttls=True,
           auth_required=True, authenticator=known).start()
time.sleep(600)
PYTHON
cat >"$dir/page" <<'END'
#!/bin/sh
read -r message || :
echo "$message" >>"$1"
END
chmod 755 "$dir/page"
echo hunter2 >"$dir/password"
echo "X-Token: abc" >"$dir/headers"
touch "$dir/hook.jsonl" "$dir/mail.jsonl" "$dir/heads.jsonl" "$dir/pager.jsonl"
start_hook() {
  start hook /usr/bin/python3 "$dir/hook.py" "$dir" "$hook"
  wait_until 20 "the hook listens" listens "$hook"
}
start_hook
start mail /usr/bin/python3 "$dir/mail.py" "$dir" "$mail"
cat >"$dir/alertmanager.yaml" <<'END'
route: {receiver: nobody}
receivers: [{name: nobody}]
END
start manager prometheus-alertmanager --config.file="$dir/alertmanager.yaml" \
  --storage.path="$dir/alertmanager" --web.listen-address="127.0.0.1:$manager" \
  --cluster.listen-address=
wait_until 20 "the mail server listens" listens "$mail"
wait_until 20 "Alertmanager listens" listens "$manager"

cat >>"$dir/collector.yaml" <<END
  actors: [{name: desk, party: provider, agreements: all, local: true}]
alerts:
  channels:
    - {name: hook, webhook: {url: "http://127.0.0.1:$hook/in", headers_file: headers}}
    - name: mail
      smtp: {url: "smtp://127.0.0.1:$mail", from: nines@example.net, to: [ops@example.net], ca: ca.pem, username: nines, password_file: password}
    - {name: manager, alertmanager: {url: "http://127.0.0.1:$manager"}}
    - {name: pager, exec: {command: [$dir/page, $dir/pager.jsonl]}}
  routes:
    - {match: {severity: page}, group_by: agreement, contacts: [[hook, manager], mail, pager], ack_within: 6s, repeat: 1h, wait: 0s}
  log_head: {at: "$(date -u -d '+12 hours' +%H:%M)", channels: [mail]} # the first at once, the next in 12 h
END
check="name: web, every: 1s, timeout: 900ms, http: {url: \"http://127.0.0.1:$web/\"}"
cat >"$dir/agreements/acme.yaml" <<END
apiVersion: nines/v1
kind: Agreement
metadata: {name: acme, version: "1"}
spec:
  effective: {from: "2020-01-01T00:00:00", timeZone: UTC}
  scope: {services: [{name: shop}]}
  measurement: {checks: [{$check, service: shop}]}
  support: {priorities: [{name: high, response: 30m, resolve: 2h}]}
  objectives: [{name: availability, service: shop, target: "99"}]
END
{
  agent_head 16MiB 500ms
  echo "collectors:"
  link collector 1s
  echo "checks:"
  echo "  - {$check}"
} >"$dir/agent.yaml"
holds "the configuration is taken" "$collector_program" --config "$dir/collector.yaml" --check-config
start_collector collector
start_agent

# last FILE FILTER: of the newest message of a channel.
last() { tail -n 1 "$dir/$1.jsonl" | jq -r "$2"; }
messages() { wc -l <"$dir/$1.jsonl"; }
has_messages() { [ "$(messages "$1")" -ge "$2" ]; }
alerts() { ask collector /v1/alerts; }
# managed FILTER: of the incidents that Alertmanager holds for active.
managed() {
  curl -sSf --max-time 20 "http://127.0.0.1:$manager/api/v2/alerts?active=true" |
    jq -r "[.[] | select(.labels.alertname == \"nines_incident\")] | $1"
}
manager_has() { [ "$(managed length)" = "$1" ]; }
# More than once, so that the state before the failure is confirmed, too.
up_there() { [ "$(ask collector "/v1/checks/web/history?since=5m" | jq '[.results[] | select(.outcome == "up")] | length')" -ge 3 ]; }
wait_until 30 "the service is up" up_there
same "alerts while all is well" 0 "$(alerts | jq '.alerts | length')"

wait_until 60 "the head of the log is mailed" has_messages heads 1
last heads .text | sed 's/^/    /'
last heads .text >"$dir/head.txt"
same "to whom" "ops@example.net true" "$(last heads '.to[0] + " " + (.tls | tostring)')"

say "The service stops:"
end_process web KILL
wait_until 60 "the hook is told" has_messages hook 1
same "what the hook is told" "firing firing incident page" \
  "$(last hook '.status + " " + .reason + " " + .alerts[0].kind + " " + .alerts[0].severity')"
same "its token" abc "$(tail -n 1 "$dir/hook.keys" | cut -d' ' -f2)"
incident=$(last hook '.alerts[0].labels.incident')
holds "the incident is the collector's own" [ "${incident#auto-shop-}" != "$incident" ]
first=$(last hook '.alerts[0].figures.first_failure')
outage=$(ask collector "/v1/checks/web" | jq -r '.outages[0].from')
same "the first failure" "$(date -d "$outage" +%s)" "$(date -d "$first" +%s)"
statement=$(store collector "SELECT entry FROM log WHERE kind = 'event' ORDER BY position LIMIT 1")
same "who states it in the log" collector "$(jq -r .actor <<<"$statement")"
same "priority" high "$(jq -r .event.priority <<<"$statement")"
wait_until 60 "Alertmanager has it" manager_has 1
same "what it has" "acme shop $incident page" \
  "$(managed '.[0].labels | .agreement + " " + .service + " " + .incident + " " + .severity')"
same "since when" "$(date -d "$(last hook .alerts[0].fired)" +%s%3N)" "$(date -d "$(managed '.[0].startsAt')" +%s%3N)"
wait_until 60 "who comes next has mail" has_messages mail 1
same "by whom and to whom" "nines@example.net ops@example.net true" "$(last mail '.from + " " + .to[0] + " " + (.tls | tostring)')"
holds "the subject says what it is" grep -q "shop has an open incident" <<<"$(last mail .subject)"

say "Somebody has seen it:"
"$nines" alerts --socket "$dir/collector.sock"
id=$(alerts | jq -r '.alerts[] | select(.kind == "incident") | .id')
holds "it is acknowledged" "$nines" alerts ack "$id" --socket "$dir/collector.sock"
pages=$(messages pager)
if [ "$pages" -gt 0 ]; then say "  the machine is slow: the pager was reached before"; fi
nap 8000 8000 # longer than ack_within
same "pages after it was acknowledged" "$pages" "$(messages pager)"
same "who has seen it" desk "$(alerts | jq -r '.alerts[] | select(.kind == "incident") | .acknowledged.by')"

say "The service is back:"
run_nginx web
resolved() { [ "$(last "$1" .status)" = resolved ]; }
wait_until 60 "the hook hears of it" resolved hook
mail_resolved() { last mail .subject | grep -q '^\[resolved\]'; }
wait_until 60 "the mail says so" mail_resolved
wait_until 60 "Alertmanager has none" manager_has 0
same "the incident" resolved "$(ask collector "/v1/events?agreement=acme" | jq -r '.incidents[0].state')"
same "alerts that fire" 0 "$(alerts | jq '[.alerts[] | select(.state == "firing" and .kind == "incident")] | length')"
report=$(ask collector "/v1/reports?agreement=acme")
same "incidents in the report" 1 "$(jq '.support[0].incidents' <<<"$report")"
opened=$(jq -r '.support[0].clocks[0].opened' <<<"$report")
same "when its clocks begin" "$(date -d "$first" +%s)" "$(date -d "$opened" +%s)"

say "Killed between the alert and its delivery:"
end_process hook KILL
before=$(messages hook)
end_process web KILL
waiting() { [ "$(alerts | jq '[.deliveries[] | select(.channel == "hook" and .state == "waiting" and .attempts > 0)] | length')" -ge 1 ]; }
wait_until 60 "a delivery waits for the hook" waiting
key=$(alerts | jq -r '[.deliveries[] | select(.channel == "hook" and .state == "waiting")][-1].dedup_key')
same "why it waits" true "$(alerts | jq '[.deliveries[] | select(.channel == "hook" and .state == "waiting")][-1].detail | contains("refused")')"
same "the incident is the same one, reopened" "reopened $incident" \
  "$(store collector "SELECT entry FROM log WHERE kind = 'event' ORDER BY position DESC LIMIT 1" | jq -r '.event.event + " " + .event.id')"
end_process collector KILL
start_hook
start_collector collector
delivered() { grep -q "^$key " "$dir/hook.keys"; }
wait_until 60 "the delivery comes after the start" delivered
holds "nothing else was told twice" [ "$(sort "$dir/hook.keys" | uniq -d | wc -l)" -eq 0 ]
same "messages of the hook since" true "$([ "$(messages hook)" -gt "$before" ] && echo true)"
holds "an acknowledgement of the incident is one of the alert" "$nines" incident ack "$incident" --agreement acme --socket "$dir/collector.sock"
seen() { [ "$(alerts | jq -r '[.alerts[] | select(.kind == "incident" and .state == "firing")][0].acknowledged.by')" = desk ]; }
wait_until 30 "the alert is acknowledged" seen
say "The head that was mailed, against the log of now:"
said=0
"$nines" log check "$dir/head.txt" --socket "$dir/collector.sock" >"$dir/words" || said=$?
same "exit code of the check" 0 "$said"
sed 's/^/    /' "$dir/words"
holds "the log has grown since" test "$("$nines" log head --socket "$dir/collector.sock" | jq .head.size)" -gt \
  "$(grep '^{' "$dir/head.txt" | jq .head.size)"
same "heads that were mailed, over a kill" 1 "$(messages heads)"
said=0
grep '^{' "$dir/head.txt" | sed 's/"size":/"size":1/' >"$dir/forged.json"
"$nines" log check "$dir/forged.json" --socket "$dir/collector.sock" 2>&1 || said=$?
same "exit code of a head that nobody signed" 1 "$said"
end_process agent TERM
end_process collector TERM
same "exit status of the collector" 0 "$ended"
finish "Whoever was to know was told, once and in time."
