# SPDX-License-Identifier: MIT
"""Runs the cases of a test script and prints TAP. A function's name states the promise it proves."""
import signal
import sys
import traceback

CASES = []


def case(function):
    CASES.append(function)
    return function


def main():
    # The caller may ignore these signals, as nohup and background jobs of a shell do.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    print(f"1..{len(CASES)}")
    failed = 0
    for number, function in enumerate(CASES, 1):
        try:
            function()
            print(f"ok {number} - {function.__name__}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {function.__name__}", flush=True)
            traceback.print_exc()
    sys.exit(failed != 0)
