# SPDX-License-Identifier: MIT
"""The script that jwtwatch replaces: when does the token in a page end? Usage: python_check.py PAGE"""
import base64
import json
import re
import sys
import time

WARNING = 3600
CRITICAL = 600


def main():
    with open(sys.argv[1], encoding="utf-8") as page:
        match = re.search(r"const TOKEN = '([^']+)'", page.read())
    if not match:
        print("CRITICAL: no token in " + sys.argv[1])
        return 2
    payload = match.group(1).split(".")[1]
    payload += "=" * (-len(payload) % 4)
    claims = json.loads(base64.urlsafe_b64decode(payload))
    left = int(claims["exp"] - time.time())
    if left < CRITICAL:
        state, code = "CRITICAL", 2
    elif left < WARNING:
        state, code = "WARNING", 1
    else:
        state, code = "OK", 0
    print(f"{state}: token in {sys.argv[1]} has {left} s left | left={left}s;{WARNING};{CRITICAL}")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        print(f"UNKNOWN: {error}")
        sys.exit(3)
