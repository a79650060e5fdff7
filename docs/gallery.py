"""Draws the pictures of a page from a script whose lines the page shows: they cannot differ."""

import re
import shutil


def draw(script, folder):
    """A PNG for each block `# [name]` ... `# [end]` of the script, whose last statement sets `figure`."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    namespace = {"__file__": str(script)}
    for part in re.split(r"^# \[end\]$", script.read_text(encoding="utf-8"), flags=re.MULTILINE):
        exec(part, namespace)  # our own file
        figure = namespace.pop("figure", None)
        if figure is not None:
            name = re.search(r"^# \[(\w+)\]$", part, flags=re.MULTILINE)[1]
            figure.savefig(folder / f"{name}.png", dpi=150)
            plt.close(figure)
