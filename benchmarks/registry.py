"""What can be measured. A module of this package names its measurements in `BENCHMARKS`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

import benchmarks


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `bar` is what it must reach (`at_least`) or stay under."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = True
    note: str = ""

    def holds(self) -> bool:
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`run(quick)` yields figures; quick runs are short and meet no bars."""

    group: str
    name: str
    run: Callable[[bool], Iterator[Figure]]
    by_name_only: bool = False  # too long for every day: runs in full only when it is named


class Unavailable(Exception):
    """What the measurement needs is not on this machine."""


def all_benchmarks() -> list[Benchmark]:
    """Return every benchmark of every module here, in the order of their names."""
    found: list[Benchmark] = []
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            found += getattr(import_module(f"benchmarks.{module.name}"), "BENCHMARKS", ())
    return found
