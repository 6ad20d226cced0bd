#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the pages of tests/hostile.sh that a shell is too slow for.

hostile.py KIND FILE [TOKEN-FILE]: writes the page FILE; where a token stands in it, it is that of TOKEN-FILE.
"""
import sys

from make_token import make

LINE = b"<p>Nothing but text stands here, line after line, and no token at all in any of them.</p>\n"


def large(token):
    """100 MB of text, the token at the end."""
    yield from (LINE * 1024 for _ in range(1150))
    yield b"const TOKEN = '" + token + b"';\n"


def large_utf16(_token):
    yield b"\xff\xfe"
    yield from (LINE.decode().encode("utf-16-le") * 1024 for _ in range(200))


def sparse(token):
    """A token in front of what looks like a very long page, and takes no room."""
    yield b"const TOKEN = '" + token + b"';\n"
    yield 512 << 20


def letters(_token):
    yield b"a" * 300000 + b"!\n" + b"1 " * 20000


def xs(_token):
    yield b"x" * 300000 + b" zy\n"


def eyj(_token):
    yield b"eyJ" * ((16 << 20) // 3)


def headers(_token):
    """Of each a token could begin."""
    yield b"eyJhbGciOiJIUzI1NiJ9." * ((16 << 20) // 21)


def lone_headers(_token):
    yield b"eyJhbGciOiJIUzI1NiJ9 " * ((16 << 20) // 21)


def one_long_segment(_token):
    yield b"eyJhbGciOiJIUzI1NiJ9."
    yield b"A" * (16 << 20)


def many(_token):
    for i in range(20000):
        yield b"<p>" + make(b"a secret", '{"n": %d}' % i).encode() + b"</p>\n"


def many_equal(token):
    yield b"<p>" + token + b"</p>\n"
    yield (b"<p>" + token + b"</p>\n") * 19999


def nuls(token):
    yield b"\0\0\0<p>\0</p>\n\0const TOKEN = '" + token + b"';\0\n\0"


def utf16le(token):
    yield "\ufeff".encode("utf-16-le") + utf16_page(token).encode("utf-16-le")


def utf16be(token):
    yield "\ufeff".encode("utf-16-be") + utf16_page(token).encode("utf-16-be")


def utf16_without_bom(token):
    yield utf16_page(token).encode("utf-16-le")


def utf16_odd(token):
    yield "\ufeff".encode("utf-16-le") + utf16_page(token).encode("utf-16-le") + b"\x3c\xd8\x00"


def utf16_page(token):
    return f"<!DOCTYPE html>\n<title>Zoë 🦊</title>\n<script>\nconst TOKEN = '{token.decode()}';\n</script>\n"


def utf8_bom(token):
    yield b"\xef\xbb\xbfconst TOKEN = '" + token + b"';\n"


def crlf(token):
    yield b"<!DOCTYPE html>\r\n<title>x</title>\r\n<script>\r\nconst TOKEN = '" + token + b"';\r\n"


def carriage_returns(token):
    yield b"<title>x</title>\rconst TOKEN = '" + token + b"';\r"


def one_line(token):
    """A token over the border of each window that a reader may have."""
    yield b"x" * (8 << 20) + b"'" + token + b"'" + b"y" * (4 << 20)


def at_border(token):
    yield b"x" * (256 * 1024 - 100) + b"'" + token + b"'\n"


def latin1(token):
    yield b"<p>\xe4\xf6\xfc\xff\xfe</p>\nconst TOKEN = '" + token + b"';\n"


def main():
    kind, path = sys.argv[1:3]
    token = b""
    if len(sys.argv) > 3:
        with open(sys.argv[3], "rb") as file:
            token = file.read()
    with open(path, "wb") as file:
        for part in globals()[kind](token):
            if isinstance(part, int):
                file.truncate(part)
            else:
                file.write(part)


main()
