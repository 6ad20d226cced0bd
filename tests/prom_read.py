#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a page of metrics with the parser of the Python client (the Debian package python3-prometheus-client).

prom_read.py FILE [NAME [LABEL]], OpenMetrics where the file's name ends in .om: nothing; the sum of a metric's values; or that label of its samples, a line each
in the order of the page.
"""
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    is_open = sys.argv[1].endswith(".om")
    families = list((openmetrics.text_string_to_metric_families if is_open else text_string_to_metric_families)(text))
    samples = [sample for family in families for sample in family.samples]
    if len(sys.argv) == 2:
        if not samples:
            sys.exit("no sample")
        return
    found = [sample for sample in samples if sample.name == sys.argv[2]]
    if len(sys.argv) == 3:
        print(format(sum(sample.value for sample in found), "g"))
        return
    for sample in found:
        print(sample.labels[sys.argv[3]])


main()
