"""The figures of study.md, which shows these lines; docs/gallery.py runs them while the page is built."""

from pathlib import Path

import dismetrics as dm
from dismetrics import plotting

study = dm.read_study(Path(__file__).parent.parent / "study")
even = study.select(case="independent_uniform")
# [end]

# [mig_against_beta]
ax = plotting.metric_against_beta(even, "mig")
figure = ax.figure
# [end]

# [tc_against_beta]
ax = plotting.metric_against_beta(even, "total_correlation")
figure = ax.figure
# [end]

# [information_against_beta]
ax = plotting.metric_against_beta(even, "index_code_mi")
figure = ax.figure
# [end]

# [tc_mig]
ax = plotting.metric_scatter(even, "total_correlation", "mig")
figure = ax.figure
# [end]

# [elbo_mig]
ax = plotting.metric_scatter(even, "elbo", "mig")
figure = ax.figure
# [end]

# [samplings]
ax = plotting.factor_samplings(study, "mig", beta=4.0)
figure = ax.figure
# [end]
