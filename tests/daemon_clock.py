#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The wall clock is set while the daemon runs, as tests/clock.c has it see it. The machine's own clock stays as it is."""
import os
import re
import shutil
import struct
import time

from daemon_lib import Daemon, folder, page, plan, row, token, wait_for, write

HOUR = 3600
# So that a millisecond more or less makes no other second.
HALF = 500
SOON = float(os.environ.get("JW_SOON", "1.0"))


def set_clock(clock, ms):
    with open(clock, "r+b") as file:
        file.write(struct.pack("q", ms))
    with open(clock + ".set", "wb") as fifo:
        fifo.write(b"12345678")


def judged(daemon, name, is_ended, soon=SOON):
    """By itself: /api/v1/targets would judge it again for the asking."""
    start = time.monotonic()
    series = f'jwtwatch_target_cause{{target="{name}",cause="expired"}}'
    seen = wait_for(lambda: daemon.value(series) == (1 if is_ended else None))
    took = time.monotonic() - start
    return seen and took <= soon, f"{daemon.state(name)} after {took:.2f} s"


def main():
    home = folder()
    clock = os.path.join(home, "clock")
    with open(clock, "wb") as file:
        file.write(struct.pack("q", 0))
    os.mkfifo(clock + ".set")
    write(os.path.join(home, "half.html"), page(token(HOUR // 2)))
    write(os.path.join(home, "day.html"), page(token(24 * HOUR)))
    config = "".join(f"  - {{name: {name}, check: html_file, path: {home}/{name}.html, interval: 1h, retry_interval: {retry}, "
                     "warning: 1m, critical: 30s}\n" for name, retry in (("half", "1s"), ("day", "1h")))
    with Daemon(home, "targets:\n" + config, env={"JW_CLOCK": clock, "LD_PRELOAD": os.environ["JW_SHIM"]}) as daemon:
        wait_for(lambda: daemon.is_checked("half", "day"))
        row("both tokens are good", daemon.state("half") == daemon.state("day") == ("OK", "ok"), daemon.targets())
        row("no clock was set yet", daemon.value("jwtwatch_clock_jumps_total") == 0)
        set_clock(clock, HOUR * 1000 + HALF)
        row("an hour forward: a token that ends within it has ended within a second", *judged(daemon, "half", True))
        row("... which is counted", daemon.value("jwtwatch_clock_jumps_total") == 1, daemon.value("jwtwatch_clock_jumps_total"))
        row("... and said", re.search("clock was set forward by 3600 s", daemon.said()), daemon.said()[-800:])
        row("... the other one is as good as before", daemon.state("day") == ("OK", "ok"), daemon.state("day"))
        set_clock(clock, 0)
        row("an hour back: it is good again, by its retry_interval of 1s", *judged(daemon, "half", False, 1 + SOON))
        row("... which is counted", daemon.value("jwtwatch_clock_jumps_total") == 2, daemon.value("jwtwatch_clock_jumps_total"))
        row("... and said", re.search("clock was set back by 3600 s", daemon.said()), daemon.said()[-800:])
        set_clock(clock, HALF)
        row("a correction of half a second is none", wait_for(lambda: daemon.state("day")[0] == "OK") and
            daemon.value("jwtwatch_clock_jumps_total") == 2, daemon.value("jwtwatch_clock_jumps_total"))
        took, code = daemon.stop()
        row("it ends well", code == 0, took, code, daemon.said()[-800:])
    shutil.rmtree(home)
    plan()


main()
