"""What draws rows whose factors are held: tables, and samplers of one's own."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.estimators import FactorSampler, TableSampler
from intervention_cases import CODE, GRID, QUICK, every_score, mixed
from sizes import size


class Renderer:
    """Draws factors and encodes them: what stands in for a data set that can be rendered."""

    n_factors = 3
    factor_names = ("shape", "x", "y")

    def __init__(self, encode, sizes=(2, 3, 3)):
        self.encode, self.sizes = encode, np.array(sizes)

    def sample(self, fixed, n_groups, group_size, rng):
        values = rng.integers(self.sizes, size=(n_groups, group_size, len(self.sizes)))
        values[:, :, list(fixed)] = values[:, :1, list(fixed)]
        return self.encode(values)


def test_a_sampler_is_known_by_what_it_has():
    assert isinstance(Renderer(mixed), FactorSampler)
    assert isinstance(TableSampler(CODE, GRID), FactorSampler)
    for other in (CODE, dm.Factors(GRID), dm.GaussianPosterior(CODE, CODE)):
        assert not isinstance(other, FactorSampler)


@every_score
def test_a_sampler_and_a_table_of_the_same_distribution_agree(metric):
    # Many copies of each row, so that drawing from the table is drawing factors.
    grid = np.tile(GRID, (40, 1))
    few = {"n_pairs": 5} if metric is dm.beta_vae_score else {"group_size": 5}
    kwargs = {"n_train": size(1000, 100), "n_test": size(1000, 100), **few}
    seeds = range(size(5, 2))
    ways = {
        "table": lambda seed: metric(mixed(grid), grid, rng=seed, **kwargs),
        "table as sampler": lambda seed: metric(TableSampler(mixed(grid), grid), rng=seed, **kwargs),
        "renderer": lambda seed: metric(Renderer(mixed), rng=seed, **kwargs),
    }
    scores = {name: [call(seed).score for seed in seeds] for name, call in ways.items()}
    means = [np.mean(each) for each in scores.values()]
    assert 0.4 < means[0] < 0.995  # there is something to compare
    assert np.ptp(means) < 4 * np.sqrt(0.25 / (kwargs["n_test"] * len(seeds)))


@every_score
def test_perfect_codes_of_a_sampler_score_one(metric):
    result = metric(Renderer(lambda values: values[..., [2, 0, 1]]), **QUICK)
    assert result.score == 1.0
    assert result.factor_names == ("shape", "x", "y")
    assert not result.left_out.any()


class Broken(Renderer):
    """Returns what the test says."""

    def __init__(self, answer, n_factors=3):
        super().__init__(mixed)
        self.answer, self.n_factors = answer, n_factors

    def sample(self, fixed, n_groups, group_size, rng):
        return self.answer(super().sample(fixed, n_groups, group_size, rng), fixed)


BROKEN = {
    "transposed": (lambda z, fixed: z.transpose(1, 0, 2), r"Broken.sample\(\(\), 10000, 1, rng\) returned shape"),
    "flat": (lambda z, fixed: z.reshape(-1, 3), r"returned shape \(10000, 3\); \(n_groups, group_size, n_latents\)"),
    "nan": (lambda z, fixed: np.where(z > 1.5, np.nan, z), r"returned nan for latent \d"),
    "strings": (lambda z, fixed: z.astype(str), r"returned dtype"),
    "another width": (lambda z, fixed: z[..., : 2 if fixed else 3], r"returned 2 latents for factors \(\d.* and 3"),
}


@every_score
@pytest.mark.parametrize(("answer", "message"), BROKEN.values(), ids=BROKEN)
def test_what_a_sampler_returns_is_looked_at(metric, answer, message):
    with pytest.raises((TypeError, ValueError), match=message):
        metric(Broken(answer), **QUICK)


@every_score
def test_what_makes_no_sense_beside_a_sampler_is_refused(metric):
    for options in (
        {"weights": np.ones(3)},
        {"kinds": "ordinal"},
        {"factor_subset": [0]},
        {"balanced_values": True},
        {"preset": "ubisoft"},
        *([] if metric is dm.beta_vae_score else [{"replace": False}]),
    ):
        name = next(iter(options)) if "preset" not in options else "balanced_values"
        with pytest.raises(ValueError, match=f"{name} is given beside a sampler"):
            metric(Renderer(mixed), **options)
    with pytest.raises(ValueError, match="factors is given beside a sampler"):
        metric(Renderer(mixed), GRID)
    with pytest.raises(TypeError, match=r"factors has shape \(\).*FactorSampler"):
        metric(CODE)
    with pytest.raises(ValueError, match="2 factors but 3 factor_names"):
        metric(Broken(lambda z, fixed: z, n_factors=2))
    lonely = Broken(lambda z, fixed: z, n_factors=1)
    lonely.factor_names = ("x",)
    with pytest.raises(ValueError, match="'x' is the only factor"):
        metric(lonely)


def test_pairs_of_a_table_are_of_two_rows():
    for weights in (None, np.arange(1.0, 19.0), np.where(np.arange(18) == 3, 1.0, 1e-17)):
        table = TableSampler(CODE, GRID, weights=weights)
        for fixed in [(), (0,), (1, 2)]:
            rows = table.rows(fixed, size(2000, 200), 2, np.random.default_rng(0))
            assert (rows[:, 0] != rows[:, 1]).all()
            assert (GRID[rows[:, 0]][:, list(fixed)] == GRID[rows[:, 1]][:, list(fixed)]).all()
        assert (table.rows((0,), 400, 3, np.random.default_rng(0))[:, :, None] >= 0).all()


def test_rows_without_replacement_come_pass_by_pass():
    table = TableSampler(CODE, GRID, replace=False)
    for group_size in (2, 6, 9, 14):
        rows = table.rows((1,), size(3000, 200), group_size, np.random.default_rng(0))
        for value in range(3):  # six rows share each
            dealt = rows[GRID[rows[:, 0], 1] == value].ravel()
            passes = dealt[: len(dealt) // 6 * 6].reshape(-1, 6)
            assert (np.sort(passes, axis=1) == np.flatnonzero(GRID[:, 1] == value)).all()
        assert (GRID[rows][:, :, 1] == GRID[rows][:, :1, 1]).all()
        each = np.bincount(rows.ravel(), minlength=18) / rows.size
        assert each == pytest.approx(np.full(18, 1 / 18), abs=size(1, 5) / 100)
    with pytest.raises(ValueError, match=r"replace=False.*weights"):
        TableSampler(CODE, GRID, replace=False, weights=np.arange(18.0))


def test_combinations_of_many_factors_are_numbered_without_overflow():
    rng = np.random.default_rng(0)
    factors = np.repeat(rng.integers(0, 2**20, (30, 6)), 2, axis=0)
    factors[1::2, 5] += 1
    table = TableSampler(rng.normal(size=(60, 2)), factors)
    rows = np.sort(table.rows((0, 1, 2, 3, 4), 200, 2, rng), axis=1)
    assert (rows[:, 1] == rows[:, 0] + 1).all()
    assert (rows[:, 0] % 2 == 0).all()
