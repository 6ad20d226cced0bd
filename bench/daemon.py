#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bench/daemon runs, a part at a time: prints "row unit median quartile quartile largest" a line, for bench/parts."""
import http.client
import multiprocessing
import os
import re
import shutil
import statistics
import sys
import time

from daemon_lib import Daemon, folder, free_port, page, token, wait_for, write
from daemon_load import Client, Hanging, Opens, Peer, Sleeper, cpu_seconds, hold, resident_kib

BLACKBOX = """
modules:
  http:
    prober: http
    timeout: 300s
    http: {preferred_ip_protocol: ip4}
  https:
    prober: http
    timeout: 300s
    http:
      preferred_ip_protocol: ip4
      fail_if_not_ssl: true
      tls_config: {ca_file: /etc/ssl/certs/ca-certificates.crt}
"""
GOOD = b"\nprobe_success 1\n"
PATTERN = "const TOKEN = '([^']+)'"


def report(name, unit, values):
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else 3 * values
    print(name, unit, *(f"{value:.6f}" for value in (middle, low, high, max(values))), flush=True)


def say(text):
    print(text, file=sys.stderr, flush=True)


def pause(seconds):
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= end, seconds + 1)


def blackbox(home):
    write(f"{home}/blackbox.yml", BLACKBOX)
    port = free_port()
    return Peer(["/usr/bin/prometheus-blackbox-exporter", f"--config.file={home}/blackbox.yml",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], port, f"{home}/blackbox.log")


def is_all_checked(daemon, count):
    return wait_for(lambda: (daemon.value("jwtwatch_checks_started_total") or 0) >= count
                    and daemon.value("jwtwatch_checks_in_flight") == 0, 120)


def slow_wait(what, seconds):
    """As wait_for, for what costs the daemon something to answer."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            sys.exit("it takes too long")
        pause(0.5)


# /probe

TARGETS = 1000
CONNECTIONS = 32
ROUNDS = 7
# name, URL, requests of ours in a round and of blackbox_exporter's: a second of CPU time for each
KINDS = (("http", "http", "/once", 10000, 2000), ("http-kept", "http", "", 15000, 2000),
         ("https", "https", "/once", 1500, 150), ("https-kept", "https", "", 15000, 150))


def served():
    """Connections and requests that nginx has had."""
    connection = http.client.HTTPConnection(os.environ["http"].rpartition("/")[2], timeout=10)
    connection.request("GET", "/count")
    numbers = re.search(rb"requests\s+(\d+) \d+ (\d+)", connection.getresponse().read())
    connection.close()
    return int(numbers.group(1)), int(numbers.group(2))


def ask(process, port, paths, is_fresh):
    """CPU seconds a request; all of them must have reached nginx, on connections of their own where that's wanted. But for
    a few: connections that other targets left open are used up first, and a stalled probe is joined by its next."""
    connections, requests = served()
    before = cpu_seconds(process.pid)
    Client(port, CONNECTIONS).ask(paths, GOOD)
    cost = cpu_seconds(process.pid) - before
    connections_now, requests_now = served()
    seen = min(requests_now - requests, connections_now - connections if is_fresh else len(paths))
    if seen < 0.99 * len(paths):
        sys.exit(f"of {len(paths)} probes nginx saw {requests_now - requests} requests on "
                 f"{connections_now - connections} connections")
    return cost / len(paths)


def probe():
    home = folder()
    config = "targets:\n"
    for name, scheme, path, _, _ in KINDS:
        for i in range(TARGETS):
            config += f"  - {{name: {name}-{i}, check: token_endpoint, interval: 24h, " \
                      f"url: \"{os.environ[scheme]}{path}/token?n={i}\"}}\n"
    with Daemon(home, config) as daemon, blackbox(home) as peer:
        if not is_all_checked(daemon, TARGETS * len(KINDS)):
            sys.exit("not all targets are checked")
        for name, scheme, path, ours, theirs in KINDS:
            say(f"probe {name}: {ROUNDS} rounds")
            here = [f"/probe?target={name}-{i % TARGETS}" for i in range(ours)]
            there = [f"/probe?module={scheme}&target={os.environ[scheme]}{path}/token?n={i % TARGETS}" for i in range(theirs)]
            costs = []
            for at in range(ROUNDS + 1):
                turns = [lambda: ask(daemon.process, daemon.port, here, bool(path)),
                         lambda: ask(peer.process, peer.port, there, True)]
                order = (0, 1) if at % 2 else (1, 0)
                got = {turn: turns[turn]() for turn in order}
                # The first round warms both up.
                if at:
                    costs.append((got[0], got[1]))
            report(f"probe-{name}/blackbox", "cpu", [a / b for a, b in costs])
            report(f"probe-{name}", "us", [a * 1e6 for a, _ in costs])
            report(f"probe-blackbox-{name}", "us", [b * 1e6 for _, b in costs])
    shutil.rmtree(home)


# Endpoints that hang

# blackbox_exporter needs two descriptors for each, and often 20,000 are all that can be had.
HANGING = 9900
IDLE_SECONDS = 20


def hang_ours(program, server, count, wanted):
    """KiB for each endpoint, over a daemon that has one target only, and CPU seconds per second."""
    home = folder()
    config = "defaults: {timeout: 5m, interval: 24h}\ntargets:\n"
    for i in range(count):
        config += f"  - {{name: e{i}, check: token_endpoint, url: \"http://127.0.0.1:{server.port}/token?n={i}\"}}\n"
    with Daemon(home, config, program=program) as daemon:
        slow_wait(lambda: server.count.value >= wanted, 120)
        pause(2)
        before, start = cpu_seconds(daemon.process.pid), time.monotonic()
        pause(IDLE_SECONDS)
        core = (cpu_seconds(daemon.process.pid) - before) / (time.monotonic() - start)
        if server.count.value < wanted:
            sys.exit("they don't hang any more")
        memory = daemon.resident_kib()
    slow_wait(lambda: server.count.value == 0, 30)
    shutil.rmtree(home)
    return memory, core


def hang_theirs(server, count):
    home = folder()
    with blackbox(home) as peer:
        paths = [f"/probe?module=http&target=http://127.0.0.1:{server.port}/token?n={i}" for i in range(count)]
        held = hold(peer.port, paths)
        slow_wait(lambda: server.count.value >= count, 120)
        pause(2)
        memory = resident_kib(peer.process.pid)
        for sock in held:
            sock.close()
    slow_wait(lambda: server.count.value == 0, 30)
    shutil.rmtree(home)
    return memory


def hang():
    program = os.environ["JWTWATCH"]
    with Hanging() as server:
        say(f"hang: {HANGING} endpoints")
        theirs = hang_theirs(server, HANGING)
        ours, core = hang_ours(os.path.join(os.environ["TMPDIR"], "raised", "jwtwatch"), server, HANGING, HANGING)
        shipped, _ = hang_ours(program, server, HANGING, 384)
    report("hang/blackbox", "memory", [ours / theirs])
    report("hang", "core", [core])
    report("hang", "KiB", [ours / HANGING])
    report("hang-blackbox", "KiB", [theirs / HANGING])
    report("hang-shipped/blackbox", "memory", [shipped / theirs])


# Ten thousand pages: the daemon at rest, then /metrics of it

FILES = 10
PAGES = 10000
REST_SECONDS = 65
GETS = 40


def pages(home, count, interval):
    config = f"defaults: {{interval: {interval}}}\ntargets:\n"
    for i in range(min(count, FILES)):
        write(f"{home}/page{i}.html", page(token(90000, jti=str(i))))
    for i in range(count):
        config += f"  - {{name: page{i}, check: html_file, path: {home}/page{i % FILES}.html, pattern: \"{PATTERN}\"}}\n"
    return config


def fetch_page(daemon, home):
    text = daemon.metrics()
    write(f"{home}/finished.txt", text)
    return f"{home}/finished.txt"


def metrics():
    home, empty_home = folder(), folder()
    with Daemon(home, pages(home, PAGES, "1h")) as daemon, Daemon(empty_home, pages(empty_home, 1, "1h")) as empty:
        say(f"metrics: {PAGES} targets at rest, {REST_SECONDS} s")
        begun = time.monotonic()
        # Not by /metrics, whose page the daemon keeps room for from then on. All are checked within 2 ms a target.
        slow_wait(lambda: time.monotonic() - begun > PAGES * 0.002 + 10 and all(
            "checked" in daemon.targets(f"?target=page{i}")[f"page{i}"] for i in range(0, PAGES, PAGES // 50)), 120)
        # What the checks took for a while is given back within a minute.
        before, start = cpu_seconds(daemon.process.pid), time.monotonic()
        pause(REST_SECONDS)
        report("metrics-idle", "core", [(cpu_seconds(daemon.process.pid) - before) / (time.monotonic() - start)])
        report("metrics-idle", "KiB", [(daemon.resident_kib() - empty.resident_kib()) / (PAGES - 1)])
        port = free_port()
        finished = os.path.join(os.environ["TMPDIR"], "finished_page")
        say(f"metrics: {ROUNDS} rounds")
        with Peer([finished, str(port), fetch_page(daemon, home)], port, f"{home}/finished.log") as peer:
            costs = [(get_pages(daemon.process, daemon.port), get_pages(peer.process, port)) for _ in range(ROUNDS)]
        report("metrics-scraped", "KiB", [(daemon.resident_kib() - empty.resident_kib()) / (PAGES - 1)])
    report("metrics/finished", "cpu", [ours / theirs for ours, theirs in costs])
    report("metrics", "ms", [ours * 1000 for ours, _ in costs])
    shutil.rmtree(home)
    shutil.rmtree(empty_home)


def get_pages(process, port):
    before = cpu_seconds(process.pid)
    Client(port, 1).ask(["/metrics"] * GETS, b"jwtwatch_")
    return (cpu_seconds(process.pid) - before) / GETS


# A hundred thousand checks every ten seconds

DUE = 100000
DUE_SECONDS = 10
SAMPLES = 500
WINDOWS = 5


def lateness(times, start, window):
    """How much later than at best, in the place that each has in the interval, the opens of a window were; ms."""
    worst = 0
    for all_times in times:
        offsets = [(at - start) % DUE_SECONDS for at in all_times]
        # Where the interval begins has no meaning: turned so that the first one is in its middle.
        turn = offsets[0] - DUE_SECONDS / 2
        offsets = [(offset - turn) % DUE_SECONDS for offset in offsets]
        best = min(offsets)
        for at, offset in zip(all_times, offsets):
            if window[0] <= at < window[1]:
                worst = max(worst, (offset - best) * 1000)
    return worst


def due():
    home = folder()
    config = pages(home, DUE - SAMPLES, f"{DUE_SECONDS}s")
    os.mkdir(f"{home}/sampled")
    for i in range(SAMPLES):
        write(f"{home}/sampled/{i}", page(token(90000, jti=str(i))))
        config += f"  - {{name: sampled{i}, check: html_file, path: {home}/sampled/{i}, pattern: \"{PATTERN}\"}}\n"
    say(f"due: {DUE} targets, {WINDOWS} intervals of {DUE_SECONDS} s")
    with Daemon(home, config) as daemon:
        # The first round is at other moments than all later ones.
        pause(3 * DUE_SECONDS)
        opens = Opens(f"{home}/sampled")
        windows, cores = [], []
        with Sleeper() as sleeper:
            for _ in range(WINDOWS):
                before, start = cpu_seconds(daemon.process.pid), time.monotonic()
                opens.listen(start + DUE_SECONDS)
                end = time.monotonic()
                cores.append((cpu_seconds(daemon.process.pid) - before) / (end - start))
                windows.append((start, end, sleeper.worst_ms()))
    times = list(opens.times.values())
    if len(times) != SAMPLES or min(len(one) for one in times) < WINDOWS - 1:
        sys.exit(f"of {SAMPLES} sampled files {len(times)} were opened, one of them "
                 f"{min((len(one) for one in times), default=0)} times")
    late = [(machine, lateness(times, windows[0][0], (start, end))) for start, end, machine in windows]
    report("due", "core", cores)
    # Every target is due in every window, so what the daemon does by itself is in each: the quietest one tells it best.
    report("due", "ms", [min(late)[1]])
    report("due-all", "ms", [ms for _, ms in late])
    report("due-machine", "ms", [machine for machine, _ in late])
    shutil.rmtree(home)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    {"probe": probe, "hang": hang, "metrics": metrics, "due": due}[sys.argv[1]]()
