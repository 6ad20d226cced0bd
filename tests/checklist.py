#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the JSON of `jwtwatch doctor` for the shell tests.

checklist.py FILE [WORD...]; a word is
  first     the first line that isn't ok: its name and cause (the default), or "none"
  cause     the line that the program says is the cause: its name and cause, or "none"
  states    every line: NAME=STATE, with the name of the line that it follows from behind a >
  NAME      the state of the first line of this name, and what was seen there
  NAME.KEY  KEY of it; - where there is none
"""
import json
import sys


def label(step):
    return f"{step['name']} {step.get('cause', '-')}"


def state(step, steps):
    text = f"{step['name']}={step['state']}"
    return text + (">" + steps[step["follows"] - 1]["name"] if "follows" in step else "")


def show(root, word):
    steps = root["steps"]
    if word == "first":
        return next((label(step) for step in steps if step["state"] == "not_ok"), "none")
    if word == "cause":
        return label(steps[root["cause"] - 1]) if "cause" in root else "none"
    if word == "states":
        return " ".join(state(step, steps) for step in steps)
    name, _, key = word.partition(".")
    step = next((step for step in steps if step["name"] == name), {"state": "-", "seen": "-"})
    return str(step.get(key, "-")) if key else f"{step['state']}: {step['seen']}"


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            root = json.load(file)
    except (ValueError, OSError) as error:
        print(f"no JSON ({type(error).__name__})")
        return
    codes = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
    if root["version"] != 1 or root["exit_code"] != codes[root["state"]]:
        print("version, state and exit_code don't go together")
        return
    if [step["line"] for step in root["steps"]] != list(range(1, len(root["steps"]) + 1)):
        print("the lines aren't numbered")
        return
    for word in sys.argv[2:] or ["first"]:
        print(show(root, word))


main()
