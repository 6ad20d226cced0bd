#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports on very many targets: nobody else waits for them, a reload or a client that leaves doesn't disturb them."""
import http.client
import json
import os
import shutil
import socket
import threading
import time

from daemon_lib import PATIENCE, Daemon, folder, page, plan, replace, row, token, wait_for

TARGETS = 10000
# How often each page is asked for, and which share of such a request's time another client may wait, as the median of
# these. Where the page is made on the loop that's most of it.
ROUNDS = 7
SHARE = 0.4
LEAVERS = 4 # more of them are told to come again
RELOADS = 6
SLOW = 20
# Four reports, one of them being made; twenty would be five times that.
SLOW_KIB = int(os.environ.get("JW_SLOW_KIB", "131072"))


def config(count, room="test-room"):
    return f"defaults: {{interval: 1h, room: {room}}}\ntargets:\n" + "".join(
        f"  - {{name: page-{i}, check: html_file, path: page.html}}\n" for i in range(count))


def fetch(port, path):
    """The answer's body, read outside of Python's lock as far as that goes."""
    with socket.create_connection(("127.0.0.1", port), timeout=3 * PATIENCE) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        parts = []
        while part := client.recv(1 << 20):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    return body if head.startswith(b"HTTP/1.1 200") else b""


def longest_wait(daemon, path):
    """How long another client waited at most while the page was fetched, the time of that, and the page."""
    found, longest = {}, 0

    def ask():
        start = time.monotonic()
        found["body"] = fetch(daemon.port, path)
        found["took"] = time.monotonic() - start

    other = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=3 * PATIENCE)
    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive():
        start = time.monotonic()
        other.request("GET", "/-/healthy")
        other.getresponse().read()
        longest = max(longest, time.monotonic() - start)
    thread.join()
    other.close()
    return longest, found["took"], found["body"]


def waits(daemon):
    for path in ("/api/v1/targets", "/api/v1/targets?format=text&at=%2B1h", "/"):
        rounds = [longest_wait(daemon, path) for _ in range(ROUNDS)]
        shares = sorted(longest / took for longest, took, _ in rounds)
        row(f"nobody waits for {path}", shares[ROUNDS // 2] < SHARE,
            [round(share, 2) for share in shares])
        row("... which is whole each time", all(body.count(b"page-") >= TARGETS for _, _, body in rounds))


def lasting(report):
    """Without what another check changes."""
    for one in report["targets"]:
        for found in (one, *one["tokens"]):
            for key in ("checked", "last_ok", "duration", "remaining"):
                found.pop(key, None)
    return report


def content(daemon):
    at = f"@{int(time.time()) + 600}"
    asked = lasting(json.loads(fetch(daemon.port, f"/api/v1/targets?at={at}")))
    told = daemon.run("status", "-f", daemon.file, "-o", "json", "--at", at)
    heard = lasting(json.loads(told.stdout))
    row("the answer is what status tells", asked == heard, told.stderr,
        [key for key in asked if asked[key] != heard.get(key)],
        [(one, other) for one, other in zip(asked["targets"], heard["targets"]) if one != other][:1])
    row("... of each target in its order",
        [one["name"] for one in asked["targets"]] == [f"page-{i}" for i in range(TARGETS)])
    row("... and each of them is judged", all(one["state"] == "OK" and one["cause"] == "ok" and one["tokens"]
                                               for one in asked["targets"]), asked["targets"][0])
    few = daemon.targets("?target=page-7&target=nobody")
    row("a few by name are the same", [few["page-7"]["state"], few["nobody"]["state"]] == ["OK", "UNKNOWN"], few)


def reloads(daemon):
    """A report is of one configuration, whichever comes meanwhile."""
    counts, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            targets = json.loads(fetch(daemon.port, "/api/v1/targets"))["targets"]
            counts.append((len(targets), len({(one["state"], one["cause"]) for one in targets if "checked" in one})))

    thread = threading.Thread(target=ask)
    thread.start()
    good = True
    for i in range(RELOADS):
        daemon.configure(config(TARGETS if i % 2 else TARGETS // 2, "test-room" if i % 2 else "another"))
        before = len(counts)
        good = daemon.reload()[0] == 200 and good
        good = wait_for(lambda seen=before: len(counts) > seen, 3 * PATIENCE) and good
    stop.set()
    thread.join()
    row("reports go on while the configuration changes", good)
    row("... and each of them is of one moment", {count for count, _ in counts} <= {TARGETS, TARGETS // 2} and
        {states for _, states in counts} <= {1}, counts)


def share_of_leavers(daemon):
    """How many reports' time passes for clients that have left, before one that stays has its own."""
    for _ in range(LEAVERS):
        client = socket.create_connection(("127.0.0.1", daemon.port), timeout=3 * PATIENCE)
        client.sendall(b"GET /api/v1/targets HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.close()
    start = time.monotonic()
    wait_for(lambda: fetch(daemon.port, "/api/v1/targets"))
    took = time.monotonic() - start
    alone = longest_wait(daemon, "/api/v1/targets")[1]
    return (took - alone) / alone


def leave(daemon):
    # The least, since another program's turn only adds to it.
    shares = [share_of_leavers(daemon) for _ in range(3)]
    row("clients that leave don't have their pages made", min(shares) < LEAVERS / 2, shares)
    row("... nor threads hang for them", wait_for(lambda: daemon.value("jwtwatch_hanging_threads") == 0))


def hold(daemon):
    """A client that reads the status and nothing behind it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(3 * PATIENCE)
    client.connect(("127.0.0.1", daemon.port))
    client.sendall(b"GET /api/v1/targets HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def slow(daemon):
    """Clients that take their time have the daemon keep no more than a few pages."""
    wait_for(lambda: fetch(daemon.port, "/api/v1/targets"))
    before = daemon.resident_kib()
    clients = [hold(daemon) for _ in range(SLOW)]
    heads = [client.recv(400) for client in clients]
    late = [head for head in heads if not head.startswith(b"HTTP/1.1 200 ")]
    row("of many slow clients four get their report", len(late) == SLOW - 4, heads)
    row("... and the others are told to come again", all(head.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 1\r\n" in head and
        b"Too many large reports" in head for head in late), late[:2])
    grown = daemon.resident_kib() - before
    row("... so that memory stays bounded", grown < SLOW_KIB, grown)
    print(f"# {grown} KiB for {SLOW} slow clients")
    row("... /metrics is answered", daemon.ask("/metrics")[0] == 200)
    row("... and a report on a few", daemon.targets("?target=page-7")["page-7"]["state"] == "OK")
    told = daemon.run("status", "-f", daemon.file)
    row("... and status says why there is none", told.returncode == 3 and "Too many large reports" in told.stdout + told.stderr,
        told.stdout, told.stderr)
    for client in clients:
        client.close()
    row("when they have left reports are answered again", wait_for(
        lambda: fetch(daemon.port, "/api/v1/targets").count(b"page-") >= TARGETS))


def end(daemon):
    """With one report being made, and others waiting behind it."""
    clients = [socket.create_connection(("127.0.0.1", daemon.port), timeout=3 * PATIENCE) for _ in range(3)]
    for client in clients:
        client.sendall(b"GET /api/v1/targets HTTP/1.1\r\nHost: localhost\r\n\r\n")
    daemon.ask("/-/healthy")
    took, code = daemon.stop()
    for client in clients:
        client.close()
    row("it ends well with reports under way", code == 0 and took < PATIENCE, took, code, daemon.said()[-800:])


def main():
    home = folder()
    replace(os.path.join(home, "page.html"), page(token(90000)))
    with Daemon(home, config(TARGETS)) as daemon:
        # All are checked at once, rather than one after the other in the course of the first minute.
        replace(os.path.join(home, "page.html"), page(token(90000, jti="1")))
        row("all are checked", wait_for(lambda: sum(
            line.startswith("jwtwatch_last_success_timestamp_seconds{") for line in daemon.metrics().splitlines())
            == TARGETS, 6 * PATIENCE))
        content(daemon)
        waits(daemon)
        leave(daemon)
        slow(daemon)
        reloads(daemon)
        row("no token is in the log", "eyJ" not in daemon.said())
        took, code = daemon.stop()
        row("it ends well, and has lost nothing", code == 0, took, code, daemon.said()[-800:])
    with Daemon(home, config(TARGETS)) as daemon:
        end(daemon)
    shutil.rmtree(home)
    plan()


main()
