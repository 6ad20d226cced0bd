#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pages that get their token from the daemon when they are opened, in a real browser: token_page.py CHROMIUM CLIENT.js PORT FOLDER

LiveKit's own client asks the API by its TokenSource or by hand, and joins a room of the livekit-server on PORT, whose secret is
FOLDER/secret. A page of the daemon's own and one of a listed origin may; one of another origin may not. All is on loopback."""
import http.server
import json
import os
import signal
import shutil
import subprocess
import sys
import tempfile
import threading

from browser import OPTIONS, TOKEN
from daemon_lib import Daemon, plan, row, wait_for, write

SECONDS = 60
PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<title>voice agent</title>
<script src="client.js"></script>
<script>
const tell = (text) => fetch('http://127.0.0.1:REPORTS/' + location.hash.slice(1), {method: 'POST', mode: 'no-cors', body: text});
const form = location.hash.slice(1);
const room = new LivekitClient.Room();

async function token() {
	if (form.startsWith('get')) {
		const answer = await fetch('API?room=voice-browser&identity=user-' + form + '&ttl=0.5');
		const {token, url, error} = await answer.json();
		if (error) throw Error(error);
		return {serverUrl: url, participantToken: token};
	}
	return await LivekitClient.TokenSource.endpoint('API').fetch({roomName: 'voice-browser', participantName: 'Zo\\u00eb'});
}

token().then(({serverUrl, participantToken}) => room.connect(serverUrl, participantToken))
	.then(() => tell(`joined ${room.name} as ${room.localParticipant.identity} ${room.localParticipant.name}`),
		(error) => tell(error.message));
</script>
"""


class Site(http.server.ThreadingHTTPServer):
    """Serves a folder, and keeps what pages tell, by their path."""
    daemon_threads = True

    def __init__(self, folder):
        self.folder = folder
        self.said = {}
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, request, address, site):
        super().__init__(request, address, site, directory=site.folder)

    def log_message(self, *_arguments):
        pass

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8", "replace")
        self.server.said[self.path[1:]] = TOKEN.sub("…", text)
        self.send_response(204)
        self.end_headers()


def open_page(chromium, url):
    profile = tempfile.mkdtemp()
    browser = subprocess.Popen([chromium, *OPTIONS, f"--user-data-dir={profile}", url], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    return browser, profile


def shown(chromium, reports, url, name):
    browser, profile = open_page(chromium, f"{url}#{name}")
    wait_for(lambda: name in reports.said, SECONDS)
    os.killpg(browser.pid, signal.SIGKILL)
    browser.wait()
    shutil.rmtree(profile, ignore_errors=True)
    return reports.said.get(name, "(nothing in time)")


def main():
    chromium, client, port, home = sys.argv[1:5]
    with open(os.path.join(home, "secret"), encoding="utf-8") as file:
        secret = file.read().strip()
    for name in ("www", "listed", "other"):
        os.mkdir(os.path.join(home, name))
        shutil.copy(client, os.path.join(home, name, "client.js"))
    listed, other = Site(os.path.join(home, "listed")), Site(os.path.join(home, "other"))
    extra = f"""  static: www
  token_api:
    key: livekit
    url: ws://127.0.0.1:{port}
    rooms: [voice-*]
    identities: [user-*]
    origins: ['http://127.0.0.1:{listed.port}']
"""
    config = ("keys: {livekit: {issuer: devkey, secret: {file: secret}}}\n"
              "targets: [{name: page, check: html_file, path: www/page.html}]\n")
    with Daemon(home, config, extra_daemon=extra) as daemon:
        own = f"http://127.0.0.1:{daemon.port}"
        text = PAGE.replace("REPORTS", str(other.port))
        write(os.path.join(home, "www", "page.html"), text.replace("API", "/api/token"))
        for name in ("listed", "other"):
            write(os.path.join(home, name, "page.html"), text.replace("API", own + "/api/token"))
        for name, url, wanted in (
                ("get", f"{own}/page.html", "joined voice-browser as user-get "),
                ("post", f"{own}/page.html", "joined voice-browser as user-"),
                ("get-listed", f"http://127.0.0.1:{listed.port}/page.html", "joined voice-browser as user-get-listed "),
                ("post-listed", f"http://127.0.0.1:{listed.port}/page.html", "joined voice-browser as user-")):
            said = shown(chromium, other, url, name)
            row(f"{name}: the page gets a token and joins", said.startswith(wanted) and
                (not name.startswith("post") or said.endswith(" Zo\u00eb")), said)
            print(f"# {said}")
        for name in ("get-other", "post-other"):
            said = shown(chromium, other, f"http://127.0.0.1:{other.port}/page.html", name)
            row(f"{name}: a page of another origin gets nothing", said == "Failed to fetch", said)
        row("four tokens were given out, and two pages refused", daemon.value("jwtwatch_token_api_tokens_total") == 4 and
            daemon.value('jwtwatch_token_api_refusals_total{reason="origin"}') == 2, daemon.metrics())
        row("no token and no secret is in the log", secret not in daemon.said() and "eyJ" not in daemon.said())
    plan()


main()
