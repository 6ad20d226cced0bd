#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stand-ins for the API of Icinga 2 and for NRDP, made from what the real ones answered.

fake_sinks.py LOG FOLDER [CERTIFICATE KEY [AUTHORITY]]

Prints its port; ends when the standard input is closed. With a certificate it speaks TLS, with an authority it wants a
client certificate too. Each request is a line of JSON in LOG: path, headers, body. FOLDER holds the password of the
user jwtwatch and the token, in the files `password` and `token`.

/v1/actions/process-check-result answers as Icinga does, by the service: "HOST!WORD", where WORD names the answer.
/hook/WORD answers as a webhook may: with the status WORD, and with all that it was asked with in the answer.
/nrdp/ answers as NRDP does; the service names the answer too. Any word that isn't known is a service that is there.
"""
import base64
import http.server
import json
import os
import ssl
import sys
import threading
from urllib.parse import parse_qs

ICINGA = {
    "unknown": (404, {"error": 404, "status": "No objects found."}),
    "filter": (500, {"results": []}),
    "dropped": (200, {"results": []}),
    "required": (400, {"results": [{"code": 400, "status": "Parameter 'plugin_output' is required"}]}),
    "disabled": (403, {"results": [{"code": 403, "status": "Passive checks are disabled for object 'h!disabled'."}]}),
    "newer": (409, {"results": [{"code": 409, "status": "Newer check result already present."}]}),
    "inactive": (503, {"results": [{"code": 503, "status": "Object is inactive."}]}),
    "partly": (200, {"results": [{"code": 503, "status": "Object is inactive."}]}),
}


class Sinks(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, log, folder, has_clients):
        self.log, self.has_clients = log, has_clients
        self.lock = threading.Lock()
        self.password, self.token = (self.text(folder, name) for name in ("password", "token"))
        super().__init__(("127.0.0.1", 0), Handler)

    @staticmethod
    def text(folder, name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def reply(self, status, content, kind="application/json"):
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        line = json.dumps({"path": self.path, "headers": dict(self.headers), "body": body.decode()})
        with self.server.lock, open(self.server.log, "a", encoding="utf-8") as log:
            log.write(line + "\n")
        if self.path == "/v1/actions/process-check-result":
            self.icinga(body)
        elif self.path.startswith("/hook/"):
            self.reply(int(self.path.split("/")[2]), f"you said {self.path} {dict(self.headers)}", "text/plain")
        elif self.path == "/nrdp/":
            self.nrdp(body.decode())
        elif self.path == "/nrdp":
            self.send_response(301)
            self.send_header("Location", "/nrdp/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/v1/"):
            self.reply(404, {"error": 404, "status": "The requested path 'x' could not be found or the request method is "
                                                     "not valid for this path."})
        else:
            self.reply(404, "<html><body>Not Found</body></html>", "text/html")

    def icinga(self, body):
        expected = "Basic " + base64.b64encode(f"jwtwatch:{self.server.password}".encode()).decode()
        if self.headers["Accept"] != "application/json":
            self.reply(400, "<h1>Accept header is missing or not set to 'application/json'.</h1>", "text/html")
            return
        if not self.server.has_clients and self.headers["Authorization"] != expected:
            self.reply(401, {"error": 401, "status": "Unauthorized. Please check your user credentials."})
            return
        try:
            asked = json.loads(body)
            host, word = asked["service"].split("!")
            wrong = [key for key in asked if key.startswith("execution_")]
            wrong += [] if isinstance(asked["performance_data"], list) and asked["type"] == "Service" else ["shape"]
        except (ValueError, KeyError) as error:
            self.reply(400, {"error": 400, "status": f"Invalid request body: {error}"})
            return
        if wrong:
            self.reply(400, {"error": 400, "status": f"Invalid request body: {wrong}"})
        elif word == "echo":
            self.reply(400, {"error": 400, "status": f"you said {self.headers['Authorization']}"})
        elif word in ICINGA:
            self.reply(*ICINGA[word])
        else:
            self.reply(200, {"results": [{"code": 200, "status": "Successfully processed check result for object "
                                                                 f"'{host}!{word}'."}]})

    def nrdp(self, body):
        fields = parse_qs(body, strict_parsing=True)
        token = fields.get("token", [""])[0]
        try:
            result = json.loads(fields["json"][0])["checkresults"][0]
            word = result["servicename"]
            known = result["checkresult"] == {"type": "service", "checktype": "1"} and result["state"] in "0123"
        except (ValueError, KeyError):
            known = False
        if not token:
            self.refuse("NO TOKEN")
        elif token != self.server.token:
            self.refuse("BAD TOKEN")
        elif not known or fields["cmd"] != ["submitcheck"]:
            self.refuse("BAD JSON")
        elif word == "echo":
            self.refuse(f"you said {body}")
        elif word == "page":
            self.reply(200, "<html><body>a login page</body></html>", "text/html")
        else:
            count = 0 if word == "none" else 1
            self.reply(200, {"result": {"status": 0, "message": "OK", "meta": {"output": f"{count} checks processed"}}})

    def refuse(self, message):
        self.reply(200, {"result": {"status": -1, "message": message}})


def main():
    log, folder, *certificate = sys.argv[1:]
    server = Sinks(log, folder, len(certificate) > 2)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate[:2])
        if len(certificate) > 2:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(certificate[2])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    while sys.stdin.buffer.read(4096):
        pass


main()
