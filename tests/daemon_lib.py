# SPDX-License-Identifier: MIT
"""What the tests of the daemon share: tokens, pages, the daemon on a free port, TAP. Nothing prints a token or a secret."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

SECRET = b"a-secret-of-the-tests-that-is-long-enough"
PROGRAM = os.environ["JWTWATCH"]
# A slow machine, a build with sanitizers: how much more time than wanted is still no fault of the daemon's.
PATIENCE = float(os.environ.get("JW_PATIENCE", "20"))

rows = 0
failed = 0


def row(name, good, *diag):
    """One TAP line; `diag` is shown where it isn't good."""
    global rows, failed
    rows += 1
    print(f"{'ok' if good else 'not ok'} {rows} - {name}", flush=True)
    if not good:
        failed += 1
        for line in diag:
            print(f"# {str(line)[:2000]}", flush=True)
    return good


def skip(name, why):
    global rows
    rows += 1
    print(f"ok {rows} - {name} # SKIP {why}", flush=True)


def plan():
    print(f"1..{rows}", flush=True)
    sys.exit(1 if failed else 0)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(ttl=3600, issued=None, **claims):
    """A LiveKit token as its SDKs make them."""
    now = int(time.time()) if issued is None else issued
    payload = {"iss": "devkey", "sub": "user1", "nbf": now, "iat": now, "exp": now + ttl,
               "video": {"roomJoin": True, "room": "test-room"}}
    payload.update(claims)
    head = b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = b64(json.dumps(payload).encode())
    mac = hmac.new(SECRET, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{b64(mac)}"


def page(text):
    return f"<html><script>\nconst TOKEN = '{text}';\n</script></html>\n"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def replace(path, text):
    write(path + ".new", text)
    os.rename(path + ".new", path)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(what, seconds=None):
    """What `what` gives, as soon as that is true; False after so long. Looks again without a pause worth the name."""
    end = time.monotonic() + (PATIENCE if seconds is None else seconds)
    while True:
        found = what()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.01)


class Daemon:
    """jwtwatch run, with this configuration below `daemon:`; ends with the block."""

    def __init__(self, folder, config, env=None, extra_daemon="", args=(), program=PROGRAM):
        self.port = free_port()
        self.folder = folder
        self.file = os.path.join(folder, "jwtwatch.yaml")
        self.extra = extra_daemon
        self.configure(config)
        self.log = open(os.path.join(folder, "log"), "w+b")
        self.command = [program, "run", "-f", self.file, *args]
        self.env = dict(os.environ, **(env or {}))
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=self.log, stdout=self.log, stdin=subprocess.DEVNULL,
                                        cwd=self.folder, env=self.env)

    def configure(self, config):
        replace(self.file, f"daemon:\n  listen: 127.0.0.1:{self.port}\n{self.extra}{config}")

    def __enter__(self):
        if not wait_for(lambda: self.process.poll() is not None or self.is_ready(), 3 * PATIENCE) \
                or self.process.poll() is not None:
            print("# the daemon isn't ready:", self.said()[-1500:].replace("\n", "\n# "))
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def said(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def ask(self, path, method="GET", headers=None, body=None, timeout=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout or 3 * PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def is_ready(self):
        try:
            return self.ask("/-/ready")[0] == 200
        except OSError:
            return False

    def targets(self, query=""):
        found = json.loads(self.ask("/api/v1/targets" + query)[2])
        return {one["name"]: one for one in found["targets"]}

    def state(self, name):
        one = self.targets(f"?target={name}").get(name, {})
        return one.get("state"), one.get("cause")

    def is_checked(self, *names):
        known = self.targets()
        return all(name in known and "checked" in known[name] for name in names)

    def metrics(self, accept=None):
        return self.ask("/metrics", headers={"Accept": accept} if accept else {})[2]

    def value(self, series):
        """Of exactly this series as it is written; None: it isn't there."""
        for line in self.metrics().splitlines():
            if line.startswith(series + " "):
                return float(line[len(series) + 1:])
        return None

    def reload(self):
        return self.ask("/-/reload", "POST")

    def run(self, *args):
        return subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=6 * PATIENCE, cwd=self.folder,
                              stdin=subprocess.DEVNULL, check=False)

    def resident_kib(self, kind="VmRSS"):
        """RssAnon is what it asked for itself, without pages of files, which the system takes and gives as it likes."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(re.search(kind + r":\s+(\d+)", file.read()).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, number=signal.SIGTERM):
        """Seconds that it took, and its exit code."""
        start = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(3 * PATIENCE)
        return time.monotonic() - start, code


def folder():
    return tempfile.mkdtemp(dir=os.environ.get("TMPDIR", "/tmp"), prefix="jw-daemon-")
