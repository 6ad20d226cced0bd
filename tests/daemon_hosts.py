#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""By which names the daemon may be asked: a web page whose own name was made to point to this machine reads nothing."""
import http.client
import os
import shutil
import socket

from daemon_lib import PATIENCE, Daemon, folder, page, plan, row, token, wait_for, write

TARGETS = "targets:\n  - {name: page, check: html_file, path: www/page.html, interval: 1h}\n"
PATHS = ("/", "/page.html", "/metrics", "/probe?target=page", "/sd", "/api/v1/targets", "/-/healthy", "/-/ready", "/nothing")
EVIL = "evil.example:9788"


def status(daemon, path, host, method="GET"):
    return daemon.ask(path, method, {"Host": host})[0]


def statuses(daemon, host):
    return [status(daemon, path, host) for path in PATHS]


def by_socket(path, host):
    """The answer of a daemon that listens in the file system."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3 * PATIENCE)
        client.connect(path)
        client.sendall(f"GET /page.html HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status


def without_host(daemon, path):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=3 * PATIENCE) as client:
        client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status


def of_this_machine(daemon):
    answers = [daemon.ask(path, headers={"Host": EVIL}) for path in PATHS]
    row("by a foreign name nothing is read: 421", [one[0] for one in answers] == [421] * len(PATHS) and
        not [one for one in answers if "eyJ" in one[2] or "page" in one[2]], answers)
    row("... and a sentence says what is", answers[0][2].startswith("Host is to be localhost") and "daemon.hosts" in answers[0][2],
        answers[0])
    row("... nor has it the configuration read again", status(daemon, "/-/reload", EVIL, "POST") == 421)
    row("... nor does it learn which methods there are", status(daemon, "/metrics", EVIL, "DELETE") == 421)
    for host in (f"127.0.0.1:{daemon.port}", "localhost", "[::1]:1", "127.3.2.1"):
        found = statuses(daemon, host)
        row(f"{host.split(':' + str(daemon.port))[0]} is this machine", found == [200] * (len(PATHS) - 1) + [404], found)
    row("so is who names no host, as HTTP/1.0 may", without_host(daemon, "/page.html") == 200)
    row("status is answered", daemon.run("status", "-f", daemon.file).returncode == 0)


def reloads(daemon):
    name = "voice.example.org"
    before = status(daemon, "/page.html", name)
    daemon.extra += f"  hosts: [{name}]\n"
    daemon.configure(TARGETS)
    row("a name of hosts is ours, once it was read", before == 421 and daemon.reload()[0] == 200 and
        statuses(daemon, name) == [200] * (len(PATHS) - 1) + [404] and status(daemon, "/", f"{name}:8443") == 200, before)
    row("... and no other is", statuses(daemon, "voice.example.org.evil.example") == [421] * len(PATHS))


def of_a_socket(where):
    with Daemon(where, TARGETS, extra_daemon="  static: www\n") as daemon:
        path = os.path.join(where, "jw.sock")
        with open(daemon.file, encoding="utf-8") as file:
            text = file.read()
        write(daemon.file, text.replace(f"listen: 127.0.0.1:{daemon.port}", f"listen: ['localhost:{daemon.port}', 'unix:{path}']"))
        daemon.stop()
        daemon.start()
        wait_for(daemon.is_ready)
        row("a socket in the file system takes localhost", by_socket(path, "localhost") == 200)
        row("... and no foreign name", by_socket(path, EVIL) == 421)


def of_all(where):
    """Where others reach it, Prometheus asks by whatever name the machine has."""
    with Daemon(where, TARGETS, extra_daemon="  static: www\n  hosts: [files.example.org]\n") as daemon:
        with open(daemon.file, encoding="utf-8") as file:
            text = file.read()
        write(daemon.file, text.replace("listen: 127.0.0.1:", "listen: 0.0.0.0:"))
        daemon.stop()
        daemon.start()
        wait_for(daemon.is_ready)
        found = {path: status(daemon, path, EVIL) for path in PATHS}
        row("a daemon that others reach answers to any name", all(
            code == 200 for path, code in found.items() if path not in ("/page.html", "/nothing")), found)
        row("... but serves no files by it", found["/page.html"] == 421 and found["/nothing"] == 421, found)
        row("... which an address gets, and a name of hosts",
            [status(daemon, "/page.html", host) for host in ("192.0.2.1:9788", "[2001:db8::1]", "files.example.org", "localhost")]
            == [200] * 4)
        done = daemon.run("status", "-f", daemon.file)
        row("... and status", done.returncode == 0, done.stdout, done.stderr)


def main():
    where = folder()
    os.mkdir(os.path.join(where, "www"))
    write(os.path.join(where, "www", "page.html"), page(token(90000)))
    with Daemon(where, TARGETS, extra_daemon="  static: www\n") as daemon:
        of_this_machine(daemon)
        reloads(daemon)
    of_a_socket(where)
    of_all(where)
    shutil.rmtree(where)
    plan()


main()
