#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A site as the guide has it, on loopback: a page with a token, and an endpoint that makes one for each asking.

serve_site.py FOLDER [OPTION...]: / is the file FOLDER/--page (voice.html), read for each request or, with --stale, once;
/api/token is made with the key pair in FOLDER/--env (.env), for the hours that ttl= in the query says. Prints its port and ends
when its standard input is closed. With --down the port refuses connections.
"""
import argparse
import json
import os
import socketserver
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from make_token import make


def variables(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)


class Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        self.options = options
        self.kept = self.read() if options.stale else None
        super().__init__(("127.0.0.1", options.port), Handler)

    def read(self):
        with open(os.path.join(self.options.folder, self.options.page), "rb") as file:
            return file.read()

    def server_activate(self):
        if not self.options.down:
            super().server_activate()

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def token(self, query):
        hours = int(query.get("ttl", ["24"])[0])
        env = variables(os.path.join(self.options.folder, self.options.env))
        now = int(time.time() + self.options.clock_offset)
        claims = {"iss": env["LIVEKIT_API_KEY"], "jti": os.urandom(8).hex(), "iat": now, "nbf": now,
                  "exp": now + 3600 * hours}
        return make(env["LIVEKIT_API_SECRET"].encode(), json.dumps(claims))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        status, kind = 200, "text/html; charset=utf-8"
        try:
            if url.path == "/":
                body = self.server.kept or self.server.read()
            elif url.path == "/api/token":
                kind = "application/json"
                body = json.dumps({"token": self.server.token(parse_qs(url.query))}).encode()
            else:
                status, body = 404, b"not found\n"
        except (OSError, KeyError, ValueError):
            status, body = 500, b"it went wrong\n"
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.server.options.clock_offset, usegmt=True))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.server.options.cors:
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(description="A page and a token endpoint, on loopback.")
    parser.add_argument("folder")
    parser.add_argument("--page", default="voice.html")
    parser.add_argument("--env", default=".env")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stale", action="store_true")
    parser.add_argument("--no-cors", dest="cors", action="store_false")
    parser.add_argument("--down", action="store_true")
    parser.add_argument("--clock-offset", type=float, default=0, metavar="SECONDS")
    site = Site(parser.parse_args())
    if not site.options.down:
        threading.Thread(target=site.serve_forever, daemon=True).start()
    print(site.server_address[1], flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


main()
