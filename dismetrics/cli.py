"""The command line: `dismetrics score`, `compare`, `decompose`, `report`, `metrics` and `demo`."""

import inspect
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from dismetrics.cli_options import (
    Bins,
    Errors,
    EstimatorName,
    FactorsKey,
    FactorSubset,
    Format,
    Jobs,
    Kind,
    LogVarKey,
    MeanKey,
    Metrics,
    MissingKey,
    MissingNaN,
    NamesKey,
    Output,
    PointsKey,
    Preset,
    Rows,
    ScaleKey,
    Seed,
    VarianceKey,
    WeightsKey,
)
from dismetrics.cli_speech import check_output, in_one_sentence, print_out, write

__all__ = ["main"]

app = typer.Typer(
    help="Are a model's latents disentangled?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_FORMATS = ("table", "json", "csv")


@in_one_sentence
def _print_version(wanted: bool) -> None:
    if wanted:
        print_out(metadata.version("dismetrics"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Score how disentangled a model's latents are."""


@app.command()
@in_one_sentence
def score(
    file: Annotated[Path, typer.Argument(help="An .npz file with latents (or mean and log_var, ...) and factors.")],
    metrics: Metrics = "fast",
    factor_subset: FactorSubset = None,
    kind: Kind = None,
    estimator: EstimatorName = None,
    n_bins: Bins = None,
    preset: Preset = None,
    intervals: Annotated[bool, typer.Option("--intervals", help="Add confidence intervals.")] = False,
    chance: Annotated[bool, typer.Option("--chance", help="Add chance levels and adjusted scores.")] = False,
    population: Rows = None,
    jobs: Jobs = None,
    errors: Errors = "raise",
    missing_nan: MissingNaN = False,
    seed: Seed = 0,
    format: Format = "table",
    output: Output = None,
    latents: PointsKey = None,
    mean: MeanKey = None,
    log_var: LogVarKey = None,
    variance: VarianceKey = None,
    scale: ScaleKey = None,
    factors: FactorsKey = None,
    names: NamesKey = None,
    weights: WeightsKey = None,
    missing: MissingKey = None,
) -> None:
    """Score the latents of an .npz file against its factors."""
    from dismetrics.evaluation import evaluate, metric_names
    from dismetrics.io import read_npz

    check_output(format, _FORMATS, output)
    wanted = _split(metrics)
    options = _options(metric_names(wanted), preset, estimator=estimator, n_bins=n_bins)
    data = read_npz(
        file,
        keys=_given(
            latents=latents,
            mean=mean,
            log_var=log_var,
            variance=variance,
            scale=scale,
            factors=factors,
            names=names,
            weights=weights,
            missing=missing,
        ),
        kinds=_kinds(kind),
        missing="nan" if missing_nan else None,
    )
    evaluation = evaluate(
        data.latents,
        data.factors,
        metrics=wanted,
        options=options,
        factor_subset=None if factor_subset is None else _split(factor_subset),
        intervals=intervals,
        chance=chance,
        population=population,
        n_jobs=jobs,
        errors=errors,
        rng=seed,
    )
    evaluation.provenance["file"] = str(file)
    evaluation.provenance["arrays"] = data.keys
    as_text = {"table": evaluation.__str__, "json": evaluation.to_json, "csv": evaluation.to_csv}[format]
    write(as_text(), output)


@app.command()
@in_one_sentence
def compare(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]FILE...",
            help="An .npz file a model, all with the same factors; files with one NAME are runs of one model.",
        ),
    ],
    metrics: Metrics = "fast",
    baseline: Annotated[str | None, typer.Option(metavar="NAME", help="Give differences to this model alone.")] = None,
    factor_subset: FactorSubset = None,
    kind: Kind = None,
    estimator: EstimatorName = None,
    n_bins: Bins = None,
    preset: Preset = None,
    population: Rows = None,
    jobs: Jobs = None,
    errors: Errors = "raise",
    missing_nan: MissingNaN = False,
    seed: Seed = 0,
    format: Format = "table",
    output: Output = None,
    latents: PointsKey = None,
    mean: MeanKey = None,
    log_var: LogVarKey = None,
    variance: VarianceKey = None,
    scale: ScaleKey = None,
    factors: FactorsKey = None,
    names: NamesKey = None,
    weights: WeightsKey = None,
    missing: MissingKey = None,
) -> None:
    """Compare the latents of several .npz files: scores, paired differences, agreement of the metrics."""
    from dismetrics.comparison import compare as compare_models
    from dismetrics.evaluation import metric_names
    from dismetrics.model_files import read_models

    check_output(format, _FORMATS, output)
    wanted = _split(metrics)
    options = _options(metric_names(wanted), preset, estimator=estimator, n_bins=n_bins)
    given = _given(
        latents=latents,
        mean=mean,
        log_var=log_var,
        variance=variance,
        scale=scale,
        factors=factors,
        names=names,
        weights=weights,
        missing=missing,
    )
    models = read_models(files, keys=given, kinds=_kinds(kind), missing="nan" if missing_nan else None)
    comparison = compare_models(
        models.latents,
        models.factors,
        metrics=wanted,
        options=options,
        factor_subset=None if factor_subset is None else _split(factor_subset),
        baseline=baseline,
        population=population,
        n_jobs=jobs,
        errors=errors,
        rng=seed,
    )
    comparison.provenance["files"] = models.files
    as_text = {"table": comparison.__str__, "json": comparison.to_json, "csv": comparison.to_csv}[format]
    write(as_text(), output)


@app.command()
@in_one_sentence
def decompose(
    file: Annotated[Path, typer.Argument(help="An .npz file with mean and one of log_var, variance, scale.")],
    estimator: Annotated[
        str, typer.Option(help="exact, or what a training loop would log: mws, mss or minibatch.")
    ] = "exact",
    target_se: Annotated[
        float | None, typer.Option(help="Draw until the standard error is at most this, in nats.")
    ] = None,
    n_draws: Annotated[int | None, typer.Option(help="Draws for the joint entropy.")] = None,
    log_density: Annotated[
        str, typer.Option(help="auto, brute (every component) or tree (those that can matter).")
    ] = "auto",
    tolerance: Annotated[float, typer.Option(help="For the tree: share of q(z) that may be left out.")] = 1e-6,
    batch_size: Annotated[int | None, typer.Option(help="Rows of a minibatch; 1024 by default.")] = None,
    n_batches: Annotated[int | None, typer.Option(help="Number of minibatches; 20 by default.")] = None,
    seed: Seed = 0,
    format: Annotated[str, typer.Option(help="table or json.")] = "table",
    output: Output = None,
    mean: MeanKey = None,
    log_var: LogVarKey = None,
    variance: VarianceKey = None,
    scale: ScaleKey = None,
    weights: WeightsKey = None,
) -> None:
    """Decompose the posteriors' KL to the prior: index-code MI, total correlation, dimension-wise KL."""
    from dismetrics.decomposed import decomposition_tables
    from dismetrics.evaluated import Evaluation, as_provenance
    from dismetrics.io import read_posterior_npz
    from dismetrics.metrics import elbo_decomposition
    from dismetrics.terminal import progress_bar

    check_output(format, ("table", "json"), output)
    data = read_posterior_npz(
        file, keys=_given(mean=mean, log_var=log_var, variance=variance, scale=scale, weights=weights)
    )
    with progress_bar():
        result = elbo_decomposition(
            data.posterior,
            estimator=estimator,
            n_draws=n_draws,
            target_se=target_se,
            log_density=log_density,
            tolerance=tolerance,
            batch_size=batch_size,
            n_batches=n_batches,
            weights=data.weights,
            rng=seed,
        )
    if format == "table":
        write("\n\n".join(map(str, decomposition_tables(result))), output)
        return
    provenance = {
        **as_provenance(data.posterior, seed, weighted=data.weights is not None),
        # Samples of weight zero take no part.
        "n_samples": result.n_samples,
        "file": str(file),
        "arrays": data.keys,
    }
    write(Evaluation({"elbo_decomposition": result}, provenance).to_json(), output)


@app.command()
@in_one_sentence
def report(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="JSON of `dismetrics score --format json`, or a study's table.json, or the folder that it is in.",
        ),
    ],
    output: Output = None,
) -> None:
    """Write an evaluation or a study as one page of HTML, with pictures and caveats, complete in itself."""
    from dismetrics.io import check_target
    from dismetrics.report import report_html

    if output is not None:
        check_target(output, "--output")
    write(report_html(source), output)


@app.command("metrics")
@in_one_sentence
def list_all(
    format: Annotated[str, typer.Option(help="table, csv or markdown.")] = "table",
) -> None:
    """List the metrics: paper, range, direction, chance level, needs and cost."""
    from dismetrics.registry import list_metrics
    from dismetrics.validation import as_choice

    table = list_metrics()
    as_choice(format, "--format", ("table", "csv", "markdown"))
    as_text = {"table": table.__str__, "csv": table.to_csv, "markdown": table.to_markdown}[format]
    print_out(as_text())


@app.command()
@in_one_sentence
def demo(
    analytic: Annotated[
        bool, typer.Option("--analytic", help="Posteriors whose right answer is known, with it printed beside.")
    ] = False,
) -> None:
    """Score the embedded examples: two trained models, or posteriors whose right answer is known."""
    from dismetrics.demo import demo_table, run_demo, trained_table

    if analytic:
        print_out(
            "737,280 Gaussian posteriors of ten latents on a grid of the size of dSprites, known in closed form.\n"
        )
        print_out(str(demo_table(*run_demo())))
        return
    print_out("A VAE and a beta-TCVAE, beta 8, trained by `python -m reference_models demo` on 3,072 rendered squares")
    print_out("(6 scales, 32 x and 16 y positions); their posteriors are part of the package. KL terms in nats.\n")
    print_out(str(trained_table()))
    print_out(
        "\nOne seed, which says little of the two objectives. `dismetrics metrics` tells what each number is, and"
    )
    print_out("`dismetrics demo --analytic` scores posteriors whose right answer is known.")


def _given(**keys: str | None) -> dict[str, str]:
    return {name: key for name, key in keys.items() if key is not None}


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


def _options(wanted: list[str], preset: str | None, **settings: Any) -> dict[str, dict[str, Any]]:
    """Settings for every metric; a preset that one of them lacks is refused, so that no table mixes protocols."""
    from dismetrics.estimators import PRESETS

    given = {name: value for name, value in settings.items() if value is not None}
    takers = {metric: {name: given[name] for name in given if _takes(metric, name)} for metric in wanted}
    for name in given:
        if not any(name in taken for taken in takers.values()):
            raise ValueError(f"--{name.replace('_', '-')} has no part in {' and '.join(wanted)}: leave it out")
    if preset is not None:
        knowing = [metric for metric, presets in PRESETS.items() if preset in presets]
        if not knowing:
            known = "; ".join(f"{', '.join(presets)} for {metric}" for metric, presets in PRESETS.items())
            raise ValueError(f"--preset {preset} is not known; there is {known}")
        lacking = [metric for metric in wanted if metric not in knowing]
        if lacking:
            raise ValueError(
                f"--preset {preset} is known to {' and '.join(knowing)}, not to {' and '.join(lacking)}: score only "
                f"what knows it, with --metrics {','.join(knowing)}"
            )
        takers = {metric: {**taken, "preset": preset} for metric, taken in takers.items()}
    return takers


def _takes(metric: str, setting: str) -> bool:
    """Whether a metric estimates mutual information, which these settings are of."""
    from dismetrics.registry import METRICS

    function = next(spec.function for spec in METRICS if spec.name == metric)
    parameters = inspect.signature(function).parameters
    return setting in parameters or "information" in parameters


def main() -> None:
    """Run the command line."""
    app(prog_name="dismetrics")
