#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hundred reloads while pages are scraped: no gap, no series twice, nothing forgotten."""
import os
import shutil
import threading

from daemon_lib import Daemon, folder, page, plan, row, token, wait_for, write

RELOADS = 100
TARGETS = 200


def config_of(home, count, odd):
    text = "targets:\n"
    for i in range(count):
        text += (f"  - name: t{i}\n    check: html_file\n    path: {home}/p{i % 10}.html\n    interval: 1h\n"
                 f"    labels: {{turn: '{odd}'}}\n")
    # One that is there in every other configuration.
    if odd:
        text += f"  - name: extra\n    check: html_file\n    path: {home}/p0.html\n    interval: 1h\n"
    return text


def series(text):
    return [line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")]


def main():
    home = folder()
    for i in range(10):
        write(os.path.join(home, f"p{i}.html"), page(token(90000)))
    stop, problems, scrapes = threading.Event(), [], [0]
    with Daemon(home, config_of(home, TARGETS, 0)) as daemon:
        wait_for(lambda: daemon.is_checked(*(f"t{i}" for i in range(TARGETS))))
        before = daemon.targets()

        def scrape():
            while not stop.is_set():
                try:
                    found = series(daemon.metrics())
                except OSError as error:
                    problems.append(f"no answer: {error}")
                    continue
                scrapes[0] += 1
                if len(found) != len(set(found)):
                    problems.append("a series is there twice")
                for i in range(TARGETS):
                    if f'jwtwatch_token_expiration_timestamp_seconds{{target="t{i}"}}' not in found:
                        problems.append(f"t{i} has a gap")
                        break

        scraper = threading.Thread(target=scrape)
        scraper.start()
        answers = []
        for i in range(RELOADS):
            daemon.configure(config_of(home, TARGETS, (i + 1) % 2))
            answers.append(daemon.reload()[0])
        stop.set()
        scraper.join()
        after = daemon.targets()
        row(f"{RELOADS} reloads succeed", answers == [200] * RELOADS, answers)
        row("... and the page never has a gap or a series twice", not problems, *problems[:3])
        row("... while it was scraped often", scrapes[0] > 10, scrapes[0])
        row("... and nothing is forgotten",
            all(after[n]["since"] == before[n]["since"] and after[n]["first_seen"] == before[n]["first_seen"] for n in before))
        row("... and the target of every other configuration is gone in the end", "extra" not in after)
        took, code = daemon.stop()
        row("it ends well", code == 0, took, code, daemon.said()[-800:])
    shutil.rmtree(home)
    plan()


main()
