#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the canaries of tests/canary.sh, and looks for them.

canary.py make FOLDER          writes the canaries and what is made of them, each a file without a newline at its end
canary.py plant FOLDER INTO    writes a file for each way in which a canary could get out, into the folder INTO
canary.py seek FOLDER FILE...  a line a file: "clean NAME", or "leak NAME WHAT..."; never the canary itself
"""
import base64
import json
import os
import re
import secrets
import sys
import time
from urllib.parse import quote

from make_token import base64url, make, segment

# So many characters in a row of a canary are a leak.
PIECE = 16


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def make_all(folder):
    secret = "Kanarienvogel/" + secrets.token_urlsafe(24) + "+&=%?"
    # A claim that may carry a storage's key, as roomConfig.egress does.
    hidden = "kanarische-" + secrets.token_hex(16)
    now = int(time.time())
    claims = {"roomConfig": {"egress": {"room": {"fileOutputs": [{"s3": {"secret": hidden}}]}}}}

    def token(**more):
        return make(secret.encode(), json.dumps({**claims, **more}))

    valid = token()
    head, payload, signature = valid.split(".")
    tokens = {
        "valid": valid,
        "expired": token(iat=now - 93600, nbf=now - 93600, exp=now - 7200),
        "no-expiry": token(exp=None),
        "quoting": token(name=valid, metadata=json.dumps({"again": valid}), iss="https://x/?token=" + valid),
        "quoting-header": make(secret.encode(), json.dumps(claims), json.dumps({"kid": valid, "typ": valid})),
        "unsigned-header": base64url(b'{"alg":"none","typ":"JWT"}').decode() + f".{payload}.{signature}",
        "strange-algorithm": segment({"alg": valid, "typ": "JWT"}).decode() + f".{payload}.{signature}",
        "half-signature": valid[:-20],
        "payload-cut": f"{head}.{payload[:-9]}.{signature}",
        "padded": f"{head}=.{payload}==.{signature}=",
        "bad-character": f"{head}.{payload}.{signature[:30]}!{signature[30:]}",
        "four-parts": f"{valid}.{signature}",
        "five-parts": f"{valid}.{payload}.{signature}",
        "two-parts": f"{head}.{payload}",
        "bearer": "Bearer " + valid,
        "twice": valid + valid,
    }
    write(folder, "secret", secret)
    write(folder, "hidden", hidden)
    for name, text in tokens.items():
        write(folder, "token." + name, text)
    write(folder, "jwk", json.dumps({"kty": "oct", "alg": "HS256", "k": base64url(secret.encode()).decode()}))
    write(folder, "jwks", json.dumps({"keys": [
        {"kty": "oct", "kid": "a", "k": base64url(secret.encode()).decode()},
        {"kty": "oct", "kid": "b", "k": base64url(b"another secret").decode()}]}))
    write(folder, "jwk.broken", read(folder, "jwk")[:-3])
    write(folder, "jwk.strange", json.dumps({"kty": secret, "k": secret, "alg": secret, "kid": secret}))
    write(folder, "pem", "-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(secret.encode() * 3).decode() +
          "\n-----END PRIVATE KEY-----\n")


def canaries(folder):
    """What must never be seen, by name."""
    found = {"secret": read(folder, "secret"), "hidden claim": read(folder, "hidden")}
    for name in sorted(os.listdir(folder)):
        if name in ("token.valid", "token.expired", "token.quoting", "token.quoting-header", "token.no-expiry"):
            _, payload, signature = read(folder, name).split(".")
            found[name[6:] + " payload"] = payload
            found[name[6:] + " signature"] = signature
    return found


def inside_base64(data, encode):
    """What base64 makes of the data wherever it stands in a longer text: three ways, less the ends."""
    for skip in range(3):
        text = encode(b"\0" * skip + data).rstrip(b"=")
        # The first characters hang on what stands before, the last one on what follows.
        yield text[(0, 2, 3)[skip]:-1]


def encodings(text):
    data = text.encode()
    yield "plain", data
    yield "in JSON", json.dumps(text)[1:-1].encode()
    for escaped in {quote(text, safe=""), quote(text)}:
        yield "percent-encoded", escaped.encode()
        yield "percent-encoded, lower case", re.sub("%..", lambda m: m.group().lower(), escaped).encode()
    yield "percent-encoded as a whole", "".join(f"%{byte:02X}" for byte in data).encode()
    yield "percent-encoded as a whole, lower case", "".join(f"%{byte:02x}" for byte in data).encode()
    yield "in hex", data.hex().encode()
    for part in inside_base64(data, base64.b64encode):
        yield "base64", part
    for part in inside_base64(data, base64.urlsafe_b64encode):
        yield "base64url", part
    yield "UTF-16", text.encode("utf-16-le")
    yield "backwards", data[::-1]


def signature_bytes(text):
    """The signature itself, which others may print in other ways than base64url."""
    raw = base64.urlsafe_b64decode(text + "==")
    yield "raw", raw
    yield "raw in hex", raw.hex().encode()
    yield "raw in base64", base64.b64encode(raw).rstrip(b"=")[:-1]


def needles(folder):
    for name, text in canaries(folder).items():
        for way, data in encodings(text):
            yield name, way, data
        if name.endswith("signature"):
            for way, data in signature_bytes(text):
                yield name, way, data


def pieces(folder):
    """From each run of PIECE bytes (of what takes more bytes a character: as many more) to what it gives away."""
    table = {}
    for name, way, data in needles(folder):
        size = {"percent-encoded as a whole": 3 * PIECE, "percent-encoded as a whole, lower case": 3 * PIECE,
                "in hex": 2 * PIECE, "UTF-16": 2 * PIECE}.get(way, PIECE)
        for at in range(len(data) - size + 1):
            table.setdefault(size, {}).setdefault(data[at:at + size], f"{name} ({way})")
    # Every token has them: they give nothing away.
    for known in (segment({"alg": "HS256", "typ": "JWT"}), b'{"alg":"HS256","typ":"JWT"}'):
        for at in range(len(known)):
            table.get(PIECE, {}).pop(known[at:at + PIECE], None)
    return table


def seek(folder, files):
    table = pieces(folder)
    for path in files:
        with open(path, "rb") as file:
            data = file.read()
        found = set()
        for size, known in table.items():
            for at in range(len(data) - size + 1):
                if data[at:at + size] in known:
                    found.add(known[data[at:at + size]])
        name = os.path.basename(path)
        print(f"leak {name} {', '.join(sorted(found)[:3])}" if found else f"clean {name}")


def plant(folder, into):
    count = 0
    for name, way, data in needles(folder):
        # In the middle of what output looks like, and cut, as a message may be.
        for piece in (data, data[3:3 + max(PIECE, len(data) // 2)] if way == "plain" else data):
            count += 1
            with open(os.path.join(into, f"{count}"), "wb") as file:
                file.write(b"jwtwatch: page.html:4 says \"" + piece + b"\" and goes on\n")
    with open(os.path.join(into, "harmless"), "wb") as file:
        file.write(b"CRITICAL expired: page.html:4 token ended 2h ago; alg HS256 typ JWT iss devkey sub user1 [token]\n" * 9)


def main():
    command, folder, *rest = sys.argv[1:]
    if command == "make":
        make_all(folder)
    elif command == "plant":
        plant(folder, *rest)
    else:
        seek(folder, rest)


main()
