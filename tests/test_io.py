"""Files: arrays found by convention, named where they differ, refused with what there is."""

import numpy as np
import pytest

import dismetrics as dm
from dismetrics.io import read_npz, write_text

Z = np.random.default_rng(0).normal(size=(20, 2))
V = np.arange(40).reshape(20, 2) % 3


def _save(path, **arrays):
    np.savez(path / "file.npz", **arrays)
    return path / "file.npz"


@pytest.mark.parametrize("key", ["latents", "z", "codes"])
def test_points_are_found_by_name(tmp_path, key):
    data = read_npz(_save(tmp_path, **{key: Z, "factors": V}))
    assert np.array_equal(data.latents, Z)
    assert data.keys == {"latents": key, "factors": "factors"}


@pytest.mark.parametrize(
    ("mean", "spread", "values"),
    [
        ("mean", "log_var", np.full_like(Z, np.log(0.25))),
        ("mu", "logvar", np.full_like(Z, np.log(0.25))),
        ("mean", "variance", np.full_like(Z, 0.25)),
        ("means", "std", np.full_like(Z, 0.5)),
    ],
)
def test_posteriors_are_found_by_name(tmp_path, mean, spread, values):
    data = read_npz(_save(tmp_path, **{mean: Z, spread: values, "labels": V}))
    assert isinstance(data.latents, dm.GaussianPosterior)
    assert data.latents.scale == pytest.approx(0.5)


def test_names_weights_missing_and_kinds_come_along(tmp_path):
    path = _save(
        tmp_path,
        latents=Z,
        factors=V + 0.5,
        factor_names=["shape", "size"],
        weights=np.arange(1, 21),
        missing=V == 2,
    )
    factors = read_npz(path, kinds={"shape": "ordinal", "size": "continuous"}).factors
    assert factors.names == ("shape", "size")
    assert factors.kinds == ("ordinal", "continuous")
    assert factors.weights.tolist() == list(range(1, 21))
    assert np.array_equal(factors.missing, V == 2)


def test_other_names_are_given_by_key(tmp_path):
    path = _save(tmp_path, a=Z, b=np.zeros_like(Z), c=V, latents=Z)
    data = read_npz(path, keys={"mean": "a", "log_var": "b", "factors": "c"})
    assert isinstance(data.latents, dm.GaussianPosterior)
    assert isinstance(read_npz(path, keys={"latents": "a", "factors": "c"}).latents, np.ndarray)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"factors": V}, "no latents.*it holds factors"),
        ({"latents": Z}, "no factors.*it holds latents"),
        ({"latents": Z, "z": Z, "factors": V}, "latents and z"),
        ({"latents": Z, "mean": Z, "log_var": Z, "factors": V}, "points.*posterior means"),
        ({"mean": Z, "factors": V}, "none of log_var"),
        ({"mean": Z, "log_var": Z, "variance": Z, "factors": V}, "several of"),
        ({"latents": np.array([{}], object), "factors": V}, "Python objects"),
    ],
)
def test_what_is_not_there_or_ambiguous_is_said(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        read_npz(_save(tmp_path, **arrays))


def test_an_unknown_key_is_named_with_what_there_is(tmp_path):
    with pytest.raises(ValueError, match=r"no array 'nope'; it holds latents, factors"):
        read_npz(_save(tmp_path, latents=Z, factors=V), keys={"latents": "nope"})


def test_files_that_are_no_archive(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        read_npz(tmp_path / "nothing.npz")
    with pytest.raises(ValueError, match="folder"):
        read_npz(tmp_path)
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(ValueError, match=r"text\.npz"):
        read_npz(tmp_path / "text.npz")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(ValueError, match=r"empty\.npz"):
        read_npz(tmp_path / "empty.npz")
    np.save(tmp_path / "single.npy", Z)
    with pytest.raises(ValueError, match="single array"):
        read_npz(tmp_path / "single.npy")
    whole = _save(tmp_path, latents=Z, factors=V).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.npz"):
        read_npz(tmp_path / "cut.npz")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "out.json"
    write_text(target, "first")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\ud800")  # cannot be encoded
    assert target.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
