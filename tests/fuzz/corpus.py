#!/usr/bin/env python3
"""corpus.py unpack FILE FOLDER: writes each line of FILE, an input, into a file of FOLDER.
corpus.py pack FOLDER FILE: writes each file of FOLDER as a line of FILE."""
import hashlib
import os
import sys


def unpack(packed, folder):
    with open(packed, encoding="ascii") as lines:
        for line in lines:
            data = line.rstrip("\n").encode("ascii").decode("unicode_escape").encode("latin-1")
            with open(os.path.join(folder, hashlib.sha1(data).hexdigest()), "wb") as out:
                out.write(data)


def pack(folder, packed):
    inputs = []
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            inputs.append(file.read())
    with open(packed, "w", encoding="ascii") as out:
        for data in sorted(inputs, key=lambda data: (len(data), data)):
            out.write(data.decode("latin-1").encode("unicode_escape").decode("ascii") + "\n")


def main():
    {"unpack": unpack, "pack": pack}[sys.argv[1]](*sys.argv[2:])


main()
