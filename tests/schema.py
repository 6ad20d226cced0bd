# SPDX-License-Identifier: MIT
"""Configurations beside the JSON Schema: reads YAML from files and says of each whether the schema takes it.

Usage: schema.py SCHEMA FILE...; prints a line "FILE right" or "FILE wrong" each.
"""
import json
import sys

import jsonschema
import yaml


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            value = yaml.safe_load(file)
        print(path, "right" if validator.is_valid(value) else "wrong")


main()
