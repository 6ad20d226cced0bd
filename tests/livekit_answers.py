#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a LiveKit server answers, real or not, case by case; and what has been recorded of real ones.

livekit_answers.py ask URL STRICT SECRET-FILE [SKIP...]: asks the server at http://HOST:PORT, and STRICT, one that makes
  no rooms by itself; both have the key devkey. A line a case, fields apart by a tab: name, status, content type (-: none),
  and the body as JSON has a text, with @JWT@ where the server repeats the token. A case whose name begins with a SKIP
  is left out.
livekit_answers.py tokens URL FOLDER MANIFEST: asks it about each token of a manifest (see sdk/judge.py), and writes a page
  with it into FOLDER; prints a line each: page, whether the server takes it (yes or no), name.
livekit_answers.py check FOLDER: FOLDER is data/livekit. Its table cases names for each answer of LiveKit's the release
  that was seen to give it; prints a line for each that differs from the record of that release, real-RELEASE.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
from urllib.parse import quote, urlsplit

ROOMS = "/twirp/livekit.RoomService/ListRooms"
JSON = "application/json"
LONG = 257
DIALECTS = {"jose": "1.9.11", "jwt5": "1.13.5"}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Maker:
    """Tokens, by what is wrong with them."""

    def __init__(self, secret):
        self.secret = secret
        self.now = int(time.time())

    def make(self, video=None, header=None, secret=None, **changes):
        """`video` False: none; a change to None takes a claim away."""
        claims = {"iss": "devkey", "sub": "user1", "nbf": self.now - 60, "exp": self.now + 3600,
                  "video": {"roomJoin": True, "room": "test-room"} if video is None else video}
        claims.update(changes)
        claims = {name: value for name, value in claims.items() if value is not None and value is not False}
        parts = [{"alg": "HS256", "typ": "JWT"} if header is None else header, claims]
        signed = ".".join(encode(json.dumps(part).encode()) for part in parts)
        mac = hmac.new(self.secret if secret is None else secret, signed.encode(), hashlib.sha256).digest()
        return signed + "." + encode(mac)

    def bad_for_any(self, video=None):
        """Those that the server refuses before it knows what for."""
        return {
            "unknown-key": self.make(video, iss="APInobody"),
            "signature": self.make(video, secret=b"another"),
            "algorithm": self.make(video, header={"alg": "RS256", "typ": "JWT"}),
            "expired": self.make(video, exp=self.now - 7200, nbf=self.now - 9000),
            "not-yet-valid": self.make(video, nbf=self.now + 7200, exp=self.now + 9000),
            "issued-ahead": self.make(video, iat=self.now + 7200),
            "expired-and-not-yet-valid": self.make(video, nbf=self.now + 7200, exp=self.now - 7200),
            "no-expiry": self.make(video, exp=None),
            "malformed": "abc",
        }


def cases(maker):
    """Name, method, path, token, headers, body, and whether the strict server is asked."""
    def validate(name, token, path="/rtc/validate", strict=False, headers=None):
        return (name, "GET", path, token, headers or {}, None, strict)

    def rooms(name, token, method="POST", content_type=JSON, body="{}"):
        headers = {"Content-Type": content_type} if content_type else {}
        return ("rooms-" + name, method, ROOMS, token, headers, body, False)

    def join(name, request):
        return validate("join-request-" + name, maker.make(),
                        "/rtc/v1/validate" + (f"?join_request={quote(request)}" if request else ""))

    listing = {"roomList": True}
    bad = maker.bad_for_any()
    yield validate("ok", maker.make())
    yield validate("no-token", "")
    yield validate("not-bearer", "", headers={"Authorization": "bearer x"})
    for name, token in bad.items():
        yield validate(name, token)
    yield validate("no-video", maker.make(video=False))
    yield validate("no-room-join", maker.make({"room": "test-room"}))
    yield validate("no-identity", maker.make(sub=None))
    yield validate("identity-too-long", maker.make(sub="x" * LONG))
    yield validate("room-too-long", maker.make({"roomJoin": True, "room": "x" * LONG}))
    yield validate("no-room", maker.make({"roomJoin": True}))
    yield validate("room-not-found", maker.make(), strict=True)
    yield validate("room-not-found-but-may-create", maker.make({"roomJoin": True, "room": "r", "roomCreate": True}),
                   strict=True)
    yield join("missing", "")
    yield join("base64", "!")
    yield join("wrapped", "gA==")
    yield join("join", "EgGA")
    yield join("compressed", "CAESAYA=")
    yield join("ok", "EgIKAA==")
    yield validate("health-ok", "", "/")
    yield validate("health-with-token", maker.make(False), "/")
    yield validate("health-with-bad-token", bad["signature"], "/")
    yield validate("no-such-path", "", "/elsewhere")
    yield validate("path-too-much", maker.make(), "/livekit/rtc/validate")
    yield validate("not-a-websocket", maker.make(), "/rtc")
    yield rooms("ok", maker.make(listing))
    yield rooms("ok-of-a-name", maker.make(listing), body='{"names":["jwtwatch-key-proof"]}')
    for name, token in maker.bad_for_any(listing).items():
        yield rooms(name, token)
    yield rooms("no-token", "")
    yield ("rooms-not-bearer", "POST", ROOMS, "", {"Authorization": "bearer x", "Content-Type": JSON}, "{}", False)
    yield rooms("no-grant", maker.make())
    yield rooms("no-video", maker.make(video=False))
    yield rooms("method", maker.make(listing), method="GET")
    yield rooms("content-type", maker.make(listing), content_type=None)
    yield rooms("body", maker.make(listing), body="{")


def ask(url, method, path, token, headers, body):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = dict(headers, **({"Authorization": f"Bearer {token}"} if token else {}))
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
    finally:
        connection.close()
    if len(token) > 10:
        text = text.replace(token, "@JWT@")
    return reply.status, reply.getheader("Content-Type") or "-", text


def ask_all(url, strict, secret_file, *skipped):
    with open(secret_file, "rb") as file:
        maker = Maker(file.read().rstrip(b"\n"))
    for name, method, path, token, headers, body, is_strict in cases(maker):
        if skipped and name.startswith(skipped):
            continue
        status, content_type, text = ask(strict if is_strict else url, method, path, token, headers, body)
        print(name, status, content_type, json.dumps(text), sep="\t", flush=True)


def ask_tokens(url, folder, manifest):
    with open(manifest, encoding="utf-8") as file:
        tokens = json.load(file)
    for index, case in enumerate(tokens):
        page = os.path.join(folder, f"{index}.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(f"<script>\nconst TOKEN = '{case['token']}';\n</script>\n")
        status, _, text = ask(url, "GET", "/rtc/validate", case["token"], {}, None)
        print(page, "yes" if (status, text) == (200, "success") else "no", f"{case['maker']}: {case['name']}", sep="\t")


def record_of(folder, release):
    record = {}
    with open(os.path.join(folder, "real-" + release), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, status, content_type, body = line.rstrip("\n").split("\t")
                record[name] = (status, content_type, json.loads(body))
    return record


def check(folder):
    records = {release: record_of(folder, release) for release in DIALECTS.values()}
    with open(os.path.join(folder, "cases"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    for file_name, status, content_type, _, _, _, seen in rows:
        if seen in ("-", "unverified"):
            continue
        name = file_name.removesuffix(".txt")
        dialect, _, rest = name.partition("-")
        with open(os.path.join(folder, file_name), encoding="utf-8") as file:
            body = file.read()
        wanted = records[seen].get(rest if dialect in DIALECTS else name)
        if wanted != (status, content_type, body):
            print(f"{file_name} isn't what livekit-server {seen} was seen to answer")


if __name__ == "__main__":
    {"ask": ask_all, "tokens": ask_tokens, "check": check}[sys.argv[1]](*sys.argv[2:])
