#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real Nagios 4 or Icinga 2 without head, for the shell tests: all in one folder, on loopback, as whoever runs it.

  nagios FOLDER             runs nagios4 with the objects in FOLDER/objects.cfg until the standard input is closed;
                            prints its process id once it is at work
  icinga FOLDER             the same for icinga2 with FOLDER/objects.conf; prints the port of its API (https)
  nrpe FOLDER               the same for nrpe with the commands in FOLDER/commands.cfg; prints its port
  verify nagios|icinga FOLDER      has the program itself look at the configuration; its words go through
  stored nagios|icinga FOLDER HOST SERVICE [TEXT]
                            waits, within bounds, for a result of the service, whose output holds TEXT where one is
                            given; prints it as JSON: state, output (line 1), long_output, perfdata, check_type
  check FOLDER HOST SERVICE        has Icinga check the service now, and prints what it stored as `stored` does
  field FILE NAME           a member of that JSON
  tell FOLDER METHOD PATH [BODY]   asks Icinga's API as the user test, prints the status and the answer

What else is in the folder: rw/nagios.cmd (Nagios' command file), results (its spool); api-password (of Icinga's user
test, who may do everything), data/certs/ca.crt, and client.crt with client.key, a certificate for a client called
client.
"""
import base64
import ctypes
import http.client
import json
import os
import pwd
import grp
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from urllib.parse import quote

PR_SET_PDEATHSIG = 1
SECONDS = 30
PAUSE = 0.02

NAGIOS = """log_file={0}/nagios.log
cfg_file={0}/base.cfg
cfg_file={0}/objects.cfg
object_cache_file={0}/objects.cache
precached_object_file={0}/objects.precache
status_file={0}/status.dat
lock_file={0}/nagios.lock
temp_file={0}/nagios.tmp
temp_path={0}/tmp
check_result_path={0}/results
command_file={0}/rw/nagios.cmd
query_socket={0}/rw/nagios.qh
resource_file={0}/resource.cfg
retain_state_information=0
check_external_commands=1
nagios_user={1}
nagios_group={2}
interval_length=1
service_inter_check_delay_method=n
host_inter_check_delay_method=n
max_service_check_spread=1
max_host_check_spread=1
check_result_reaper_frequency=1
status_update_interval=1
service_check_timeout={3}
check_for_updates=0
check_workers=2
illegal_macro_output_chars=`~$&|'"<>
"""

NAGIOS_BASE = """define command {
    command_name  test-ok
    command_line  /bin/true
}
define timeperiod {
    timeperiod_name  24x7
    alias            always
    sunday           00:00-24:00
    monday           00:00-24:00
    tuesday          00:00-24:00
    wednesday        00:00-24:00
    thursday         00:00-24:00
    friday           00:00-24:00
    saturday         00:00-24:00
}
define contact {
    contact_name                   nobody
    service_notification_commands  test-ok
    host_notification_commands     test-ok
    service_notifications_enabled  0
    host_notifications_enabled     0
    service_notification_period    24x7
    host_notification_period       24x7
}
define host {
    name                   test-host
    address                127.0.0.1
    check_command          test-ok
    max_check_attempts     1
    contacts               nobody
    check_period           24x7
    notification_period    24x7
    notifications_enabled  0
    register               0
}
define service {
    name                   test-service
    max_check_attempts     1
    check_interval         3600
    retry_interval         3600
    contacts               nobody
    check_period           24x7
    notification_period    24x7
    notifications_enabled  0
    register               0
}
"""

ICINGA = """const NodeName = "localhost"
const ZoneName = "localhost"
const TicketSalt = ""
const PluginDir = {plugins}
include <itl>
include <plugins>
object Endpoint NodeName {{}}
object Zone ZoneName {{ endpoints = [ NodeName ] }}
object ApiListener "api" {{
  bind_host = "127.0.0.1"
  bind_port = "0"
}}
object ApiUser "test" {{
  password = {password}
  permissions = [ "*" ]
}}
object CheckerComponent "checker" {{}}
include "objects.conf"
"""


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def write(path, text, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)


def me():
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def folders(folder, *names):
    for name in names:
        os.makedirs(os.path.join(folder, name), exist_ok=True)


def plugin_folder(folder):
    """FOLDER/plugins, where a test puts it, else the system's."""
    own = os.path.join(folder, "plugins")
    return own if os.path.isdir(own) else "/usr/lib/nagios/plugins"


def prepare_nagios(folder):
    folders(folder, "rw", "results", "tmp")
    timeout = os.environ.get("SCHEDULER_TIMEOUT", "60")
    write(os.path.join(folder, "nagios.cfg"), NAGIOS.format(folder, *me(), timeout))
    write(os.path.join(folder, "base.cfg"), NAGIOS_BASE)
    write(os.path.join(folder, "resource.cfg"), f"$USER1$={plugin_folder(folder)}\n")
    return ["nagios4", os.path.join(folder, "nagios.cfg")]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certify(folder, name, alternatives, key, certificate):
    """A certificate of this folder's own authority."""
    request = os.path.join(folder, "request.pem")
    extensions = os.path.join(folder, "extensions")
    ca = os.path.join(folder, "data/certs/ca.crt")
    write(extensions, f"subjectAltName={alternatives}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
            "-subj", f"/CN={name}")
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", os.path.join(folder, "ca.key"), "-set_serial",
            str(secrets.randbits(64)), "-days", "2", "-extfile", extensions, "-out", certificate)


def prepare_icinga(folder):
    folders(folder, "data/certs", "log", "cache", "run", "spool")
    certs = os.path.join(folder, "data/certs")
    password = os.path.join(folder, "api-password")
    if not os.path.exists(password):
        write(password, secrets.token_hex(16), 0o600)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                os.path.join(folder, "ca.key"), "-out", os.path.join(certs, "ca.crt"), "-subj", "/CN=Icinga CA",
                "-days", "2")
        certify(folder, "localhost", "DNS:localhost,IP:127.0.0.1", os.path.join(certs, "localhost.key"),
                os.path.join(certs, "localhost.crt"))
        certify(folder, "client", "DNS:client", os.path.join(folder, "client.key"),
                os.path.join(folder, "client.crt"))
    with open(password, encoding="utf-8") as file:
        text = ICINGA.format(plugins=json.dumps(plugin_folder(folder)), password=json.dumps(file.read()))
    write(os.path.join(folder, "icinga2.conf"), text, 0o600)
    places = [("DataDir", "data"), ("LogDir", "log"), ("CacheDir", "cache"), ("InitRunDir", "run"), ("SpoolDir", "spool")]
    user, group = me()
    settings = [f"{name}={os.path.join(folder, place)}" for name, place in places]
    settings += [f"RunAsUser={user}", f"RunAsGroup={group}"]
    return ["icinga2", "daemon", "-c", os.path.join(folder, "icinga2.conf")] + [
        word for setting in settings for word in ("-D", setting)]


PREPARE = {"nagios": prepare_nagios, "icinga": prepare_icinga}


def wait_for(look):
    """What look() gives once it gives anything, or None when the time is up."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(PAUSE)
    return None


def nagios_ready(folder, process):
    return process.pid if os.path.exists(os.path.join(folder, "status.dat")) else None


def icinga_ready(folder, _process):
    """The port, once the API answers there."""
    with open(os.path.join(folder, "run.log"), encoding="utf-8", errors="replace") as file:
        found = re.search(r"Started new listener on '\[127\.0\.0\.1\]:(\d+)'", file.read())
    if not found:
        return None
    write(os.path.join(folder, "port"), found[1])
    try:
        return found[1] if ask(folder, "GET", "/v1/status/ApiListener")[0] == 200 else None
    except OSError:
        return None


def end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def serve(kind, folder):
    for name in ("status.dat", "port", "nagios.lock"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    ready = {"nagios": nagios_ready, "icinga": icinga_ready}[kind]
    command = PREPARE[kind](folder)
    with open(os.path.join(folder, "run.log"), "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   preexec_fn=end_with_parent)

    def look():
        return False if process.poll() is not None else ready(folder, process)

    said = wait_for(look)
    if not said:
        end(process)
        with open(os.path.join(folder, "run.log"), encoding="utf-8", errors="replace") as log:
            sys.exit(f"{kind} doesn't come up: " + " ".join(log.read().split())[-600:])
    print(said, flush=True)

    def watch():
        process.wait()
        os._exit(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    while sys.stdin.buffer.read(4096):
        pass
    end(process)
    os._exit(0)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def nrpe_ready(port, process):
    if process.poll() is not None:
        return False
    with socket.socket() as connection:
        return port if connection.connect_ex(("127.0.0.1", port)) == 0 else None


def start_nrpe(folder):
    """NRPE can't be given a listening socket: where somebody else took the port meanwhile, it is another one."""
    # It won't be root.
    user, group = me() if os.geteuid() else ("nobody", "nogroup")
    config = os.path.join(folder, "nrpe.cfg")
    for _ in range(5):
        port = free_port()
        write(config, f"nrpe_user={user}\nnrpe_group={group}\nallowed_hosts=127.0.0.1\nserver_address=127.0.0.1\n"
              f"server_port={port}\ncommand_timeout=60\npid_file={folder}/nrpe.pid\ninclude={folder}/commands.cfg\n")
        with open(os.path.join(folder, "run.log"), "wb") as log:
            process = subprocess.Popen(["nrpe", "-n", "-c", config, "-f"], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, start_new_session=True, preexec_fn=end_with_parent)
        if wait_for(lambda: nrpe_ready(port, process)):
            return port, process
        end(process)
    sys.exit("NRPE doesn't come up")


def serve_nrpe(folder):
    port, process = start_nrpe(folder)
    print(port, flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    end(process)


def ask(folder, method, path, body=None):
    with open(os.path.join(folder, "port"), encoding="utf-8") as file:
        port = int(file.read())
    with open(os.path.join(folder, "api-password"), encoding="utf-8") as file:
        login = base64.b64encode(f"test:{file.read()}".encode()).decode()
    context = ssl.create_default_context(cafile=os.path.join(folder, "data/certs/ca.crt"))
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    connection.request(method, path, body, {"Accept": "application/json", "Authorization": f"Basic {login}"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text)


def unescape(text):
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def nagios_result(folder, host, service):
    """From status.dat, which Nagios renames into place; None until there is a result."""
    try:
        with open(os.path.join(folder, "status.dat"), encoding="utf-8", errors="surrogateescape") as file:
            blocks = file.read().split("servicestatus {\n")[1:]
    except FileNotFoundError:
        return None
    for block in blocks:
        fields = dict(line.strip().split("=", 1) for line in block.split("\t}")[0].splitlines() if "=" in line)
        if (fields["host_name"], fields["service_description"]) != (host, service):
            continue
        if fields["has_been_checked"] != "1":
            return None
        return {
            "state": int(fields["current_state"]),
            "output": fields["plugin_output"],
            "long_output": unescape(fields["long_plugin_output"]),
            "perfdata": fields["performance_data"],
            "check_type": int(fields["check_type"]),
            "time": float(fields["last_check"]),
        }
    return None


def icinga_result(folder, host, service):
    status, answer = ask(folder, "GET", f"/v1/objects/services/{quote(host + '!' + service, safe='')}")
    if status != 200:
        sys.exit(f"Icinga's API answers {status}")
    attributes = answer["results"][0]["attrs"]
    result = attributes["last_check_result"]
    if not result:
        return None
    first, _, rest = result["output"].partition("\n")
    items = [item if isinstance(item, str) else item["label"] for item in result["performance_data"] or []]
    return {
        "state": int(attributes["state"]),
        "output": first,
        "long_output": rest,
        "perfdata": " ".join(items),
        "items": items,
        "check_type": 0 if result["active"] else 1,
        "time": result["execution_end"],
        "command": result["command"],
    }


RESULT = {"nagios": nagios_result, "icinga": icinga_result}


def stored(kind, folder, host, service, text=""):
    def look():
        result = RESULT[kind](folder, host, service)
        return result if result and text in result["output"] + "\n" + result["long_output"] else None

    found = wait_for(look)
    if not found:
        sys.exit(f"no such result of {host} {service} within {SECONDS} s")
    print(json.dumps(found))


def check(folder, host, service):
    before = icinga_result(folder, host, service)
    body = json.dumps({"type": "Service", "service": f"{host}!{service}", "force": True})
    status, answer = ask(folder, "POST", "/v1/actions/reschedule-check", body)
    if status != 200:
        sys.exit(f"Icinga's API answers {status}: {answer}")

    def look():
        result = icinga_result(folder, host, service)
        return result if result and (not before or result["time"] != before["time"]) else None

    found = wait_for(look)
    if not found:
        sys.exit(f"Icinga didn't check {host} {service} within {SECONDS} s")
    print(json.dumps(found))


def verify(kind, folder):
    command = PREPARE[kind](folder)
    command.insert(1 if kind == "nagios" else 2, "-v" if kind == "nagios" else "-C")
    sys.exit(subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False).returncode)


def main():
    word, *rest = sys.argv[1:]
    if word in PREPARE:
        serve(word, os.path.abspath(rest[0]))
    elif word == "nrpe":
        serve_nrpe(os.path.abspath(rest[0]))
    elif word == "verify":
        verify(rest[0], os.path.abspath(rest[1]))
    elif word == "stored":
        stored(*rest)
    elif word == "check":
        check(*rest)
    elif word == "field":
        with open(rest[0], encoding="utf-8") as file:
            value = json.load(file).get(rest[1], "-")
        print(value if isinstance(value, str) else json.dumps(value))
    elif word == "tell":
        status, answer = ask(*rest)
        print(status, json.dumps(answer))
    else:
        sys.exit(__doc__)


main()
