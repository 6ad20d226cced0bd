#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hostile_http.py FOLDER: servers on loopback that do what a good server never does, for tests/test_http.c.

Makes certificates in FOLDER, prints a line "NAME PORT" for each server and then "ready"; ends when its standard
input ends. The path of a request chooses what is done with it.
"""
import gzip
import os
import resource
import socket
import ssl
import struct
import subprocess
import sys
import threading
import zlib

HOST = "127.0.0.1"
DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
# As much as nobody wants, so that a test which reads on ends all the same.
ENDLESS = 64 * 1024 * 1024
ports = {}
ended = threading.Event()


def answer(body, headers="", status="200 OK"):
    body = body if isinstance(body, bytes) else body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def raw(text):
    return lambda connection, request: connection.sendall(text if isinstance(text, bytes) else text.encode())


def page(body, headers="", status="200 OK"):
    return raw(answer(body, headers, status))


def hang(text=b""):
    def act(connection, request):
        connection.sendall(text)
        ended.wait()
    return act


def drip(start, piece):
    def act(connection, request):
        connection.sendall(start)
        while not ended.wait(0.1):
            connection.sendall(piece)
    return act


def endless(start, piece):
    def act(connection, request):
        connection.sendall(start)
        piece_many = piece * (65536 // len(piece) + 1)
        for _ in range(ENDLESS // len(piece_many)):
            connection.sendall(piece_many)
    return act


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_after(text=b""):
    def act(connection, request):
        connection.sendall(text)
        reset(connection)
    return act


def echo(connection, request):
    connection.sendall(answer(request["head"] + request["body"], DATE))


def peer(connection, request):
    connection.sendall(answer(str(request["peer"]), "Connection: keep-alive\r\n"))


def part(connection, request):
    """Says that the connection stays, and ends it; over TLS with the word for it, behind which it looks alive."""
    connection.sendall(answer("hello"))
    connection.settimeout(0.01)
    connection.unwrap()


def bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


HEAD = b"HTTP/1.1 200 OK\r\n"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP = "Content-Encoding: gzip\r\n"
PACKED = gzip.compress(b"hello, unpacked" * 1000)

paths = {
    "/ok": page("hello", DATE),
    "/empty": page(""),
    "/echo": echo,
    "/peer": peer,
    "/part": part,
    "/404": page("not here", status="404 Not Found"),
    "/hang": hang(),
    "/hang-headers": hang(HEAD + b"X-Begun: yes\r\n"),
    "/hang-body": hang(LONG + b"hello"),
    "/drip": drip(LONG, b"x"),
    "/drip-headers": drip(HEAD, b"X"),
    "/endless-body": endless(HEAD + b"\r\n", b"x"),
    "/endless-headers": endless(HEAD, b"X-More: hunter2\r\n"),
    "/huge-header": page("hello", "X-Huge: " + "x" * 90000 + "\r\n"),
    "/huger-header": endless(HEAD + b"X-Huge: ", b"x"),
    "/large-headers": page("hello", "X-Large: " + "x" * 60000 + "\r\n"),
    "/interim": raw(b"HTTP/1.1 103 Early Hints\r\nAge: 5\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                    + answer("hello", DATE)),
    "/interim-flood": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/chunked": raw(CHUNKED + b"5\r\nhello\r\n0\r\n" + DATE.encode() + b"\r\n"),
    "/chunk-garbage": raw(CHUNKED + b"5\r\nhello\r\nhunter2\r\n"),
    "/chunk-cut": raw(CHUNKED + b"5\r\nhello\r\n"),
    "/short": raw(LONG + b"hello"),
    "/reset": reset_after(),
    "/reset-headers": reset_after(HEAD + b"X-Begun: yes\r\n"),
    "/reset-body": reset_after(LONG + b"hello"),
    "/close": raw(b""),
    "/close-headers": raw(HEAD + b"X-Begun: yes\r\n"),
    "/http09": raw("<html>hello, hunter2</html>"),
    "/http10": raw("HTTP/1.0 200 OK\r\n" + DATE + "\r\nhello"),
    "/nul": raw(HEAD + b"X-Nul: a\0hunter2\r\n\r\n"),
    "/two-lengths": raw(HEAD + b"Content-Length: 7\r\nContent-Length: 5\r\n\r\nhello, "),
    "/same-lengths": raw(HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "/folded": page("hello", "X-Folded: one\r\n two\r\nX-Next: three\r\n"),
    "/gzip": page(PACKED, GZIP),
    "/deflate": page(zlib.compress(b"hello, unpacked"), "Content-Encoding: deflate\r\n"),
    "/gzip-broken": page(b"hunter2" * 10, GZIP),
    "/gzip-cut": page(PACKED[:-20], GZIP),
    "/gzip-bomb": page(bomb(), GZIP),
    "/encoding-unknown": page("hello", "Content-Encoding: hunter2\r\n"),
    "/age": page("hello", DATE + "Age: 0\r\n"),
    "/date-garbage": page("hello", "Date: hunter2\r\n"),
    "/date-month": page("hello", "Date: Sun, 06 Xyz 1994 08:49:37 GMT\r\n"),
    "/date-day": page("hello", "Date: Sun, 32 Nov 1994 08:49:37 GMT\r\n"),
    "/date-zone": page("hello", "Date: Sun, 06 Nov 1994 08:49:37 EST\r\n"),
    "/date-old": page("hello", "Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n"),
}

# Where /r/NAME leads, with which status.
redirects = {
    "within": (302, "/echo"),
    "relative": (301, "../echo?x=1#part"),
    "moved": (308, "/echo"),
    "user": (302, "http://127.0.0.1:{http}/echo"),
    "across": (302, "http://127.0.0.1:{other}/echo"),
    "name": (302, "http://localhost:{http}/echo"),
    "there-and-back": (302, "http://127.0.0.1:{other}/r/back"),
    "back": (302, "http://127.0.0.1:{http}/echo"),
    "secret": (302, "http://u:hunter2@127.0.0.1:{other}/x?access_token=hunter2#hunter2"),
    "loopback": (302, "http://[::1]:1/"),
    "file": (302, "file:///etc/passwd"),
    "ftp": (302, "ftp://127.0.0.1/x"),
    "ws": (302, "ws://127.0.0.1:{http}/"),
    "javascript": (302, "javascript:alert('hunter2')"),
    "data": (302, "data:text/plain,hunter2"),
    "garbage": (302, "http://exa mple:hunter2/"),
    "port": (302, "http://127.0.0.1:99999/hunter2"),
    "nowhere": (302, None),
    "empty": (302, ""),
    "loop": (302, "/r/loop"),
    "itself": (302, "http://127.0.0.1:{http}/r/itself"),
    "loop-a": (302, "/r/loop-b"),
    "loop-b": (302, "/r/loop-a"),
    "n6": (302, "/r/n5"),
    "n5": (302, "/r/n4"),
    "n4": (302, "/r/n3"),
    "n3": (302, "/r/n2"),
    "n2": (302, "/r/n1"),
    "n1": (302, "/echo"),
    "300": (300, "/echo"),
    "301": (301, "/echo"),
    "303": (303, "/echo"),
    "303-same": (303, "/once"),
    "307": (307, "/echo"),
    "307-across": (307, "http://127.0.0.1:{other}/echo"),
    "308-across": (308, "http://127.0.0.1:{other}/echo"),
    "301-across": (301, "http://127.0.0.1:{other}/echo"),
    "to-http": (302, "http://127.0.0.1:{http}/echo"),
    "to-https": (302, "https://127.0.0.1:{good}/echo"),
    "to-mutual": (302, "https://127.0.0.1:{mutual}/ok"),
    "to-full": (302, "https://127.0.0.1:{full}/ok"),
    "hang": (302, "/hang"),
}


def once(connection, request):
    """A form: what is posted leads back to it, by GET."""
    if request["head"].startswith(b"POST"):
        connection.sendall(answer("", "Location: /once\r\n", "303 See Other"))
    else:
        echo(connection, request)


paths["/once"] = once


def redirect(connection, name):
    status, location = redirects[name]
    line = "" if location is None else f"Location: {location.format(**ports)}\r\n"
    connection.sendall(answer("hunter2", line, f"{status} Elsewhere"))


def read_request(stream):
    head = b""
    while True:
        line = stream.readline()
        if not line:
            return None
        head += line
        if line in (b"\r\n", b"\n"):
            break
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return {"head": head, "body": stream.read(length) if length else b""}


def serve_http(connection, address):
    stream = connection.makefile("rb")
    while (request := read_request(stream)) is not None:
        request["peer"] = address[1]
        path = request["head"].split(b" ")[1].decode().split("?")[0]
        if path.startswith("/r/"):
            redirect(connection, path[3:])
            continue
        act = paths[path]
        act(connection, request)
        if act not in (echo, peer, paths["/ok"], once):
            return


def serve_banner(connection, address):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 hunter2\r\n")
    ended.wait()


def serve_reset(connection, address):
    reset(connection)


def serve_quiet(connection, address):
    ended.wait()


def serve_plain_words(connection, address):
    connection.recv(1)
    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nhunter2")


def serve_reset_hello(connection, address):
    connection.recv(1)
    reset(connection)


def serve_close_hello(connection, address):
    connection.recv(65536)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_proxy(connection, address):
    """Answers for http by itself, and lets https through, but not to port 1."""
    stream = connection.makefile("rb", buffering=0)
    request = read_request(stream)
    if request is None:
        return
    method, target = request["head"].split(b" ")[:2]
    if method != b"CONNECT":
        connection.sendall(answer(b"by proxy\n" + request["head"]))
        return
    if target.endswith(b":1"):
        connection.sendall(answer("hunter2", status="403 hunter2"))
        return
    if target.endswith(b":2"):
        connection.sendall(answer("", status="407 Who are you"))
        return
    host, port = target.decode().rsplit(":", 1)
    server = socket.create_connection((host.strip("[]"), int(port)))
    connection.sendall(b"HTTP/1.1 200 Connected\r\nX-From-Proxy: yes\r\n\r\n")
    threading.Thread(target=pump, args=(server, connection), daemon=True).start()
    pump(connection, server)


def guarded(serve, connection, address, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        serve(connection, address)
    except (OSError, ValueError, KeyError, IndexError):
        pass
    finally:
        try:
            connection.close()
        except OSError:
            pass


def accept_all(listener, serve, context):
    while True:
        connection, address = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=guarded, args=(serve, connection, address, context), daemon=True).start()


def listen(name, serve, context=None, host=HOST, family=socket.AF_INET, backlog=1024):
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.bind((host, 0))
    except OSError:
        ports[name] = 0
        return listener
    listener.listen(backlog)
    ports[name] = listener.getsockname()[1]
    if serve:
        threading.Thread(target=accept_all, args=(listener, serve, context), daemon=True).start()
    return listener


def fill(listener):
    """So many wait to be accepted that the next one gets no answer to its SYN."""
    waiting = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    return waiting


CONFIG = """
[ca]
default_ca = test
[test]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
"""


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_key(folder, name, names, extra=()):
    openssl("req", "-config", f"{folder}/config", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}", "-keyout", f"{folder}/{name}.key", *extra)


def write(path, *parts):
    with open(path, "w", encoding="ascii") as file:
        file.write("".join(parts))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def make_certificates(folder):
    write(f"{folder}/config", CONFIG.format(folder=folder))
    write(f"{folder}/index", "")
    write(f"{folder}/serial", "01\n")
    for name in ("ca", "self"):
        make_key(folder, name, f"IP:{HOST}", ["-x509", "-days", "30000", "-addext", "basicConstraints=critical,CA:TRUE",
                                              "-out", f"{folder}/{name}.pem"])
    for name, names, begins, ends in (
            ("good", f"IP:{HOST},DNS:token.example", "20000101000000Z", "21980101000000Z"),
            ("ended", f"IP:{HOST}", "20000101000000Z", "20010203040506Z"),
            ("early", f"IP:{HOST}", "21970102030405Z", "21980101000000Z"),
            ("wrong", "DNS:other.example,IP:192.0.2.7", "20000101000000Z", "21980101000000Z"),
            ("client", "DNS:client.example", "20000101000000Z", "21980101000000Z")):
        make_key(folder, name, names, ["-out", f"{folder}/{name}.csr"])
        openssl("ca", "-batch", "-config", f"{folder}/config", "-in", f"{folder}/{name}.csr", "-notext",
                "-startdate", begins, "-enddate", ends, "-out", f"{folder}/{name}.pem")
    for name, inside in (("hashed", "ca"), ("other", "self")):
        os.mkdir(f"{folder}/{name}")
        write(f"{folder}/{name}/{inside}.pem", read(f"{folder}/{inside}.pem"))
        openssl("rehash", f"{folder}/{name}")
    client_key = read(f"{folder}/client.key")
    write(f"{folder}/both.pem", read(f"{folder}/client.pem"), client_key)
    write(f"{folder}/mixed.pem", read(f"{folder}/client.pem"), read(f"{folder}/good.key"))
    write(f"{folder}/broken.pem", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n")
    openssl("ec", "-in", f"{folder}/client.key", "-aes128", "-passout", "pass:hunter2", "-out", f"{folder}/locked.key")
    write(f"{folder}/locked.pem", read(f"{folder}/client.pem"), read(f"{folder}/locked.key"))


def context_of(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    return context


def main():
    folder = sys.argv[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    threading.stack_size(256 * 1024)
    make_certificates(folder)
    kept = [listen("http", serve_http), listen("other", serve_http), listen("proxy", serve_proxy),
            listen("ssh", serve_banner), listen("resetting", serve_reset), listen("quiet", serve_quiet),
            listen("reset-hello", serve_reset_hello), listen("close-hello", serve_close_hello),
            listen("plain-words", serve_plain_words),
            listen("mute", None, backlog=4096),
            listen("http6", serve_http, host="::1", family=socket.AF_INET6)]
    full = listen("full", None, backlog=0)
    kept += [full, fill(full)]
    for name in ("good", "self", "ended", "early", "wrong"):
        kept.append(listen(name, serve_http, context_of(folder, name)))
    mutual = context_of(folder, "good")
    mutual.load_verify_locations(f"{folder}/ca.pem")
    mutual.verify_mode = ssl.CERT_REQUIRED
    kept.append(listen("mutual", serve_http, mutual))
    older = context_of(folder, "good")
    older.load_verify_locations(f"{folder}/ca.pem")
    older.verify_mode = ssl.CERT_REQUIRED
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    kept.append(listen("mutual12", serve_http, older))
    for name, port in ports.items():
        print(name, port)
    print("ready", 0, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


main()
