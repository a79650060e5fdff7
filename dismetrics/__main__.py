"""`python -m dismetrics`."""

from dismetrics.cli import main

main()
