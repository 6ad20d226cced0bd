#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the JSON of `jwtwatch check`, `html_file` or `inspect` for the shell tests.

verdict.py FILE [WORD...]; a word is
  verdict   state and cause of the one target (the default)
  targets   a line a target: name, state and cause
  sinks     a line a sink that failed: state and cause
  tokens    a line a token of the first target: line, state and cause, or "note"
  causes    the causes of all findings, each once, sorted
  deciding  the index of the deciding token, or -
  message   the message of the one target
  paths     a line a token: its path
  .A.B      B in A of the one target, whatever it is; - where there is none; .A.0: the first in the list A
"""
import json
import sys


def target(root):
    return root["targets"][0] if "targets" in root else root


def show(root, word):
    first = target(root)
    if word == "verdict":
        return f"{first['state']} {first['cause']}"
    if word == "targets":
        return "\n".join(f"{t['name']} {t['state']} {t['cause']}" for t in root["targets"])
    if word == "sinks":
        return "\n".join(f"{s['state']} {s['cause']}" for s in root.get("sinks", []))
    if word == "tokens":
        return "\n".join(
            f"{t.get('line', '-')} " + (f"{t['state']} {t['cause']}" if "state" in t else "note")
            for t in first["tokens"])
    if word == "causes":
        return " ".join(sorted({f["cause"] for f in first["findings"]}))
    if word == "deciding":
        return str(first.get("deciding", "-"))
    if word == "message":
        return first["message"]
    if word == "paths":
        return "\n".join(t["path"] for t in first["tokens"])
    if word.startswith("."):
        value = first
        for name in word[1:].split("."):
            if isinstance(value, list) and name.isdigit():
                value = value[int(name)] if int(name) < len(value) else None
            else:
                value = value.get(name) if isinstance(value, dict) else None
        return "-" if value is None else value if isinstance(value, str) else json.dumps(value)
    raise SystemExit(f"verdict.py: unknown word {word}")


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            root = json.load(file)
    except (ValueError, OSError) as error:
        print(f"no JSON ({type(error).__name__})")
        return
    if "targets" in root:
        codes = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
        if root["version"] != 1 or root["exit_code"] != codes[root["state"]]:
            print("version, state and exit_code don't go together")
            return
        if len(root["targets"]) == 1 and not root.get("sinks") and root["targets"][0]["state"] != root["state"]:
            print("the state of the report isn't that of its one target")
            return
    for word in sys.argv[2:] or ["verdict"]:
        print(show(root, word))


main()
