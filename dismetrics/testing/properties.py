"""What can be asked of a metric, as data.

With a declared kind, what does not hold of our metric of that kind with the declared settings is not asked of another
one either.
"""

from dismetrics.testing.agreement import agrees_in_the_mean, agrees_on_cases, agrees_on_large, agrees_on_small
from dismetrics.testing.changes import (
    append_constant,
    double_rows,
    flip_signs,
    label_names,
    monotone,
    permute_factors,
    permute_latents,
    rescale,
    shuffle_rows,
    unchanged,
    unchanged_points,
)
from dismetrics.testing.misuse import bad_input_raises, constant_latent, single_valued_factor
from dismetrics.testing.property import Property
from dismetrics.testing.ranking import (
    beats_chance,
    noise_latent,
    nothing_is_worst,
    perfect_is_best,
    redundancy,
    rotation,
    rotation_lowers,
    settles,
)
from dismetrics.testing.soundness import bounds, input_left_alone, ordinary, same_call, storage, threads

__all__ = ["PROPERTIES", "Property"]

PROPERTIES: tuple[Property, ...] = (
    Property("ordinary data", "Ordinary data give a finite number.", ordinary),
    Property("bounds", "The score is within its bounds.", bounds),
    Property("same call", "The same call gives the same result.", same_call),
    Property("input left alone", "The arrays given are not written to.", input_left_alone),
    Property("bad input raises", "NaN, infinity, lengths that differ and no rows raise.", bad_input_raises),
    Property("constant latent gives a number", "A latent that never changes makes no NaN.", constant_latent),
    Property(
        "single-valued factor", "A factor of one value is left out or raises; it makes no NaN.", single_valued_factor
    ),
    Property("latent order", "The order of the latents changes nothing.", unchanged(permute_latents), True, True),
    Property("factor order", "The order of the factors changes nothing.", unchanged(permute_factors), True, True),
    Property("row order", "The order of the rows changes nothing.", unchanged(shuffle_rows), True, True),
    Property("label names", "What labels are called changes nothing.", label_names, True, True),
    Property("signs", "The sign of a latent changes nothing.", unchanged_points(flip_signs), True, True),
    Property("scale and offset", "Scale and offset of latents change nothing.", unchanged_points(rescale), True, True),
    Property("storage", "Precision, order and layout of the same numbers change nothing.", storage),
    Property("threads", "The number of threads changes nothing.", threads),
    Property("rotation", "Turning a perfect code does not raise the score.", rotation, True, True),
    Property("beats chance", "A perfect code scores better than noise.", beats_chance, True, True),
    Property(
        "independence settles", "The score of independent latents tends to a limit as rows grow.", settles, True, True
    ),
    Property("monotone maps", "Increasing maps of latents change nothing.", unchanged_points(monotone), False, True),
    Property("doubled rows", "Every row given twice changes nothing.", unchanged(double_rows), False, True),
    Property("constant latent", "A constant latent changes nothing.", unchanged(append_constant), False, True),
    Property("noise latent", "A latent of noise does not raise the score.", noise_latent, False, True),
    Property("perfect is best", "A perfect code attains the best score.", perfect_is_best, False, True),
    Property(
        "nothing is worst", "Latents that tell exactly nothing get the worst score.", nothing_is_worst, False, True
    ),
    Property("rotation lowers", "Turning a perfect code lowers the score.", rotation_lowers, False, True),
    Property("redundancy lowers", "Every latent twice lowers the score.", redundancy, False, True),
    Property("agrees on small data", "It is our metric of the kind, on random examples.", agrees_on_small, False),
    Property("agrees on cases", "It is our metric of the kind, on cases of known truth.", agrees_on_cases, False),
    Property("agrees on large data", "It is our metric of the kind, on larger tables.", agrees_on_large, False),
    Property("agrees in the mean", "It is our metric of the kind, in the mean.", agrees_in_the_mean, False, True),
)
"""Everything that can be asked of a metric, in the order of the table."""
