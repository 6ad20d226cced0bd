#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""alertmanager.py PORT RECEIVER SCENE: hands alerts to an Alertmanager and says what becomes of them, a line a message.

It is RECEIVER whom the receivers of the configuration call, a port of 127.0.0.1. A line: the receiver, the alert and how many of
it the message holds; in the end those that were held back. Nothing else may be on its way: each scene has a job of its own.
"""
import collections
import http.server
import json
import sys
import threading
import time
import urllib.request

PATIENCE = 30
DAEMON = {"instance": "a:9788"}
SCENES = {
    "one dead LiveKit, three pages": [
        (name, "critical", {"target": f"page{i}", **DAEMON})
        for name in ("JwtwatchLiveKitDown", "JwtwatchTargetFailing") for i in range(3)],
    "one dead LiveKit, and another page without its token": [
        ("JwtwatchLiveKitDown", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchTargetFailing", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchTargetFailing", "critical", {"target": "other", **DAEMON})],
    "both bands of one token, and one of another": [
        ("JwtwatchTokenExpiring", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchTokenExpiring", "warning", {"target": "page", **DAEMON}),
        ("JwtwatchTokenExpiring", "warning", {"target": "other", **DAEMON})],
    "a token that has ended": [
        ("JwtwatchTokenExpired", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchTokenExpiring", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchTokenRotationStuck", "warning", {"target": "page", **DAEMON})],
    "a dead daemon": [
        ("JwtwatchAbsent", "critical", DAEMON),
        ("JwtwatchCheckStale", "critical", {"target": "page", **DAEMON}),
        ("JwtwatchSinkFailing", "warning", {"sink": "icinga", **DAEMON}),
        ("JwtwatchCheckStale", "critical", {"target": "page", "instance": "b:9788"})],
    "what isn't jwtwatch's": [("DiskFull", "critical", DAEMON)],
}


class Receiver(http.server.BaseHTTPRequestHandler):
    messages = []

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.messages.append((self.path.strip("/"), message["alerts"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def call(port, path, body=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    with opener.open(request, timeout=PATIENCE) as reply:
        text = reply.read()
    return json.loads(text) if text else None


def of_job(port, job):
    """Those that are told, those that are held back; only once Alertmanager has made up its mind about all."""
    alerts = [alert for alert in call(port, "/api/v2/alerts") if alert["labels"].get("job") == job]
    done = all(alert["status"]["state"] != "unprocessed" for alert in alerts)
    held = [alert["labels"]["alertname"] for alert in alerts if alert["status"]["inhibitedBy"]]
    return len(alerts) if done else -1, held


def told(job):
    return [(path, alert["labels"]["alertname"]) for path, alerts in Receiver.messages
            for alert in alerts if alert["labels"]["job"] == job]


def main():
    port, receiver, scene = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", receiver), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    alerts = [{"labels": {"alertname": name, "severity": severity, "job": scene, **labels}} for name, severity, labels in SCENES[scene]]
    call(port, "/api/v2/alerts", alerts)
    end = time.monotonic() + PATIENCE
    count, held = of_job(port, scene)
    # Who has no receiver that calls is never told.
    silent = scene == "what isn't jwtwatch's"
    while (count != len(alerts) or (not silent and len(told(scene)) < len(alerts) - len(held))) and time.monotonic() < end:
        time.sleep(0.1)
        count, held = of_job(port, scene)
    lines = []
    for path, message in Receiver.messages:
        names = collections.Counter(alert["labels"]["alertname"] for alert in message if alert["labels"]["job"] == scene)
        lines += [f"{path}: {name.removeprefix('Jwtwatch')} {number}" for name, number in names.items()]
    print("; ".join(sorted(lines) + [f"held back: {len(held)}"]))
    server.shutdown()


main()
