#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bench/soak runs: files that change, endpoints that answer, hang, refuse and mint, scrapes, probes, reloads."""
import http.server
import json
import os
import shutil
import sys
import threading
import time

from daemon_lib import Daemon, folder, free_port, page, row, plan, token, replace, wait_for, write

SECONDS = float(sys.argv[1])
FILES = 300
ENDPOINTS = 60
ALLOWED_KIB = 512


class Endpoint(http.server.BaseHTTPRequestHandler):
    """/good/N a token, /bad/N a 500, /slow/N an answer that doesn't come."""

    def do_GET(self):
        if self.path.startswith("/slow"):
            self.connection.settimeout(3)
            try:
                self.connection.recv(1)
            except OSError:
                pass
            self.close_connection = True
            return
        body = json.dumps({"token": token(90000)}).encode()
        self.send_response(500 if self.path.startswith("/bad") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def main():
    home = folder()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    config = f"sinks:\n  gone: {{type: webhook, url: \"http://127.0.0.1:{free_port()}/x\"}}\n" \
             f"  page: {{type: textfile, path: {home}/jwtwatch.prom}}\ntargets:\n"
    for i in range(FILES):
        write(f"{home}/p{i}.html", page(token(90000)))
        config += f"  - {{name: file{i}, check: html_file, path: {home}/p{i}.html, interval: 5s}}\n"
    for i in range(ENDPOINTS):
        kind = ("good", "good", "bad", "slow")[i % 4]
        config += f"  - {{name: end{i}, check: token_endpoint, url: \"{url}/{kind}/{i}\", interval: 3s, timeout: 2s}}\n"
    start = time.monotonic()
    begun, samples, count, reference = time.time(), [], 0, None
    with Daemon(home, config, extra_daemon=f"  state: {home}/state.json\n") as daemon:
        while time.monotonic() - start < SECONDS:
            count += 1
            daemon.metrics("application/openmetrics-text;version=1.0.0" if count % 2 else None)
            daemon.ask(f"/probe?target=file{count % FILES}")
            daemon.targets()
            if count % 3 == 0:
                replace(f"{home}/p{count % FILES}.html", page(token(90000 + count)))
            if count % 50 == 0:
                daemon.reload()
            if count % 5 == 0:
                samples.append((time.monotonic() - start, daemon.resident_kib(), daemon.resident_kib("RssAnon")))
                if reference is None and samples[-1][0] >= SECONDS / 6:
                    reference = samples[-1]
            at = time.monotonic() + 0.5
            wait_for(lambda end=at: time.monotonic() >= end, 2)
        for index, what in (1, "resident memory"), (2, "... and the part of it that isn't of files"):
            last = max(sample[index] for sample in samples[-10:])
            row(f"{what} at the end is at most {ALLOWED_KIB} KiB over that after a sixth of the time",
                reference and last - reference[index] <= ALLOWED_KIB,
                f"{reference[index] if reference else 0} KiB, then {last} KiB")
        step = max(1, len(samples) // 12)
        print("# seconds:KiB (not of files) " + " ".join(f"{t:.0f}:{kib} ({own})" for t, kib, own in samples[::step] + samples[-1:]))
        checks = daemon.value('jwtwatch_checks_total{target="file0"}')
        print(f"# checks {checks}, descriptors {daemon.descriptors()}, "
              f"rounds {count}, {time.time() - begun:.0f} s")
        took, code = daemon.stop()
        row("it ends within a second, with 0", took < 1.5 and code == 0, took, code, daemon.said()[-500:])
    shutil.rmtree(home)
    plan()


main()
