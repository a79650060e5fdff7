"""The command line: `python -m reference_models train | score | traverse | demo | study`."""

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from dismetrics.validation import as_choice

__all__ = ["main"]

app = typer.Typer(
    help="Train reference models, and score their latents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RunFolder = Annotated[Path, typer.Argument(help="Folder of the run.")]


@app.command()
def train(
    folder: RunFolder,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    data: Annotated[str, typer.Option(help="sprites, small_sprites, original or npz.")] = "sprites",
    path: Annotated[str | None, typer.Option(help="The file, for original and npz.")] = None,
    case: Annotated[
        str | None, typer.Option(help="How pos_x and pos_y are distributed, such as dependent_uniform.")
    ] = None,
    objective: Annotated[
        str, typer.Option(help="vae, beta_vae, beta_tcvae, factor_vae or capacity_vae.")
    ] = "beta_tcvae",
    network: Annotated[str, typer.Option(help="mlp (the paper's) or conv.")] = "mlp",
    hidden: Annotated[int, typer.Option(help="Units of each hidden layer of the MLP.")] = 1200,
    decoder_layers: Annotated[int, typer.Option(help="Hidden layers of the MLP's decoder.")] = 3,
    n_latents: Annotated[int, typer.Option(help="Number of latents.")] = 10,
    posterior: Annotated[str, typer.Option(help="gaussian or laplace.")] = "gaussian",
    prior: Annotated[str, typer.Option(help="normal, laplace or flow.")] = "normal",
    alpha: Annotated[float, typer.Option(help="Weight of index-code mutual information.")] = 1.0,
    beta: Annotated[float, typer.Option(help="Weight of total correlation, or of the KL of a beta-VAE.")] = 6.0,
    gamma: Annotated[float, typer.Option(help="Weight of dimension-wise KL.")] = 1.0,
    estimator: Annotated[str, typer.Option(help="mws, mss or minibatch.")] = "mws",
    beta_warmup: Annotated[int, typer.Option(help="Iterations over which beta rises from 0.")] = 0,
    kl_warmup: Annotated[int, typer.Option(help="Iterations over which all weights rise from 0.")] = 0,
    iterations: Annotated[int, typer.Option(help="Minibatches.")] = 18_000,
    batch_size: Annotated[int, typer.Option(help="Images of a minibatch.")] = 2048,
    learning_rate: Annotated[float, typer.Option(help="Of Adam.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Of weights, order and draws.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto (bf16 where the machine has it), fp32 or bf16.")] = "auto",
    log_every: Annotated[int, typer.Option(help="Iterations between lines of metrics.jsonl.")] = 100,
    checkpoint_every: Annotated[int, typer.Option(help="Iterations between checkpoints.")] = 500,
) -> None:
    """Train a model into a folder. Ctrl-C leaves a checkpoint; --resume goes on from it, exactly."""
    from reference_models.models import ModelConfig
    from reference_models.runs import DataConfig, Run
    from reference_models.trainer import TrainConfig

    run = Run(
        DataConfig(data, path, case),
        ModelConfig(
            objective=objective,
            network=network,
            hidden=hidden,
            decoder_layers=decoder_layers,
            n_latents=n_latents,
            posterior=posterior,
            prior=prior,
            alpha=alpha,
            beta=beta,
            gamma=gamma,
            estimator=estimator,
            beta_warmup=beta_warmup,
            kl_warmup=kl_warmup,
        ),
        TrainConfig(iterations, batch_size, learning_rate, seed, device, precision, log_every, checkpoint_every),
    )
    _train(folder, run, resume=resume, on_log=_print_line)


@app.command()
def score(
    folder: RunFolder,
    n_draws: Annotated[int | None, typer.Option(help="Draws for the joint entropy.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
) -> None:
    """Score a run: posterior MIG, the exact decomposition, reconstruction; into latents.npz and scores.json."""
    from dismetrics.io import write_text
    from dismetrics.terminal import progress_bar
    from reference_models.runs import load_run
    from reference_models.scoring import score as scored

    run, model, data = load_run(folder)
    with progress_bar():
        scores = scored(model, data, folder / "latents.npz", n_draws=n_draws, seed=seed)
    write_text(folder / "scores.json", json.dumps(scores.to_dict(), indent=2) + "\n")
    typer.echo(_table({run.model.objective: scores}))
    typer.echo(
        f"\nposteriors, for `dismetrics score`: {folder / 'latents.npz'}; every number: {folder / 'scores.json'}"
    )


@app.command()
def traverse(
    folder: RunFolder,
    output: Annotated[Path | None, typer.Option(help="The picture; RUN/traversals.png by default.")] = None,
    row: Annotated[int, typer.Option(help="The image whose code the other latents keep.")] = 0,
    reach: Annotated[float, typer.Option(help="Latents go from minus to plus this.")] = 2.0,
    n_steps: Annotated[int, typer.Option(help="Images of a latent.")] = 9,
) -> None:
    """Decode with one latent changed at a time, the most informative latent first."""
    from reference_models.bridge import encode, posterior
    from reference_models.pictures import by_information, traversals, write_png
    from reference_models.runs import load_run

    _, model, data = load_run(folder)
    if not 0 <= row < len(data):
        raise ValueError(f"--row {row} is not among the {len(data)} images")
    order, kl = by_information(posterior(model, data))
    picture = traversals(model, encode(model, data)[0][row], order, reach=reach, n_steps=n_steps)
    target = folder / "traversals.png" if output is None else output
    write_png(target, picture)
    typer.echo(f"{target}: latents {', '.join(map(str, order))} with {', '.join(f'{value:.2f}' for value in kl)} nats")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the two runs go.")] = Path("runs/demo"),
    iterations: Annotated[int, typer.Option(help="Minibatches of each model.")] = 3000,
    seed: Annotated[int, typer.Option(help="Of weights, order and draws.")] = 0,
) -> None:
    """Render a small part of dSprites, train a VAE and a beta-TCVAE on it, take them apart and score them."""
    from dismetrics.terminal import progress_bar
    from reference_models.models import ModelConfig
    from reference_models.runs import DataConfig, Run, load_run
    from reference_models.scoring import score as scored
    from reference_models.trainer import TrainConfig

    training = TrainConfig(
        iterations=iterations, batch_size=256, learning_rate=1e-3, seed=seed, log_every=500, checkpoint_every=iterations
    )
    typer.echo("Rendered squares of 32 x 32 pixels: 6 scales x 32 pos_x x 16 pos_y = 3,072 images.")
    all_scores = {}
    for objective in ("vae", "beta_tcvae"):
        run = Run(
            DataConfig("small_sprites"),
            ModelConfig(objective=objective, hidden=400, decoder_layers=2, beta=8.0),
            training,
        )
        target = folder / f"{objective}-{seed}"
        typer.echo(f"{objective}: {iterations} iterations of 256 images, into {target}")
        _train(target, run, resume=True, on_log=_print_line)
        with progress_bar():
            _, model, data = load_run(target)
            all_scores[objective] = scored(model, data, target / "latents.npz", seed=seed)
    typer.echo("")
    typer.echo(_table(all_scores))
    ceiling = all_scores["vae"].decomposition.index_code_mi_ceiling
    typer.echo(
        "\nOne seed. A VAE has by far the larger total correlation; MIG varies widely between seeds, so compare\n"
        f"medians of several, as `study --preset laptop` does. With {len(data):,} images, index-code mutual\n"
        f"information ends at its ceiling, {ceiling:.2f} nats."
    )


@app.command()
def study(
    folder: Annotated[Path, typer.Argument(help="Of the study; one that is there goes on.")],
    preset: Annotated[str | None, typer.Option(help="smoke, laptop or chen2018.")] = None,
    config: Annotated[Path | None, typer.Option(help="A grid of your own; FOLDER/study.json is an example.")] = None,
    merge: Annotated[
        list[Path] | None, typer.Option(help="Add the rows of another study, and train nothing; repeat for more.")
    ] = None,
    keep: Annotated[
        str | None, typer.Option(help="For --merge: first or other, which row counts where scores of a model differ.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes; -1 for one a core. On one GPU: 1.")] = -1,
) -> None:
    """Train, decompose and score a grid of objective x beta x seed x factor sampling.

    Stopped or killed, the same command goes on: nothing that was finished is done again.
    """
    from dismetrics import read_study
    from dismetrics.report import write_report
    from dismetrics.terminal import progress_bar
    from reference_models.study import PRESETS, merge_into, read_config, run_study
    from reference_models.study.cells import cells_of

    if merge:
        if preset is not None or config is not None:
            raise ValueError("--merge trains nothing: leave --preset and --config out")
        found = merge_into(folder, *map(read_study, merge), keep=keep)
        failed = found.failed
    else:
        if (preset is None) == (config is None):
            raise ValueError(f"one of --preset ({', '.join(PRESETS)}), --config and --merge is wanted")
        grid = read_config(config) if config is not None else PRESETS[as_choice(preset, "--preset", tuple(PRESETS))]
        with progress_bar():
            found = run_study(grid, folder, n_jobs=jobs, on_row=_print_row)
        names = {cell.name for cell in cells_of(grid)}
        failed = tuple(row for row in found.failed if row["cell"] in names)
    try:
        _print_study(found)
        write_report(found, folder / "report.html")
        typer.echo(f"\nreport: {folder / 'report.html'}")
    except ModuleNotFoundError as error:
        typer.echo(f"\nno report: {error}")
    except ValueError as error:  # two grids in one folder that cannot stand in one median
        typer.echo(f"\nno medians and no report: {error}")
    typer.echo(f"{len(found)} models: {folder / 'table.csv'}, {folder / 'table.json'}")
    if failed:
        raise typer.Exit(1)


def _print_row(row: dict[str, Any], done: int, total: int) -> None:
    what = f"{row['objective']} beta {row['beta']:g} {row['case']} seed {row['seed']}"
    if row["status"] == "done":
        said = f"MIG {row['mig']:.3f}  TC {row['total_correlation']:.3f}  {row['train_seconds']:.0f} s"
    else:
        said = f"failed: {row['error']}"
    typer.echo(f"{done:>5}/{total}  {what:<60}  {said}")


def _print_study(found: Any) -> None:
    from dismetrics import median_interval
    from dismetrics.tables import Table, number

    if found.done:
        typer.echo(f"\n{found.summary_table()}")
        counts = sorted({row["n_seeds"] for row in found.summary()} - {1})
        covered = ", ".join(f"{n} seeds: {median_interval(range(n)).coverage:.1%}" for n in counts)
        typer.echo(f"Medians over seeds, between two of them; how often such an interval holds the median: {covered}")
    rows = [
        [
            row["case"],
            "all" if row["beta"] is None else f"{row['beta']:g}",
            *(number(end) for end in (row["difference"].median, row["difference"].low, row["difference"].high)),
            f"{row['n_positive']} of {row['difference'].n}",
        ]
        for row in found.differences("beta_tcvae", "beta_vae")
    ]
    if rows:
        title = "MIG of beta_tcvae less that of beta_vae, paired by seed"
        typer.echo(f"\n{Table(('case', 'beta', 'median', 'low', 'high', 'positive'), rows, title=title)}")
    if len(found.done) >= 3:
        tau = found.rank_correlation("total_correlation", "mig")
        ends = "" if tau["low"] is None else f" [{tau['low']:.2f}, {tau['high']:.2f}]"
        typer.echo(
            f"\ntotal correlation against MIG over {tau['n']} models: Kendall's tau {tau['coefficient']:.2f}{ends}"
        )
        typer.echo("(the interval takes models for independent draws, which models of one grid are not)")
    for row in found.failed:
        typer.echo(f"failed: {row['cell']}: {row['error']}", err=True)


def _train(folder: Path, run: Any, *, resume: bool, on_log: Callable[[dict[str, Any]], None]) -> None:
    from dismetrics.terminal import progress_bar
    from reference_models import trainer
    from reference_models.runs import build_data, new_model, write_run

    data = build_data(run.data)
    model = new_model(run, data)
    write_run(folder, run)
    with progress_bar():
        trainer.train(model, data, run.training, folder, resume=resume, on_log=on_log)


def _print_line(line: dict[str, Any]) -> None:
    shown = ("loss", "log_likelihood", "mean_kl", "total_correlation")
    terms = "  ".join(f"{name} {line[name]:.2f}" for name in shown if name in line)
    typer.echo(f"  {line['iteration']:>7}  {terms}  {line['seconds'] / line['averaged']:.3f} s an iteration")


def _table(scores: dict[str, Any]) -> Any:
    from dismetrics.estimators.activity import ACTIVE_INFORMATION
    from dismetrics.tables import Table, number

    rows = [["MIG", *(number(one.mig.score) for one in scores.values())]]
    if all(one.mig_without_shape is not None for one in scores.values()):
        rows.append(["MIG without shape", *(number(one.mig_without_shape) for one in scores.values())])
    first = next(iter(scores.values()))
    for k, name in enumerate(first.mig.factor_names):
        rows.append([f"  gap of {name}", *(number(one.mig.per_factor[k]) for one in scores.values())])
    for title, name in (
        ("index-code MI, nats", "index_code_mi"),
        ("total correlation", "total_correlation"),
        ("dimension-wise KL", "dimension_wise_kl"),
        ("their sum, the mean KL", "mean_kl"),
    ):
        cells = []
        for one in scores.values():
            error = one.decomposition.standard_error.get(name)
            shown = number(getattr(one.decomposition, name))
            cells.append(f"{shown} ({number(error)})" if error else shown)
        rows.append([title, *cells])
    active = [(one.decomposition.index_information_per_latent > ACTIVE_INFORMATION).sum() for one in scores.values()]
    # A single one makes MIG large and total correlation 0, whatever it codes.
    rows.append(["latents in use", *map(str, active)])
    rows.append(["reconstruction, log p(x|z)", *(number(one.log_likelihood, 2) for one in scores.values())])
    return Table(("", *scores), rows)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    typer.echo(f"{category.__name__}: {message}", err=True)


def main() -> None:
    """Run; bad input ends with one sentence on standard error and exit status 2, and warnings are a line each."""
    warnings.showwarning = _show_warning
    try:
        app()
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors"):
            raise
        sys.exit(f"reference_models: {error.name} is missing; install dismetrics[train]")
    except KeyboardInterrupt as error:
        typer.echo(f"reference_models: {error}", err=True)
        sys.exit(130)
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        typer.echo(f"reference_models: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
