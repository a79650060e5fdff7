"""The command line: `dismetrics score`, `dismetrics metrics`, `dismetrics demo`."""

import functools
import warnings
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

__all__ = ["main"]

app = typer.Typer(
    help="Are a model's latents disentangled?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

P = ParamSpec("P")

_FORMATS = ("table", "json", "csv")


def _in_one_sentence(command: Callable[P, None]) -> Callable[P, None]:
    """Bad input ends with one sentence on standard error and exit status 2; warnings are a line each."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                command(*args, **kwargs)
            except (ValueError, TypeError, KeyError, OSError, MemoryError) as error:
                text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
                typer.echo(f"dismetrics: {' '.join(text.split()) or type(error).__name__}", err=True)
                raise typer.Exit(2) from None

    return run


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    typer.echo(f"{category.__name__}: {message}", err=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("dismetrics"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Score how disentangled a model's latents are."""


def _key(what: str) -> Any:
    return typer.Option(metavar="KEY", help=f"Name of the array with {what}.", rich_help_panel="Arrays of the file")


@app.command()
@_in_one_sentence
def score(
    file: Annotated[Path, typer.Argument(help="An .npz file with latents (or mean and log_var, ...) and factors.")],
    metrics: Annotated[str, typer.Option(help="Metrics or groups, separated by commas.")] = "fast",
    factor_subset: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Score these factors only, separated by commas.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(metavar="NAME=KIND", help="Kind of a factor, such as azimuth=circular.")
    ] = None,
    estimator: Annotated[str | None, typer.Option(help="posterior, histogram or knn.")] = None,
    n_bins: Annotated[int | None, typer.Option(help="Bins of each latent, for the histogram.")] = None,
    preset: Annotated[str | None, typer.Option(help="Settings of another implementation, for mig.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 0,
    format: Annotated[str, typer.Option(help="table, json or csv.")] = "table",
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of the terminal.")] = None,
    latents: Annotated[str | None, _key("points, one row a sample")] = None,
    mean: Annotated[str | None, _key("posterior means")] = None,
    log_var: Annotated[str | None, _key("logarithms of posterior variances")] = None,
    variance: Annotated[str | None, _key("posterior variances")] = None,
    scale: Annotated[str | None, _key("posterior standard deviations")] = None,
    factors: Annotated[str | None, _key("the true factors")] = None,
    names: Annotated[str | None, _key("the factors' names")] = None,
    weights: Annotated[str | None, _key("sample weights")] = None,
    missing: Annotated[str | None, _key("a mask of missing labels")] = None,
) -> None:
    """Score the latents of an .npz file against its factors."""
    from dismetrics.evaluation import evaluate
    from dismetrics.io import read_npz
    from dismetrics.validation import as_choice

    as_choice(format, "--format", _FORMATS)
    given = {
        "latents": latents,
        "mean": mean,
        "log_var": log_var,
        "variance": variance,
        "scale": scale,
        "factors": factors,
        "names": names,
        "weights": weights,
        "missing": missing,
    }
    data = read_npz(file, keys={k: v for k, v in given.items() if v is not None}, kinds=_kinds(kind))
    wanted = _split(metrics)
    evaluation = evaluate(
        data.latents,
        data.factors,
        metrics=wanted,
        options=_options(wanted, estimator=estimator, n_bins=n_bins, preset=preset),
        factor_subset=None if factor_subset is None else _split(factor_subset),
        rng=seed,
    )
    evaluation.provenance["file"] = str(file)
    evaluation.provenance["arrays"] = data.keys
    _write(evaluation, format, output)


@app.command("metrics")
@_in_one_sentence
def list_all(
    format: Annotated[str, typer.Option(help="table, csv or markdown.")] = "table",
) -> None:
    """List the metrics: paper, range, direction, chance level, needs and cost."""
    from dismetrics.registry import list_metrics
    from dismetrics.validation import as_choice

    table = list_metrics()
    as_choice(format, "--format", ("table", "csv", "markdown"))
    as_text = {"table": table.__str__, "csv": table.to_csv, "markdown": table.to_markdown}[format]
    typer.echo(as_text().rstrip("\n"))


@app.command()
@_in_one_sentence
def demo() -> None:
    """Score the embedded example, and print the right answer beside."""
    from dismetrics.demo import demo_table, run_demo

    typer.echo("737,280 Gaussian posteriors of ten latents on a grid of the size of dSprites, known in closed form.\n")
    example, evaluation = run_demo()
    typer.echo(str(demo_table(example, evaluation)))


def _write(evaluation: Any, format: str, output: Path | None) -> None:
    text = {"table": evaluation.__str__, "json": evaluation.to_json, "csv": evaluation.to_csv}[format]()
    if output is None:
        typer.echo(text.rstrip("\n"))
    else:
        from dismetrics.io import write_text

        write_text(output, text.rstrip("\n") + "\n")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _kinds(pairs: list[str] | None) -> dict[str, str] | None:
    if not pairs:
        return None
    kinds = {}
    for pair in pairs:
        name, separator, kind = pair.partition("=")
        if not separator:
            raise ValueError(f"--kind {pair} is not of the form NAME=KIND")
        kinds[name] = kind
    return kinds


def _options(wanted: list[str], **settings: Any) -> dict[str, dict[str, Any]] | None:
    """Settings of mutual information, for every metric that rests on it; a preset is a matter of `mig` alone."""
    from dismetrics.evaluation import metric_names

    given = {name: value for name, value in settings.items() if value is not None}
    options: dict[str, dict[str, Any]] = {}
    for name in metric_names(wanted):
        options[name] = {key: value for key, value in given.items() if key != "preset" or name == "mig"}
    return options


def main() -> None:
    """Run the command line."""
    app(prog_name="dismetrics")
