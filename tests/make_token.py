#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes an HS256 token by hand, with nothing but the standard library: RFC 7515 section 7.1.

make_token.py SECRET-FILE [CLAIMS [HEADER]]: both JSON objects that change a LiveKit token of 24 hours. null takes
a claim away, "@+3600" is that many seconds from now. A header with "alg": "none" makes a token without signature.
"""
import base64
import hashlib
import hmac
import json
import sys
import time

DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def moments(value, now):
    if isinstance(value, dict):
        return {key: moments(item, now) for key, item in value.items()}
    if isinstance(value, list):
        return [moments(item, now) for item in value]
    if isinstance(value, str) and value[:2] in ("@+", "@-"):
        return now + int(value[1:])
    return value


def changed(base, text, now):
    base.update(moments(json.loads(text), now))
    return {key: value for key, value in base.items() if value is not None}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def segment(value):
    return base64url(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def make(secret, claims="{}", header="{}", now=None):
    now = int(time.time()) if now is None else now
    payload = changed({
        "iss": "devkey", "sub": "user1", "iat": now - 60, "nbf": now - 60, "exp": now - 60 + 86400,
        "video": {"room": "test-room", "roomJoin": True}}, claims, now)
    head = changed({"alg": "HS256", "typ": "JWT"}, header, now)
    signed = segment(head) + b"." + segment(payload)
    digest = DIGESTS.get(head.get("alg"))
    signature = base64url(hmac.new(secret, signed, digest).digest()) if digest else b""
    return (signed + b"." + signature).decode()


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(make(file.read().rstrip(b"\n"), *sys.argv[2:4]), end="")
