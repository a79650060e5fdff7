"""The only door: everything that looks at raw user input, and every message about it.

Arrays leave as float64 in column order (one latent contiguous in memory), labels as int32 codes; what lies below
trusts them.
"""

from dismetrics.validation.arrays import read_only, to_numpy
from dismetrics.validation.labels import absent, encode_distinct, encode_labels, finite_column, unboxed, warn_if_degrees
from dismetrics.validation.matrices import (
    as_draws,
    as_kl_by_model,
    as_location_and_scale,
    as_matrix,
    as_probabilities,
    as_probability_table,
    as_relevance,
    as_weights,
    check_same_length,
)
from dismetrics.validation.partition import as_partition
from dismetrics.validation.settings import (
    as_choice,
    as_flag,
    as_fraction,
    as_generator,
    as_interval,
    as_names,
    as_positive_integer,
    as_positive_number,
    as_seed,
    column_index,
    per_column,
)

__all__ = [
    "absent",
    "as_choice",
    "as_draws",
    "as_flag",
    "as_fraction",
    "as_generator",
    "as_interval",
    "as_kl_by_model",
    "as_location_and_scale",
    "as_matrix",
    "as_names",
    "as_partition",
    "as_positive_integer",
    "as_positive_number",
    "as_probabilities",
    "as_probability_table",
    "as_relevance",
    "as_seed",
    "as_weights",
    "check_same_length",
    "column_index",
    "encode_distinct",
    "encode_labels",
    "finite_column",
    "per_column",
    "read_only",
    "to_numpy",
    "unboxed",
    "warn_if_degrees",
]
