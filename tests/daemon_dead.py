#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file system that never answers: a real one where it may be mounted, in a mount namespace of this test; else an open() that
hangs, by tests/watchdog.c. The targets on it time out, and nobody else notices."""
import ctypes
import os
import shutil
import socket
import time

from daemon_lib import Daemon, PATIENCE, folder, page, plan, row, token, wait_for, write

HEALTHY = 100
CHECKS = 5
SOON = float(os.environ.get("JW_SOON", "1.0"))
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
MOUNTED = "/dev/fuse"


def mount(folder_of_it):
    """Its server is this process, which never answers; it is gone with the descriptor."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        fuse = os.open(MOUNTED, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    options = f"fd={fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other".encode()
    if libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) or \
            libc.mount(b"dead", folder_of_it.encode(), b"fuse", 0, options):
        os.close(fuse)
        return None
    return fuse


def config_of(home, dead):
    text = "targets:\n"
    for name, path in dead:
        text += f"  - {{name: {name}, check: html_file, path: '{path}', interval: 1s, retry_interval: 1s, timeout: 500ms}}\n"
    for i in range(HEALTHY):
        text += f"  - {{name: good{i}, check: html_file, path: {home}/page.html, interval: 1s}}\n"
    return text


def look(daemon):
    """How often the two outermost healthy targets were checked at least, and the worst lag of the last minute or two."""
    found = dict(line.rsplit(" ", 1) for line in daemon.metrics().splitlines() if not line.startswith("#"))
    counts = [float(found.get(f'jwtwatch_checks_total{{target="good{i}"}}', 0)) for i in (0, HEALTHY - 1)]
    return min(counts), float(found["jwtwatch_scheduler_lag_max_seconds"])


def watch(daemon):
    """The worst lag and the slowest answer while each healthy target is checked so many times more."""
    lag, slowest = 0, 0
    until = look(daemon)[0] + CHECKS

    def is_over():
        nonlocal lag, slowest
        start = time.monotonic()
        count, late = look(daemon)
        slowest = max(slowest, time.monotonic() - start)
        lag = max(lag, late)
        return count >= until

    return wait_for(is_over, 3 * PATIENCE), lag, slowest


def ask_for_files(daemon):
    """Clients that ask for a file on it and leave, until one is refused; how many that took."""
    for count in range(1, 65):
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE) as client:
            client.sendall(b"GET /page.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
            daemon.ask("/-/healthy")
            client.setblocking(False)
            try:
                if client.recv(100).startswith(b"HTTP/1.1 503 "):
                    return count
            except BlockingIOError:
                pass
    return None


def main():
    home = folder()
    on_it = os.path.join(home, "dead")
    os.mkdir(on_it)
    write(os.path.join(home, "page.html"), page(token(90000)))
    fuse = mount(on_it)
    dead = [("dead", f"{on_it}/page.html"), ("deadglob", f"{on_it}/*.html")]
    env = {}
    served = on_it
    if fuse is None:
        dead = [("dead", f"{on_it}/hangs")]
        write(dead[0][1], "")
        served = dead[0][1]
        env = {"LD_PRELOAD": os.environ["JW_SHIM"]}
    print(f"# {'a file system' if fuse is not None else 'open()'} that never answers")
    with Daemon(home, config_of(home, dead), env=env, extra_daemon=f"  static: {served}\n") as daemon:
        row("it is ready", daemon.is_ready())
        for name, _ in dead:
            row(f"{name}: a target on it times out", wait_for(lambda n=name: daemon.state(n)[1] == "timeout"), daemon.state(name))
        row("all others are checked", wait_for(lambda: daemon.is_checked(*(f"good{i}" for i in range(HEALTHY)))) and
            daemon.state("good0") == ("OK", "ok"), daemon.state("good0"))
        asked = ask_for_files(daemon)
        row("files that are served from it take a few threads of their own, and then none", asked, asked)
        seen, lag, slowest = watch(daemon)
        row("... again and again, on time", seen and lag <= SOON, f"{seen}, {lag:.3f} s late")
        row("... and it answers in between", slowest <= SOON, f"{slowest:.3f} s")
        hanging = daemon.value("jwtwatch_hanging_threads")
        row("the threads that hang are few, and told", 9 <= hanging <= 16, hanging)
        row("a reload waits for none of it", daemon.reload()[0] == 200, daemon.said()[-800:])
        took, code = daemon.stop()
        row("nor does the end", code == 0 and took <= SOON, f"{took:.2f} s, {code}", daemon.said()[-800:])
        print(f"# {lag * 1000:.0f} ms late at most, answers within {slowest * 1000:.0f} ms")
    if fuse is not None:
        os.close(fuse)
    shutil.rmtree(home, ignore_errors=True)
    plan()


main()
