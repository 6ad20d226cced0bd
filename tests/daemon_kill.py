#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIGKILL at every system call of one state write and one textfile write: afterwards the old file or the new, whole."""
import json
import os
import re
import shutil
import subprocess
import time

from daemon_lib import Daemon, PATIENCE, PROGRAM, folder, page, plan, row, token, wait_for, write

# The calls that replacing a file is made of; others don't touch it.
CALLS = ("openat", "fchmod", "fchown", "write", "fsync", "fdatasync", "rename", "renameat", "renameat2", "close", "fstat",
         "newfstatat", "unlink", "unlinkat", "fcntl", "linkat", "getrandom")


def strace(log, inject, argv, **more):
    cmd = ["strace", "-f", "-qq", "-o", log, "-e", "signal=none"]
    cmd += ["-e", "trace=" + ",".join(CALLS)] if not inject else ["-e", "trace=" + inject[0], "-e",
                                                                   f"inject={inject[0]}:signal=KILL:when={inject[1]}"]
    return subprocess.Popen(cmd + argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            stdin=subprocess.DEVNULL, **more)


def calls_of(log, name):
    """Name of call -> how many the traced threads made up to and behind the last that concerned the file."""
    counts, last = {}, {}
    for line in open(log, encoding="utf-8", errors="replace"):
        found = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not found:
            continue
        who, call, rest = found.groups()
        counts[who, call] = counts.get((who, call), 0) + 1
        if name in rest:
            last[who] = True
    found = {}
    for (who, call), count in counts.items():
        if who in last:
            found[call] = max(found.get(call, 0), count)
    return found


def textfile(home):
    """A check that writes a page: the process dies at each of its calls."""
    path, html = os.path.join(home, "jwtwatch.prom"), os.path.join(home, "voice.html")
    write(html, page(token(36000)))
    config = os.path.join(home, "check.yaml")
    write(config, f"targets:\n  - name: new-name\n    check: html_file\n    path: {html}\n")
    argv = [PROGRAM, "check", "-f", config, "-q", "--textfile", path]
    log = os.path.join(home, "trace")
    strace(log, None, argv).wait(6 * PATIENCE)
    new = open(path, encoding="utf-8").read()
    old = "# the page before\n"
    seen = {"old": 0, "new": 0, "broken": 0}
    left = []
    for call, count in sorted(calls_of(log, "jwtwatch.prom").items()):
        for when in range(1, count + 1):
            write(path, old)
            strace(os.devnull, (call, when), argv).wait(6 * PATIENCE)
            text = open(path, encoding="utf-8").read()
            kind = "old" if text == old else "new" if 'target="new-name"' in text and \
                len(text.splitlines()) == len(new.splitlines()) and text.endswith("\n") else "broken"
            seen[kind] += 1
            if kind == "broken":
                left.append(f"{call} {when}: {len(text)} bytes")
    row("a textfile is the old or the new page, whichever call it dies at", not seen["broken"] and not left, left)
    row("... and both occur", seen["old"] > 3 and seen["new"] > 0, seen)
    print(f"# killed {sum(seen.values())} times: {seen}")


def state(home):
    """The daemon, which writes its state: killed at each call that could be part of it."""
    path, html = os.path.join(home, "state.json"), os.path.join(home, "voice.html")
    write(html, page(token(36000)))
    old = json.dumps({"version": 1, "written": 1, "targets": {"gone": {"check": "html_file"}}})
    config = f"targets:\n  - name: voice\n    check: html_file\n    path: {html}\n    interval: 1h\n"
    log = os.path.join(home, "trace")
    extra = f"  state: {path}\n"
    write(path, old)
    first = Daemon(home, config, extra_daemon=extra)
    first.process.kill()
    first.process.wait()
    argv = [PROGRAM, "run", "-q", "-f", first.file]

    def is_new():
        try:
            return '"voice"' in open(path, encoding="utf-8").read()
        except FileNotFoundError:
            return False

    def run(inject, trace):
        traced = strace(trace, inject, argv)
        wait_for(lambda: traced.poll() is not None or is_new(), 3 * PATIENCE)
        if traced.poll() is None:
            subprocess.run(["pkill", "-KILL", "-P", str(traced.pid)], check=False)
        traced.wait(3 * PATIENCE)

    run(None, log)
    row("the daemon under strace writes its state", is_new())
    counts = calls_of(log, ".state.json")
    row("the calls of one state write are known", counts.get("fsync", 0) >= 1 and any("rename" in c for c in counts), counts)
    seen, broken = {"old": 0, "new": 0}, []
    for call, count in sorted(counts.items()):
        for when in range(max(1, count - 8), count + 1):
            write(path, old)
            run((call, when), os.devnull)
            text = open(path, encoding="utf-8").read()
            try:
                targets = json.loads(text)["targets"]
                kind = "new" if "voice" in targets else "old" if text == old else "broken"
            except ValueError:
                kind = "broken"
            if kind == "broken":
                broken.append(f"{call} {when}")
            else:
                seen[kind] += 1
    row("a state file is the old or the new one, whichever call it dies at", not broken, broken)
    row("... and both occur", seen["old"] > 3 and seen["new"] > 0, seen)
    print(f"# killed {sum(seen.values()) + len(broken)} times: {seen}")


def rotations(home):
    """What was seen more than a second before the end is in the file."""
    path, html = os.path.join(home, "kept.json"), os.path.join(home, "voice.html")
    config = f"targets:\n  - name: voice\n    check: html_file\n    path: {html}\n    interval: 1h\n"
    lost = []
    for i in range(5):
        write(html, page(token(36000 + i)))
        with Daemon(home, config, extra_daemon=f"  state: {path}\n") as daemon:
            wait_for(lambda: daemon.is_checked("voice"))
            seen = daemon.targets()["voice"]["rotations"]
            write(html, page(token(50000 + i)))
            wait_for(lambda: daemon.targets()["voice"]["rotations"] == seen + 1)
            end = time.monotonic() + 1
            # The second itself is what is tested.
            wait_for(lambda: time.monotonic() >= end, 2)
            daemon.process.kill()
            daemon.process.wait()
        if json.load(open(path, encoding="utf-8"))["targets"]["voice"]["rotations"] != seen + 1:
            lost.append(i)
    row("a rotation that was seen a second before a kill is in the state file, 5 of 5 times", not lost, lost)


def main():
    home = folder()
    textfile(home)
    state(home)
    rotations(home)
    shutil.rmtree(home)
    plan()


main()
