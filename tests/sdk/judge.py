#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has jwtwatch judge the tokens that others made, and says where it is wrong.

judge.py JWTWATCH SECRET-FILE FOLDER MANIFEST...: writes pages into FOLDER; prints "ok NAME" or "not NAME" a row, and
"# ..." lines with states, causes and sizes only. A manifest is a JSON array of objects: maker, name, token, state and
cause that it must have, header and claims as its maker reads them, signed (secret, other, rsa or nobody).
"""
import hashlib
import html
import json
import os
import subprocess
import sys
from urllib.parse import quote

CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
CONST = "const TOKEN = '([^']*)'"


class Judge:
    def __init__(self, program, secret, folder):
        self.program = program
        self.secret = secret
        self.folder = folder
        self.pages = 0

    def row(self, name, problems):
        print(("not " if problems else "ok ") + name)
        for problem in problems:
            print("# " + problem)

    def page(self, text):
        self.pages += 1
        path = os.path.join(self.folder, f"page{self.pages}.html")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def run(self, *args, stdin=None):
        done = subprocess.run([self.program, *args], input=stdin, capture_output=True, timeout=60, check=False)
        try:
            root = json.loads(done.stdout)
        except ValueError:
            root = None
        return root, done

    @staticmethod
    def outcome(root, done, state, cause):
        """What is wrong with the whole: exit code, standard error, state and cause."""
        if root is None:
            return [f"no JSON: exit code {done.returncode}, {len(done.stdout)} bytes out, {len(done.stderr)} of errors"]
        seen = root["targets"][0] if "targets" in root else root
        problems = []
        if (seen["state"], seen["cause"]) != (state, cause):
            problems.append(f"expected {state} {cause}, seen {seen['state']} {seen['cause']}")
        if done.returncode != CODES[state]:
            problems.append(f"expected exit code {CODES[state]}, seen {done.returncode}")
        if done.stderr:
            problems.append(f"{len(done.stderr)} bytes of errors")
        return problems

    # inspect

    def inspect(self, case, with_key):
        state, cause = verdict_of(case, with_key)
        key = ["--key-file", self.secret] if with_key else []
        root, done = self.run("inspect", "-o", "json", *key, "-", stdin=case["token"].encode() + b"\n")
        problems = self.outcome(root, done, state, cause)
        if root:
            problems += self.inside(case, root, with_key)
        self.row(f"{case['maker']}: {case['name']}: inspect" + (" with the key" if with_key else ""), problems)

    def inside(self, case, root, with_key):
        problems = []
        wanted = {"secret": "valid", "nobody": root["signature"]}.get(case["signed"], "invalid") if with_key \
            else "not_checked"
        if wanted == "invalid" and not str(root.get("header", {}).get("alg")).startswith("HS"):
            wanted = "not_checked"  # a shared secret has nothing to say about a signature by a private key
        if case["cause"] == "algorithm_refused":
            wanted = root["signature"] if root["signature"] != "valid" or case["signed"] == "secret" else "not valid"
        for part in ("header", "claims"):
            if case.get(part) is not None and root.get(part) != case[part]:
                problems.append(f"{part} differ from what the maker reads: {differences(case[part], root.get(part))}")
        if root["signature"] != wanted:
            problems.append(f"expected signature {wanted}, seen {root['signature']}")
        if root.get("fingerprint") != fingerprint(case["token"]):
            problems.append("the fingerprint isn't that of the token's SHA-256")
        if root["notes"]:
            # The newline behind it is standard input's, and part of the trial.
            if len(root["notes"]) != 1 or "white space" not in root["notes"][0]:
                problems.append(f"{len(root['notes'])} notes")
        return problems + self.times(case, root)

    @staticmethod
    def times(case, root):
        claims = case.get("claims") or {}
        exp = claims.get("exp")
        if case["cause"] in ("expiry_invalid", "no_expiry") or exp is None:
            return [] if case["signed"] == "nobody" or "exp" not in root else ["exp is told, and there is none"]
        begin = claims.get("iat", claims.get("nbf"))
        problems = []
        if root.get("exp") != int(exp // 1):
            problems.append(f"exp is {root.get('exp')}")
        # Without a beginning, or with one behind the end, there is none to tell.
        lifetime = int(exp // 1) - int(begin // 1) if begin is not None else 0
        if root.get("lifetime") != (lifetime if lifetime > 0 else None):
            problems.append(f"lifetime is {root.get('lifetime')}")
        return problems

    # html_file

    def file(self, name, text, state, cause, *options, tokens=None, deciding=None):
        root, done = self.run("html_file", "-o", "json", "--path", self.page(text), *options)
        problems = self.outcome(root, done, state, cause)
        if root:
            target = root["targets"][0]
            if tokens is not None and len(target["tokens"]) != tokens:
                problems.append(f"expected {tokens} tokens, seen {len(target['tokens'])}")
            if deciding is not None:
                problems += self.decides(target, *deciding)
        self.row(name, problems)

    @staticmethod
    def decides(target, token, line):
        index = target.get("deciding")
        if index is None:
            return ["no token decides"]
        seen = target["tokens"][index]
        problems = []
        if seen.get("fingerprint") != fingerprint(token):
            problems.append("another token decides")
        if seen.get("line") != line:
            problems.append(f"expected line {line}, seen {seen.get('line')}")
        return problems

    def alone(self, case):
        name = f"{case['maker']}: {case['name']}: page"
        token = case["token"]
        text = f"<!DOCTYPE html>\n<html>\n<script>\nconst TOKEN = '{token}';\n</script>\n"
        self.file(name, text, *in_page(case, False), tokens=1, deciding=(token, 4))
        self.file(f"{name} with a pattern", text, *in_page(case, False), "--pattern", CONST,
                  tokens=1, deciding=(token, 4))
        self.file(f"{name} with a pattern and the key", text, *in_page(case, True), "--pattern", CONST,
                  "--key-file", self.secret, tokens=1, deciding=(token, 4))

    def shapes(self, case):
        """One token as pages write it."""
        token = case["token"]
        blob = json.dumps({"props": {"token": token, "url": "ws://localhost:7880"}}).replace("/", "\\/")
        text = json.dumps({"state": json.dumps({"token": token})})
        shapes = {
            "a const": (f"x\nconst TOKEN = '{token}';\n", CONST),
            "a data attribute": (f'x\n<div data-lk-url="ws://h" data-lk-token="{token}"></div>\n',
                                 'data-lk-token="([^"]*)"'),
            "an attribute without quotes": (f"x\n<div data-token={token}>\n", "data-token=([^ >]*)"),
            "JSON": (f"x\n<script type=\"application/json\">{blob}</script>\n", '"token": "(?<token>[^"]*)"'),
            'JSON within JSON (\\")': (f"x\n<script>window.S = {text}</script>\n", '"token\\\\": \\\\"([^"\\\\]*)'),
            "JSON with \\u0022": (
                "x\n<script>self.push(\"" + json.dumps({"token": token}).replace('"', "\\u0022") + "\")</script>\n",
                "token\\\\u0022: \\\\u0022([^\\\\]*)"),
            "&quot;": (f"x\n<div data-state=\"{html.escape(json.dumps({'token': token}))}\">\n",
                       "token&quot;: &quot;([^&]*)"),
            "?token=": (f'x\n<a href="https://meet/custom?liveKitUrl={quote("ws://h", "")}&amp;token={token}">go</a>\n',
                        "[?;]token=([^\"&]*)"),
            "?token= at the end of the file": (f"x\nhttps://meet/custom?token={token}", "token=(\\S*)"),
            "a template literal": (f"x\nconst t = `{token}`;\n", "`([^`]*)`"),
            ".env": (f"x\nLIVEKIT_TOKEN={token}\nA=b\n", "(?m)^LIVEKIT_TOKEN=(.*)$"),
            "the whole match": (f"x\n{token}\n", "eyJ[A-Za-z0-9_.-]+"),
            "CRLF": (f"x\r\nconst TOKEN = '{token}';\r\n", CONST),
        }
        for shape, (text, pattern) in shapes.items():
            name = f"{case['maker']}: {case['name']}: as {shape}"
            self.file(name, text, case["state"], case["cause"], tokens=1, deciding=(token, 2))
            self.file(f"{name}, with a pattern", text, case["state"], case["cause"], "--pattern", pattern,
                      tokens=1, deciding=(token, 2))

    def several(self, good, bad, strangers, ended_strangers):
        """Several in one page, and other people's beside."""
        maker = good["maker"]
        lines = "".join(f"const TOKEN = '{case['token']}';\n" for case in (good, bad))
        turned = "".join(f"const TOKEN = '{case['token']}';\n" for case in (bad, good))
        for way, options in (("", ()), (" with a pattern", ("--pattern", CONST))):
            self.file(f"{maker}: a good and an ended one{way}", lines, "CRITICAL", "expired", *options, tokens=2,
                      deciding=(bad["token"], 2))
            self.file(f"{maker}: an ended and a good one{way}", turned, "CRITICAL", "expired", *options, tokens=2,
                      deciding=(bad["token"], 1))
            self.file(f"{maker}: an ended and a good one, select last{way}", turned, "OK", "ok", *options,
                      "--select", "last", tokens=2, deciding=(good["token"], 2))
            self.file(f"{maker}: a good and an ended one, select first{way}", lines, "OK", "ok", *options,
                      "--select", "first", tokens=2, deciding=(good["token"], 1))
            self.file(f"{maker}: a good and an ended one, select last{way}", lines, "CRITICAL", "expired", *options,
                      "--select", "last", tokens=2, deciding=(bad["token"], 2))
            self.file(f"{maker}: the same one three times{way}",
                      f"const TOKEN = '{good['token']}';\n" * 3, "OK", "ok", *options, tokens=1,
                      deciding=(good["token"], 1))
        self.file(f"{maker}: both in one line", f"'{good['token']}','{bad['token']}'", "CRITICAL", "expired",
                  tokens=2, deciding=(bad["token"], 1))
        for stranger in strangers + ended_strangers:
            beside = f"const ANON = \"{stranger['token']}\";\n"
            name = f"{maker}: beside a {stranger['name']}"
            self.file(f"{name}: good", f"{beside}const TOKEN = '{good['token']}';\n", "OK", "ok", tokens=2,
                      deciding=(good["token"], 2))
            self.file(f"{name}: ended", f"const TOKEN = '{bad['token']}';\n{beside}", "CRITICAL", "expired",
                      tokens=2, deciding=(bad["token"], 1))
            self.file(f"{name}: good, with a pattern and the key", f"{beside}const TOKEN = '{good['token']}';\n",
                      "OK", "ok", "--pattern", CONST, "--key-file", self.secret, tokens=1,
                      deciding=(good["token"], 2))


def verdict_of(case, with_key):
    if with_key and case["cause"] != "algorithm_refused":
        if case["signed"] == "other":
            return "CRITICAL", "signature_invalid"
        if case["signed"] == "rsa":
            return "CRITICAL", "algorithm_refused"
    return case["state"], case["cause"]


def in_page(case, with_key):
    """What no stranger may do is told of a token that stands in a page."""
    state, cause = verdict_of(case, with_key)
    claims = case.get("claims") or {}
    if state == "OK" and (claims.get("video", {}).get("roomList") or "sip" in claims):
        return "WARNING", "grant_forbidden"
    return state, cause


def fingerprint(token):
    return hashlib.sha256(token.encode()).hexdigest()[:8]


def differences(wanted, seen):
    if not isinstance(seen, dict):
        return "there are none"
    return ", ".join(sorted(key for key in {*wanted, *seen} if wanted.get(key) != seen.get(key)))


def main():
    judge = Judge(*sys.argv[1:4])
    makers = []
    for path in sys.argv[4:]:
        with open(path, encoding="utf-8") as file:
            makers += json.load(file)
    strangers = [case for case in makers if case["name"].startswith("stranger")]
    for case in makers:
        judge.inspect(case, False)
        judge.inspect(case, True)
        judge.alone(case)
    for maker in dict.fromkeys(case["maker"] for case in makers):
        own = [case for case in makers if case["maker"] == maker and case["signed"] == "secret"]
        good = next(case for case in own if "- and _" in case["name"])
        bad = next(case for case in own if case["cause"] == "expired")
        judge.shapes(good)
        judge.shapes(bad)
        judge.several(good, bad, [case for case in strangers if case["cause"] == "ok"],
                      [case for case in strangers if case["cause"] == "expired"])


main()
