#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""serve_livekit.py SERVER FOLDER [--key NAME=FILE]... [--no-auto-create]: runs a real livekit-server on loopback.

It prints the server's port as the first line, once it says that it is ready, and ends it when the standard input is
closed. What the server logs, tokens among it, is in FOLDER.
"""
import argparse
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
TRIES = 5
BOUND = 30


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports():
    """An HTTP port, one for media by TCP and one by UDP; somebody else may take them before the server does."""
    held = [socket.socket(), socket.socket(), socket.socket(type=socket.SOCK_DGRAM)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def configuration(options, ports):
    """JSON is YAML. Without redis it has all in memory; node_ip keeps it from asking the world for its address."""
    keys = {}
    for pair in options.key:
        name, _, path = pair.partition("=")
        with open(path, encoding="utf-8") as file:
            keys[name] = file.read().rstrip("\n")
    return json.dumps({
        "port": ports[0], "bind_addresses": ["127.0.0.1"], "keys": keys,
        "rtc": {"tcp_port": ports[1], "udp_port": ports[2], "use_external_ip": False, "node_ip": "127.0.0.1",
                "enable_loopback_candidate": True},
        "room": {"auto_create": options.auto_create}, "logging": {"level": "info"},
    })


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read() == b"OK"
    except OSError:
        return False
    finally:
        connection.close()


def start(options):
    """A server that is ready, and its port; None where it ended before."""
    ports = free_ports()
    path = os.path.join(options.folder, "livekit.yaml")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(configuration(options, ports))
    with open(os.path.join(options.folder, "livekit.log"), "ab") as log:
        server = subprocess.Popen([options.server, "--config", path], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env={"PATH": os.environ.get("PATH", ""), "HOME": options.folder},
                                  preexec_fn=end_with_parent)
    end = time.monotonic() + BOUND
    while server.poll() is None and time.monotonic() < end:
        if is_ready(ports[0]):
            return server, ports[0]
        time.sleep(0.05)
    server.kill()
    server.wait()
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("folder")
    parser.add_argument("--key", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--no-auto-create", dest="auto_create", action="store_false")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    for _ in range(TRIES):
        started = start(options)
        if started:
            break
    else:
        sys.exit("livekit-server doesn't come up")
    server, port = started
    print(port, flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    server.kill()
    server.wait()


main()
