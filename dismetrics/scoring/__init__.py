"""One metric on one set of data: which metrics are meant, whether they apply, how they are called, what they return."""

from dismetrics.scoring.call import Call, Failure, Omitted, score_of, why_not
from dismetrics.scoring.sample import Sample
from dismetrics.scoring.scored import Scored, Scores
from dismetrics.scoring.selection import Chosen, chosen_metrics, spec_of, the_metric

__all__ = [
    "Call",
    "Chosen",
    "Failure",
    "Omitted",
    "Sample",
    "Scored",
    "Scores",
    "chosen_metrics",
    "score_of",
    "spec_of",
    "the_metric",
    "why_not",
]
