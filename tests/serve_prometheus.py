#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""serve_prometheus.py FOLDER [alertmanager]: runs Prometheus, or Alertmanager, until the standard input is closed.

Its configuration is FOLDER/prometheus.yml or FOLDER/alertmanager.yml, its data and its log lie in FOLDER. It listens on a free
port of 127.0.0.1 only, which is printed as the first line once it is ready, and it ends with this process, whatever ends that.
"""
import ctypes
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
READY_SECONDS = 60
# Between the choice of a port and its use another may take it.
TRIES = 5
PROGRAMS = {
    "prometheus": (["prometheus"], ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn",
                                    "--web.enable-lifecycle", "--web.listen-address=127.0.0.1:{port}"]),
    "alertmanager": (["prometheus-alertmanager", "alertmanager"],
                     ["--config.file=alertmanager.yml", "--storage.path=data", "--log.level=warn", "--cluster.listen-address=",
                      "--web.listen-address=127.0.0.1:{port}"]),
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_ready(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/-/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def begin(folder, program, options):
    libc = ctypes.CDLL(None)
    port = free_port()
    with open(os.path.join(folder, "log"), "ab") as log:
        child = subprocess.Popen([program, *(option.format(port=port) for option in options)], cwd=folder,
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    end = time.monotonic() + READY_SECONDS
    while child.poll() is None and time.monotonic() < end:
        if is_ready(port):
            return child, port
        time.sleep(0.05)
    child.kill()
    child.wait()
    return None, None


def main():
    folder = os.path.abspath(sys.argv[1])
    kind = sys.argv[2] if len(sys.argv) > 2 else "prometheus"
    names, options = PROGRAMS[kind]
    program = next((path for path in map(shutil.which, names) if path), None)
    if not program:
        sys.exit(f"{names[0]} isn't installed")
    child = None
    for _ in range(TRIES):
        child, port = begin(folder, program, options)
        if child:
            break
    if not child:
        with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
            sys.exit(f"{kind} doesn't start: {log.read()[-500:]}")
    # Whoever ends us by SIGTERM ends it as well, in order.
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=lambda: (sys.stdin.read(), child.terminate()), daemon=True).start()
    print(port, flush=True)
    sys.exit(0 if child.wait() in (0, -signal.SIGTERM) else 1)


main()
