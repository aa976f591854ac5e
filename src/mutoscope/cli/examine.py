"""Examine the machine: every probe in a process of its own.

``python -m mutoscope.cli.examine NAME`` prints the findings of one probe as JSON. A library that is
missing, raises, hangs or takes the process down with it is a finding like any other.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec

from mutoscope.cli.finding import Finding

TIMEOUT = 60.0  # seconds for one probe; a cold machine needs a few
REINSTALL = "install again: pip install --force-reinstall mutoscope"
NEEDED = frozenset({"arrays", "video", "images", "learned", "kernels", "engines"})

#: group in the report → the names of its probes
GROUPS = {
    "machine": ("machine", "disk"),
    "libraries": ("arrays", "video", "images", "learned", "kernels"),
    "weights": ("weights",),
    "engines": ("engines", "accounts"),
    "gpu": ("gpu",),
    "settings": ("settings",),
}


def examine() -> dict[str, tuple[Finding, ...]]:
    """Run every probe → its findings by group. Never raises on a probe's account."""
    names = [(group, probe) for group, probes in GROUPS.items() for probe in probes]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(_in_a_process, [name for _, name in names])
        by_group: dict[str, tuple[Finding, ...]] = dict.fromkeys(GROUPS, ())
        for (group, _), findings in zip(names, answers, strict=True):
            by_group[group] += findings
    return by_group


def _in_a_process(name: str) -> tuple[Finding, ...]:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "mutoscope.cli.examine", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
        return msgspec.json.decode(child.stdout.splitlines()[-1], type=tuple[Finding, ...])
    except subprocess.TimeoutExpired:
        why = f"no answer within {TIMEOUT:g} s"
    except (IndexError, msgspec.MsgspecError):
        said = child.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1][:200] if said else f"the process ended with code {child.returncode}"
    except OSError as error:
        why = f"the probe does not start: {error}"
    return (_broken(name, why),)


def _broken(name: str, why: str) -> Finding:
    needed = name in NEEDED
    return Finding(
        name=name, state="broken", detail=why, mend=REINSTALL if needed else "", needed=needed
    )


def main(name: str) -> None:
    """Print the findings of one probe."""
    findings: list[Finding] = []
    try:
        from mutoscope.cli.probes import PROBES

        for finding in PROBES[name]():
            findings.append(finding)  # noqa: PERF402 - what was found before an error counts
    except Exception as error:
        findings.append(_broken(name, f"{type(error).__name__}: {error}".splitlines()[0][:200]))
    print("\n" + msgspec.json.encode(findings).decode())


if __name__ == "__main__":
    main(sys.argv[1])
