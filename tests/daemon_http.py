#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon's own HTTP, by hand: what two servers could read in two ways, clients that are slow, that leave, and many."""
import os
import random
import shutil
import socket
import threading
import time

from daemon_lib import Daemon, folder, page, plan, row, token, wait_for, write

CLIENTS = 1000
READERS = 100
SCRAPES = 50
# For /metrics among slow clients; a build with sanitizers says another.
MEDIAN = float(os.environ.get("JW_MEDIAN", "0.1"))
WORST = 5 * MEDIAN
HOST = b"Host: localhost\r\n"


def talk(daemon, data, end=True):
    """All that comes back until the daemon closes, or the time is up."""
    found = b""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as client:
        try:
            client.sendall(data)
            if end:
                client.shutdown(socket.SHUT_WR)
            while True:
                part = client.recv(65536)
                if not part:
                    return found
                found += part
        except OSError:
            return found


# Name, request, status of the (first) answer.
REQUESTS = (
    ("a plain request", b"GET /-/healthy HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 200),
    ("HTTP/1.0 without Host", b"GET /-/healthy HTTP/1.0\r\n\r\n", 200),
    ("line ends without CR", b"GET /-/healthy HTTP/1.1\nHost: localhost\nConnection: close\n\n", 200),
    ("empty lines in front", b"\r\n\r\nGET /-/healthy HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 200),
    ("an absolute target", b"GET http://x/-/healthy HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 200),
    ("an escape in the path", b"GET /-/he%61lthy HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 200),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    ("two lengths", b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
    ("a length and chunks", b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunks", b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    ("a length that is none", b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\n", 400),
    ("a length out of bounds", b"POST /-/reload HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n", 413),
    ("a folded header", b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n", 400),
    ("a blank in front of a colon", b"GET / HTTP/1.1\r\n" + HOST + b"A : b\r\n\r\n", 400),
    ("a header without a colon", b"GET / HTTP/1.1\r\n" + HOST + b"A\r\n\r\n", 400),
    ("a NUL in a header", b"GET / HTTP/1.1\r\n" + HOST + b"A: \0\r\n\r\n", 400),
    ("a CR in a header", b"GET / HTTP/1.1\r\n" + HOST + b"A: b\rc\r\n\r\n", 400),
    ("a NUL in the path", b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("half an escape", b"GET /%4 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a fragment", b"GET /#a HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("no path", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("two blanks", b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("HTTP/0.9", b"GET /\r\n\r\n", 400),
    ("HTTP/2.0", b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    ("another protocol", b"SSH-2.0-x\r\n\r\n", 400),
    ("a method that nobody knows", b"BREW / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 405),
    ("a head too large", b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 20000 + b"\r\n\r\n", 431),
    ("too many headers", b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 200 + b"\r\n", 431),
)


def requests(daemon):
    for name, data, status in REQUESTS:
        found = talk(daemon, data)
        row(f"{name}: {status}", found.startswith(b"HTTP/1.1 %d " % status), found[:120])
    one = b"GET /-/healthy HTTP/1.1\r\n" + HOST + b"\r\n"
    found = talk(daemon, one * 3 + b"GET /-/ready HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    row("requests one behind the other are answered in their order",
        found.count(b"HTTP/1.1 200") == 4 and found.rstrip().endswith(b"ready."), found[-200:])
    found = talk(daemon, b"HEAD /metrics HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    row("HEAD has the length and no body", found.endswith(b"\r\n\r\n") and b"Content-Length: 0" not in found, found[-200:])
    found = talk(daemon, b"POST /metrics HTTP/1.1\r\n" + HOST + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", False)
    row("a client that waits is told to go on", found.startswith(b"HTTP/1.1 100 "), found[:60])
    found = talk(daemon, b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello" +
                 b"GET /-/ready HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    row("a body is no request", found.count(b"HTTP/1.1 ") == 2 and found.rstrip().endswith(b"ready."), found)


def byte_by_byte(daemon):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":
            client.sendall(bytes([byte]))
        row("a request a byte at a time is answered", client.recv(100).startswith(b"HTTP/1.1 200"))


def crowd(daemon):
    """A thousand that dribble and a hundred that don't read, while one scrapes."""
    slow, stop = [], threading.Event()

    def dribble():
        while not stop.is_set():
            for client in list(slow):
                try:
                    client.send(b"x")
                except OSError:
                    slow.remove(client)
            stop.wait(0.05)

    readers = []
    for _ in range(READERS):
        client = socket.create_connection(("127.0.0.1", daemon.port), timeout=15)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n")
        readers.append(client)
    thread = threading.Thread(target=dribble)
    thread.start()
    for _ in range(CLIENTS):
        client = socket.create_connection(("127.0.0.1", daemon.port), timeout=15)
        client.setblocking(False)
        client.send(b"GET / HTTP/1.1\r\nX: ")
        slow.append(client)
    times, bad = [], 0
    for _ in range(SCRAPES):
        start = time.monotonic()
        bad += daemon.ask("/metrics")[0] != 200
        times.append(time.monotonic() - start)
    stop.set()
    thread.join()
    times.sort()
    row("/metrics is answered among them, always", not bad, bad)
    row(f"... within {MEDIAN:g} s as a rule, {WORST:g} s at worst", times[len(times) // 2] <= MEDIAN and times[-1] <= WORST,
        f"median {times[len(times) // 2]:.3f} s, worst {times[-1]:.3f} s")
    print(f"# median {times[len(times) // 2] * 1000:.1f} ms, worst {times[-1] * 1000:.1f} ms, {daemon.descriptors()} descriptors")
    row("descriptors are bounded", daemon.descriptors() < 700, daemon.descriptors())
    for client in slow + readers:
        client.close()
    row("... and are given back", wait_for(lambda: daemon.descriptors() < 60), daemon.descriptors())


def garbage(daemon):
    chosen = random.Random(20260102)
    pieces = [b"GET ", b"/probe?target=", b"/metrics", b" HTTP/1.1\r\n", HOST, b"\r\n", b"%", b"\0", b"A: b\r\n", b"POST ",
              b"Content-Length: 5\r\n", b"\xff\xfe", b"?", b"&&&=", b"Expect: 100-continue\r\n", b"a" * 5000]
    for _ in range(300):
        talk(daemon, b"".join(chosen.choice(pieces) for _ in range(chosen.randrange(1, 20))))
    row("it lives through 300 requests of nonsense", daemon.is_ready() and daemon.process.poll() is None)


def main():
    home = folder()
    write(os.path.join(home, "page.html"), page(token(90000)))
    config = "targets:\n" + "".join(
        f"  - {{name: page{i}, check: html_file, path: {home}/page.html, interval: 1h}}\n" for i in range(1000))
    with Daemon(home, config) as daemon:
        wait_for(lambda: daemon.value("jwtwatch_targets") == 1000)
        requests(daemon)
        byte_by_byte(daemon)
        crowd(daemon)
        garbage(daemon)
        row("no token is in the log", "eyJ" not in daemon.said())
        took, code = daemon.stop()
        row("it ends well", code == 0, took, code, daemon.said()[-800:])
    shutil.rmtree(home)
    plan()


main()
