"""Files: arrays found by convention, named where they differ, refused with what there is."""

import os
import stat
import zipfile

import numpy as np
import pytest

import dismetrics as dm
from dismetrics import io
from dismetrics.io import check_target, read_npz, read_posterior_npz, write_text

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
        ({"latents": Z, "z": Z, "factors": V}, r'latents and z: .*keys=\{"latents": "latents"\}'),
        (
            {"latents": Z, "mu": Z, "log_var": Z, "factors": V},
            r'points.*posterior means.*keys=\{"latents": "latents"\} or keys=\{"mean": "mu"\}$',
        ),
        ({"mu": Z, "factors": V}, r'none of log_var.*keys=\{"latents": "mu"\}'),
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
    with pytest.raises(ValueError, match=r"text\.npz is no \.npz archive"):
        read_npz(tmp_path / "text.npz")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(ValueError, match=r"empty\.npz is no \.npz archive"):
        read_npz(tmp_path / "empty.npz")
    np.save(tmp_path / "single.npy", Z)
    with pytest.raises(ValueError, match="single array"):
        read_npz(tmp_path / "single.npy")
    whole = _save(tmp_path, latents=Z, factors=V).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.npz"):
        read_npz(tmp_path / "cut.npz")


def test_damaged_and_foreign_entries_of_an_archive(tmp_path):
    np.savez_compressed(tmp_path / "damaged.npz", latents=Z, factors=V)
    damaged = bytearray((tmp_path / "damaged.npz").read_bytes())
    damaged[60:200] = bytes(140)
    (tmp_path / "damaged.npz").write_bytes(damaged)
    with pytest.raises(ValueError, match=r"damaged\.npz"):
        read_npz(tmp_path / "damaged.npz")
    path = _save(tmp_path, latents=Z, factors=V)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("z", "no array")
    assert read_npz(path).keys == {"latents": "latents", "factors": "factors"}


def test_what_a_key_is_for_must_be_known(tmp_path):
    path = _save(tmp_path, latents=Z, factors=V)
    with pytest.raises(ValueError, match="keys names 'latent', which is not looked for"):
        read_npz(path, keys={"latent": "latents"})
    with pytest.raises(ValueError, match="keys names 'factors', which is not looked for"):
        read_posterior_npz(path, keys={"factors": "factors"})


def test_names_as_bytes_are_text_and_labels_as_bytes_stay(tmp_path):
    labels = np.array([b"heart", b"square"])[V % 2]
    names = np.array(["Größe".encode(), b"\xff"])
    factors = read_npz(_save(tmp_path, latents=Z, factors=labels, names=names)).factors
    assert factors.names == ("Größe", "\\xff")
    assert factors.categories[0].tolist() == [b"heart", b"square"]


def test_nan_is_an_unknown_label_where_it_is_said(tmp_path):
    values = V.astype(float)
    values[3, 1] = np.nan
    path = _save(tmp_path, latents=Z, factors=values)
    with pytest.raises(ValueError, match="NaN or None"):
        read_npz(path)
    factors = read_npz(path, missing="nan").factors
    assert np.argwhere(factors.missing).tolist() == [[3, 1]]
    with pytest.raises(ValueError, match="missing='zero'"):
        read_npz(path, missing="zero")


def test_nan_and_the_files_mask_go_together(tmp_path):
    values, mask = V.astype(float), np.zeros(V.shape, bool)
    values[3, 1], mask[5, 0] = np.nan, True
    factors = read_npz(_save(tmp_path, latents=Z, factors=values, missing=mask), missing="nan").factors
    assert np.argwhere(factors.missing).tolist() == [[3, 1], [5, 0]]
    with pytest.raises(ValueError, match="booleans of shape"):
        read_npz(_save(tmp_path, latents=Z, factors=values, missing=mask[:3]), missing="nan")


def test_posteriors_are_read_without_factors(tmp_path):
    path = _save(tmp_path, latents=Z, mu=Z, std=np.full_like(Z, 0.5), weights=np.arange(20))
    data = read_posterior_npz(path)
    assert isinstance(data.posterior, dm.GaussianPosterior)
    assert data.posterior.scale == pytest.approx(0.5)
    assert data.weights.tolist() == list(range(20))
    assert data.keys == {"mean": "mu", "scale": "std", "weights": "weights"}
    assert read_posterior_npz(path, keys={"mean": "latents"}).keys["mean"] == "latents"


def test_a_spread_that_is_named_goes_before_others(tmp_path):
    path = _save(tmp_path, mean=Z, log_var=np.zeros_like(Z), std=np.full_like(Z, 0.5), factors=V)
    data = read_npz(path, keys={"scale": "std"})
    assert data.latents.scale == pytest.approx(0.5)
    assert data.keys == {"mean": "mean", "scale": "std", "factors": "factors"}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"factors": V}, "no posteriors: posterior means"),
        ({"z": Z}, r"points \(z\), which have no spread: posterior means"),
        ({"mean": Z}, "none of log_var, variance, scale: exactly one is needed; it holds mean"),
        ({"mean": Z, "mu": Z, "log_var": Z}, r'mean and mu: say which .*keys=\{"mean": "mean"\}'),
    ],
)
def test_posteriors_that_are_not_there_are_said(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        read_posterior_npz(_save(tmp_path, **arrays))


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "out.json"
    write_text(target, "first")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\ud800")  # cannot be encoded
    assert target.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


@pytest.fixture
def usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path, usual_mask):
    target = tmp_path / "out.txt"
    write_text(target, "first")
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    target.chmod(0o600)
    write_text(target, "second")
    assert (stat.S_IMODE(target.stat().st_mode), target.read_text()) == (0o600, "second")


def test_links_are_written_through(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/new.txt")
    check_target(tmp_path / "link", "output")
    for text in ("first", "second"):
        write_text(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder" / "new.txt").read_text() == text
    assert len(list((tmp_path / "folder").iterdir())) == 1


def test_a_device_is_written_to():
    # A terminal, not os.devnull: were it taken for a file, root would replace it for the whole machine.
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    check_target(name, "output")
    write_text(name, "text")
    assert os.read(ours, 100) == b"text"
    assert stat.S_ISCHR(os.stat(name).st_mode)  # noqa: PTH116
    os.close(ours)
    os.close(theirs)


def test_the_standard_streams_are_written_to_as_they_are_open(capfd):
    for name, stream in io._STREAMS.items():
        check_target(name, "output")
        assert stream == (2 if name.endswith(("2", "err")) else 1)
    write_text("/dev/fd/1", "out")
    write_text("/dev/fd/2", "err")
    assert capfd.readouterr() == ("out", "err")


def test_an_error_names_the_path_that_was_given(tmp_path):
    target = tmp_path / "folder" / "out.txt"
    with pytest.raises(FileNotFoundError) as caught:
        write_text(target, "lost")
    assert caught.value.filename == str(target)


def test_a_long_name_is_no_hindrance(tmp_path):
    target = tmp_path / ("ü" * 120)
    write_text(target, "text")
    assert target.read_text() == "text"
    with pytest.raises(ValueError, match="cannot be written"):
        check_target(tmp_path / ("x" * 300), "output")
