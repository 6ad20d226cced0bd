#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tokens as Python makes them, with what jwtwatch must say of each.

make.py pyjwt|livekit-api|by-hand SECRET-FILE: a JSON array to standard output; tests/sdk/judge.py knows its fields.
"""
import base64
import datetime
import json
import os
import sys
import time

NOW = int(time.time())
HOUR = 3600
OK = ("OK", "ok")
EXPIRED = ("CRITICAL", "expired")
BASE = {"iss": "devkey", "sub": "user1", "video": {"room": "test-room", "roomJoin": True}}


def cases():
    """Name, verdict, claims: what every maker in Python is asked for."""
    day = {**BASE, "iat": NOW, "exp": NOW + 24 * HOUR}
    return [
        ("24 hours", OK, day),
        ("no iat, but nbf", OK, {**BASE, "nbf": NOW, "exp": NOW + 24 * HOUR}),
        ("no exp", ("CRITICAL", "no_expiry"), {**BASE, "iat": NOW}),
        ("three hours, fresh", OK, {**BASE, "iat": NOW, "exp": NOW + 3 * HOUR}),
        ("three hours, 50 minutes left", OK, {**BASE, "iat": NOW - 7800, "exp": NOW + 3000}),
        ("three hours, 30 minutes left", ("WARNING", "expiring"),
         {**BASE, "iat": NOW - 9000, "exp": NOW + 1800}),
        ("three hours, 5 minutes left", ("CRITICAL", "expiring"),
         {**BASE, "iat": NOW - 10500, "exp": NOW + 300}),
        ("ended two hours ago", EXPIRED, {**BASE, "iat": NOW - 26 * HOUR, "exp": NOW - 2 * HOUR}),
        ("not before two hours from now", ("CRITICAL", "not_yet_valid"),
         {**BASE, "iat": NOW, "nbf": NOW + 2 * HOUR, "exp": NOW + 24 * HOUR}),
        ("made two hours in the future", ("WARNING", "clock_skew"),
         {**BASE, "iat": NOW + 2 * HOUR, "exp": NOW + 24 * HOUR}),
        ("times as reals", OK, {**BASE, "iat": NOW + 0.25, "exp": NOW + 24 * HOUR + 0.75}),
        ("exp as a real, ended", EXPIRED, {**BASE, "iat": NOW - 26 * HOUR, "exp": NOW - HOUR + 0.5}),
        ("the year 2100", OK, {**BASE, "iat": NOW, "exp": 4102444800}),
        ("text beyond ASCII", OK, {**day, "name": "Ĝoë 🦊 日本", "metadata": "a\"b\\c\u2028\td"}),
    ]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_both(make):
    """A token with '-' and '_' in its payload, by a name of the participant that makes them."""
    for i in range(1000):
        claims = {**BASE, "name": f"Zoë {i} ??>>~~ÿþ", "iat": NOW, "exp": NOW + 24 * HOUR}
        token = make(claims)
        if {"-", "_"} <= set(token.split(".")[1]):
            return "- and _ in the payload", OK, claims, token
    raise SystemExit("no claim value makes both - and _")


def by_hand(secret):
    import hashlib
    import hmac
    header = {"alg": "HS256", "typ": "JWT"}

    def make(claims):
        # Raw UTF-8, where PyJWT escapes: bytes over 127 are what makes '-' and '_' likely.
        parts = [json.dumps(part, ensure_ascii=False).encode() for part in (header, claims)]
        signed = ".".join(base64url(part) for part in parts)
        return signed + "." + base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())

    rows = [(*case, make(case[2])) for case in cases() + [
        ("exp as text", ("CRITICAL", "expiry_invalid"), {**BASE, "iat": NOW, "exp": str(NOW + HOUR)}),
        ("exp null", ("CRITICAL", "expiry_invalid"), {**BASE, "iat": NOW, "exp": None}),
        ("exp in milliseconds", ("CRITICAL", "expiry_invalid"),
         {**BASE, "iat": NOW, "exp": (NOW + HOUR) * 1000}),
    ]] + [with_both(make)]
    return [(*row, header, row[2]) for row in rows]


def pyjwt(secret):
    import jwt

    def make(claims):
        return jwt.encode(claims, secret, algorithm="HS256")

    def read(token):
        return jwt.decode(token, secret, algorithms=["HS256"], options={
            f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "sub", "jti", "iss")})

    def moment(seconds):
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)

    by_datetime = {**BASE, "iat": moment(NOW), "exp": moment(NOW + 6 * HOUR)}
    rows = [(*case, make(case[2])) for case in cases()]
    rows += [("times as datetime", OK, by_datetime, make(by_datetime)), with_both(make)]
    # PyJWT agrees: what it refuses for its time isn't OK.
    for name, verdict, _, token in rows:
        try:
            jwt.decode(token, secret, algorithms=["HS256"])
        except jwt.PyJWTError:
            if verdict[0] == "OK":
                raise SystemExit(f"PyJWT refuses: {name}") from None
    return [(*row, jwt.get_unverified_header(row[3]), read(row[3])) for row in rows]


def livekit_api(secret):
    import importlib.util
    import jwt
    import livekit.protocol

    # Its package wants an HTTP client, which making a token doesn't need.
    path = os.path.join(os.path.dirname(list(livekit.protocol.__path__)[0]), "api", "access_token.py")
    spec = importlib.util.spec_from_file_location("access_token", path)
    sdk = importlib.util.module_from_spec(spec)
    sys.modules["access_token"] = sdk
    spec.loader.exec_module(sdk)

    def token(ttl=None, **grants):
        maker = sdk.AccessToken("devkey", secret.decode()).with_identity("user1")
        maker = maker.with_grants(sdk.VideoGrants(**(grants or {"room_join": True, "room": "test-room"})))
        return maker.with_ttl(datetime.timedelta(hours=ttl)) if ttl else maker

    def both():
        for i in range(1000):
            text = token(24).with_name(f"Zoë {i} ??>>~~ÿþ").to_jwt()
            if {"-", "_"} <= set(text.split(".")[1]):
                return text
        raise SystemExit("no name makes both - and _")

    told = token(24).with_name("O'Neill \"Jo\"").with_metadata("{}").with_attributes({"k": "v"})
    rows = [
        ("default ttl", OK, token()),
        ("24 hours", OK, token(24)),
        ("name, metadata, attributes", OK, told),
        ("list only", OK, token(24, room_list=True)),
        ("may not publish", OK, token(24, room_join=True, room="test-room", can_publish=False)),
        ("ended two hours ago", ("CRITICAL", "expired"), token(-2)),
    ]
    made = [(name, verdict, maker.to_jwt()) for name, verdict, maker in rows]
    made += [("- and _ in the payload", OK, both())]
    return [(name, verdict, None, text, jwt.get_unverified_header(text),
             jwt.decode(text, options={"verify_signature": False})) for name, verdict, text in made]


def main():
    maker, path = sys.argv[1:3]
    with open(path, "rb") as file:
        secret = file.read().strip()
    rows = {"pyjwt": pyjwt, "livekit-api": livekit_api, "by-hand": by_hand}[maker](secret)
    json.dump([{"maker": maker, "name": name, "state": state, "cause": cause, "token": token,
                "signed": "secret", "header": header, "claims": claims}
               for name, (state, cause), _, token, header, claims in rows], sys.stdout)


main()
