#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canary_server.py names            prints the names of the answers, one a line
canary_server.py serve BIRDS        a server that puts canaries into every part of its answers, on loopback

It prints its port as the first line and ends when its standard input is closed. /NAME and what is below it is answered
as the table says; @T@ stands for the canary token, @S@ for the canary secret, @R@ for the request as it came.
/_count tells how many requests there were; /NAME/pair/ is a LiveKit server that is ready.
"""
import os
import socketserver
import sys
import threading

OK = "HTTP/1.1 200 OK\r\n"
JSON = OK + "Content-Type: application/json\r\n"
TEXT = "Content-Type: text/plain; charset=utf-8\r\n"
REFUSED = "HTTP/1.1 401 Unauthorized\r\n" + TEXT

# Head and body; the length is added where the head has none.
ANSWERS = {
    "good": (JSON, '{"token":"@T@","url":"wss://user:@S@@voice.example.org/?access_token=@T@"}'),
    "plain": (OK + TEXT, "@T@"),
    "kept": (JSON + "Cache-Control: max-age=60, x=@T@\r\nAge: 0\r\n", '{"token":"@T@"}'),
    "reason": ("HTTP/1.1 500 @T@\r\n" + TEXT, "@S@"),
    "reason-of-200": ("HTTP/1.1 200 @T@ @S@\r\n" + TEXT, "success"),
    "status": ("HTTP/1.1 @T@\r\n", ""),
    "version": ("HTTP/@T@ 200 OK\r\n", ""),
    "no-http": ("@T@ @S@\r\n", "@T@\n@S@\n"),
    "error-page": ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n", "<html><h1>@T@</h1><p>@S@</p></html>"),
    "page": (OK + "Content-Type: text/html\r\n", "<html><h1>Sign in</h1><p>@S@</p></html>"),
    "echo": ("HTTP/1.1 400 Bad Request\r\n" + TEXT, "@R@"),
    "echo-of-200": (OK + TEXT, "no token: @R@"),
    "refused": (REFUSED, "invalid token: @T@, error: token signature is invalid: signature is invalid"),
    "refused-key": (REFUSED, "invalid API key: @S@"),
    "refused-key-token": (REFUSED, "invalid API key: @T@"),
    "refused-otherwise": (REFUSED, "invalid token: @T@, error: @S@"),
    "refused-long": (REFUSED, "@T@ @S@ " * 500),
    "not-ready": ("HTTP/1.1 406 Not Acceptable\r\n" + TEXT, "Not Ready\nNode Updated At @T@ @S@"),
    "redirect-query": ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/?token=@T@&secret=@S@\r\n", ""),
    "redirect-here": ("HTTP/1.1 302 Found\r\nLocation: /good/@T@?token=@T@\r\n", ""),
    "redirect-user": ("HTTP/1.1 302 Found\r\nLocation: http://@T@:@T@@127.0.0.1:1/\r\n", ""),
    "redirect-host": ("HTTP/1.1 302 Found\r\nLocation: http://@T@/\r\n", ""),
    "redirect-scheme": ("HTTP/1.1 302 Found\r\nLocation: file:///@T@\r\n", ""),
    "redirect-cors": ("HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\n"
                      "Location: /redirect-here/@T@?token=@T@\r\n", ""),
    "redirect-broken": ("HTTP/1.1 302 Found\r\nLocation: @T@:@T@@ @T@\r\n", ""),
    "redirect-loop": ("HTTP/1.1 302 Found\r\nLocation: /redirect-loop/?token=@T@\r\n", "@T@"),
    "cookie": (OK + "Set-Cookie: session=@T@; Path=/@T@\r\nSet-Cookie: @T@=@S@\r\n", ""),
    "cookie-broken": (OK + "Set-Cookie: session=%@S@\r\nSet-Cookie: =@T@\r\n", ""),
    "header": (OK + "X-Token: Bearer @T@\r\nX-Token-Of: @S@\r\n", ""),
    "header-secret": (OK + "X-Token: @S@\r\n", ""),
    "header-name": (OK + "@T@: @S@\r\n", ""),
    "header-broken": (OK + "@T@ @S@\r\n", ""),
    "header-many": (OK + "X-Token: @T@@S@\r\n" * 400, ""),
    "type": (OK + "Content-Type: @T@/@S@\r\n", "x"),
    "encoding": (OK + "Content-Encoding: @T@\r\n", "@T@"),
    "encoding-broken": (OK + "Content-Encoding: gzip\r\n", "@T@"),
    "length": (OK + "Content-Length: @T@\r\n", "@T@"),
    "length-too-long": (JSON + "Content-Length: 99999\r\n", '{"token":"@T@"'),
    "chunks": (OK + "Transfer-Encoding: @T@\r\n", "@T@"),
    "chunks-broken": (OK + "Transfer-Encoding: chunked\r\n", "@T@\r\n@S@\r\n"),
    "date": (JSON + "Date: @T@\r\nAge: @S@\r\nWWW-Authenticate: Bearer error=@T@\r\n", '{"token":"@T@"}'),
    "json-error": (JSON, '{"error":"@S@ @T@x"}'),
    "json-key": (JSON, '{"@T@":1,"token":"@S@"}'),
    "json-keys": (JSON, '{"@S@":{"@T@":"x"}}'),
    "json-list": (JSON, '{"token":["@T@"]}'),
    "json-broken": (JSON, '{"token":"@T@",@S@'),
    "json-escape": (JSON, '{"token":"@T@\\q"}'),
    "json-wrapped": (JSON, '{"token":"<@T@>"}'),
    "json-secret": (JSON, '{"token":"@S@"}'),
    "json-cut": (JSON, '{"token":"@T@'),
    "json-url": (JSON, '{"token":"@T@","url":"@T@"}'),
    "json-url-bare": (JSON, '{"token":"@T@","server_url":"@T@"}'),
    "json-url-bare-user": (JSON, '{"token":"@T@","server_url":"u:@T@@localhost/?a=@T@"}'),
    "page-urls": (OK + "Content-Type: text/html\r\n",
                  "<script>connect('ws://a.example.org/?access_token=@T@', '@T@')</script>"),
    "page-secret": (OK + "Content-Type: text/html\r\n",
                    "<script>const apiSecret = '@S@'; connect('wss://u:@T@@a.example.org/@T@?@T@', '@T@')</script>"),
    "cors": (JSON + "Access-Control-Allow-Origin: *\r\n", '{"token":"@T@"}'),
    "cors-token": (JSON + "Access-Control-Allow-Origin: @T@\r\n", '{"token":"@T@"}'),
    "cors-secret": (JSON + "Access-Control-Allow-Origin: @S@\r\n", '{"token":"@T@"}'),
    "cors-user": (JSON + "Access-Control-Allow-Origin: https://u:@T@@a.example.org\r\n", '{"token":"@T@"}'),
    "cors-list": (JSON + "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: @S@ @T@\r\n"
                  "Access-Control-Allow-Methods: @S@, @T@\r\n", '{"token":"@T@"}'),
    "json-url-secret": (JSON, '{"token":"@T@","url":"wss://@S@@/@T@"}'),
}


class Handler(socketserver.StreamRequestHandler):
    timeout = 30

    def read_request(self):
        """Head and body of what was asked."""
        head = self.rfile.read(1)
        length = 0
        if not head.isalpha():
            # TLS, which it doesn't speak.
            return b""
        while True:
            line = self.rfile.readline(65536)
            head += line
            if line in (b"\r\n", b"\n", b""):
                return head + self.rfile.read(min(length, 1 << 20))
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])

    def handle(self):
        try:
            request = self.read_request()
            if request:
                self.wfile.write(self.answer(request))
        except (OSError, ValueError):
            pass

    def answer(self, request):
        parts = request.split(b" ")
        path = parts[1].decode("latin-1") if len(parts) > 1 else "/"
        name = path.lstrip("/").split("/")[0].split("?")[0]
        if name == "_count":
            body = str(self.server.count).encode()
            return b"HTTP/1.0 200 OK\r\n\r\n" + body
        self.server.count += 1
        if path.endswith("/pair/"):
            return b"HTTP/1.0 200 OK\r\n\r\nOK"
        head, body = (self.fill(text, request) for text in ANSWERS.get(name, ("HTTP/1.1 404 Not Found\r\n", "")))
        if not any(word in head for word in (b"Content-Length", b"Transfer-Encoding")):
            head += b"Content-Length: %d\r\n" % len(body)
        return head + b"Connection: close\r\n\r\n" + body

    def fill(self, text, request):
        data = text.encode()
        for mark, bird in ((b"@T@", self.server.token), (b"@S@", self.server.secret), (b"@R@", request)):
            data = data.replace(mark, bird)
        return data


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    count = 0


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def serve(folder):
    server = Server(("127.0.0.1", 0), Handler)
    server.token = read(folder, "token.valid")
    server.secret = read(folder, "secret")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if sys.argv[1] == "names":
    print("\n".join(ANSWERS))
else:
    serve(sys.argv[2])
