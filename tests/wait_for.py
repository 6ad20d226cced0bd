#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wait_for.py PID NAME: waits, within bounds, until the process runs the program NAME and sleeps.

Exits 1 where it is gone or never comes to rest. Asleep means: so in many looks in a row, with no processor time
spent between them.
"""
import os
import sys
import time

LOOKS = 200
SECONDS = 60


def look(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    return name, fields[0], fields[11:13]


def main():
    pid, name = sys.argv[1:3]
    until = time.monotonic() + SECONDS
    before = None
    same = 0
    while time.monotonic() < until:
        try:
            seen = look(pid)
        except (OSError, IndexError):
            return 1
        if seen[1] == "Z":
            return 1
        same = same + 1 if seen == before and seen[:2] == (name[:15], "S") else 0
        if same == LOOKS:
            return 0
        before = seen
        os.sched_yield()
    return 1


sys.exit(main())
