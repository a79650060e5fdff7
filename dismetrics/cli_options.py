"""Options that several commands have, as types of their parameters."""

from typing import Annotated, Any

import typer

__all__ = [
    "Bins",
    "Errors",
    "EstimatorName",
    "FactorSubset",
    "FactorsKey",
    "Format",
    "Jobs",
    "Kind",
    "LogVarKey",
    "MeanKey",
    "Metrics",
    "MissingKey",
    "MissingNaN",
    "NamesKey",
    "Output",
    "PointsKey",
    "Preset",
    "Rows",
    "ScaleKey",
    "Seed",
    "VarianceKey",
    "WeightsKey",
]


def named(what: str) -> Any:
    """The option that names an array of the file."""
    return typer.Option(metavar="KEY", help=f"Name of the array with {what}.", rich_help_panel="Arrays of the file")


Seed = Annotated[int, typer.Option(help="Seed of all that is random.")]
# A string, since an empty Path would be the working directory.
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="PATH", help="Write to this file instead of the terminal.")
]
MeanKey = Annotated[str | None, named("posterior means")]
LogVarKey = Annotated[str | None, named("logarithms of posterior variances")]
VarianceKey = Annotated[str | None, named("posterior variances")]
ScaleKey = Annotated[str | None, named("posterior standard deviations")]
WeightsKey = Annotated[str | None, named("sample weights")]
PointsKey = Annotated[str | None, named("points, one row a sample")]
FactorsKey = Annotated[str | None, named("the true factors")]
NamesKey = Annotated[str | None, named("the factors' names")]
MissingKey = Annotated[str | None, named("a mask of missing labels")]
Metrics = Annotated[str, typer.Option(help="Metrics or groups, separated by commas.")]
FactorSubset = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Score these factors only, separated by commas.")
]
Kind = Annotated[
    list[str] | None, typer.Option(metavar="NAME=KIND", help="Kind of a factor, such as azimuth=circular.")
]
EstimatorName = Annotated[str | None, typer.Option(help="posterior, bin_masses, histogram or knn.")]
Bins = Annotated[int | None, typer.Option(help="Bins of each latent, for the histogram.")]
Preset = Annotated[
    str | None, typer.Option(help="Settings of another implementation, which every metric scored must know.")
]
MissingNaN = Annotated[bool, typer.Option("--missing-nan", help="Take NaN in the factors as unknown labels.")]
Rows = Annotated[
    str | None, typer.Option(help="rows: take a full grid of the factors' values for a sample all the same.")
]
Jobs = Annotated[int | None, typer.Option(help="Jobs for resamples and permutations; -1 for one a core.")]
Errors = Annotated[
    str, typer.Option(help="raise: a metric that fails ends the command; report: its row has the reason.")
]
Format = Annotated[str, typer.Option(help="table, json or csv.")]
