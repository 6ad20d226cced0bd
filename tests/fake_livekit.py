#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers as livekit-server does where a token is asked about, on loopback. A stand-in: no media, no rooms, and of a join
only the first message.

It looks at a request in the order and with the words of the real server of three ages: jose (1.5 to 1.12), jwt5
(1.13) and head (after it). data/livekit/real-* are what real ones of the first two ages were seen to answer. It prints its port as the first line and ends when its standard input is closed.
GET /_seen tells what it was asked, a line a request: method, path, where a token came (header, query or -), the first
8 hex digits of its SHA-256. With --cases the server behind the path /NAME answers /NAME/rtc/validate (or /NAME/ where
the row is one of health, or the list of rooms where it is one of rooms) with the row NAME.txt of that table.
"""
import argparse
import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import socket
import socketserver
import ssl
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# hang: it takes requests and doesn't answer. dead: it has a port, which refuses connections.
# lost: what stands before it takes the token away. tls: it sends all to the same place by https.
MODES = ("ready", "stale", "full", "web", "portal", "gateway", "hang", "dead", "lost", "tls")
# What becomes of a join: --join MODE.
JOINS = ("join", "fragmented", "ping", "another", "identity", "two", "silent", "error", "empty", "leave", "full", "drop",
         "accept", "upgrade", "text", "masked", "large", "endless", "refresh", "stripped", "nodes", "limit", "signal",
         "media", "busy", "gateway", "page", "stuck")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LEFT = (b"\x42\x02\x10\x01", b"\x03\xe8")
LEEWAY = 60
LONGEST = 256
BODY_MAX = 1 << 20
PLAIN = "text/plain; charset=utf-8"
KNOWN_ALGORITHMS = re.compile(r"(HS|RS|ES|PS)(256|384|512)|EdDSA|none")
LIST_ROOMS = "/twirp/livekit.RoomService/ListRooms"
WEB_PAGE = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"


class Answer(Exception):
    """What ends the work on a request."""

    def __init__(self, status, body, content_type=PLAIN, headers=()):
        super().__init__(status)
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.content_type = content_type
        self.headers = headers


def decode_segment(text):
    """base64url without padding, as Go's RawURLEncoding takes it."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decode_object(text):
    value = json.loads(decode_segment(text))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def moment(claims, name, dialect):
    """A NumericDate; None where there is none."""
    value = claims.get(name)
    if isinstance(value, str) and dialect != "jose":
        value = float(value)
    if value is not None and (isinstance(value, (bool, str)) or not isinstance(value, (int, float))):
        raise ValueError(name)
    return value


def read_message(data):
    """The fields of a protobuf message, as far as a join request needs: varints and bytes."""
    fields, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 not in (0, 2) or not key >> 3:
            raise ValueError("no such field")
        value = varint()
        if key & 7 == 2:
            if at + value > len(data):
                raise ValueError("too short")
            value, at = data[at:at + value], at + value
        fields[key >> 3] = value
    return fields


def read_join_request(text):
    """What is wrong with it, in the order in which the server looks at it."""
    if not text:
        raise Answer(400, "join_request is required")
    wrong = "cannot base64 decode wrapped join request"
    try:
        wrapped = base64.b64decode(text, altchars=b"-_", validate=True)
        wrong = "cannot unmarshal wrapped join request"
        wrapped = read_message(wrapped)
        wrong = "cannot read decompressed join request"
        request = wrapped.get(2, b"")
        request = gzip.decompress(request) if wrapped.get(1) == 1 else request
        wrong = "cannot unmarshal join request"
        read_message(request)
    except (ValueError, IndexError, OSError, EOFError):
        raise Answer(400, wrong) from None


class Judge:
    """What the server makes of a token: raises an Answer where it is refused."""

    def __init__(self, keys, dialect, auto_create, is_full):
        self.keys = keys
        self.dialect = dialect
        self.auto_create = auto_create
        self.is_full = is_full

    def refuse(self, token, why):
        if self.dialect == "head":
            raise Answer(401, f"invalid authorization token: {why}")
        raise Answer(401, f"invalid token: {token}, error: {why}")

    def parse(self, token):
        try:
            header, payload, signature = token.split(".")
            head, claims = decode_object(header), decode_object(payload)
            decode_segment(signature)
            if not KNOWN_ALGORITHMS.fullmatch(head["alg"]):
                raise ValueError("unknown alg")
        except (ValueError, KeyError, TypeError):
            raise Answer(401, "invalid authorization token") from None
        return head, claims

    def verify_signature(self, token, head, secret):
        signed, _, signature = token.rpartition(".")
        good = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        if head["alg"] == "HS256" and hmac.compare_digest(good, decode_segment(signature)):
            return
        if self.dialect == "jose":
            self.refuse(token, "go-jose/go-jose: error in cryptographic primitive")
        self.refuse(token, "token signature is invalid: signature is invalid" if head["alg"] == "HS256"
                    else f"token signature is invalid: signing method {head['alg']} is invalid")

    def verify_times(self, token, claims, now):
        try:
            exp, nbf, iat = (moment(claims, name, self.dialect) for name in ("exp", "nbf", "iat"))
        except ValueError:
            self.refuse(token, "go-jose/go-jose/jwt: expected number value to unmarshal NumericDate"
                        if self.dialect == "jose" else "token has invalid claims: invalid type for claim")
        ended = exp is not None and now >= exp + LEEWAY
        ahead = nbf is not None and now + LEEWAY < nbf
        if self.dialect == "jose":
            start = "go-jose/go-jose/jwt: validation "
            if ahead:
                self.refuse(token, start + "failed, token not valid yet (nbf)")
            if ended:
                self.refuse(token, start + "failed, token is expired (exp)")
            if iat is not None and now + LEEWAY < iat:
                self.refuse(token, start + "field, token issued in the future (iat)")
            return
        wrong = ["token is expired"] if ended else []
        if exp is None and self.dialect == "head":
            wrong.append("token is missing required claim: exp claim is required")
        if ahead:
            wrong.append("token is not valid yet")
        if wrong:
            self.refuse(token, "token has invalid claims: " + ", ".join(wrong))

    def claims(self, token, now):
        head, claims = self.parse(token)
        issuer = claims.get("iss")
        secret = self.keys.get(issuer)
        if secret is None:
            raise Answer(401, "invalid API key" if self.dialect == "head" else f"invalid API key: {issuer or ''}")
        self.verify_signature(token, head, secret)
        self.verify_times(token, claims, now)
        return claims

    def may_join(self, claims, query):
        """The handler behind the authorization, of validate and of a join alike."""
        video = (claims or {}).get("video")
        if not isinstance(video, dict):
            raise Answer(401, "no permissions to access the room")
        if query is not None:
            read_join_request(query.get("join_request", [""])[0])
        if video.get("roomJoin") is not True:
            raise Answer(401, "permissions denied")
        identity = claims.get("sub") or claims.get("jti")
        if not identity:
            raise Answer(400, "identity cannot be empty")
        if len(identity.encode()) > LONGEST:
            raise Answer(400, f"participant identity length exceeds limits: max length {LONGEST}")
        room = video.get("room")
        if not room:
            raise Answer(400, "no room name")
        if len(room.encode()) > LONGEST:
            raise Answer(400, f"room name length exceeds limits: max length {LONGEST}")
        may_create = video.get("roomCreate") is True and self.dialect != "jose"
        if not self.auto_create and not may_create:
            raise Answer(404, "requested room does not exist")
        if self.is_full:
            raise Answer(503, "node has exceeded its configured limit")


def message(number, *parts):
    """A field of protobuf with bytes."""
    data, size = b"".join(parts), b""
    length = len(data)
    while length > 0x7F:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + data


def frame(first, data, masked=False):
    head = bytes([first])
    if len(data) < 126:
        head += bytes([len(data) | (0x80 if masked else 0)])
    elif len(data) < 1 << 16:
        head += bytes([126]) + len(data).to_bytes(2, "big")
    else:
        head += bytes([127]) + len(data).to_bytes(8, "big")
    return head + (b"\0\0\0\0" if masked else b"") + data


def first_frames(mode, room, identity):
    """What a server sends to who joins. The token is a secret of the server's, as is what it says of TURN."""
    secret = b"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkifQ." + b"c2VjcmV0" * 5
    joined = message(1, message(1, message(1, b"RM_x"), message(2, room)),
                     message(2, message(1, b"PA_x"), message(2, identity), b"\x18\0"), message(4, b"1.13.5"),
                     message(5, message(3, secret)), message(14, b"x" * 300))
    refresh = frame(0x82, b"\x82\x01" + bytes([len(secret)]) + secret)
    return {
        "join": frame(0x82, joined) + refresh,
        "fragmented": frame(0x02, joined[:5]) + frame(0x89, b"x") + frame(0x00, b"") + frame(0x80, joined[5:]) + refresh,
        "ping": frame(0x89, b"hello") + frame(0x8A, b"") + frame(0x82, joined) + refresh,
        "another": frame(0x82, message(1, message(1, message(2, b"lobby")), message(2, message(2, identity)))),
        "identity": frame(0x82, message(1, message(1, message(2, room)), message(2, message(2, b"somebody")))),
        "two": frame(0x82, joined + b"\x42\0"),
        "error": frame(0x88, b"\x03\xf3oops"),
        "empty": frame(0x88, b""),
        "leave": frame(0x82, message(8, b"\x10\x0a")),
        "full": frame(0x82, message(8, b"\x08\0\x10\x07")),
        "text": frame(0x81, b'{"join": {}}'),
        "masked": frame(0x82, joined[:100], True),
        "large": b"\x82\x7f" + (1 << 40).to_bytes(8, "big"),
        "endless": frame(0x89, b"x" * 125) * 4096,
        "refresh": refresh,
    }.get(mode, b"")


def read_cases(path):
    """The rows of data/livekit/cases, by the path that answers so."""
    cases = {}
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    for name, status, content_type, _, _, asked, _ in rows:
        with open(os.path.join(os.path.dirname(path), name), "rb") as file:
            body = file.read()
        headers = [("Location", "/elsewhere")] if status.startswith("3") else []
        where = {"validate": "/rtc/validate", "health": "/", "rooms": LIST_ROOMS}[asked]
        answer = Answer(int(status), body, None if content_type == "-" else content_type, headers)
        if asked == "rooms":
            cases["/" + name.removesuffix(".txt") + "/"] = Answer(200, "OK")
        cases["/" + name.removesuffix(".txt") + where] = answer
    return cases


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, options):
        self.options = options
        keys = {}
        for name, path in options.key:
            with open(path, "rb") as file:
                keys[name] = file.read().rstrip(b"\n")
        self.judge = Judge(keys, options.dialect, options.auto_create, options.mode == "full")
        self.cases = read_cases(options.cases) if options.cases else {}
        self.tls = None
        if options.cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(options.cert, options.cert_key)
        self.seen = []
        if ":" in options.host:
            self.address_family = socket.AF_INET6
        super().__init__((options.host, options.port), Handler)

    def server_activate(self):
        if self.options.mode != "dead":
            super().server_activate()

    def server_bind(self):
        """Without the look-up of a name that HTTPServer makes."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(30)
        if self.tls:
            # The handshake comes with the first read, in the connection's own thread.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address):
        """Who hangs up in the middle is no news."""

    def now(self):
        return time.time() + self.options.clock_offset


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def handle_one_request(self):
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        try:
            self.work()
        except Answer as answer:
            self.send(answer)

    def token(self, query):
        """Where it came, and the token."""
        header = self.headers.get("Authorization")
        if header:
            return "header", header[len("Bearer "):] if header.startswith("Bearer ") else None
        given = query.get("access_token", [""])[0]
        return ("query", given) if given else ("-", "")

    def work(self):
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), BODY_MAX)) if length.isdigit() else b""
        url = urlsplit("/" + self.path.lstrip("/"))
        query = parse_qs(url.query)
        if url.path == "/_seen":
            raise Answer(200, "".join(line + "\n" for line in self.server.seen))
        where, token = self.token(query)
        digest = hashlib.sha256(token.encode("latin-1", "replace")).hexdigest()[:8] if token else "-"
        self.server.seen.append(f"{self.command} {url.path} {where} {digest}")
        if self.server.options.mode == "lost":
            token = ""
        self.other_servers(url.path)
        case = self.server.cases.get(url.path)
        if case:
            raise Answer(case.status, case.body.replace(b"@JWT@", (token or "").encode("latin-1")), case.content_type,
                         case.headers)
        if token is None:
            raise Answer(401, "invalid authorization header. Must start with Bearer ")
        claims = self.server.judge.claims(token, self.server.now()) if token else None
        self.route(url.path, query, claims, body)

    def other_servers(self, path):
        """What isn't LiveKit at all."""
        mode = self.server.options.mode
        if mode == "hang":
            self.rfile.read(1)
            raise Answer(200, "")
        if mode == "portal" and path != "/login":
            raise Answer(302, "", "text/html", [("Location", "/login")])
        if mode == "tls":
            raise Answer(301, WEB_PAGE, "text/html", [("Location", f"https://{self.headers['Host']}{path}")])
        if mode in ("portal", "web"):
            raise Answer(200, WEB_PAGE, "text/html")
        if mode == "gateway":
            raise Answer(502, WEB_PAGE.replace("It works!", "502 Bad Gateway"), "text/html")

    def route(self, path, query, claims, body):
        judge = self.server.judge
        if path == "/":
            if self.server.options.mode == "stale":
                raise Answer(406, "Not Ready\nNode Updated At 2026-01-01 00:00:00 +0000 UTC")
            raise Answer(200, "OK")
        if path == "/rtc/validate":
            judge.may_join(claims, None)
            raise Answer(200, "success")
        if path == "/rtc/v1/validate":
            judge.may_join(claims, query)
            raise Answer(200, "success")
        if path in ("/rtc", "/rtc/v1"):
            if self.headers.get("Upgrade", "").lower() != "websocket":
                raise Answer(404, "", None)
            judge.may_join(claims, query if path == "/rtc/v1" else None)
            self.join(claims)
            return
        if path == LIST_ROOMS:
            self.list_rooms(claims, body)
        raise Answer(404, "404 page not found\n")

    def refuse_to_join(self, mode):
        answers = {
            "stripped": Answer(404, "", None),
            "nodes": Answer(500, "could not find any available nodes"),
            "limit": Answer(500, "reached configured limit for node"),
            "signal": Answer(500, "timed out while waiting for signal response"),
            "media": Answer(500, "connection closed by media"),
            "busy": Answer(503, "no response from servers"),
            "gateway": Answer(503, WEB_PAGE, "text/html"),
            "page": Answer(200, WEB_PAGE, "text/html"),
        }
        if mode == "stuck":
            self.rfile.read(1)
            raise Answer(500, "")
        if mode in answers:
            raise answers[mode]

    def join(self, claims):
        """As a WebSocket; what the client said in the end is the last line of what was seen."""
        mode = self.server.options.join
        self.refuse_to_join(mode)
        key = self.headers.get("Sec-WebSocket-Key", "")
        if self.headers.get("Sec-WebSocket-Version") != "13" or len(base64.b64decode(key)) != 16:
            raise Answer(400, "Bad Request")
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        self.close_connection = True
        self.send_response_only(101)
        self.send_header("Upgrade", "h2c" if mode == "upgrade" else "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", "A" * 27 + "=" if mode == "accept" else accept)
        self.end_headers()
        if mode == "drop":
            return
        video = claims["video"]
        for part in re.findall(b".{1,50}", first_frames(mode, video["room"].encode(), claims["sub"].encode()), re.S):
            self.wfile.write(part)
        granted = sorted(name for name, value in video.items() if value is True)
        denied = sorted(name for name, value in video.items() if value is False)
        self.server.seen.append(f"may {','.join(granted)} not {','.join(denied)} as {claims['sub']} for "
                                f"{round(claims['exp'] - claims['nbf'])} in {re.sub('[0-9a-f]{16}$', 'RANDOM', video['room'])}")
        self.hear_the_end()

    def hear_the_end(self):
        said = []
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or not head[1] & 0x80 or head[1] & 0x7F > 125:
                break
            mask, data = self.rfile.read(4), self.rfile.read(head[1] & 0x7F)
            said.append((head[0], bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))))
            if head[0] == 0x88:
                self.wfile.write(frame(0x88, data))
                break
        left = said == [(0x82, LEFT[0]), (0x88, LEFT[1])]
        self.server.seen.append("left" if left else "gone" if not said else "said something else")

    def list_rooms(self, claims, body):
        def fail(status, code, message, **meta):
            raise Answer(status, json.dumps({"code": code, "msg": message, **meta}, separators=(",", ":")),
                         "application/json")

        route = {"meta": {"twirp_invalid_route": f"{self.command} {LIST_ROOMS}"}}
        if self.command != "POST":
            fail(404, "bad_route", f'unsupported method "{self.command}" (only POST is allowed)', **route)
        content_type = self.headers.get("Content-Type", "")
        if content_type.split(";")[0].strip().lower() != "application/json":
            fail(404, "bad_route", f'unexpected Content-Type: "{content_type}"', **route)
        try:
            json.loads(body)
        except ValueError:
            fail(400, "malformed", "the json request could not be decoded")
        video = (claims or {}).get("video")
        if not isinstance(video, dict) or video.get("roomList") is not True:
            fail(401, "unauthenticated", "permissions denied")
        raise Answer(200, '{"rooms":[]}', "application/json")

    def send(self, answer):
        self.send_response_only(answer.status)
        self.send_header("Date", formatdate(self.server.now(), usegmt=True))
        if "/validate" in self.path:
            self.send_header("Access-Control-Allow-Origin", "*")
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


def key(text):
    name, _, path = text.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError("NAME=FILE, the file with its secret")
    return name, path


def options():
    parser = argparse.ArgumentParser(description="A stand-in for a LiveKit server, on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", type=key, action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--dialect", choices=("jose", "jwt5", "head"), default="jwt5")
    parser.add_argument("--mode", choices=MODES, default="ready")
    parser.add_argument("--join", choices=JOINS, default="join")
    parser.add_argument("--no-auto-create", dest="auto_create", action="store_false")
    parser.add_argument("--clock-offset", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--cert", metavar="PEM")
    parser.add_argument("--cert-key", metavar="PEM")
    parser.add_argument("--cases", metavar="FILE", help="the table data/livekit/cases")
    return parser.parse_args()


def main():
    server = Server(options())
    if server.options.mode != "dead":
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


main()
