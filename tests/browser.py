#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What LiveKit's own client shows in a browser: browser.py CHROMIUM CLIENT.js FOLDER NAME...

Opens a page for each NAME, whose connection is that of the file FOLDER/NAME: a line with the server's URL, a line with
the token. Prints "NAME<TAB>what was shown", with … in the place of every token. Everything is on loopback and bounded.
"""
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading

SECONDS = 60
TOKEN = re.compile(r"eyJ[A-Za-z0-9_.-]*")
PAGE = """<!DOCTYPE html>
<title>voice agent</title>
<script src="/client.js"></script>
<script>
const tell = (text) => fetch('/said', {method: 'POST', body: text});
new LivekitClient.Room().connect(%s, %s).then(() => tell('connects'), (error) => tell(error.message));
</script>
"""
# Nothing but the page is asked for, and no name is looked up.
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
           "--disable-sync", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")


class Site(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, client, folder):
        with open(client, "rb") as file:
            self.client = file.read()
        self.folder = folder
        self.said = None
        self.has_said = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def page(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            url, token = file.read().splitlines()
        return (PAGE % (json.dumps(url), json.dumps(token))).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass

    def answer(self, body, kind="text/html"):
        self.send_response_only(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/client.js":
            self.answer(self.server.client, "text/javascript")
        elif self.path.startswith("/page/"):
            self.answer(self.server.page(os.path.basename(self.path)))
        else:
            self.send_error(404)

    def do_POST(self):
        self.server.said = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8", "replace")
        self.answer(b"")
        self.server.has_said.set()


def open_page(chromium, site, name):
    site.said = None
    site.has_said.clear()
    url = f"http://127.0.0.1:{site.server_address[1]}/page/{name}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen([chromium, *OPTIONS, f"--user-data-dir={profile}", url], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        site.has_said.wait(SECONDS)
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
    said = site.said if site.said is not None else "(nothing in time)"
    return " ".join(TOKEN.sub("…", said).split())


def main():
    chromium, client, folder = sys.argv[1:4]
    site = Site(client, folder)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    for name in sys.argv[4:]:
        print(f"{name}\t{open_page(chromium, site, name)}", flush=True)


if __name__ == "__main__":
    main()
