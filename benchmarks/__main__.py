"""`python -m benchmarks [GROUP or NAME …] [--quick]`: measure, print, and hold the figures to their bars."""

from __future__ import annotations

import argparse
import os
import platform
import sys

from benchmarks.registry import Unavailable, all_benchmarks


def machine() -> str:
    """Return a line about where this runs."""
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            model = next(line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}, load {load:.1f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="groups or names; all without")
    parser.add_argument("--quick", action="store_true", help="run each briefly, without bars")
    parser.add_argument("--list", action="store_true", help="say what there is")
    asked = parser.parse_args()
    chosen = [
        benchmark
        for benchmark in all_benchmarks()
        if benchmark.name in asked.names
        or ((not benchmark.by_name_only or asked.quick) and (not asked.names or benchmark.group in asked.names))
    ]
    if asked.list or not chosen:
        for benchmark in chosen or all_benchmarks():
            print(f"{benchmark.group:10} {benchmark.name}")
        return 0 if asked.list else 2
    print(machine(), flush=True)
    missed = failed = 0
    for benchmark in chosen:
        print(f"\n{benchmark.group}: {benchmark.name}", flush=True)
        try:
            for figure in benchmark.run(asked.quick):
                bar = ""
                if figure.bar is not None and not asked.quick:
                    holds = figure.holds()
                    missed += not holds
                    sign = "≥" if figure.at_least else "≤"
                    bar = f"   bar {sign} {figure.bar:,.6g}  {'ok' if holds else 'MISSED'}"
                print(f"  {figure.name:58} {figure.value:>12,.1f} {figure.unit:10}{bar}  {figure.note}", flush=True)
        except Unavailable as reason:
            print(f"  not measured: {reason}")
            failed += os.environ.get("CI") == "true"
    if missed:
        print(f"\n{missed} figures miss their bars")
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main())
