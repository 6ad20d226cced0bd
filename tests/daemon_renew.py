#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pages that the daemon renews by itself, what stops it, and that it never does so for ever."""
import os
import re
import subprocess
import tempfile
import time

from daemon_lib import PATIENCE, PROGRAM, SECRET, Daemon, page, plan, replace, row, token, wait_for, write

SOON = float(os.environ.get("JW_SOON", "1"))
TIMES = 20


def configuration(home, renew, more=""):
    write(os.path.join(home, "other-secret"), "another-secret-of-the-tests-that-is-long-enough")
    return f"""keys:
  livekit: {{issuer: devkey, secret: {{env: LIVEKIT_SECRET}}}}
  other: {{issuer: devkey, secret: {{file: other-secret}}}}
targets:
  - name: voice
    check: html_file
    path: page.html
    pattern: "TOKEN = '([^']+)'"
    key: livekit
    interval: 1h
    renew: {renew}
{more}"""


def ended(home, **claims):
    replace(os.path.join(home, "page.html"), page(token(-7200, issued=int(time.time()) - 100000, **claims)))


def started(home, renew, more=""):
    return Daemon(home, configuration(home, renew, more), env={"LIVEKIT_SECRET": SECRET.decode()})


def counts(daemon):
    return daemon.value("jwtwatch_renewals_total"), daemon.value("jwtwatch_renewal_failures_total")


def causes(daemon):
    return [finding["cause"] for finding in daemon.targets()["voice"]["findings"]]


def is_quiet(daemon):
    said = daemon.said()
    return "eyJ" not in said and SECRET.decode() not in said


def checked_again(daemon, home):
    """The same page, written again: the daemon looks at it."""
    before = daemon.value("jwtwatch_checks_started_total")
    path = os.path.join(home, "page.html")
    replace(path, open(path, encoding="utf-8").read())
    wait_for(lambda: daemon.value("jwtwatch_checks_started_total") > before and
             daemon.value("jwtwatch_checks_in_flight") == 0)


def by_itself(home):
    ended(home, sub="user7")
    with started(home, "{from: mint, before: 25%}") as daemon:
        row("a page whose token has ended is renewed by itself", wait_for(lambda: daemon.state("voice") == ("OK", "ok")),
            daemon.state("voice"), daemon.said())
        row("... once, which the metrics tell", counts(daemon) == (1, 0), counts(daemon))
        row("... and the log, without a token", "renewal=done" in daemon.said() and is_quiet(daemon), daemon.said())
        ended(home)
        wait_for(lambda: daemon.state("voice")[1] == "expired")
        checked_again(daemon, home)
        row("one that is put back at once isn't renewed again and again", counts(daemon) == (1, 0), counts(daemon))


def what_no_token_mends(home):
    replace(os.path.join(home, "page.html"), page(token(86400)) + f"<!-- apiSecret = '{SECRET.decode()}' -->\n")
    with started(home, "{from: mint, before: 25%}") as daemon:
        row("what no token mends is wrong", wait_for(lambda: daemon.state("voice") == ("CRITICAL", "secret_in_page")))
        for _ in range(3):
            checked_again(daemon, home)
        row("... and isn't renewed", counts(daemon) == (0, 0), counts(daemon), daemon.said())


def too_much(home):
    path = os.path.join(home, "page.html")
    text = f"const TOKEN = '{token(-7200)}'; connect(TOKEN, 'room-1'); play('x')\n"
    replace(path, text)
    config = configuration(home, "{from: mint, before: 25%}").replace("'([^']+)'", "'(.*)'")
    with Daemon(home, config, env={"LIVEKIT_SECRET": SECRET.decode()}) as daemon:
        row("a pattern that takes code too is told", wait_for(lambda: "renewal_failed" in causes(daemon)), causes(daemon),
            daemon.said())
        checked_again(daemon, home)
        row("... once, and nothing is replaced", counts(daemon) == (0, 1) and open(path, encoding="utf-8").read() == text
            and "correct the pattern" in daemon.said() and is_quiet(daemon), counts(daemon), daemon.said())


def refused(home):
    ended(home)
    with started(home, "{from: mint, key: other, before: 25%}") as daemon:
        row("a token that isn't good is told", wait_for(lambda: "renewal_failed" in causes(daemon)), causes(daemon), daemon.said())
        row("... beside what is wrong with the page", daemon.state("voice") == ("CRITICAL", "expired"), daemon.state("voice"))
        at = [f["at"] for f in daemon.targets()["voice"]["findings"] if f["cause"] == "renewal_failed"]
        row("... and where", at == ["renew"], at)
        for _ in range(3):
            checked_again(daemon, home)
        row("... once, and it isn't tried again", counts(daemon) == (0, 1) and "again=never" in daemon.said(),
            counts(daemon), daemon.said())
        ended(home, sub="another")
        row("... but for another token", wait_for(lambda: counts(daemon) == (0, 2)), counts(daemon))
        daemon.configure(configuration(home, "{from: mint, before: 25%}"))
        daemon.reload()
        row("... and by another configuration, which is right", wait_for(lambda: daemon.state("voice") == ("OK", "ok")),
            daemon.state("voice"), daemon.said())
        row("... and what went wrong is forgotten", causes(daemon) == [] and counts(daemon) == (1, 2) and is_quiet(daemon),
            causes(daemon), counts(daemon))


def tried_again(home):
    ended(home)
    give = os.path.join(home, "give")
    write(give, "#!/bin/sh\ntest -e fresh || exit 1\ncat fresh\n")
    os.chmod(give, 0o755)
    with started(home, "{from: command, command: [./give], before: 25%}") as daemon:
        row("a source that fails is told", wait_for(lambda: "renewal_failed" in causes(daemon)), causes(daemon), daemon.said())
        for _ in range(3):
            checked_again(daemon, home)
        row("... and tried again, but not at once", counts(daemon) == (0, 1) and "again=soon" in daemon.said(),
            counts(daemon), daemon.said())


def stopped(home):
    ended(home)
    give = os.path.join(home, "give")
    write(give, "#!/bin/sh\necho $$ > beginning\nmv beginning begun\nexec sleep 60\n")
    os.chmod(give, 0o755)
    with started(home, "{from: command, command: [./give], before: 25%}") as daemon:
        row("a renewal goes on", wait_for(lambda: os.path.exists(os.path.join(home, "begun"))), daemon.said())
        old = open(os.path.join(home, "page.html"), encoding="utf-8").read()
        since = time.monotonic()
        daemon.process.terminate()
        daemon.process.wait(PATIENCE)
        # Not by a signal; what a sanitizer makes of threads at an end is another test's.
        row("the daemon ends without waiting for it", daemon.process.returncode >= 0 and time.monotonic() - since < 5 * SOON,
            daemon.process.returncode, time.monotonic() - since)
    with open(os.path.join(home, "begun"), encoding="utf-8") as file:
        program = f"/proc/{int(file.read())}"
    row("... and neither does its program", wait_for(lambda: not os.path.exists(program)))
    row("... and the page is as it was", open(os.path.join(home, "page.html"), encoding="utf-8").read() == old)


def by_hand(home):
    ended(home)
    with started(home, "{from: mint}") as daemon:
        row("without `before` nothing is renewed by itself", wait_for(lambda: daemon.state("voice")[1] == "expired"))
        good, slowest = 0, 0
        for i in range(TIMES):
            ended(home, sub=f"user{i}")
            wait_for(lambda: daemon.state("voice")[1] == "expired")
            done = subprocess.run([PROGRAM, "renew", "-q", "-f", daemon.file, "voice"], check=False, capture_output=True,
                                  env=dict(os.environ, LIVEKIT_SECRET=SECRET.decode()), timeout=PATIENCE)
            since = time.monotonic()
            wait_for(lambda: daemon.state("voice") == ("OK", "ok"))
            slowest = max(slowest, time.monotonic() - since)
            good += done.returncode == 0 and time.monotonic() - since < SOON
        row(f"behind jwtwatch renew it is OK within a second, {TIMES} of {TIMES} times", good == TIMES, good, slowest)
        row("... and by nobody else", counts(daemon) == (0, 0), counts(daemon))
        print(f"# the slowest took {slowest:.3f} s")
        text = open(os.path.join(home, "page.html"), encoding="utf-8").read()
        row("the page holds one token", len(re.findall("eyJ[^']*", text)) == 1)


def main():
    for test in (by_itself, what_no_token_mends, too_much, refused, tried_again, stopped, by_hand):
        with tempfile.TemporaryDirectory(prefix="jw-daemon-renew-") as home:
            test(home)
    plan()


main()
