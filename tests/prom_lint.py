#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A strict linter for pages of metrics in text format 0.0.4, and in OpenMetrics 1.0 where the file's name ends in .om.

prom_lint.py FILE: nothing and exit code 0, or a line a finding and 1. It takes less than the format allows: what
parsers disagree on (blank lines, comments, NaN, timestamps, families without samples) is refused too.
"""
import re
import sys

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
LABEL = re.compile(r"[a-z][a-z0-9_]*\Z")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z")
PREFIX = "jwtwatch_"
# Names that mean the same wherever they are met.
STANDARD = {"probe_success", "probe_duration_seconds", "process_cpu_seconds_total", "process_open_fds",
            "process_max_fds", "process_virtual_memory_bytes", "process_resident_memory_bytes",
            "process_start_time_seconds"}
UNITS = ("seconds", "bytes")
# promtool's and the naming page's: units are base units in the plural, and suffixes mean something.
BAD_WORDS = {"milliseconds", "microseconds", "minutes", "hours", "days", "percent", "gauge", "counter", "kilobytes",
             "ms", "us", "s", "h", "b", "second", "timestamps"}
BAD_ENDS = ("_count", "_sum", "_bucket", "_created")
RESERVED_LABELS = {"job", "instance", "le", "quantile", "type", "service", "env", "zone", "owner", "team", "stage"}


class Page:
    def __init__(self, is_open):
        self.is_open = is_open
        self.has_end = False
        self.kind = None
        self.findings = []
        self.line = 0
        self.family = None
        self.families = {}
        self.series = set()

    def say(self, text):
        self.findings.append(f"line {self.line}: {text}")

    def name(self, name):
        if not NAME.match(name) or not (name.startswith(PREFIX) or name in STANDARD):
            self.say("the name isn't plain, or lacks the prefix")
        if set(name.split("_")) & BAD_WORDS or name.endswith(BAD_ENDS):
            self.say("the name has a unit or a suffix that it mustn't have")
        if "timestamp" in name and not name.endswith("_timestamp_seconds"):
            self.say("a timestamp ends in _timestamp_seconds")

    def help(self, name, text):
        self.close()
        self.name(name)
        if name in self.families:
            self.say("a second HELP, or the family in two places")
        if re.search(r"\\(?![\\n])", text) or not text.strip() or not text.endswith("."):
            self.say("the help is empty, no sentence, or has another escape than \\\\ and \\n")
        self.family = name
        self.families[name] = {"type": None, "samples": 0, "labels": None}

    def type(self, name, kind):
        if name != self.family:
            self.say("TYPE doesn't follow the HELP of its family")
            return
        family = self.families[name]
        if family["type"] or family["samples"]:
            self.say("a second TYPE, or one behind a sample")
        if kind not in ("gauge", "counter"):
            self.say("TYPE is none of gauge and counter")
        if name.endswith("_total") != (kind == "counter"):
            self.say("_total is for counters, and counters have it")
        family["type"] = kind

    def open_type(self, name, kind):
        """The first line of a family in OpenMetrics, whose samples have a longer name."""
        end = {"counter": "_total", "info": "_info", "gauge": ""}.get(kind)
        if end is None:
            self.say("TYPE is none of gauge, counter and info")
            return
        self.kind = kind
        self.help(name + end, "Is to come.")
        self.families[self.family] |= {"name": name, "helps": 0, "unit": None, "type": kind}
        if name.endswith(("_total", "_info")):
            self.say("the family has an end that its samples alone have")

    def open_unit(self, name, unit):
        family = self.families.get(self.family)
        if not family or family["name"] != name or family["unit"] or family["helps"] or family["samples"]:
            self.say("UNIT isn't between TYPE and HELP of its family")
        elif self.kind == "info" or unit not in UNITS or not name.endswith("_" + unit):
            self.say("UNIT isn't the end of the name")
        else:
            family["unit"] = unit

    def open_help(self, name, text):
        family = self.families.get(self.family)
        if not family or family["name"] != name or family["helps"] or family["samples"]:
            self.say("HELP isn't behind TYPE and UNIT of its family, once")
            return
        family["helps"] += 1
        if re.search(r'\\(?![\\n"])|(?<!\\)"', text) or not text.endswith("."):
            self.say("the help is no sentence, or has a bare quote or another escape than three")
        if name.endswith(tuple("_" + unit for unit in UNITS)) != bool(family["unit"]):
            self.say("a name that ends in a unit lacks UNIT")

    def open_head(self, line):
        head = re.match(r"# (TYPE|UNIT|HELP) ([^ ]+) ([^ ].*)\Z", line)
        if line == "# EOF":
            self.has_end = True
        elif not head:
            self.say("a comment or an empty line")
        else:
            {"TYPE": self.open_type, "UNIT": self.open_unit, "HELP": self.open_help}[head.group(1)](*head.group(2, 3))

    def close(self):
        if self.family and not self.families[self.family]["samples"]:
            self.say("the family before has no sample")

    def labels(self, text):
        """What stands from the brace on: the labels, and what is left behind the other brace."""
        labels = []
        at = 1
        while True:
            equals = text.find('="', at)
            if equals < 0 or not LABEL.match(text[at:equals]):
                raise ValueError("a label without a plain name")
            name = text[at:equals]
            at = equals + 2
            value = []
            while at < len(text) and text[at] != '"':
                if text[at] == "\\":
                    at += 1
                    if text[at:at + 1] not in ("\\", '"', "n"):
                        raise ValueError("an escape other than \\\\, \\\" and \\n")
                value.append(text[at:at + 1])
                at += 1
            if at >= len(text):
                raise ValueError("a label value without an end")
            labels.append((name, "".join(value)))
            at += 1
            if text[at:at + 1] == "}":
                return labels, text[at + 1:]
            if text[at:at + 1] != ",":
                raise ValueError("neither a comma nor a brace behind a label")
            at += 1

    def sample(self, text):
        name = re.match(r"[^{ ]*", text).group()
        rest = text[len(name):]
        labels = []
        if rest.startswith("{"):
            labels, rest = self.labels(rest)
        if not re.match(r" [^ ]+\Z", rest):
            raise ValueError("not one blank and one value: a timestamp, or too many blanks")
        if not NUMBER.match(rest[1:]):
            raise ValueError("the value isn't a plain decimal number")
        if name != self.family or not self.families[name]["type"] or self.families[name].get("helps") == 0:
            raise ValueError("the sample isn't behind the HELP and TYPE of its family")
        self.look_at(name, labels, rest[1:])

    def look_at(self, name, labels, value):
        family = self.families[name]
        names = [label for label, _ in labels]
        if len(set(names)) != len(names) or set(names) & RESERVED_LABELS:
            self.say("a label twice, or one that Prometheus or somebody else sets")
        if any(re.search(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
               for _, text in labels):
            self.say("a label value that can't be shown")
        key = (name, tuple(sorted(labels)))
        if key in self.series:
            self.say("the series is there twice")
        self.series.add(key)
        if (name.endswith("_info") or name.endswith("_cause")) and value != "1":
            self.say("an info metric is 1")
        if family["type"] == "counter" and value.startswith("-"):
            self.say("a counter is negative")
        if name.endswith("_timestamp_seconds") and "." in value:
            self.say("a timestamp isn't whole")
        if float(value) != float(repr(float(value))) or abs(float(value)) > 2 ** 53:
            self.say("more digits than a number holds")
        first = family["labels"] or names[:1]
        if names[:1] != first:
            self.say("the labels of the family differ")
        family["labels"] = first
        family["samples"] += 1

    def read(self, text):
        for line in text.split("\n")[:-1]:
            self.line += 1
            if self.has_end:
                self.say("a line behind # EOF")
            if self.is_open and (line.startswith("#") or not line.strip()):
                self.open_head(line)
                continue
            head = re.match(r"# (HELP|TYPE) ([^ ]+) ([^ ].*)\Z", line)
            if head and head.group(1) == "HELP":
                self.help(head.group(2), head.group(3))
            elif head:
                self.type(head.group(2), head.group(3))
            elif line.startswith("#") or not line.strip():
                self.say("a comment or an empty line")
            else:
                try:
                    self.sample(line)
                except ValueError as error:
                    self.say(str(error))
        self.close()
        if self.is_open and not self.has_end:
            self.say("no # EOF")


def lint(data, is_open):
    page = Page(is_open)
    if data.startswith(b"\xef\xbb\xbf"):
        page.say("a byte order mark")
    if b"\r" in data or b"\0" in data:
        page.say("a carriage return or a NUL")
    if not data.endswith(b"\n"):
        page.say("the last line has no end")
    try:
        page.read(data.decode("utf-8"))
    except UnicodeDecodeError:
        page.say("not UTF-8")
    return page.findings


def main():
    with open(sys.argv[1], "rb") as file:
        findings = lint(file.read(), sys.argv[1].endswith(".om"))
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


main()
