#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon's token API and its files, as clients meet them. Tokens go to the verifier of LiveKit's own SDK by its standard
input; nothing prints one.

token_api.py SDK: the folder that tests/sdk/install has filled."""
import base64
import hashlib
import http.client
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading

from daemon_lib import PROGRAM, Daemon, folder, page, plan, row, token, wait_for, write

SDK = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
ORIGIN = "https://voice.example.org"
SECRET = "Kanarienvogel-0123456789abcdef-0123456789"
REQUESTS = 2000
# A page or two of the heap may move; a leak of one allocation a request would be far more.
GROWTH_KIB = int(os.environ.get("JW_GROWTH_KIB", "512"))

KEY = f"""keys:
  livekit: {{issuer: devkey, secret: {{env: TOKEN_SECRET}}}}
"""
TARGETS = """targets:
  - {name: page, check: html_file, path: page.html, interval: 1h}
"""


def api(rate=60, more=""):
    return f"""  state: state.json
  static: www
  token_api:
    key: livekit
    url: ws://localhost:7880
    rooms: [test-room, voice-*]
    identities: [user*]
    origins: [{ORIGIN}]
    rate: {rate}
{more}"""


def furnish(where):
    write(os.path.join(where, "page.html"), page(token()))
    write(os.path.join(where, "outside.txt"), "outside")
    www = os.path.join(where, "www")
    os.makedirs(os.path.join(www, "sub"))
    os.makedirs(os.path.join(www, ".git"))
    os.makedirs(os.path.join(www, "-"))
    for name, text in (("a.html", "<p>a"), ("index.html", "<p>front"), ("app.js", "1"), ("sub/index.html", "<p>sub"),
                       (".env", SECRET), (".git/config", SECRET), ("sub/.hidden", SECRET), ("100% of it.txt", "all"),
                       ("empty.txt", ""), ("metrics", "no"), ("-/healthy", "no")):
        write(os.path.join(www, name), text)
    os.symlink("../outside.txt", os.path.join(www, "out.txt"))
    os.symlink("/etc/passwd", os.path.join(www, "passwd"))
    os.symlink("..", os.path.join(www, "up"))
    os.symlink("a.html", os.path.join(www, "linked.html"))
    os.symlink("/dev/zero", os.path.join(www, "zero"))
    os.mkfifo(os.path.join(www, "pipe"))
    with open(os.path.join(www, "huge.bin"), "wb") as file:
        file.truncate((64 << 20) + 1)
    with open(os.path.join(www, "large.bin"), "wb") as file:
        file.truncate(60 << 20)
    return www


def raw(daemon, data):
    """The status and all that comes back, for what http.client wouldn't send."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as client:
        client.sendall(data)
        found = b""
        while True:
            part = client.recv(65536)
            if not part:
                break
            found += part
    return int(found.split(b" ", 2)[1]) if found else 0, found


def get(daemon, query="", **headers):
    return daemon.ask("/api/token" + query, headers={k.replace("_", "-"): v for k, v in headers.items()})


def post(daemon, body="{}", content_type="application/json", **headers):
    sent = {k.replace("_", "-"): v for k, v in headers.items()}
    if content_type:
        sent["Content-Type"] = content_type
    return daemon.ask("/api/token", "POST", sent, body)


def claims_of(jwt):
    return json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))


def verify(tokens):
    """What the SDK's verifier reads in each; None where it refuses one."""
    tool = os.path.join(SDK, "node", "verify.mjs")
    shutil.copy(os.path.join(HERE, "sdk", "verify.mjs"), tool)
    done = subprocess.run(["node", tool], input=json.dumps({"key": "devkey", "secret": SECRET, "tokens": tokens}),
                          capture_output=True, text=True, timeout=120, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else [None] * len(tokens)


seen = []


def forms(daemon):
    status, headers, body = get(daemon, "?room=test-room&identity=user1&ttl=0.5")
    answer = json.loads(body)
    row("a GET is answered with token, url, room and ttl_hours",
        status == 200 and sorted(answer) == ["room", "token", "ttl_hours", "url"] and answer["url"] == "ws://localhost:7880" and
        answer["room"] == "test-room" and answer["ttl_hours"] == 0.5, status, sorted(answer))
    row("... and is kept by nobody", headers.get("cache-control") == "no-store" and headers.get("vary") == "Origin" and
        headers["content-type"] == "application/json" and "access-control-allow-origin" not in headers, headers)
    seen.append(answer["token"])
    one = claims_of(seen[-1])
    row("... the token is good for half an hour", one["exp"] - one["nbf"] == 1800, one["exp"] - one["nbf"])
    status, _, body = get(daemon)
    answer = json.loads(body)
    seen.append(answer["token"])
    one = claims_of(seen[-1])
    row("without a query all is made up within the policy", status == 200 and answer["room"] == "test-room" and
        one["sub"].startswith("user") and len(one["sub"]) == 20 and answer["ttl_hours"] == 6, status)
    seen.append(json.loads(get(daemon)[2])["token"])
    row("... and another identity each time", one["sub"] != claims_of(seen[-1])["sub"])
    status, headers, body = post(daemon)
    answer = json.loads(body)
    row("LiveKit's form takes {} and answers 201", status == 201 and sorted(answer) == ["participant_token", "server_url"] and
        headers.get("cache-control") == "no-store", status, sorted(answer))
    seen.append(answer["participant_token"])
    status, _, body = post(daemon, json.dumps({
        "room_name": "voice-1", "participant_identity": "user2", "participant_name": "Zo\u00eb \"Z\"", "unknown": [1],
        "participant_metadata": "{\"a\":1}", "participant_attributes": {"k": "v"},
        "room_config": {"agents": [{"agent_name": "bot-1", "metadata": "m"}], "max_participants": 2}}))
    row("... and all of its fields", status == 201, status, body if status != 201 else "")
    seen.append(json.loads(body)["participant_token"] if status == 201 else "")
    status, _, body = post(daemon, json.dumps({
        "roomName": "voice-2", "participantIdentity": "user3", "participantName": "Z", "participantAttributes": {"k": "w"},
        "roomConfig": {"agents": [{"agentName": "bot-2"}]}}))
    row("... in camelCase too", status == 201, status, body if status != 201 else "")
    seen.append(json.loads(body)["participant_token"] if status == 201 else "")
    for one in verify([seen[0], seen[3], seen[4], seen[5]]):
        row("LiveKit's SDK verifies the token", one is not None and one["iss"] == "devkey" and one["video"]["roomJoin"] is True and
            sorted(one["video"]) == ["room", "roomJoin"], one)
    found = verify([seen[4], seen[5]])
    one, other = found[0] or {}, found[1] or {}
    row("... with what was asked for", one.get("video", {}).get("room") == "voice-1" and one.get("sub") == "user2" and
        one.get("name") == "Zo\u00eb \"Z\"" and one.get("metadata") == "{\"a\":1}" and one.get("attributes") == {"k": "v"} and
        one.get("roomConfig") == {"agents": [{"agentName": "bot-1", "metadata": "m"}]}, one)
    row("... and nothing else", other.get("roomConfig") == {"agents": [{"agentName": "bot-2"}]} and
        other.get("attributes") == {"k": "w"} and other.get("name") == "Z" and "metadata" not in other, other)
    row("a token that was touched is refused by the SDK", verify([seen[0][:-4] + "AAAA"]) == [None])


def refusals(daemon):
    for name, answer, status in (
            ("another room", get(daemon, "?room=secret"), 403),
            ("all rooms", get(daemon, "?room=*"), 400),
            ("another identity", get(daemon, "?identity=admin"), 403),
            ("a ttl of a year", get(daemon, "?ttl=8760"), 403),
            ("a ttl of 1e400", get(daemon, "?ttl=1e400"), 400),
            ("a negative ttl", get(daemon, "?ttl=-1"), 400),
            ("NaN", get(daemon, "?ttl=NaN"), 400),
            ("a header in the room", get(daemon, "?room=voice-%0d%0aSet-Cookie:%20a=b"), 400),
            ("a name that isn't UTF-8", get(daemon, "?room=voice-%ff"), 400),
            ("a room twice", get(daemon, "?room=test-room&room=voice-1"), 400),
            ("a body that isn't JSON", post(daemon, "room=test-room"), 400),
            ("a body too deep", post(daemon, "[" * 5000), 400),
            ("a form's content type", post(daemon, "{}", "application/x-www-form-urlencoded"), 415),
            ("no content type", post(daemon, "{}", None), 415),
            ("another origin", get(daemon, Origin="https://evil.example"), 403),
            ("the origin null", post(daemon, Origin="null"), 403),
            ("another site's frame", get(daemon, Sec_Fetch_Site="cross-site"), 403),
            ("a name that was made to point here", get(daemon, Host="evil.example:9788"), 421),
            ("DELETE", daemon.ask("/api/token", "DELETE"), 405)):
        sentence = json.loads(answer[2]).get("error", "")
        row(f"{name}: {status}, and a sentence", answer[0] == status and len(sentence) > 10 and "\n" not in sentence and
            "access-control-allow-origin" not in answer[1] and "set-cookie" not in answer[1], answer[0], sentence)
    row("HEAD: 405", daemon.ask("/api/token", "HEAD")[0] == 405)
    row("405 says what is taken", daemon.ask("/api/token", "PUT")[1].get("allow") == "GET, POST, OPTIONS")
    status, _ = raw(daemon, b"GET /api/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    row("a GET with a body: 400", status == 400, status)
    status, _ = raw(daemon, b"GET /api/token HTTP/1.0\r\n\r\n")
    row("no Host: 421", status == 421, status)
    status, _ = raw(daemon, b"POST /api/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n")
    row("a body out of bounds: 413", status == 413, status)


def cors(daemon):
    status, headers, body = daemon.ask("/api/token", "OPTIONS", {
        "Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    row("a preflight of a listed origin is granted",
        status == 204 and not body and headers.get("access-control-allow-origin") == ORIGIN and
        headers.get("access-control-allow-methods") == "GET, POST" and
        headers.get("access-control-allow-headers") == "Content-Type" and headers.get("vary") == "Origin" and
        "content-length" not in headers, status, headers)
    for origin in ("https://evil.example", "null", "http://voice.example.org", "*"):
        status, headers, _ = daemon.ask("/api/token", "OPTIONS", {"Origin": origin, "Access-Control-Request-Method": "POST"})
        row(f"a preflight of {origin} isn't", status == 403 and
            not [name for name in headers if name.startswith("access-control")], status, headers)
    status, headers, _ = daemon.ask("/api/token", "OPTIONS")
    row("OPTIONS without an origin says what is taken", status == 204 and headers.get("allow") == "GET, POST, OPTIONS" and
        "access-control-allow-origin" not in headers, status, headers)
    status, headers, body = post(daemon, Origin=ORIGIN)
    row("a page of it may read the answer", status == 201 and headers.get("access-control-allow-origin") == ORIGIN and
        headers.get("vary") == "Origin" and "access-control-allow-credentials" not in headers, status, headers)
    seen.append(json.loads(body)["participant_token"])
    status, headers, _ = get(daemon, "?room=secret", Origin=ORIGIN)
    row("... and the sentence of a refusal", status == 403 and headers.get("access-control-allow-origin") == ORIGIN, headers)
    status, headers, body = get(daemon, Origin=ORIGIN, Host="voice.example.org")
    row("a proxy may pass the page's host on", status == 200, status)
    seen.append(json.loads(body)["token"])
    status, _, body = post(daemon, Origin=f"http://127.0.0.1:{daemon.port}")
    row("a page of the daemon's own files may ask", status == 201, status)
    seen.append(json.loads(body)["participant_token"])


def audit(daemon):
    jwt = json.loads(get(daemon, "?room=voice-one%20two&identity=user9&ttl=1")[2])["token"]
    seen.append(jwt)
    short = hashlib.sha256(jwt.encode()).hexdigest()[:8]
    lines = [line for line in daemon.said().splitlines() if short in line]
    row("each token has its line in the log", len(lines) == 1 and 'room="voice-one two"' in lines[0] and
        "client=127.0.0.1" in lines[0] and "identity=user9" in lines[0] and "ttl=3600" in lines[0] and
        f"fingerprint={short}" in lines[0], lines)
    row("metrics count what was given", daemon.value("jwtwatch_token_api_tokens_total") == len(seen),
        daemon.value("jwtwatch_token_api_tokens_total"), len(seen))
    reasons = [line.split('"')[1] for line in daemon.metrics().splitlines() if line.startswith("jwtwatch_token_api_refusals_total{")]
    row("... and what was refused, by reason", len(reasons) == 12 and
        daemon.value('jwtwatch_token_api_refusals_total{reason="host"}') == 2 and
        daemon.value('jwtwatch_token_api_refusals_total{reason="ttl"}') == 4 and
        daemon.value('jwtwatch_token_api_refusals_total{reason="rate"}') == 0, reasons)


def files(daemon, www):
    status, headers, body = daemon.ask("/a.html")
    row("a file is served", status == 200 and body == "<p>a" and headers["content-type"] == "text/html; charset=utf-8" and
        headers["cache-control"] == "no-cache" and headers["x-content-type-options"] == "nosniff" and "last-modified" in headers,
        status, headers)
    known = daemon.ask("/a.html", headers={"If-None-Match": headers["etag"]})
    row("... and not again while it is the same", known[0] == 304 and not known[2] and known[1].get("etag") == headers["etag"] and
        "content-length" not in known[1] and known[1].get("cache-control") == "no-cache", known)
    row("... by its date neither", daemon.ask("/a.html", headers={"If-Modified-Since": headers["last-modified"]})[0] == 304)
    head = daemon.ask("/a.html", "HEAD")
    row("HEAD says the same without it", head[0] == 200 and head[1]["content-length"] == "4" and not head[2] and
        head[1]["etag"] == headers["etag"], head)
    write(os.path.join(www, "new.html"), "<p>b")
    os.rename(os.path.join(www, "new.html"), os.path.join(www, "a.html"))
    again = daemon.ask("/a.html", headers={"If-None-Match": headers["etag"]})
    row("a file that was replaced is another one", again[0] == 200 and again[2] == "<p>b", again)
    row("a link that stays below is followed", daemon.ask("/linked.html")[2] == "<p>b")
    row("an empty file is served", daemon.ask("/empty.txt")[:3:2] == (200, ""))
    row("an escaped name is served", daemon.ask("/100%25%20of%20it.txt")[2] == "all")
    row("a folder has its index.html", daemon.ask("/sub/")[2] == "<p>sub")
    moved = daemon.ask("/sub?a=b")
    row("... behind a slash", moved[0] == 301 and moved[1]["location"] == "/sub/?a=b", moved)
    row("a script is a script", daemon.ask("/app.js")[1]["content-type"] == "text/javascript; charset=utf-8")
    row("/ stays the status page", "front" not in daemon.ask("/")[2])
    row("routes win over files", daemon.ask("/metrics")[2] != "no" and daemon.ask("/-/healthy")[2] != "no")
    posted = daemon.ask("/a.html", "POST")
    row("files only take GET and HEAD", posted[0] == 405 and posted[1].get("allow") == "GET, HEAD", posted)
    row("a large file comes whole", daemon_large(daemon) == 60 << 20)
    for path in ("/huge.bin", "/nothing", "/nothing/", "/a.html/", "/.env", "/.git/config", "/sub/.hidden", "/%2eenv",
                 "/out.txt", "/passwd", "/up/outside.txt", "/up/www/a.html", "/zero", "/pipe", "/../outside.txt",
                 "/%2e%2e/outside.txt", "/..%2foutside.txt", "/%252e%252e/outside.txt", "/sub/../../outside.txt",
                 "/sub/..%2f..%2foutside.txt", "//etc/passwd", "/%2fetc/passwd", "/..\\outside.txt", "/..%5coutside.txt",
                 "/a.html%00.png", "/" + "a" * 3000, "/" + "a/" * 2000, "/%c0%ae%c0%ae/outside.txt", "/www/a.html"):
        status, answer = raw(daemon, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        row(f"{path[:40]} isn't served: 4xx", 400 <= status < 500 and b"outside" not in answer.split(b"\r\n\r\n", 1)[1] and
            b"root:" not in answer and SECRET.encode() not in answer, status)


def daemon_large(daemon):
    """How much of it comes; it isn't kept."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    connection.request("GET", "/large.bin")
    answer, size = connection.getresponse(), 0
    while True:
        part = answer.read(1 << 20)
        size += len(part)
        if not part:
            break
    connection.close()
    return size


def canary(daemon):
    """No token and no secret where none belongs."""
    daemon.stop()
    with open(os.path.join(daemon.folder, "state.json"), encoding="utf-8") as file:
        state = file.read()
    for what, text in (("the log", daemon.said()), ("the state file", state), ("metrics", daemon.kept["/metrics"]),
                       ("/api/v1/targets", daemon.kept["/api/v1/targets"]), ("the status page", daemon.kept["/"]),
                       ("/sd", daemon.kept["/sd"])):
        row(f"no token and no secret in {what}", SECRET not in text and
            not [one for one in seen if one in text or one.split(".")[2] in text or one.split(".")[1] in text])


def rates(daemon):
    answers = [get(daemon) for _ in range(7)]
    row("past the rate: 429", [one[0] for one in answers[:5]] == [200] * 5 and answers[6][0] == 429,
        [one[0] for one in answers])
    wait = int(answers[6][1].get("retry-after", "0"))
    row("... which says when to come again", 1 <= wait <= 13 and f"{wait} s" in json.loads(answers[6][2])["error"], answers[6])
    row("... and is counted", daemon.value('jwtwatch_token_api_refusals_total{reason="rate"}') >= 1)
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15, source_address=("127.0.0.2", 0)) as client:
        client.sendall(b"GET /api/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        row("another client isn't held back", client.recv(100).startswith(b"HTTP/1.1 200 "))
    status, headers, _ = daemon.ask("/api/token", "OPTIONS", {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    row("nor is a preflight", status == 204, status)


def reloads(daemon):
    row("a token is given", get(daemon)[0] == 200)
    daemon.extra = "  static: www\n"
    daemon.configure(KEY + TARGETS)
    row("a reload turns it off", daemon.reload()[0] == 200 and get(daemon)[0] == 404 and post(daemon)[0] == 405)
    row("... and its metrics", "token_api" not in daemon.metrics())
    daemon.extra = api()
    daemon.configure(KEY + TARGETS)
    row("... and on again, where what was given is remembered", daemon.reload()[0] == 200 and get(daemon)[0] == 200 and
        daemon.value("jwtwatch_token_api_tokens_total") == 2)
    daemon.extra = ""
    daemon.configure(KEY + TARGETS)
    row("without static there are no files", daemon.reload()[0] == 200 and daemon.ask("/a.html")[0] == 404)


def listens(where):
    """Where others could ask, nothing is given out."""
    write(os.path.join(where, "open.yaml"), "daemon:\n  listen: '0.0.0.0:0'\n" + api() + KEY + TARGETS)
    done = subprocess.run([PROGRAM, "run", "-f", "open.yaml"], capture_output=True, text=True, cwd=where, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)
    row("with all addresses to listen on the configuration is refused", done.returncode == 3 and
        "daemon.listen: " in done.stderr and "can be reached from other machines" in done.stderr, done.stderr)
    write(os.path.join(where, "open.yaml"), "daemon:\n" + api() + KEY + TARGETS)
    with socket.socket() as sock:
        sock.bind(("0.0.0.0", 0))
        sock.listen()

        def hand_over():
            # As systemd does: descriptor 3, and by our own id.
            os.dup2(sock.fileno(), 3)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), TOKEN_SECRET=SECRET)
            os.execv(PROGRAM, [PROGRAM, "run", "-f", "open.yaml"])

        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.chdir(where)
            os.dup2(writer, 2)
            hand_over()
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8", errors="replace") as said:
            text = said.read()
        status = os.waitpid(child, 0)[1]
    row("so is a socket that was handed over and that others reach", os.waitstatus_to_exitcode(status) == 3 and
        "other machines can reach" in text, text)


def unix_socket(where):
    """The daemon listens on a socket too; who comes by it is one client."""
    path = os.path.join(where, "jw.sock")
    with Daemon(where, KEY + TARGETS, {"TOKEN_SECRET": SECRET}, api(more="")) as daemon:
        write(daemon.file, open(daemon.file, encoding="utf-8").read().replace(
            f"listen: 127.0.0.1:{daemon.port}", f"listen: ['127.0.0.1:{daemon.port}', 'unix:{path}']"))
        daemon.stop()
        daemon.process = subprocess.Popen([PROGRAM, "run", "-f", daemon.file], stderr=daemon.log, stdout=daemon.log,
                                          stdin=subprocess.DEVNULL, cwd=where, env=dict(os.environ, TOKEN_SECRET=SECRET))
        wait_for(daemon.is_ready)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /api/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            row("a socket in the file system gives tokens too", client.recv(100).startswith(b"HTTP/1.1 200 "))
        row("... and its clients are called unix", wait_for(lambda: "client=unix" in daemon.said()))


def keys(where):
    """A key that can't be read, and one that comes back."""
    secret = os.path.join(where, "secret")
    key = f"keys:\n  livekit: {{issuer: devkey, secret: {{file: {secret}}}}}\n"
    with Daemon(where, key + TARGETS, None, api()) as daemon:
        status, _, body = get(daemon)
        row("without the secret: 503, and not a word about it", status == 503 and "secret" not in body and where not in body,
            status, body)
        row("... but in the log", wait_for(lambda: "key livekit: file " in daemon.said()), daemon.said()[-500:])
        write(secret, SECRET + "\n")
        status, _, body = get(daemon)
        row("the secret is read when it is needed", status == 200 and verify([json.loads(body).get("token", "")])[0] is not None,
            status)
        os.remove(secret)
        os.mkfifo(secret)
        row("a pipe in its place holds nobody", get(daemon)[0] == 503)
        row("dangerous grants are warned of only where they are", "dangerous" not in daemon.said())
        daemon.extra = api(more="    grants: [roomJoin, roomAdmin]\n    deny: [canPublish]\n")
        daemon.configure(KEY + TARGETS)
        row("grants that were listed are warned of", daemon.reload()[0] == 200 and
            wait_for(lambda: "dangerous in public (grant=roomAdmin" in daemon.said()), daemon.said()[-500:])


def soak(where):
    with Daemon(where, KEY + TARGETS, {"TOKEN_SECRET": SECRET}, api(rate=1000000)) as daemon:
        bad = []

        def ask(count):
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
            for i in range(count):
                if i % 4 == 3:
                    connection.request("GET", "/a.html")
                elif i % 4 == 2:
                    connection.request("GET", "/api/token?room=secret")
                elif i % 4:
                    connection.request("POST", "/api/token", "{}", {"Content-Type": "application/json"})
                else:
                    connection.request("GET", "/api/token")
                answer = connection.getresponse()
                answer.read()
                if answer.status != (200, 201, 403, 200)[i % 4]:
                    bad.append(answer.status)
            connection.close()

        def all_at_once():
            threads = [threading.Thread(target=ask, args=(REQUESTS // 4,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        all_at_once()
        before, descriptors = daemon.resident_kib(), daemon.descriptors()
        all_at_once()
        after = daemon.resident_kib()
        print(f"# {2 * REQUESTS} requests: {before} KiB after half of them, {after} KiB after all")
        row(f"{REQUESTS} requests more take no memory", after - before < GROWTH_KIB, before, after)
        row("... and no descriptors", daemon.descriptors() <= descriptors + 4, descriptors, daemon.descriptors())
        row("... and all are answered as they should be", not bad, bad[:10])


def main():
    where = folder()
    try:
        www = furnish(where)
        more = "    choices: [name, metadata, attributes]\n    agents: [bot-*]\n"
        with Daemon(where, KEY + TARGETS, {"TOKEN_SECRET": SECRET}, api(rate=1000, more=more)) as daemon:
            forms(daemon)
            refusals(daemon)
            cors(daemon)
            audit(daemon)
            files(daemon, www)
            wait_for(lambda: daemon.is_checked("page"))
            daemon.kept = {path: daemon.ask(path)[2] for path in ("/metrics", "/api/v1/targets", "/", "/sd")}
            canary(daemon)
        with Daemon(where, KEY + TARGETS, {"TOKEN_SECRET": SECRET}, api(rate=5)) as daemon:
            rates(daemon)
        with Daemon(where, KEY + TARGETS, {"TOKEN_SECRET": SECRET}, api()) as daemon:
            reloads(daemon)
        listens(where)
        unix_socket(where)
        keys(where)
        soak(where)
    finally:
        shutil.rmtree(where, ignore_errors=True)
    plan()


main()
