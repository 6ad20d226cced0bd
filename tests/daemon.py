#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon as its users meet it: verdicts in their second, files that change, reload, restart, status."""
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from daemon_lib import (Daemon, PATIENCE, folder, page, plan, replace, row, token, wait_for, write)

CHANGES = 20
# From the change of a file to the verdict.
SOON = float(os.environ.get("JW_SOON", "1.0"))


def target(name, path, more=""):
    return (f"  - name: {name}\n    check: html_file\n    path: {path}\n    interval: 1h\n"
            f"    pattern: \"const TOKEN = '([^']*)'\"\n{more}")


def routes(daemon):
    status, headers, body = daemon.ask("/")
    row("/ lists the targets", status == 200 and "voice" in body and headers["content-type"].startswith("text/html"))
    row("/ shows no token", "eyJ" not in body)
    for path, code in (("/-/healthy", 200), ("/-/ready", 200), ("/nothing", 404), ("/metrics/", 404)):
        row(f"{path} answers {code}", daemon.ask(path)[0] == code)
    status, headers, _ = daemon.ask("/-/reload")
    row("/-/reload by GET is refused, and says how", status == 405 and headers.get("allow") == "POST")
    row("/metrics by POST is refused", daemon.ask("/metrics", "POST")[0] == 405)
    row("/-/reload from a web page is refused",
        daemon.ask("/-/reload", "POST", {"Origin": "http://evil.example"})[0] == 403)
    status, headers, body = daemon.ask("/metrics")
    row("/metrics is text 0.0.4", status == 200 and headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    status, headers, body = daemon.ask("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    row("/metrics is OpenMetrics where that is asked for",
        headers["content-type"].startswith("application/openmetrics-text; version=1.0.0") and body.endswith("# EOF\n"))
    status, headers, body = daemon.ask("/probe?target=voice")
    row("/probe answers for a target", status == 200 and "\nprobe_success 1\n" in body, body)
    row("/probe of no target is 400", daemon.ask("/probe?target=nobody")[0] == 400)
    row("/probe without a target is 400", daemon.ask("/probe")[0] == 400)
    row("/probe of any URL is refused", daemon.ask("/probe?module=x&target=http://127.0.0.1/")[0] == 400)
    for given in ("", "x", "NaN", "inf", "-1", "+1", "0", "0.0001", "0x10", "1e1", "1e400", "9.", ".5", "9.5.1", "9,5", "9s", "9 9",
                  "86401", "99999999999999999999", "1.99999999999999999999"):
        status, _, body = daemon.ask("/probe?target=voice", headers={"X-Prometheus-Scrape-Timeout-Seconds": given})
        row(f"/probe with a timeout of '{given}' is 400", status == 400 and "isn't a number of seconds" in body, status, body)
    for given in ("10", "9.5", "0.25", "86400", "9.123456789"):
        status, _, body = daemon.ask("/probe?target=voice", headers={"X-Prometheus-Scrape-Timeout-Seconds": given})
        row(f"/probe with a timeout of {given} is answered", status == 200 and "probe_success" in body, status, body)
    status, headers, body = daemon.ask("/sd")
    found = json.loads(body)
    row("/sd is what http_sd wants", headers["content-type"] == "application/json" and
        any(g["labels"].get("__param_target") == "voice" and g["labels"]["__metrics_path__"] == "/probe"
            and g["targets"] == [f"127.0.0.1:{daemon.port}"] for g in found), body)
    asked = {g["labels"]["instance"]: (g["labels"]["__scrape_interval__"], g["labels"]["__scrape_timeout__"]) for g in found}
    row("... with the target's interval, 2m where that is longer", asked["voice"][0] == "120000ms" and
        asked["api"] == ("1000ms", "1000ms"), asked)


def status_command(daemon):
    done = daemon.run("status", "-f", daemon.file)
    row("status says what the daemon knows, with the exit code of the worst",
        done.returncode == 2 and "CRITICAL  later" in done.stdout and "OK        voice" in done.stdout, done.stdout, done.stderr)
    done = daemon.run("status", "-f", daemon.file, "-o", "nagios", "voice")
    row("status -o nagios is one plugin's line", done.returncode == 0 and done.stdout.startswith("JWTWATCH OK"), done.stdout)
    done = daemon.run("status", "-f", daemon.file, "--at", "+3d", "-o", "json")
    row("status --at judges as of then, and says simulated",
        done.returncode == 2 and json.loads(done.stdout)["simulated"] and "expired" in done.stdout, done.stdout)
    row("... without changing what is known", daemon.state("voice") == ("OK", "ok"), daemon.state("voice"))
    os.environ["http_proxy"] = "http://127.0.0.1:1"
    done = daemon.run("status", "-f", daemon.file)
    del os.environ["http_proxy"]
    row("status asks no proxy", done.returncode != 3 and "voice" in done.stdout, done.stdout, done.stderr)
    done = daemon.run("status", "-f", daemon.file, "nobody")
    row("status of no target is UNKNOWN", done.returncode == 3 and "nobody" in done.stdout, done.stdout)


def changes(home, daemon):
    """Twenty times, each in another way: the verdict follows within a second although the interval is an hour."""
    path = os.path.join(home, "voice.html")
    good, bad = page(token()), page(token(-60, issued=int(time.time()) - 7200))
    late, worst = [], 0
    for i in range(CHANGES):
        text, want = (bad, "CRITICAL") if i % 2 == 0 else (good, "OK")
        (write if i % 4 < 2 else replace)(path, text)
        start = time.monotonic()
        if not wait_for(lambda w=want: daemon.state("voice")[0] == w):
            late.append(i)
        worst = max(worst, time.monotonic() - start)
        if time.monotonic() - start > SOON:
            late.append(i)
    row(f"a changed file is judged within a second, {CHANGES} of {CHANGES} times", not late, f"late: {late}, worst: {worst:.2f} s")


def in_place(name, daemon, change, want, allowed=None):
    change()
    start = time.monotonic()
    seen = wait_for(lambda: daemon.state(name)[0] == want)
    took = time.monotonic() - start
    row(f"{allowed or name}: {want} within a second", seen and took <= SOON, f"{daemon.state(name)} after {took:.2f} s")


def ways(home, daemon):
    good, bad = page(token()), page(token(-60, issued=int(time.time()) - 7200))

    def link(to):
        os.symlink(to, os.path.join(home, "link.new"))
        os.rename(os.path.join(home, "link.new"), os.path.join(home, "link.html"))

    def swap(to):
        os.symlink(to, os.path.join(home, "volume", "..data_tmp"))
        os.rename(os.path.join(home, "volume", "..data_tmp"), os.path.join(home, "volume", "..data"))

    def half():
        text = good
        with open(os.path.join(home, "half.html"), "w", encoding="utf-8") as file:
            file.write(text[:80])
            file.flush()
            os.fsync(file.fileno())
            file.write(text[80:])

    in_place("link", daemon, lambda: link("bad.html"), "CRITICAL", "a link that leads elsewhere")
    in_place("link", daemon, lambda: link("good.html"), "OK", "a link that leads back")
    in_place("volume", daemon, lambda: swap("..2"), "CRITICAL", "a swapped ..data folder")
    in_place("volume", daemon, lambda: swap("..1"), "OK", "a ..data folder swapped back")
    row("a file that isn't there is missing", daemon.state("later") == ("CRITICAL", "file_missing"), daemon.state("later"))
    in_place("later", daemon, lambda: os.makedirs(os.path.join(home, "later")) or
             write(os.path.join(home, "later", "page.html"), good), "OK", "a file that appears later, with its folder")
    in_place("later", daemon, lambda: os.unlink(os.path.join(home, "later", "page.html")), "CRITICAL", "a file that goes")
    in_place("many", daemon, lambda: write(os.path.join(home, "pages", "two.html"), bad), "CRITICAL", "a glob's new member")
    in_place("many", daemon, lambda: os.unlink(os.path.join(home, "pages", "two.html")), "OK", "a glob's member that goes")
    write(os.path.join(home, "half.html"), bad)
    wait_for(lambda: daemon.state("half")[0] == "CRITICAL")
    in_place("half", daemon, half, "OK", "a file half written in place")


def crossing(daemon, home):
    """A token turns bad in its second, without anyone's touching the file."""
    ends = int(time.time()) + 4
    replace(os.path.join(home, "short.html"), page(token(ends - int(time.time()))))
    wait_for(lambda: daemon.state("short")[0] in ("OK", "WARNING", "CRITICAL") and
             daemon.targets("?target=short")["short"]["tokens"][0].get("exp") == ends)
    wait_for(lambda: daemon.state("short")[1] == "expired")
    # What is asked is judged as of now, so it may be told before the file is read again, in the same second.
    wait_for(lambda: daemon.targets("?target=short")["short"]["checked"] >= ends)
    at = daemon.targets("?target=short")["short"]["checked"]
    row("a token that ends is expired in that second", at in (ends, ends + 1), f"checked at {at - ends:+d} s")


def reloads(daemon, home, config):
    known = daemon.targets()["voice"]
    daemon.configure(config.replace("name: short", "name: renamed"))
    status, _, body = daemon.reload()
    row("a good configuration is in force", status == 200, body)
    row("... the removed target's series are gone, the new one's are there",
        'target="short"' not in daemon.metrics() and wait_for(lambda: 'target="renamed"' in daemon.metrics()))
    again = daemon.targets()["voice"]
    row("... and what is known of the others stays", again["since"] == known["since"] and
        again["first_seen"] == known["first_seen"], known, again)
    daemon.configure(config + "  - name: x\n    check: nothing\n")
    status, _, body = daemon.reload()
    row("a wrong one is refused with its place, all or nothing", status == 500 and "jwtwatch.yaml:" in body and
        "renamed" in daemon.targets(), body)
    row("... which the metrics tell", daemon.value("jwtwatch_config_last_reload_successful") == 0)
    daemon.configure(config)
    daemon.process.send_signal(signal.SIGHUP)
    row("SIGHUP has it read too", wait_for(lambda: "short" in daemon.targets()))
    row("... and the metrics say so", daemon.value("jwtwatch_config_last_reload_successful") == 1)
    row("... and nothing is said to wait for a restart", "started anew" not in daemon.said(), daemon.said())
    write(daemon.file, f"daemon: {{listen: ['127.0.0.1:{daemon.port}', 'unix:{home}/other']}}\n{config}")
    status, _, body = daemon.reload()
    row("another address to listen on is said to wait for a restart", status == 200 and
        "daemon.listen has changed" in body and "daemon.state" not in body, body)
    row("... in the log too, by its name", "option=daemon.listen" in daemon.said(), daemon.said()[-400:])
    _, _, body = daemon.reload()
    row("... as long as it isn't met", "daemon.listen has changed" in body, body)
    daemon.configure(config)
    _, _, body = daemon.reload()
    row("... and no more once it is what it was", "started anew" not in body, body)


def rotation(daemon, home):
    path = os.path.join(home, "voice.html")
    before = daemon.value('jwtwatch_token_rotations_total{target="voice"}')
    replace(path, page(token(7200)))
    row("another token is a rotation",
        wait_for(lambda: daemon.value('jwtwatch_token_rotations_total{target="voice"}') == before + 1), before,
        daemon.value('jwtwatch_token_rotations_total{target="voice"}'))
    in_place("old", daemon, lambda: None, "WARNING", "a token that stands for longer than rotate_every")
    row("... has its cause", daemon.state("old")[1] == "rotation_overdue", daemon.state("old"))
    row("an endpoint that gives one token twice is told",
        wait_for(lambda: daemon.state("api") == ("WARNING", "token_reused")), daemon.state("api"))


class OneToken(http.server.BaseHTTPRequestHandler):
    text = json.dumps({"token": token()}).encode()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.text)))
        self.end_headers()
        self.wfile.write(self.text)

    def log_message(self, *args):
        pass


def endpoint():
    """An endpoint that gives one token to everybody."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OneToken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return (f"  - name: api\n    check: token_endpoint\n    url: http://127.0.0.1:{server.server_address[1]}/\n"
            "    interval: 1s\n")


def copies(daemon, home):
    path = os.path.join(home, "origin.html")
    row("a copy that holds the same token is fine", wait_for(lambda: daemon.state("copy")[0] == "OK"), daemon.state("copy"))
    replace(path, page(token(7200)))
    row("it is stale once its peer has another",
        wait_for(lambda: daemon.state("copy") == ("CRITICAL", "stale_copy")), daemon.state("copy"))
    replace(os.path.join(home, "copy.html"), open(path, encoding="utf-8").read())
    row("... and fine when it has that too", wait_for(lambda: daemon.state("copy")[0] == "OK"), daemon.state("copy"))


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps what a webhook says; /slow answers when its client has gone."""
    said = []
    arrived = threading.Event()
    left = threading.Event()

    def do_POST(self):
        Listener.said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        Listener.arrived.set()
        self.connection.settimeout(6 * PATIENCE)
        try:
            if not self.connection.recv(1):
                Listener.left.set()
        except OSError:
            Listener.left.set()
        self.close_connection = True

    def log_message(self, *unused):
        pass


def news(home):
    """A change of state is told once; a probe of a URL ends when nobody waits for it any more."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    path, said = os.path.join(home, "news.html"), os.path.join(home, "said")
    write(path, page(token()))
    config = (f"sinks:\n  chat: {{type: webhook, url: '{url}/chat'}}\n"
              f"  program: {{type: command, command: [/bin/sh, -c, 'echo $JWTWATCH_TARGET $JWTWATCH_STATE >> {said}']}}\n"
              f"modules:\n  any: {{check: token_endpoint, allow: ['{url}/*'], timeout: 60s}}\n"
              "targets:\n" + target("news", path))
    with Daemon(home, config) as daemon:
        wait_for(lambda: daemon.is_checked("news"))
        row("the first OK is told nobody", not Listener.said and not os.path.exists(said), Listener.said)
        replace(path, "<html></html>")
        row("a change is told a webhook", wait_for(lambda: len(Listener.said) == 1) and
            Listener.said[0]["state"] == "CRITICAL" and Listener.said[0]["cause"] == "token_not_found" and
            Listener.said[0]["state_before"] == "OK", Listener.said)
        replace(path, page(token()))
        row("... and so is the change back", wait_for(lambda: len(Listener.said) == 2) and
            Listener.said[1]["state"] == "OK", Listener.said)
        row("a program is told both too",
            wait_for(lambda: os.path.exists(said) and open(said, encoding="utf-8").read() == "news CRITICAL\nnews OK\n"))
        row("what sinks took is counted", wait_for(lambda: daemon.value('jwtwatch_sink_sent_total{sink="chat"}') == 2))
        with socket.create_connection(("127.0.0.1", daemon.port)) as client:
            client.sendall(f"GET /probe?module=any&target={url}/slow HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            Listener.arrived.wait(2 * PATIENCE)
        row("a probe whose client has gone asks no longer", Listener.left.wait(2 * PATIENCE))
        row("a module takes no other URL",
            daemon.ask(f"/probe?module=any&target=http://localhost:{server.server_port}/x")[0] == 400)
    server.shutdown()


def under_systemd(home):
    """As a unit of Type=notify with a socket: systemd's protocols, spoken by hand."""
    path, said = os.path.join(home, "voice.html"), []
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(home, "notify"))
    notify.settimeout(3 * PATIENCE)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    file = os.path.join(home, "unit.yaml")
    write(file, "targets:\n" + target("voice", path))

    def heard(word):
        while word not in said:
            said.extend(notify.recv(4096).decode().split("\n"))
        return True

    def as_unit():
        os.dup2(listener.fileno(), 3)

    process = subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" run -q -f "$1"', os.environ["JWTWATCH"], file],
        pass_fds=(3,) if listener.fileno() == 3 else (), close_fds=False, preexec_fn=as_unit, stdin=subprocess.DEVNULL,
        env=dict(os.environ, LISTEN_FDS="1", NOTIFY_SOCKET=os.path.join(home, "notify"), WATCHDOG_USEC="200000"))
    try:
        row("systemd is told that it is ready", heard("READY=1"))
        listener.close()
        with socket.create_connection(("127.0.0.1", port), timeout=3 * PATIENCE) as client:
            client.sendall(b"GET /-/ready HTTP/1.0\r\n\r\n")
            row("it answers on the socket that systemd gave it", client.recv(100).startswith(b"HTTP/1.1 200"))
        row("the watchdog is fed", heard("WATCHDOG=1"))
        process.send_signal(signal.SIGHUP)
        row("a reload is told", heard("RELOADING=1"))
        said.clear()
        row("... and its end", heard("READY=1"))
        process.terminate()
        row("the end is told too", heard("STOPPING=1") and process.wait(3 * PATIENCE) == 0)
    except (OSError, subprocess.TimeoutExpired) as error:
        row("systemd's protocols", False, error, said)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        notify.close()


def restart(home, config):
    state = os.path.join(home, "state.json")
    extra = f"  state: {state}\n"
    with Daemon(home, config, extra_daemon=extra) as daemon:
        wait_for(lambda: daemon.is_checked("voice", "old"))
        before = daemon.targets()["voice"]
        rotations = daemon.value('jwtwatch_token_rotations_total{target="voice"}')
        fresh = token(9000)
        replace(os.path.join(home, "voice.html"), page(fresh))
        wait_for(lambda: daemon.value('jwtwatch_token_rotations_total{target="voice"}') == rotations + 1)
        wait_for(lambda: f'"rotations": {int(rotations) + 1}' in open(state, encoding="utf-8").read())
        daemon.stop(signal.SIGKILL)
    text = open(state, encoding="utf-8").read()
    row("the state file holds no token", "eyJ" not in text and fresh not in text)
    row("... and is nobody else's to read", os.stat(state).st_mode & 0o777 == 0o600)
    with Daemon(home, config, extra_daemon=extra) as daemon:
        wait_for(lambda: daemon.is_checked("voice"))
        after = daemon.targets()["voice"]
        row("a restart forgets nothing", after["since"] == before["since"] and after["rotations"] == before["rotations"] + 1,
            before, after)
        for other in (f"  state: {state}.other\n", ""):
            daemon.extra = other
            daemon.configure(config)
            status, _, body = daemon.reload()
            row("another state file is said to wait for a restart", status == 200 and "daemon.state has changed" in body and
                "daemon.listen" not in body and "option=daemon.state" in daemon.said(), body)
        row("... and isn't there", not os.path.exists(state + ".other"))
        took, code = daemon.stop()
        row("SIGTERM ends it within a second, with 0", took < 1 * max(1, PATIENCE / 20) and code == 0, f"{took:.2f} s, {code}")
    ahead = json.loads(open(state, encoding="utf-8").read())
    ahead["targets"]["voice"]["first_seen"] = int(time.time()) + 90000
    write(state, json.dumps(ahead))
    with Daemon(home, config, extra_daemon=extra) as daemon:
        wait_for(lambda: daemon.is_checked("voice"))
        row("times of a clock that was ahead are taken as now", (daemon.targets()["voice"]["first_seen"]) <= time.time(),
            daemon.targets()["voice"])
        row("... which is told once", daemon.said().count("the clock was ahead") == 1, daemon.said())
    write(state, "{broken")
    with Daemon(home, config, extra_daemon=extra) as daemon:
        row("a broken state file is told and written anew", "state file" in daemon.said() and daemon.is_ready())


def ends(sock):
    """The other side closes, whatever it has sent before."""
    sock.settimeout(PATIENCE)
    try:
        while sock.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def slow_endpoint(home):
    """Runs that are under way while the configuration changes, and clients that don't wait for them."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    silent.settimeout(PATIENCE)
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
    config = (f"modules:\n  slow:\n    check: token_endpoint\n    allow: {url}*\n    timeout: 60s\n"
              f"targets:\n  - name: slow\n    check: token_endpoint\n    url: {url}\n    interval: 1h\n    timeout: 60s\n")
    with Daemon(home, config) as daemon:
        held, _ = silent.accept()
        late = []
        daemon.reload()
        prober = threading.Thread(target=lambda: late.append(
            daemon.ask("/probe?target=slow", headers={"X-Prometheus-Scrape-Timeout-Seconds": "2.5"})))
        prober.start()
        while prober.is_alive():
            daemon.reload()
            prober.join(0.05)
        row("a probe that is late is told so, over reloads too",
            late and late[0][0] == 200 and 'cause="timeout"' in late[0][2], late, daemon.said())
        for version in (b"1.0", b"1.1"):
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=3 * PATIENCE) as client:
                client.sendall(b"GET /probe?target=slow HTTP/" + version + b"\r\nHost: localhost\r\nConnection: close\r\n"
                               b"X-Prometheus-Scrape-Timeout-Seconds: 1\r\n\r\n")
                client.shutdown(socket.SHUT_WR)
                found = b"".join(iter(lambda: client.recv(65536), b""))
            row(f"a client that waits without sending more gets its probe, by HTTP/{version.decode()}",
                b"HTTP/1.1 200 " in found and b'cause="timeout"' in found, found)
        client = socket.create_connection(("127.0.0.1", daemon.port))
        client.sendall(f"GET /probe?module=slow&target={url}x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        asked, _ = silent.accept()
        client.close()
        row("a run that only a client waited for ends as it leaves", ends(asked))
        took, code = daemon.stop()
        row("SIGTERM ends runs that are under way", code == 0 and ends(held), f"{took:.2f} s, {code}", daemon.said())
        asked.close()
        held.close()
    silent.close()


def wrong_starts(home):
    for name, config, says in (
            ("standard input", "targets:\n  - name: x\n    check: html_file\n    path: \"-\"\n", "standard input"),
            ("nothing to watch", "targets: []\n", "nothing to watch"),
            ("an error", "targets:\n  - name: x\n    check: nothing\n", "jwtwatch.yaml:")):
        daemon = Daemon(home, config)
        code = daemon.process.wait(3 * PATIENCE)
        row(f"it doesn't start with {name}, and says so", code == 3 and says in daemon.said(), code, daemon.said())
        daemon.log.close()
    path = os.path.join(home, "voice.html")
    with Daemon(home, "targets:\n" + target("voice", path)) as daemon:
        other = subprocess.run([os.environ["JWTWATCH"], "run", "-f", daemon.file], capture_output=True, text=True, check=False,
                               timeout=3 * PATIENCE, stdin=subprocess.DEVNULL)
        row("a second one at the same address doesn't start, and says so",
            other.returncode == 3 and str(daemon.port) in other.stderr, other.stderr)


def main():
    home = folder()
    good, bad = page(token()), page(token(-60, issued=int(time.time()) - 7200))
    for name in ("voice", "good", "half", "short", "origin", "copy"):
        write(os.path.join(home, f"{name}.html"), good)
    write(os.path.join(home, "old.html"), page(token(36000)))
    write(os.path.join(home, "bad.html"), bad)
    os.symlink("good.html", os.path.join(home, "link.html"))
    os.makedirs(os.path.join(home, "volume", "..1"))
    os.makedirs(os.path.join(home, "volume", "..2"))
    write(os.path.join(home, "volume", "..1", "page.html"), good)
    write(os.path.join(home, "volume", "..2", "page.html"), bad)
    os.symlink("..1", os.path.join(home, "volume", "..data"))
    os.symlink("..data/page.html", os.path.join(home, "volume", "page.html"))
    os.makedirs(os.path.join(home, "pages"))
    write(os.path.join(home, "pages", "one.html"), good)
    config = "targets:\n" + "".join(target(name, os.path.join(home, path)) for name, path in (
        ("voice", "voice.html"), ("link", "link.html"), ("volume", "volume/page.html"), ("later", "later/page.html"),
        ("many", "pages/*.html"), ("half", "half.html"), ("short", "short.html"), ("origin", "origin.html")))
    config += target("copy", os.path.join(home, "copy.html"), "    same_as: origin\n    same_as_grace: 1s\n")
    config += target("old", os.path.join(home, "old.html"), "    rotate_every: 2s\n")
    config += endpoint()
    with Daemon(home, config) as daemon:
        wait_for(lambda: daemon.is_checked("voice", "link", "volume", "later", "many", "half", "short", "origin", "copy", "old"))
        row("every target has its first verdict soon", daemon.state("voice") == ("OK", "ok"), daemon.state("voice"), daemon.said())
        routes(daemon)
        status_command(daemon)
        changes(home, daemon)
        ways(home, daemon)
        crossing(daemon, home)
        rotation(daemon, home)
        copies(daemon, home)
        reloads(daemon, home, config)
        row("no token is in the log", "eyJ" not in daemon.said())
    done = subprocess.run([os.environ["JWTWATCH"], "status", "-f", daemon.file, "-o", "nagios"], capture_output=True, text=True,
                          check=False, timeout=6 * PATIENCE, stdin=subprocess.DEVNULL)
    row("status without a daemon is UNKNOWN stale", done.returncode == 3 and "stale" in done.stdout, done.stdout, done.stderr)
    news(home)
    under_systemd(home)
    restart(home, config)
    slow_endpoint(home)
    wrong_starts(home)
    shutil.rmtree(home)
    plan()


main()
