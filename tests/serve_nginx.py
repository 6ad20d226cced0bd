#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""serve_nginx.py FOLDER COUNT: runs nginx with the servers in FOLDER/servers until the standard input is closed.

In that file @1@, @2@ ... @COUNT@ stand for ports of 127.0.0.1, which are chosen here and printed as the first line.
nginx inherits the sockets, so that no port can be taken by another in between, and connections are answered from that
line on. All that nginx writes is in FOLDER, and it ends with this process, whatever ends that.
"""
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
NGINX = next((path for path in ("/usr/sbin/nginx", "/usr/local/sbin/nginx") if os.access(path, os.X_OK)), "nginx")
# The worker is who the master is: the folder may be for nobody else. Without a master nginx breaks on inherited sockets.
MAIN = ("user root root;\n" if os.geteuid() == 0 else "") + """daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log info;
events { worker_connections 256; }
http {
	# As an endpoint of tokens says; files would be kept by caches else.
	add_header Cache-Control no-store;
	access_log off;
	client_body_temp_path temporary;
	proxy_temp_path temporary;
	fastcgi_temp_path temporary;
	uwsgi_temp_path temporary;
	scgi_temp_path temporary;
%s
}
"""


def end_with_parent():
    """With SIGTERM, at which the master ends its worker."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def listen():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    listener.setblocking(False)
    return listener


def configure(folder, listeners):
    with open(os.path.join(folder, "servers"), encoding="utf-8") as file:
        text = file.read()
    for index, listener in enumerate(listeners, 1):
        text = text.replace(f"@{index}@", str(listener.getsockname()[1]))
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(MAIN % text)
    return path


def start(folder, listeners):
    descriptors = [listener.fileno() for listener in listeners]
    environment = {"NGINX": "".join(f"{number};" for number in descriptors), "PATH": os.environ.get("PATH", "")}
    log = os.path.join(folder, "error.log")
    command = [NGINX, "-p", folder, "-c", configure(folder, listeners), "-e", log]
    return subprocess.Popen(command, env=environment, pass_fds=descriptors, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_parent)


def end(nginx):
    nginx.terminate()
    try:
        nginx.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(nginx.pid, signal.SIGKILL)


def main():
    folder = os.path.abspath(sys.argv[1])
    listeners = [listen() for _ in range(int(sys.argv[2]))]
    nginx = start(folder, listeners)
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    for listener in listeners:
        listener.close()

    def watch():
        nginx.wait()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        end(nginx)
    os._exit(0)


main()
