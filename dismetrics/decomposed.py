"""The decomposition of the KL to the prior as tables: the terms with their errors, and the part of each latent."""

from typing import Any

from dismetrics.tables import Table, number

__all__ = ["decomposition_tables"]


def decomposition_tables(result: Any) -> tuple[Any, Any]:
    """The terms with their errors, and what each latent has part in them."""

    def nats(value: float | None) -> str:
        # No minus before a zero that rounding made.
        return number(None if value is None else round(value, 4) + 0.0, 4)

    terms = (
        ("index-code MI", "index_code_mi", result.index_code_mi_ceiling),
        ("total correlation", "total_correlation", None),
        ("dimension-wise KL", "dimension_wise_kl", None),
        ("sum: mean KL", "mean_kl", None),
        ("marginal KL", "marginal_kl", None),
        ("joint entropy H(z)", "joint_entropy", None),
    )
    titles = ["term, in nats", "value", "standard error", "95 % from", "to", "ceiling"]
    if result.offset_range:
        titles += ["offset from", "to"]
    rows = []
    for title, name, ceiling in terms:
        low, high = result.interval.get(name, (None, None))
        cells = [getattr(result, name), result.standard_error.get(name), low, high, ceiling]
        if result.offset_range:
            cells += result.offset_range.get(name, (None, None))
        rows.append([title, *map(nats, cells)])
    columns = ("mean KL", "dimension-wise KL", "I(z_j; n)", "H(z_j)")
    per_latent = (
        result.mean_kl_per_latent,
        result.dimension_wise_kl_per_latent,
        result.index_information_per_latent,
        result.marginal_entropy_per_latent,
    )
    latents = [[str(j), *map(nats, values)] for j, values in enumerate(zip(*per_latent, strict=True))]
    return (
        Table(tuple(titles), rows),
        Table(("latent", *columns), latents),
    )
