"""A number against beta, an objective a line."""

import numpy as np

from dismetrics.plotting.axes import Axes, add_legend, axes_or_new, segments, set_title, shifted, spread
from dismetrics.plotting.of_study import interval_words, left_out, settings_of, study_of_case, study_styles
from dismetrics.plotting.words import objective_words, with_unit
from dismetrics.study import Study

__all__ = ["metric_against_beta"]

_APART = 6.0
"""Points between objectives at one beta."""


def metric_against_beta(
    study: Study, metric: str = "mig", *, case: str | None = None, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """A number of trained models against beta: medians over seeds with intervals, an objective a line.

    Parameters
    ----------
    study : Study
        Trained models. Those that failed, or have no finite number, take no part; the title says how many.
    metric : str, default "mig"
        A column of numbers.
    case : str, optional
        Distribution of the factors; needed where the study has several.
    level : float, default 0.95
        Wanted coverage of the intervals; see `median_interval`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Objectives stand a little apart on the page, so that their intervals can be told apart; their beta is that of
        the tick. Each model is a faint dot.

    Raises
    ------
    TypeError, ValueError
        For no study, an unknown column or case, or several cases without a word which; nothing to draw.
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import dismetrics as dm
    >>> from dismetrics import plotting
    >>> rows = [
    ...     dict(
    ...         cell=f"{beta}-{seed}",
    ...         objective="beta_tcvae",
    ...         beta=beta,
    ...         case="independent_uniform",
    ...         seed=seed,
    ...         status="done",
    ...         mig=0.05 * beta + 0.02 * seed,
    ...     )
    ...     for beta in (1, 4)
    ...     for seed in range(6)
    ... ]
    >>> ax = plotting.metric_against_beta(dm.Study(tuple(rows), {}))
    >>> ax.get_title(loc="left")
    'median of 6 seeds, interval covers 96 %'
    """
    models = study_of_case(study, case)
    settings = settings_of(models, metric, level=level)
    objectives = list(dict.fromkeys(one.objective for one in settings))
    by_objective = {name: [one for one in settings if one.objective == name] for name in objectives}
    betas = np.unique([one.beta for one in settings])
    styles = study_styles(study)

    ax = axes_or_new(ax)
    for (name, found), aside in zip(
        by_objective.items(), spread(len(objectives), _APART * (len(objectives) - 1)), strict=True
    ):
        colour, marker = styles[name].colour, styles[name].marker
        place, beside = shifted(ax, aside), shifted(ax, aside - _APART / 2)
        for one in found:
            at = np.full(len(one.values), one.beta)
            ax.scatter(at, one.values, s=14, color=colour, alpha=0.4, linewidths=0, transform=beside)
        x, intervals = [one.beta for one in found], [one.interval for one in found]
        low, high = [one.low for one in intervals], [one.high for one in intervals]
        segments(ax, x, low, high, colors=colour, linewidths=2, transform=place)
        medians = [one.median for one in intervals]
        label = objective_words(name)
        ax.plot(x, medians, color=colour, marker=marker, markersize=6, transform=place, label=label)
    # Not left to matplotlib, which cannot tell shifts from data. All that is drawn lies between the values.
    ax.update_datalim([(one.beta, value) for one in settings for value in one.values])
    ax.autoscale_view()
    margin = 0.08 * np.ptp(betas) or 1.0
    ax.set_xlim(betas[0] - margin, betas[-1] + margin)
    ax.set_xticks(betas, [f"{beta:g}" for beta in betas])
    ax.set_xlabel("β")
    ax.set_ylabel(with_unit(metric))
    set_title(ax, interval_words(settings), left_out(models, metric))
    add_legend(ax)
    return ax
