#!/usr/bin/env python3
"""check_scenarios.py HEADER SOURCE...: checks that some scenario calls each public function."""
import re
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as header:
        text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
    functions = re.findall(r"^FDI_API .*?\b(fdi_\w+)\(", text, re.M)
    scenarios = ""
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as source:
            scenarios += source.read()
    print("1..%d" % len(functions))
    failed = 0
    for number, function in enumerate(functions, 1):
        found = re.search(r"\b%s\(" % function, scenarios)
        failed += not found
        print("%sok %d - %s has a scenario" % ("" if found else "not ", number, function))
    return 1 if failed or len(functions) < 60 else 0


sys.exit(main())
