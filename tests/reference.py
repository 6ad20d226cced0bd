#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `jwtwatch discover` must find, found another way: a regular expression and Python's own decoders.

reference.py tree FOLDER COUNT     makes so many small files, most of them pages with a token
reference.py page FILE MIB         makes one large page with tokens at and around the ends of windows
reference.py find PATH...          a line a token of a file: path, line, copies, fingerprint, LiveKit's or not
reference.py read FILE             the same lines out of discover's JSON
reference.py names FILE            how often the most frequent name of a target is there
reference.py yaml FILE             path and name of each target that discover's YAML holds, - before a commented one
"""
import base64
import collections
import hashlib
import json
import os
import random
import re
import sys

from make_token import make

TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
LINE = "    status.textContent = 'connected to ' + room.name;\n"
WINDOW = 256 * 1024
SECRET = b"made-up secret of a test"


def token(number):
    claims = {"sub": f"user{number}", "jti": "x" * (number % 7)}
    if number % 5 == 4:
        claims.update({"video": None, "iss": "https://example.org/"})
    if number % 11 == 10:
        claims["exp"] = None
    return make(SECRET, json.dumps(claims))


def decoys(number):
    """What only looks like a token."""
    return [
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJub3RoaW5nIjoxfQ.eyJhIjoxfQ.c2ln",
        "eyJ" * 40 + ".x.y",
        "eyJhbGciOiJIUzI1NiJ9... and so on",
        "",
    ][number % 5]


def make_tree(folder, count):
    for number in range(count):
        place = os.path.join(folder, f"d{number % 157:03}", f"e{number % 3}")
        os.makedirs(place, exist_ok=True)
        lines = ["<script>", decoys(number)] + ["// " + "x" * 40] * (number % 9)
        if number % 4 != 3:
            lines.append(f"const TOKEN = '{token(number)}';")
        if number % 13 == 12:
            lines += [f"const OTHER = '{token(number + 1)}';"] * 2
        data = ("\r\n" if number % 6 == 5 else "\n").join(lines).encode()
        if number % 17 == 16:
            data = b"\x7fELF\0" + data
        with open(os.path.join(place, f"page{number}.html"), "wb") as file:
            file.write(data)


def make_page(path, mib):
    size = mib << 20
    filler = (LINE * (WINDOW // len(LINE) + 2)).encode()
    chance = random.Random(7)
    written = 0
    number = 0
    with open(path, "wb") as file:
        while written < size:
            text = token(number).encode()
            # Its first byte lies anywhere around the end of a window.
            gap = WINDOW - written % WINDOW + chance.randrange(-len(text) - 2, 3)
            gap += WINDOW * chance.randrange(3) if gap < 1 or number % 3 == 2 else 0
            gap = max(gap, 1)
            while len(filler) < gap:
                filler += filler
            written += file.write(filler[:gap - 1] + b"'" + text + b"'\n")
            number += 1 if number % 8 != 7 or chance.random() < 0.5 else 0
        file.write(filler[:100])


def unpacked(segment):
    value = json.loads(base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)))
    return value if isinstance(value, dict) else {}


def tokens_of(data):
    """Token, line and how many more there are, in the order of the file."""
    found = {}
    at = line = 0
    for match in TOKEN.finditer(data):
        try:
            header, payload = (unpacked(part) for part in match.group().split(b".")[:2])
        except ValueError:
            continue
        if not isinstance(header.get("alg"), str):
            continue
        line += data.count(b"\n", at, match.start())
        at = match.start()
        if match.group() in found:
            found[match.group()][1] += 1
        else:
            found[match.group()] = [line + 1, 0, "video" in payload]
    return found


def files_of(path):
    if os.path.isfile(path):
        yield path, True
        return
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        for name in files:
            if os.path.isfile(os.path.join(folder, name)):
                yield os.path.join(folder, name), False


def find(paths):
    for named in paths:
        for path, is_named in files_of(os.path.abspath(named)):
            with open(path, "rb") as file:
                data = file.read()
            if b"\0" in data[:8192] and not is_named:
                continue
            for text, (line, copies, is_livekit) in tokens_of(data).items():
                yield path, line, copies, hashlib.sha256(text).hexdigest()[:8], is_livekit


def read(path):
    with open(path, encoding="utf-8") as file:
        root = json.load(file)
    for found in root["tokens"]:
        yield (found["path"], found["line"], found.get("copies", 0), found["fingerprint"], found["livekit"])


def targets(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for mark, name, where in re.findall(r"^(#?)  - name: (.*)\n#?    check: html_file\n#?    path: (.*)\n", text, re.M):
        yield (where, name, "-" if mark else "+")


def show(rows):
    for row in sorted(set(rows)):
        print(*row)


def main():
    word, *rest = sys.argv[1:]
    if word == "tree":
        make_tree(rest[0], int(rest[1]))
    elif word == "page":
        make_page(rest[0], int(rest[1]))
    elif word == "yaml":
        show(targets(rest[0]))
    elif word == "names":
        print(max(collections.Counter(row[1] for row in targets(rest[0])).values()))
    else:
        show(find(rest) if word == "find" else read(rest[0]))


main()
