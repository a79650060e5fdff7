"""CPU time of `import dismetrics` against importing numpy and numba, whole processes in turn."""

import os
import statistics
import subprocess
import sys

from measure import heading, row

REPEATS = 11


def cost(code):
    """User and system time of a Python process."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


if __name__ == "__main__":
    heading("Import")
    codes = ("import dismetrics", "import numpy, numba")
    for code in codes:
        cost(code)
    times = [[cost(code) for code in codes] for _ in range(REPEATS)]
    ours, base = (statistics.median(column) for column in zip(*times, strict=True))
    row("import dismetrics, CPU-s", f"{ours:.3f}")
    row("import numpy, numba, CPU-s", f"{base:.3f}")
    row("ratio", f"{ours / base:.2f}", "<= 1.6", ours / base <= 1.6)
