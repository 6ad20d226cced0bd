#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon's HTTP server among a thousand clients that send a byte at a time, a hundred that hardly read, and noise: whoever
asks as usual is answered in time, and no token is in what it says."""
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import time

from daemon_lib import PATIENCE, Daemon, folder, page, plan, row, token, wait_for, write

SENDERS = 1000
READERS = 100
ASKED = 50
BACK = 20
# What a build with sanitizers may take longer.
SLOWER = float(os.environ.get("JW_SLOWER", "1"))
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Padding: " + b"a" * 8000 + b"\r\n\r\n"


def connect(port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(PATIENCE)
    sock.connect(("127.0.0.1", port))
    sock.setblocking(False)
    return sock


def begin_reading(port):
    """Asks for far more than it ever takes."""
    sock = connect(port)
    try:
        sock.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 4)
    except OSError:
        pass
    return sock


def push(port):
    """In a process of its own, until its input ends; says on its output once all are there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    senders = [[connect(port), 0] for _ in range(SENDERS)]
    readers = [begin_reading(port) for _ in range(READERS)]
    os.set_blocking(0, False)
    is_known = False
    while True:
        # Who is sent away comes back, but not all of them at once.
        back = BACK
        for one in senders:
            try:
                one[0].send(REQUEST[one[1]:one[1] + 1])
                one[1] = (one[1] + 1) % len(REQUEST)
            except BlockingIOError:
                pass
            except OSError:
                if back:
                    one[0].close()
                    one[:] = [connect(port), 0]
                    back -= 1
        for i, sock in enumerate(readers):
            try:
                if not sock.recv(1):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                sock.close()
                readers[i] = begin_reading(port)
        if not is_known:
            print("pushing", flush=True)
            is_known = True
        try:
            if os.read(0, 1) == b"":
                return
        except BlockingIOError:
            pass


def ask_among(daemon):
    pusher = subprocess.Popen([sys.executable, __file__, str(daemon.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        row(f"{SENDERS} clients that send a byte at a time and {READERS} that hardly read are there",
            pusher.stdout.readline() == b"pushing\n")
        took = []
        answers = set()
        for _ in range(ASKED):
            start = time.monotonic()
            try:
                answers.add(daemon.ask("/metrics")[0])
            except OSError as problem:
                answers.add(type(problem).__name__)
            took.append((time.monotonic() - start) * 1000)
        row("they are still there", pusher.poll() is None)
    finally:
        pusher.stdin.close()
        try:
            pusher.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pusher.kill()
            pusher.wait()
    took.sort()
    row("another one gets every page meanwhile", answers == {200}, answers)
    row(f"... in {100 * SLOWER:g} ms, by the median", took[ASKED // 2] <= 100 * SLOWER, took[-10:])
    row(f"... in {500 * SLOWER:g} ms at worst", took[-1] <= 500 * SLOWER, took[-10:])
    print(f"# median {took[ASKED // 2]:.1f} ms, worst {took[-1]:.1f} ms")


def send_noise(daemon):
    chance = random.Random(7)
    good = b"POST /-/reload?a=%41 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
    for number in range(300):
        if number % 2:
            noise = chance.randbytes(chance.randrange(1, 2000))
        else:
            noise = bytearray(good)
            for _ in range(chance.randrange(1, 6)):
                noise[chance.randrange(len(noise))] = chance.randrange(256)
        with socket.create_connection(("127.0.0.1", daemon.port), PATIENCE) as sock:
            try:
                sock.sendall(noise)
            except OSError:
                pass
    row("it lives through noise", daemon.process.poll() is None and daemon.ask("/-/healthy")[0] == 200)


def main():
    if len(sys.argv) > 1:
        push(int(sys.argv[1]))
        return
    home = folder()
    secret = token(90000)
    write(os.path.join(home, "page.html"), page(secret))
    config = f"targets:\n  - {{name: a, check: html_file, path: {home}/page.html, interval: 1s}}\n"
    with Daemon(home, config) as daemon:
        row("it has checked", wait_for(lambda: daemon.is_checked("a")))
        before = daemon.descriptors()
        ask_among(daemon)
        row("who has gone leaves no descriptor behind", wait_for(lambda: daemon.descriptors() <= before + 2),
            before, daemon.descriptors())
        send_noise(daemon)
        said = "".join(daemon.ask(path)[2] for path in ("/", "/metrics", "/api/v1/targets", "/-/ready"))
        parts = secret.split(".")
        row("no answer has a token", not any(part in said for part in parts[1:]))
        row("it ends as usual", daemon.stop()[1] == 0)
        row("no line of the log has a token", not any(part in daemon.said() for part in parts[1:]))
    shutil.rmtree(home)
    plan()


main()
