#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what CI services read, as strictly as they may.

ci_read.py junit FILE    prints "TESTS FAILURES ERRORS", then a line a test case: name, class, outcome, file:line
ci_read.py github FILE   prints a line a workflow command: level, file:line, title, message with " / " for its line
                         breaks; then the lines that are none
ci_read.py steps FILE    prints the commands of a workflow or pipeline that check tokens
Anything that isn't as it must be is said on standard error, and the exit code is 1.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

NUMBER = r"\d+"
SECONDS = r"\d+\.\d{3}"
ANY = r"(?s).*"
# Element: attributes that must and that may be there, with their form; children in their order, "*" for any number.
COUNTS = {"name": r".+", "tests": NUMBER, "failures": NUMBER, "errors": NUMBER, "time": SECONDS}
BAD = {"type": r"[a-z_]+", "message": ANY}
SCHEMA = {
    "testsuites": (COUNTS, {}, "testsuite"),
    "testsuite": ({**COUNTS, "skipped": NUMBER, "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"}, {},
                  "properties (testcase )*"),
    "properties": ({}, {}, "(property )*"),
    "property": ({"name": r".+", "value": ANY}, {}, ""),
    "testcase": ({"name": r".+", "classname": r"\w+", "time": SECONDS}, {"file": r".+", "line": NUMBER},
                 "(failure|error|system-out)"),
    "failure": (BAD, {}, ""),
    "error": (BAD, {}, ""),
    "system-out": ({}, {}, ""),
}


def check(element):
    must, may, children = SCHEMA[element.tag]
    assert set(must) <= set(element.attrib) <= set(must) | set(may), (element.tag, sorted(element.attrib))
    for name, value in element.attrib.items():
        assert re.fullmatch({**must, **may}[name], value), (element.tag, name, value)
    seen = " ".join(child.tag for child in element)
    assert re.fullmatch(children + " ?", seen + " ") or seen == children == "", (element.tag, seen)
    for child in element:
        check(child)


def junit(path):
    with open(path, "rb") as file:
        text = file.read()
    assert text.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n') and text.endswith(b">\n")
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites", root.tag
    check(root)
    cases = root.findall("./testsuite/testcase")
    outcomes = [next((child.tag for child in case if child.tag != "system-out"), "passed") for case in cases]
    counts = [len(cases), outcomes.count("failure"), outcomes.count("error")]
    for suite in (root, root[0]):
        assert [int(suite.get(name)) for name in ("tests", "failures", "errors")] == counts, counts
    print(*counts)
    for case, outcome in zip(cases, outcomes):
        place = f"{case.get('file', '-')}:{case.get('line', '-')}"
        print(case.get("name"), case.get("classname"), outcome, place)


def unescape(text, of_property):
    if of_property:
        text = text.replace("%2C", ",").replace("%3A", ":")
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def github(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        text = file.read()
    assert not re.search(r"[^\n\x20-\uffff\U00010000-\U0010ffff]", text), "a control character"
    others = []
    for line in text.splitlines():
        # The runner takes "##[command]" from within any line that is no command of the newer form.
        if not line.startswith("::"):
            assert "##[" not in line, line
            others.append(line)
            continue
        command, message = re.fullmatch(r"::(.*?)::(.*)", line).groups()
        level, _, rest = command.partition(" ")
        assert level in ("error", "warning", "notice"), level
        properties = {}
        for pair in rest.split(","):
            name, _, value = pair.partition("=")
            assert name in ("file", "line", "title") and name not in properties, pair
            properties[name] = unescape(value, True)
        place = f"{properties.get('file', '-')}:{properties.get('line', '-')}"
        print(level, place, properties["title"], unescape(message, False).replace("\n", " / "), sep=" | ")
    print("\n".join(others))


def steps(path):
    import yaml

    with open(path, encoding="utf-8") as file:
        root = yaml.safe_load(file)
    if "jobs" in root:
        print("\n".join(step["run"] for step in root["jobs"]["tokens"]["steps"] if step.get("name") == "check tokens"))
        return
    job = root["tokens"]
    assert job["artifacts"]["when"] == "always", "a report that only good runs leave"
    assert any(f"> {job['artifacts']['reports']['junit']} " in line for line in job["script"]), job["script"]
    print("\n".join(job["script"]))


def main():
    try:
        {"junit": junit, "github": github, "steps": steps}[sys.argv[1]](sys.argv[2])
    except (AssertionError, AttributeError, ElementTree.ParseError, UnicodeDecodeError, KeyError) as error:
        print(f"{sys.argv[1]}: {error!r}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
