"""Measuring: CPU-seconds of all threads, medians, the two sides of a ratio in turn, peak memory in a fresh process."""

import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def machine() -> str:
    """What the figures below it were measured on."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {load}"


def cpu_seconds(task: Callable[[], object]) -> float:
    """CPU time of one call, over all threads of this process."""
    start = time.process_time()
    task()
    return time.process_time() - start


def medians(tasks: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Median CPU time of each task, called in turn after one warm-up each."""
    for task in tasks:
        task()
    times = [[cpu_seconds(task) for task in tasks] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The power of its size by which a cost grows."""
    return statistics.linear_regression([math.log(n) for n in sizes], [math.log(cost) for cost in costs]).slope


def peak_memory(code: str) -> float:
    """Peak resident memory in GB of a fresh Python process that runs the code, its imports included."""
    # The high-water mark of the process's own memory; ru_maxrss would remember that of its parent.
    report = "\nprint([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])"
    done = subprocess.run([sys.executable, "-c", code + report], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1e6


def heading(title: str) -> None:
    """A title with the machine under it."""
    print(f"\n{title}\n{machine()}")


def row(what: str, figure: str, goal: str = "", met: bool | None = None) -> None:
    """One line: what, how much, the goal and whether it is met."""
    verdict = "" if met is None else ("  met" if met else "  MISSED")
    print(f"  {what:<74} {figure:>14}  {goal}{verdict}")
