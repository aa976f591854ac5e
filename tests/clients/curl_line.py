"""curl's own library behind the few options of its command line that these tests use, for machines
that have the library (in a wheel) and not the command.

curl_line.py [-sS] [-I] [-X METHOD] [-H HEADER] [-F NAME=VALUE] [-d DATA] [-r RANGE] [-o FILE] [-i] URL
"""

from __future__ import annotations

import argparse
import io
import sys

import pycurl


def main() -> int:
    read = argparse.ArgumentParser()
    for flag in ("-s", "-S", "-I", "-i"):
        read.add_argument(flag, action="store_true")
    for flag in ("-H", "-F", "-d"):
        read.add_argument(flag, action="append", default=[])
    for flag in ("-X", "-r", "-o"):
        read.add_argument(flag)
    read.add_argument("url")
    asked = read.parse_args()
    said, body = io.BytesIO(), io.BytesIO()
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, asked.url)
    curl.setopt(pycurl.HTTPHEADER, asked.H)
    curl.setopt(pycurl.WRITEDATA, body)
    if asked.F:
        form = [part.split("=", 1) for part in asked.F]
        curl.setopt(
            pycurl.HTTPPOST,
            [
                (name, (pycurl.FORM_FILE, value[1:]) if value.startswith("@") else value)
                for name, value in form
            ],
        )
    if asked.d:
        curl.setopt(pycurl.POSTFIELDS, "&".join(asked.d))
    if asked.I:
        curl.setopt(pycurl.NOBODY, True)
    if asked.I or asked.i:
        curl.setopt(pycurl.HEADERFUNCTION, said.write)
    if asked.r:
        curl.setopt(pycurl.RANGE, asked.r)
    if asked.X:
        curl.setopt(pycurl.CUSTOMREQUEST, asked.X)
    try:
        curl.perform()
    except pycurl.error as error:
        sys.stderr.write(f"curl: ({error.args[0]}) {error.args[1]}\n")
        return int(error.args[0])
    finally:
        curl.close()
    out = said.getvalue() + body.getvalue()
    if asked.o:
        with open(asked.o, "wb") as file:
            file.write(out)
    else:
        sys.stdout.buffer.write(out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
