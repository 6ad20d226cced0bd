#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dashboard.py [--prometheus URL]: what the board and the alert rules ask Prometheus for.

Prints what is wrong, a line each: an expression that uses a metric or a label that metrics.def doesn't have, a panel out of
place. With the address of a Prometheus every expression is sent there: all must parse, and each of a panel find a series.
"""
import argparse
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
ROW = re.compile(r'^(OF|STANDARD)_(\w+)\((\w+),\s*\w+,\s*\w+,\s*"([^"]*)"', re.M)
# What others export, with the labels that we rely on.
OTHERS = {"up": set(), "node_textfile_mtime_seconds": {"file"}}
SCRAPED = {"job", "instance"}
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "offset", "group_left", "group_right", "bool", "sum", "min", "max",
         "count", "avg"}
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(?!\w|\s*\()")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"')
WIDTH = 24


def metrics(path):
    """Names and the labels that each may have."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    known = dict(OTHERS)
    for kind, group, name, labels in ROW.findall(text):
        own = {label for label in labels.split(",") if label}
        if group in ("TARGET", "RECORD"):
            own.add("target")
        known[name if kind == "STANDARD" else "jwtwatch_" + name] = own
    return known


def selectors(expr):
    """Each metric of an expression, and the labels that it is chosen by."""
    bare = GROUPING.sub(" ", expr)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    for match in SELECTOR.finditer(re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + "." * (len(m[0]) - 2) + '"', bare)):
        name = match[1]
        if name in WORDS or re.fullmatch(r"[\d.]+\w?", name) or bare[max(0, match.start() - 1)].isdigit():
            continue
        yield name, [label for label in LABEL.findall(match[2] or "")]


def wrong_names(expr, known):
    found = False
    for name, labels in selectors(expr):
        found = True
        if name not in known:
            yield f"{name} is no metric of metrics.def"
            continue
        for label in labels:
            if label not in known[name] | SCRAPED:
                yield f"{name} has no label {label}"
    if not found:
        yield "no metric is asked for"


def panels(board):
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def wrong_board(board):
    taken = {}
    variables = {variable["name"] for variable in board["templating"]["list"]}
    if not {"datasource", "target"} <= variables:
        yield "there is no variable for the data source or the target"
    if len({panel["id"] for panel in panels(board)}) != len(list(panels(board))):
        yield "two panels have one id"
    for panel in panels(board):
        place = panel["gridPos"]
        if place["x"] + place["w"] > WIDTH:
            yield f"{panel['title']}: it is wider than the board"
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])):
            if taken.setdefault(cell, panel["title"]) != panel["title"]:
                yield f"{panel['title']}: it lies over {taken[cell]}"
                break
        if panel["type"] != "row" and (not panel.get("targets") or panel["datasource"]["uid"] != "${datasource}"):
            yield f"{panel['title']}: no query, or not by the variable"
    for name in set(re.findall(r"\$(\w+)", " ".join(expr for _, expr in of_board(board)))) - variables - {"__rate_interval"}:
        yield f"there is no variable {name}"


def of_board(board):
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for variable in board["templating"]["list"]:
        asked = re.fullmatch(r"label_values\((.*), (\w+)\)", variable.get("definition", ""))
        if asked:
            yield f"variable {variable['name']}", asked[1]


def of_rules(rules):
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield f"{rule['alert']} {rule['labels']['severity']}", rule["expr"]
            for text in rule["annotations"].values():
                for name in re.findall(r"\b((?:jwtwatch|node|process)_\w+_\w+)", text):
                    yield f"{rule['alert']} {rule['labels']['severity']}: its text", name


def plain(expr):
    """As Grafana sends it."""
    expr = expr.replace("$__rate_interval", "5m")
    return re.sub(r"\$\w+", ".*", expr)


def ask(address, expr):
    query = urllib.parse.urlencode({"query": plain(expr)})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address.rstrip('/')}/api/v1/query?{query}", timeout=30) as reply:
            return json.load(reply)["data"]["result"], None
    except urllib.error.HTTPError as error:
        return [], json.load(error).get("error", str(error))


def asked(address, board, rules):
    """Each panel by its first expression, or by any: one may have nothing to tell while all is well."""
    series = {}
    for place, expr in [*of_board(board), *of_rules(rules)]:
        found, error = ask(address, expr)
        if error:
            yield f"{place}: {error}"
        series[place.rsplit(" ", 1)[0]] = series.get(place.rsplit(" ", 1)[0], 0) + len(found)
    for panel in panels(board):
        if panel["type"] != "row" and not series[panel["title"]]:
            yield f"{panel['title']}: it shows nothing"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prometheus", metavar="URL")
    parser.add_argument("--board", default=os.path.join(TOP, "prometheus", "dashboard.json"))
    parser.add_argument("--rules", default=os.path.join(TOP, "prometheus", "jwtwatch.rules.yml"))
    parser.add_argument("--metrics", default=os.path.join(TOP, "src", "output", "metrics.def"))
    args = parser.parse_args()
    with open(args.board, encoding="utf-8") as file:
        board = json.load(file)
    with open(args.rules, encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    known = metrics(args.metrics)
    wrong = [f"{place}: {what}" for place, expr in [*of_board(board), *of_rules(rules)] for what in wrong_names(expr, known)]
    wrong += wrong_board(board)
    if args.prometheus:
        wrong += asked(args.prometheus, board, rules)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)


main()
