# SPDX-License-Identifier: MIT
"""What there is to search: a page of 256 MiB with a token in each 64 KiB, and 20,000 pages of 8 KiB with a token each, no two
of them equal. Usage: make_text.py SECRET-FILE PAGE FOLDER"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))
from make_token import make

LINE = "    status.textContent = 'connected to ' + room.name;\n"
FILES = 20000
BLOCKS = 4096


def block(secret, number, size):
    token = make(secret, '{"sub": "user%d"}' % number)
    head = "<script>\n" + LINE * (number % 50) + f"    const TOKEN = '{token}';\n"
    return (head + LINE * (size // len(LINE) + 1))[:size - 1].encode() + b"\n"


def main():
    with open(sys.argv[1], "rb") as file:
        secret = file.read().rstrip(b"\n")
    with open(sys.argv[2], "wb") as page:
        for number in range(BLOCKS):
            page.write(block(secret, number, 65536))
    for number in range(FILES):
        folder = os.path.join(sys.argv[3], f"folder{number // 100:03}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"page{number:05}.html"), "wb") as file:
            file.write(block(secret, number, 8192))


main()
