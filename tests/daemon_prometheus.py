#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real Prometheus scrapes the daemon: /metrics, /probe by relabelling, and /sd without; a real node_exporter, as another
user, serves its textfile; every panel of the shipped dashboard shows something."""
import http.server
import json
import os
import pwd
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

from daemon_lib import Daemon, PATIENCE, folder, free_port, page, plan, row, skip, token, wait_for, write

TOP = os.environ["top_srcdir"]
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{top}/prometheus/jwtwatch.rules.yml]
scrape_configs:
  - job_name: jwtwatch
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
  - job_name: probe
    metrics_path: /probe
    static_configs: [{{targets: [page, api]}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "127.0.0.1:{port}"}}
  - job_name: sd
    http_sd_configs: [{{url: "http://127.0.0.1:{port}/sd", refresh_interval: 1s}}]
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:{node}"]}}]
"""


class Endpoint(http.server.BaseHTTPRequestHandler):
    """A token endpoint, and a LiveKit as far as it is asked here."""

    def do_GET(self):
        body = b"OK" if self.path in ("/", "/rtc/validate") else json.dumps({"token": token(90000)}).encode()
        if self.path == "/rtc/validate":
            body = b"success"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8" if len(body) < 10 else "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def query(port, expression):
    found = get(f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
    try:
        return json.loads(found)["data"]["result"]
    except (ValueError, KeyError):
        return []


def as_nobody():
    nobody = pwd.getpwnam("nobody")
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def live(home, daemon, port, node):
    def seen(expression, count=1):
        return wait_for(lambda: len(query(port, expression)) >= count, 3 * PATIENCE)

    row("Prometheus scrapes /metrics", seen('up{job="jwtwatch"} == 1'))
    row("... and has every target's state", seen('jwtwatch_target_status{job="jwtwatch",status="ok"}', 4))
    row("Prometheus scrapes /probe by relabelling", seen('probe_success{job="probe",instance="page"} == 1') and
        seen('probe_success{job="probe",instance="api"} == 1'))
    row("... without the label target", not query(port, 'jwtwatch_target_status{job="probe",target!=""}'))
    row("Prometheus takes /sd as it is", seen('probe_success{job="sd",instance="page"} == 1') and
        seen('probe_success{job="sd",instance="ended"}'))
    row("... with the targets' own labels", seen('probe_success{job="sd",instance="page",team="voice"}'))
    row("a failure is a value, not a broken scrape", seen('up{job="sd",instance="gone"} == 1') and
        seen('probe_success{job="sd",instance="gone"} == 0'))
    row("the cause is a label", seen('jwtwatch_target_cause{job="jwtwatch",target="ended",cause="expired"} == 1'))
    row("the rules are loaded and an ended token fires one", wait_for(lambda: "Expired" in get(
        f"http://127.0.0.1:{port}/api/v1/alerts"), 3 * PATIENCE))
    if node:
        row("node_exporter, as another user, serves the textfile",
            seen('jwtwatch_token_expiration_timestamp_seconds{job="node",target="page"}'))
        row("... and finds no fault with it", seen('node_textfile_scrape_error{job="node"} == 0'))
    bad = query(port, 'prometheus_target_scrapes_sample_duplicate_timestamp_total > 0')
    row("no sample comes twice", not bad, bad)
    done = subprocess.run([sys.executable, f"{TOP}/tests/dashboard.py", "--prometheus", f"http://127.0.0.1:{port}"],
                          capture_output=True, text=True, check=False, timeout=6 * PATIENCE)
    if done.returncode:
        # Rates want two scrapes.
        wait_for(lambda: subprocess.run([sys.executable, f"{TOP}/tests/dashboard.py", "--prometheus",
                                         f"http://127.0.0.1:{port}"], capture_output=True, check=False).returncode == 0,
                 2 * PATIENCE)
        done = subprocess.run([sys.executable, f"{TOP}/tests/dashboard.py", "--prometheus", f"http://127.0.0.1:{port}"],
                              capture_output=True, text=True, check=False, timeout=6 * PATIENCE)
    row("every panel of the dashboard shows something", done.returncode == 0, done.stdout[-1500:], done.stderr[-500:])


def main():
    home = folder()
    os.chmod(home, 0o755)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    pages = os.path.join(home, "textfiles")
    os.mkdir(pages)
    write(os.path.join(home, "page.html"), page(token(90000)))
    write(os.path.join(home, "ended.html"), page(token(-60, issued=int(time.time()) - 7200)))
    config = f"""sinks:
  nodes: {{type: textfile, path: {pages}/jwtwatch.prom}}
  hook: {{type: webhook, url: "{url}/hook"}}
targets:
  - {{name: page, check: html_file, path: {home}/page.html, interval: 2s, accepted_by: "{url}", labels: {{team: voice}}}}
  - {{name: ended, check: html_file, path: {home}/ended.html, interval: 2s}}
  - {{name: gone, check: html_file, path: {home}/gone.html, interval: 2s}}
  - {{name: api, check: token_endpoint, url: "{url}/token", interval: 2s}}
  - {{name: livekit, check: livekit, url: "{url}", interval: 2s}}
"""
    started, node_port, port = [], free_port(), free_port()
    try:
        with Daemon(home, config) as daemon:
            write(os.path.join(home, "prometheus.yml"),
                  CONFIG.format(top=TOP, port=daemon.port, node=node_port))
            node = None
            if os.geteuid() == 0:
                node = subprocess.Popen(["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{node_port}",
                                         "--collector.disable-defaults", "--collector.textfile",
                                         f"--collector.textfile.directory={pages}"], preexec_fn=as_nobody,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                started.append(node)
            else:
                skip("node_exporter as another user", "needs root")
            started.append(subprocess.Popen(
                ["prometheus", f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/tsdb",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], stdout=subprocess.DEVNULL,
                stderr=open(os.path.join(home, "prometheus.log"), "w", encoding="utf-8"), cwd=home))
            row("a real Prometheus starts with the shipped rules",
                wait_for(lambda: "Ready" in get(f"http://127.0.0.1:{port}/-/ready"), 3 * PATIENCE),
                open(os.path.join(home, "prometheus.log"), encoding="utf-8").read()[-800:])
            live(home, daemon, port, node)
    finally:
        for process in started:
            process.terminate()
            process.wait()
    shutil.rmtree(home)
    plan()


main()
