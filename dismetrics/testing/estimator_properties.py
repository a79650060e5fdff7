"""What can be estimated, and what is asked of an estimator of it, as data."""

from dismetrics.testing.estimator_trial import EstimatorProperty
from dismetrics.testing.information_properties import OF_ENTROPY, OF_INFORMATION
from dismetrics.testing.minibatch_properties import OF_AVERAGE, OF_MSS, OF_MWS
from dismetrics.testing.posterior_cases import TERMS
from dismetrics.testing.term_properties import OF_LOG_DENSITY, OF_TERMS

__all__ = ["ESTIMATES", "MINIBATCH_ESTIMATES"]

MINIBATCH_ESTIMATES: dict[str, tuple[EstimatorProperty, ...]] = {"mss": OF_MSS, "mws": OF_MWS, "minibatch": OF_AVERAGE}
"""log q(z) from a minibatch; a result may hold it as `log_joint`."""

ESTIMATES: dict[str, tuple[EstimatorProperty, ...]] = {
    **dict.fromkeys(TERMS, OF_TERMS),
    "log_density": OF_LOG_DENSITY,
    "mutual_information": OF_INFORMATION,
    "entropy": OF_ENTROPY,
    **MINIBATCH_ESTIMATES,
}
"""What can be estimated, and what is asked of it."""
