#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ten thousand endpoints that accept and never answer, among a hundred that do: these are asked in time, and memory and
descriptors stay bounded. --targets and --seconds make it smaller or longer."""
import argparse
import json
import os
import selectors
import shutil
import socket
import threading
import time

from daemon_lib import Daemon, folder, plan, row, token, wait_for

HEALTHY = 100
INTERVAL = 2
LAG = float(os.environ.get("JW_LAG", "1.0"))
MEMORY_KIB = 300 * 1024


class Endpoint(threading.Thread):
    """Answers at once to /healthy/N and remembers when it was asked; keeps everybody else waiting."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.asked = {}
        self.hanging = 0
        self.most = 0
        self.total = 0
        body = json.dumps({"token": token(90000)}).encode()
        self.answer = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n"
                       b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def run(self):
        chosen = selectors.DefaultSelector()
        chosen.register(self.listener, selectors.EVENT_READ)
        while True:
            for key, _ in chosen.select():
                if key.fileobj is self.listener:
                    self.accept(chosen)
                else:
                    self.read(chosen, key.fileobj)

    def accept(self, chosen):
        try:
            while True:
                sock, _ = self.listener.accept()
                sock.setblocking(False)
                chosen.register(sock, selectors.EVENT_READ)
                self.hanging += 1
                self.total += 1
                self.most = max(self.most, self.hanging)
        except BlockingIOError:
            pass

    def read(self, chosen, sock):
        try:
            data = sock.recv(4096)
        except OSError:
            data = b""
        if data.startswith(b"GET /healthy/"):
            name = data.split(b" ")[1]
            self.asked.setdefault(name, []).append(time.monotonic())
            try:
                sock.send(self.answer)
            except OSError:
                pass
            data = b""
        if not data:
            chosen.unregister(sock)
            sock.close()
            self.hanging -= 1


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--targets", type=int, default=10000)
    asked.add_argument("--seconds", type=float, default=25)
    asked = asked.parse_args()
    server = Endpoint()
    server.start()
    home = folder()
    url = f"http://127.0.0.1:{server.port}"
    config = "defaults: {timeout: 2s}\ntargets:\n"
    for i in range(asked.targets):
        config += f"  - {{name: dead{i}, check: token_endpoint, url: \"{url}/dead/{i}\", interval: 1m}}\n"
    for i in range(HEALTHY):
        config += f"  - {{name: good{i}, check: token_endpoint, url: \"{url}/healthy/{i}\", interval: {INTERVAL}s}}\n"
    with Daemon(home, config) as daemon:
        wait_for(lambda: len(server.asked) == HEALTHY, 120)
        row("every healthy endpoint is asked", len(server.asked) == HEALTHY, len(server.asked))
        memory, files = 0, 0
        end = time.monotonic() + asked.seconds
        while time.monotonic() < end:
            memory, files = max(memory, daemon.resident_kib()), max(files, daemon.descriptors())
            daemon.ask("/-/healthy")
            end_of_look = time.monotonic() + 0.25
            wait_for(lambda at=end_of_look: time.monotonic() >= at, 1)
        gaps = sorted(b - a for times in list(server.asked.values()) for a, b in zip(times, times[1:]))
        p99 = gaps[int(len(gaps) * 0.99)] - INTERVAL if gaps else 99
        row(f"99 of 100 of their checks come at most {LAG:g} s late", gaps and p99 <= LAG, f"{p99:.2f} s of {len(gaps)} checks")
        row("resident memory is at most 300 MiB", memory <= MEMORY_KIB or os.environ.get("JW_LAG"), f"{memory} KiB")
        row("descriptors are bounded", files <= 1024, files)
        row("no more than the slots for such targets hang at once", server.most <= 512 + HEALTHY, server.most)
        row("... and they are tried in turn", server.total > min(asked.targets, 512), server.total)
        print(f"# p99 lag {p99:.3f} s, {memory} KiB, {files} descriptors, {server.most} hung at once, {server.total} connections")
    shutil.rmtree(home)
    plan()


main()
