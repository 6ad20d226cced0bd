# SPDX-License-Identifier: MIT
"""What bench/daemon.py measures with: processes and their cost, a client with many connections, a server that hangs."""
import ctypes
import multiprocessing
import os
import re
import select
import selectors
import socket
import struct
import subprocess
import sys
import time


class Peer:
    """A server that isn't ours; ends with the block."""

    def __init__(self, words, port, log):
        self.port = port
        with open(log, "wb") as file:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def __enter__(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        sys.exit(f"{self.process.args[0]} doesn't listen")

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(20)


def cpu_seconds(pid):
    """User and system, of all threads that there are and were: the clock of the process, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime(~pid << 3 | 2)


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def is_whole(answer):
    """An answer with its length or in chunks, as far as it is here."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    if length:
        return len(body) >= int(length.group(1))
    return body.endswith(b"0\r\n\r\n")


def body_of(answer):
    """Of one that is whole."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"\r\ntransfer-encoding: chunked" not in head.lower():
        return body
    parts = []
    while True:
        length, _, body = body.partition(b"\r\n")
        if not int(length, 16):
            return b"".join(parts)
        parts.append(body[:int(length, 16)])
        body = body[int(length, 16) + 2:]


class Client:
    """Sends requests on this many kept connections to one port, each its next one when it has its answer."""

    def __init__(self, port, connections):
        self.port = port
        self.connections = connections

    def ask(self, paths, wanted):
        """Every path once; each answer must be a 200 that holds the bytes `wanted`."""
        left = iter(paths)
        chosen = selectors.EpollSelector()
        for _ in range(self.connections):
            sock = socket.create_connection(("127.0.0.1", self.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self.send(sock, left):
                sock.close()
                break
            chosen.register(sock, selectors.EVENT_READ, bytearray())
        end = time.monotonic() + 300
        while chosen.get_map():
            if time.monotonic() > end:
                sys.exit("answers don't come")
            for key, _ in chosen.select(1):
                self.read(chosen, key, left, wanted)
        chosen.close()

    def send(self, sock, left):
        path = next(left, None)
        if path is None:
            return False
        sock.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/plain\r\n"
                     b"X-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n" % (path.encode(), self.port))
        return True

    def read(self, chosen, key, left, wanted):
        data = key.fileobj.recv(1 << 18)
        key.data.extend(data)
        if data and not is_whole(key.data):
            return
        if not key.data.startswith(b"HTTP/1.1 200 ") or wanted not in body_of(bytes(key.data)):
            sys.exit(f"port {self.port} answers {bytes(key.data[:3000])!r}")
        key.data.clear()
        if not self.send(key.fileobj, left):
            chosen.unregister(key.fileobj)
            key.fileobj.close()


def hold(port, paths):
    """Sends each path on a connection of its own and leaves these open: they are the caller's."""
    held = []
    for path in paths:
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Prometheus-Scrape-Timeout-Seconds: 300\r\n\r\n"
                     % (path.encode(), port))
        held.append(sock)
    return held


class Forked:
    """A process of this program's own; ends with the block."""

    def __enter__(self):
        self.process = multiprocessing.Process(target=self.run, daemon=True)
        self.process.start()
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.join(20)


class Hanging(Forked):
    """A server that takes connections and requests and never says a word; `count` of them are open."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.count = multiprocessing.Value("i", 0)

    def run(self):
        chosen = selectors.EpollSelector()
        chosen.register(self.listener, selectors.EVENT_READ)
        while True:
            for key, _ in chosen.select():
                if key.fileobj is self.listener:
                    self.accept(chosen)
                elif not self.read(key.fileobj):
                    chosen.unregister(key.fileobj)
                    key.fileobj.close()
                    self.count.value -= 1

    def accept(self, chosen):
        try:
            while True:
                sock, _ = self.listener.accept()
                sock.setblocking(False)
                chosen.register(sock, selectors.EVENT_READ)
                self.count.value += 1
        except BlockingIOError:
            pass

    @staticmethod
    def read(sock):
        try:
            return sock.recv(4096)
        except BlockingIOError:
            return True
        except OSError:
            return False


class Sleeper(Forked):
    """Sleeps for 5 ms again and again: by how much later than that it wakes says how busy the machine is."""

    def __init__(self):
        self.worst = multiprocessing.Value("d", 0)

    def run(self):
        while True:
            start = time.monotonic()
            time.sleep(0.005)
            self.worst.value = max(self.worst.value, (time.monotonic() - start - 0.005) * 1000)

    def worst_ms(self):
        """Since the last time that this was asked."""
        worst, self.worst.value = self.worst.value, 0
        return worst


class Opens:
    """When each file of a folder is opened, by inotify."""

    OPEN = 0x20

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0 or libc.inotify_add_watch(self.fd, path.encode(), self.OPEN) < 0:
            sys.exit("inotify can't be had")
        self.times = {}

    def listen(self, until):
        while (left := until - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                self.take(os.read(self.fd, 65536), time.monotonic())

    def take(self, data, now):
        at = 0
        while at < len(data):
            _, _, _, length = struct.unpack_from("iIII", data, at)
            name = data[at + 16:at + 16 + length].rstrip(b"\0")
            self.times.setdefault(name, []).append(now)
            at += 16 + length
