#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Checks of DNS, TLS, gRPC, UDP, TCP dialogues and programs against servers that are not ours: dnsmasq,
# OpenSSL's s_server, Google's gRPC for Python, aiosmtpd, and a plugin in shell. Outcome and reason of each by
# one `nines probe`.
. "$(dirname "$0")/lib.sh"

e2e_begin kinds
command -v dnsmasq >/dev/null || skip "needs dnsmasq"
/usr/bin/python3 -c 'import grpc' 2>/dev/null || skip "needs python3-grpcio"
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || skip "needs python3-aiosmtpd"
make_ca
make_certificate good "IP:127.0.0.1"
make_certificate expired "IP:127.0.0.1" -days -1
for name in dns tls expired grpc closed mail plain_mail; do
  free_port
  declare "$name=$port"
done

# An answer that fits no datagram: it is asked for again over TCP.
long=$(printf 'x%.0s' {1..200})
many=()
for i in {1..12}; do many+=(--txt-record="big.example,$i-$long"); done
start dnsmasq dnsmasq --keep-in-foreground --no-resolv --no-hosts --conf-file=/dev/null \
  --pid-file= --user="$(id -un)" --port="$dns" --listen-address=127.0.0.1 --bind-interfaces \
  --host-record=web.example,192.0.2.1,2001:db8::1 --cname=www.example,web.example \
  --mx-host=mail.example,mx.example,10 --srv-host=_sip._tcp.example,sip.example,5060,1,2 \
  --caa-record=example,0,issue,ca.example --txt-record=txt.example,"v=spf1 -all" \
  --address=/gone.example/ "${many[@]}"
start tls openssl s_server -accept "127.0.0.1:$tls" -cert "$dir/good.pem" -key "$dir/good.key" -quiet
start expired openssl s_server -accept "127.0.0.1:$expired" -cert "$dir/expired.pem" \
  -key "$dir/expired.key" -quiet

# Health answers by hand, so that no generated code is needed.
cat >"$dir/health.py" <<'PYTHON'
import sys
import time
from concurrent import futures
import grpc

STATUS = {b"": 1, b"\n\x0bshop.Orders": 1, b"\n\x09shop.Cart": 2}

def check(request, context):
    if ("x-key", "hunter2") not in [(m.key, m.value) for m in context.invocation_metadata()]:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no key, 100%")
    if request not in STATUS:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return b"\x08" + bytes([STATUS[request]])

class Health(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/grpc.health.v1.Health/Check":
            return grpc.unary_unary_rpc_method_handler(check)
        return None

folder, clear = sys.argv[1], sys.argv[2]
server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[Health()])
read = lambda name: open(f"{folder}/{name}", "rb").read()
server.add_insecure_port(f"127.0.0.1:{clear}")
port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(read("good.key"), read("good.pem"))]))
server.start()
print(port, file=open(f"{folder}/grpcs.port", "w"), flush=True)
time.sleep(600)
PYTHON
start grpc /usr/bin/python3 "$dir/health.py" "$dir" "$grpc"
cat >"$dir/mail.py" <<'PYTHON'
import ssl
import sys
import time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

folder, secure, plain = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/good.pem", f"{folder}/good.key")
Controller(Sink(), hostname="127.0.0.1", port=int(secure), tls_context=context, require_starttls=True).start()
Controller(Sink(), hostname="127.0.0.1", port=int(plain)).start()
time.sleep(600)
PYTHON
start mail /usr/bin/python3 "$dir/mail.py" "$dir" "$mail" "$plain_mail"
for name in dns tls expired grpc mail plain_mail; do wait_until 20 "$name listens" listens "${!name}"; done
wait_until 20 "the secure gRPC port is known" test -s "$dir/grpcs.port"
grpcs=$(cat "$dir/grpcs.port")

# probe WHAT EXPECTED CHECK: "outcome reason" of one run.
probe() {
  printf 'name: probe\n%s\n' "$3" >"$dir/check.yaml"
  "$nines" probe --check "$dir/check.yaml" --json >"$dir/result.json" || true
  same "$1" "$2" "$(jq -r '.outcome + " " + .reason' "$dir/result.json")"
}
field() { jq -r "$1" "$dir/result.json"; }
ask_dns() { probe "$1" "$2" "dns: {server: \"127.0.0.1:$dns\", $3}"; }

say "DNS, as dnsmasq answers:"
ask_dns "A" "up ok" 'name: web.example, expect: {answer: {matches: "A 192\\.0\\.2\\.1$"}}'
ask_dns "AAAA over TCP" "up ok" 'name: web.example, type: AAAA, transport: tcp, expect: {answer: {matches: "2001:db8::1"}}'
ask_dns "CNAME before A" "up ok" 'name: www.example, expect: {answer: {matches: ["CNAME web.example", "A 192"]}}'
ask_dns "MX" "up ok" 'name: mail.example, type: MX, expect: {answer: {matches: "MX 10 mx.example\\.$"}}'
ask_dns "SRV" "up ok" 'name: _sip._tcp.example, type: SRV, expect: {answer: {matches: "SRV 1 2 5060 sip.example\\."}}'
ask_dns "CAA" "up ok" 'name: example, type: CAA, expect: {answer: {matches: "issue .ca.example"}}'
ask_dns "TXT" "up ok" 'name: txt.example, type: TXT, expect: {answer: {matches: "v=spf1 -all"}}'
ask_dns "an answer too long for a datagram" "up ok" 'name: big.example, type: TXT, expect: {answer: {matches: "12-xxx"}}'
same "truncated" true "$(field .dns.truncated)"
ask_dns "a name that is not there" "down dns_rcode" 'name: gone.example'
ask_dns "a name that must not be there" "up ok" 'name: gone.example, expect: {rcode: NXDOMAIN}'
ask_dns "AD where nothing is signed" "down dns_flags" 'name: gone.example, expect: {rcode: NXDOMAIN, authenticated: true}'
probe "a closed port" "down connect_refused" "dns: {server: \"127.0.0.1:$closed\", name: a}"

say "TLS, as OpenSSL shakes hands:"
probe "a good certificate" "up ok" "tls: {address: \"127.0.0.1:$tls\", ca: $dir/ca.pem, expect: {certificate_days: 20}}"
probe "few days left" "down tls_certificate_days" "tls: {address: \"127.0.0.1:$tls\", ca: $dir/ca.pem, expect: {certificate_days: 40}}"
probe "another name" "down tls_name_mismatch" "tls: {address: \"127.0.0.1:$tls\", ca: $dir/ca.pem, server_name: other.example}"
probe "an expired certificate" "down tls_certificate_expired" "tls: {address: \"127.0.0.1:$expired\", ca: $dir/ca.pem}"
probe "TLS where none is spoken" "down tls_handshake" "tls: {address: \"127.0.0.1:$grpc\", ca: $dir/ca.pem}"

say "gRPC, as its own library answers:"
key="metadata: {x-key: hunter2}"
probe "the server" "up ok" "grpc: {address: \"127.0.0.1:$grpc\", $key}"
same "its status" SERVING "$(field .grpc.status)"
probe "a service" "up ok" "grpc: {address: \"127.0.0.1:$grpc\", service: shop.Orders, $key}"
probe "a service over TLS" "up ok" "grpc: {address: \"127.0.0.1:$grpcs\", service: shop.Orders, $key, tls: {ca: $dir/ca.pem}}"
probe "one that does not serve" "down grpc_not_serving" "grpc: {address: \"127.0.0.1:$grpc\", service: shop.Cart, $key}"
probe "one that nobody knows" "down grpc_unknown_service" "grpc: {address: \"127.0.0.1:$grpc\", service: shop.Gone, $key}"
probe "a call without its key" "down grpc_status" "grpc: {address: \"127.0.0.1:$grpc\"}"
same "what it says" "UNAUTHENTICATED: no key, 100%" "$(field .detail)"
probe "gRPC in clear of a server that wants TLS" "down http_protocol" "grpc: {address: \"127.0.0.1:$tls\"}"

say "SMTP, as aiosmtpd speaks it:"
letter='{expect: "(?m)^250 [^\n]*\n"}, {send: "MAIL FROM:<a@example>\r\n"}'
probe "STARTTLS and a dialogue behind it" "up ok" "tcp: {address: \"127.0.0.1:$mail\", starttls: smtp, tls: {ca: $dir/ca.pem}, steps: [{send: \"EHLO nines\\r\\n\"}, $letter, {expect: \"^250 \"}]}"
holds "the days of its certificate are known" test -n "$(field '.tls.expires // empty')"
probe "the same steps in clear" "down tcp_expect" "tcp: {address: \"127.0.0.1:$mail\", steps: [{expect: \"^220 \"}, {send: \"EHLO nines\\r\\n\"}, $letter, {expect_hex: \"323530\"}]}"
same "the step that failed" 5 "$(field .step)"
probe "a certificate that nobody signed" "down tls_certificate_untrusted" "tcp: {address: \"127.0.0.1:$mail\", starttls: smtp}"
probe "STARTTLS as a step of a dialogue" "up ok" "tcp: {address: \"127.0.0.1:$mail\", tls: {ca: $dir/ca.pem}, steps: [{expect: \"^220 .*\\n\"}, {send: \"EHLO x\\r\\n\"}, {expect: \"(?m)^250 [^\\n]*\\n\"}, {send: \"STARTTLS\\r\\n\"}, {expect: \"^220 .*\\n\"}, {starttls: true}, {send: \"QUIT\\r\\n\"}, {expect: \"^221 \"}]}"
probe "a server that has no TLS" "down tcp_starttls" "tcp: {address: \"127.0.0.1:$plain_mail\", starttls: smtp}"
probe "that server in clear" "up ok" "tcp: {address: \"127.0.0.1:$plain_mail\", steps: [{expect: \"^220 \"}]}"

say "UDP, dialogues and programs:"
query='12340100000100000000000003776562076578616d706c650000010001'
probe "a datagram" "up ok" "udp: {address: \"127.0.0.1:$dns\", send_hex: \"$query\", expect: '^\x124\x85?'}"
probe "a datagram to nobody" "down connect_refused" "udp: {address: \"127.0.0.1:$closed\", send: x}"
probe "a dialogue in bytes" "up ok" "tcp: {address: \"127.0.0.1:$dns\", steps: [{send_hex: \"001d$query\"}, {expect: \"(?s)^..\\\\x124\"}]}"
cat >"$dir/check_x" <<'SH'
#!/bin/sh
echo "CRITICAL - $1 is gone|users=0;1;2"
exit 2
SH
chmod +x "$dir/check_x"
probe "a plugin" "down exec_critical" "exec: {command: [$dir/check_x, db]}"
same "its data" "users=0;1;2" "$(field .exec.perfdata)"

finish "every kind says of real servers what they do"
