#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ask_prometheus.py PORT EXPRESSION [SECONDS]: an instant query: the series in order, a line each, VALUE {LABEL="VALUE",...}.

With SECONDS it is asked again until there is a series, and ends with 1 when there is none by then.
"""
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def ask(port, expr):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    query = urllib.parse.urlencode({"query": expr})
    try:
        with opener.open(f"http://127.0.0.1:{port}/api/v1/query?{query}", timeout=30) as reply:
            data = json.load(reply)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error).get("error", str(error)))
    except OSError as error:
        sys.exit(f"Prometheus doesn't answer: {error}")
    if data["resultType"] == "scalar":
        return [f"{data['result'][1]} {{}}"]
    return sorted(f"{one['value'][1]} {labels(one['metric'])}" for one in data["result"])


def labels(metric):
    return "{" + ",".join(f'{name}="{metric[name]}"' for name in sorted(metric) if name != "__name__") + "}"


def main():
    port, expr = sys.argv[1:3]
    end = time.monotonic() + float(sys.argv[3]) if len(sys.argv) > 3 else None
    lines = ask(port, expr)
    while not lines and end and time.monotonic() < end:
        time.sleep(0.1)
        lines = ask(port, expr)
    print(*lines, sep="\n", end="\n" if lines else "")
    sys.exit(0 if lines or not end else 1)


main()
