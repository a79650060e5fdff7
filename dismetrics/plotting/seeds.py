"""The seeds of every setting beside each other."""

import numpy as np

from dismetrics.plotting.axes import Axes, axes_or_new, height_for, segments, set_title, spread
from dismetrics.plotting.of_study import interval_words, left_out, settings_of, study_of_case, study_styles
from dismetrics.plotting.words import objective_words, with_unit
from dismetrics.study import Study

__all__ = ["seed_distributions"]


def seed_distributions(
    study: Study, metric: str = "mig", *, case: str | None = None, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """The numbers of all seeds, an objective and beta a row, with median and interval.

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
        Settings from the top in the study's order, each model a dot; the median is the upright stroke.

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
    ...         cell=str(seed),
    ...         objective="vae",
    ...         beta=1.0,
    ...         case="independent_uniform",
    ...         seed=seed,
    ...         status="done",
    ...         mig=0.1 * seed,
    ...     )
    ...     for seed in range(5)
    ... ]
    >>> ax = plotting.seed_distributions(dm.Study(tuple(rows), {}))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['VAE, β = 1']
    """
    models = study_of_case(study, case)
    settings = settings_of(models, metric, level=level)
    styles = study_styles(study)

    ax = axes_or_new(ax, height=height_for(len(settings)))
    for row, one in enumerate(settings):
        style = styles[one.objective]
        # In the order of the values, so that the dots of a row are a distribution function as well.
        at = row + spread(len(one.values), 0.5)[::-1]
        ax.scatter(np.sort(one.values), at, s=22, color=style.colour, marker=style.marker, alpha=0.6, linewidths=0)
        interval = one.interval
        segments(ax, [row], [interval.low], [interval.high], upright=False, colors=style.colour, linewidths=2)
        ax.plot([interval.median], [row], color=style.colour, marker="|", markersize=22, markeredgewidth=2.5)
    ax.set_yticks(range(len(settings)), [f"{objective_words(one.objective)}, β = {one.beta:g}" for one in settings])
    ax.set_ylim(len(settings) - 0.5, -0.5)
    ax.set_xlabel(with_unit(metric))
    set_title(ax, interval_words(settings), left_out(models, metric))
    return ax
