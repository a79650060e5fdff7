"""Data of the reference models: the renderer, the original file, one's own files, frequencies of factors, batches."""

import hashlib
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import dismetrics as dm
import sizes
from reference_models.data import (
    CASES,
    SPRITE_VALUES,
    Batches,
    PackedImages,
    PlainImages,
    Sprites,
    joint_weights,
    load_npz,
    original,
)

SMALL = dict(orientation=3, pos_x=3, pos_y=2, size=16)


# ------------------------------------------------------------------------------------------------------------ renderer


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (64, "69b6dea830de2a6f7288cd75fe174b01d4e9b5d934981428e299fd66ff31de7b"),
        (32, "55e510b72a16f3fa7c4e25a1c1276210341f0a5fc666de942fd653f0c1bb99c1"),
    ],
)
def test_renderings_stay_as_they_were_compared_with_the_original(size, wanted):
    packed = Sprites(size=size).packed_batch(np.arange(0, 737_280, 997))
    assert hashlib.sha256(packed.tobytes()).hexdigest() == wanted


def test_the_grid_is_that_of_the_original_file():
    data = Sprites()
    assert len(data) == 737_280
    assert data.sizes == {"shape": 3, "scale": 6, "orientation": 40, "pos_x": 32, "pos_y": 32}
    assert data.factors.n_values.tolist() == [3, 6, 40, 32, 32]
    # The last orientation is the first again.
    rows = np.arange(7, 737_280, 40 * 1024)
    assert (data.packed_batch(rows) == data.packed_batch(rows + 39 * 1024)).all()
    assert (data.packed_batch(rows) != data.packed_batch(rows + 20 * 1024)).any()


def test_areas_are_those_of_the_formulas():
    # Mean over positions of a shape of scale 1, none of it outside: pixels count its area.
    places = np.linspace(0.4, 0.6, sizes.size(20, 5))
    data = Sprites(scale=[1.0], orientation=[0.3], pos_x=places, pos_y=places, size=64)
    area = data.batch(np.arange(len(data))).sum((1, 2, 3)).reshape(3, -1).mean(1)
    t = np.linspace(0, 2 * math.pi, 100_001)
    u = 0.5993 * 16 * np.sin(t) ** 3
    v = -0.6630 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    heart = abs(np.sum(u[:-1] * np.diff(v) - v[:-1] * np.diff(u))) / 2
    assert area.numpy() == pytest.approx([19.2**2, math.pi * 12.76 * 7.22, heart], rel=0.01)


def test_directions():
    right, down = (
        Sprites(shape=["square"], scale=1, orientation=1, **{name: [0.0, 1.0]}, **{other: 1})
        for name, other in (("pos_x", "pos_y"), ("pos_y", "pos_x"))
    )
    columns, rows = torch.arange(64.0), torch.arange(64.0)[:, None]
    for data, coordinates in ((right, columns), (down, rows)):
        images = data.batch(np.array([0, 1]))[:, 0]
        centres = (images * coordinates).sum((1, 2)) / images.sum((1, 2))
        assert centres.tolist() == pytest.approx([15.5, 47.5])
    # The long axis of an ellipse, turned counter-clockwise by 45 degrees on a screen, points up on the right.
    turned = Sprites(shape=["ellipse"], scale=1, orientation=[0.0, math.pi / 4], pos_x=1, pos_y=1).batch(np.array([1]))
    ys, xs = np.nonzero(turned[0, 0].numpy())
    assert np.corrcoef(xs, ys)[0, 1] < -0.4
    # The heart's tip is below its middle.
    heart = Sprites(shape=["heart"], scale=[0.9, 1.0], orientation=1, pos_x=1, pos_y=1).batch(np.array([1]))[0, 0]
    widths = heart.sum(1).numpy()
    occupied = np.nonzero(widths)[0]
    assert widths[occupied[-1]] < 4 < widths[occupied[0] + 2]


def test_reduced_grids():
    data = Sprites(shape=["square", "heart"], scale=2, orientation=4, pos_x=[0.1, 0.9], pos_y=1, size=32)
    assert data.sizes == {"shape": 2, "scale": 2, "orientation": 4, "pos_x": 2}
    assert data.values["orientation"].tolist() == pytest.approx([0, math.pi / 2, math.pi, 3 * math.pi / 2])
    assert data.values["scale"].tolist() == [0.5, 1.0]
    assert data.values["shape"].tolist() == [0.0, 2.0]
    assert data.factors.names == ("shape", "scale", "orientation", "pos_x")
    assert data.factors.kinds == ("categorical", "ordinal", "ordinal", "ordinal")
    full = Sprites(shape=["heart"], scale=[1.0], orientation=4, pos_x=[0.9], pos_y=[0.5], size=32)
    assert (data.batch(np.array([31])) == full.batch(np.array([3]))).all()


@pytest.mark.parametrize("size", [16, 20, 64])
def test_packed_and_rendered_images_are_equal(size):
    data = Sprites(**{**SMALL, "size": size})
    rows = np.arange(len(data))
    images = data.batch(rows)
    assert images.shape == (324, 1, size, size)
    assert images.dtype == torch.float32
    assert set(images.unique().tolist()) == {0.0, 1.0}
    packed = data.packed()
    assert isinstance(packed, PackedImages)
    assert (packed.batch(rows) == images).all()
    assert (packed.factors.codes == data.factors.codes).all()
    one_by_one = torch.cat([data.batch(np.array([row])) for row in rows])
    assert (one_by_one == images).all()
    assert data.to("cpu") is data


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(shape="heart"), TypeError, r"a sequence such as \['heart'\]"),
        (dict(shape=["star"]), ValueError, "shape='star' is not known"),
        (dict(shape=[]), ValueError, "every factor needs a value"),
        (dict(shape=["heart", "heart"]), ValueError, "none twice"),
        (dict(scale=[0.0, 1.0]), ValueError, "values above zero"),
        (dict(pos_x=[0.0, math.nan]), ValueError, "not finite"),
        (dict(pos_x=0), ValueError, "pos_x=0"),
        (dict(size=0), ValueError, "size=0"),
        (dict(shape=["heart"], scale=1, orientation=1, pos_x=1, pos_y=1), ValueError, "at least one must vary"),
        (dict(weights=[1.0, 2.0]), ValueError, "weights"),
    ],
)
def test_grids_that_cannot_be_meant(options, error, message):
    with pytest.raises(error, match=message):
        Sprites(**options)


# ----------------------------------------------------------------------------------------------------------- original


VALUES = {
    name: values[:: len(values) // 2][:2] if name != "shape" else values for name, values in SPRITE_VALUES.items()
}


@pytest.fixture
def small_original(tmp_path):
    """A file like the original, of 48 images, and what is expected of it."""
    names = ["square", "ellipse", "heart"]
    options = {name: values for name, values in VALUES.items() if name != "shape"}
    data = Sprites(shape=names, **options)
    images = data.batch(np.arange(len(data)))[:, 0].numpy().astype(np.uint8)
    grid = np.array(np.meshgrid(*VALUES.values(), indexing="ij")).reshape(5, -1).T
    latents = np.column_stack([np.ones(len(grid)), grid[:, 0] + 1, grid[:, 1:]])
    arrays = dict(imgs=images, latents_values=latents, metadata=np.array({"pickled": "object"}, dtype=object))
    return tmp_path / original.FILE_NAME, arrays, data, (float(images.mean()), 1e-9)


def test_the_original_file_is_read_in_parts_and_without_its_pickle(small_original, monkeypatch):
    path, arrays, data, mean = small_original
    monkeypatch.setattr(original, "_AT_A_TIME", 7)
    np.savez_compressed(path, **arrays)
    loaded = original._load(path, VALUES, mean)
    assert (loaded.batch(np.arange(48)) == data.batch(np.arange(48))).all()
    assert loaded.factors.names == ("shape", "scale", "orientation", "pos_x", "pos_y")
    assert (loaded.factors.codes == data.factors.codes).all()
    with pytest.raises(ValueError, match=r"that of dSprites is \(737280, 6\)"):
        original.load_original(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.update(latents_values=arrays["latents_values"][::-1]), "not the grid of dSprites"),
        (lambda arrays: arrays.update(imgs=arrays["imgs"][:, :32]), "imgs is uint8"),
        (lambda arrays: arrays.update(imgs=arrays["imgs"].astype(float)), "imgs is float64"),
        (lambda arrays: arrays.update(imgs=255 * arrays["imgs"]), "0 and 1 alone"),
        (lambda arrays: arrays.update(imgs=0 * arrays["imgs"]), "the mean of its pixels"),
        (lambda arrays: arrays.pop("imgs"), "not a readable dSprites archive"),
    ],
)
def test_a_file_that_is_not_the_original(small_original, change, message):
    path, arrays, _, mean = small_original
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=message):
        original._load(path, VALUES, mean)


def test_no_file_or_half_a_file(small_original):
    path, arrays, _, mean = small_original
    with pytest.raises(ValueError, match="not a readable dSprites archive"):
        original._load(path, VALUES, mean)
    np.savez_compressed(path, **arrays)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="not a readable dSprites archive"):
        original._load(path, VALUES, mean)


def test_a_download_gets_its_name_after_the_check(small_original, tmp_path):
    path, arrays, data, mean = small_original
    np.savez_compressed(path, **arrays)
    folder = tmp_path / "to"
    target = original._download(folder, path.as_uri(), VALUES, mean)
    assert target == folder / original.FILE_NAME
    assert len(original._load(target, VALUES, mean)) == len(data)
    # Once there, it is not fetched again.
    assert original._download(folder, (tmp_path / "nowhere").as_uri(), VALUES, mean) == target
    target.unlink()
    path.write_bytes(b"an error page")
    with pytest.raises(ValueError, match="not a readable dSprites archive"):
        original._download(folder, path.as_uri(), VALUES, mean)
    assert list(folder.iterdir()) == []


# ------------------------------------------------------------------------------------------------------------ own files


@pytest.mark.parametrize(
    ("images", "kind", "shape"),
    [
        (np.eye(4)[:, :, None].repeat(3, 2), PackedImages, (1, 4, 3)),
        (np.eye(4)[:, :, None].repeat(3, 2) > 0, PackedImages, (1, 4, 3)),
        (np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5, PlainImages, (1, 4, 3)),
        (np.linspace(0, 1, 4 * 3 * 5 * 6).reshape(4, 3, 5, 6), PlainImages, (3, 5, 6)),
        (np.linspace(0, 1, 4 * 3 * 5 * 6).reshape(4, 5, 6, 3), PlainImages, (3, 5, 6)),
    ],
)
def test_own_files(tmp_path, images, kind, shape):
    path = tmp_path / "own.npz"
    np.savez(
        path, images=images, factors=[[0, 1], [0, 2], [1, 1], [1, 2]], factor_names=["a", "b"], weights=[1, 2, 3, 4]
    )
    data = load_npz(path)
    assert isinstance(data, kind)
    assert data.image_shape == shape
    batch = data.batch(np.array([2, 0]))
    assert batch.shape == (2, *shape)
    scaled = images / 255 if images.dtype == np.uint8 else images.astype(float)
    wanted = scaled[2] if shape[0] == 1 or images.shape[1] == 3 else np.moveaxis(scaled[2], 2, 0)
    assert batch[0].numpy().reshape(-1) == pytest.approx(wanted.reshape(-1), abs=1e-6)
    assert data.factors.names == ("a", "b")
    assert data.factors.weights.tolist() == [1, 2, 3, 4]
    assert data.with_weights(None).factors.weights is None
    assert "4 images" in repr(data)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (dict(factors=[0, 1]), "has no array 'images'; it holds factors"),
        (dict(images=np.zeros((2, 4, 4)), factors=[0, 1, 2]), "2 images and factors of 3"),
        (dict(images=np.zeros((2, 4)), factors=[0, 1]), "images of shape"),
        (dict(images=np.full((2, 4, 4), 2.0), factors=[0, 1]), "images from 2.0 to 2.0"),
        (dict(images=np.full((2, 4, 4), math.nan), factors=[0, 1]), "images from nan to nan"),
    ],
)
def test_own_files_that_hold_no_images(tmp_path, arrays, message):
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        load_npz(tmp_path / "own.npz")


def test_own_files_that_are_no_archives(tmp_path):
    (tmp_path / "own.npz").write_bytes(b"PK no archive")
    for name in ("own.npz", "none.npz"):
        with pytest.raises(ValueError, match="not a readable"):
            load_npz(tmp_path / name)


# --------------------------------------------------------------------------------------------- how frequent images are


@pytest.mark.parametrize("factors", [("pos_x", "pos_y"), ("pos_y", "shape"), ("scale", "pos_x")])
@pytest.mark.parametrize("case", CASES)
def test_cases_have_the_marginals_and_the_dependence_that_they_are_named_for(case, factors):
    names = {"shape": 3, "scale": 2, "pos_x": 8, "pos_y": 5}
    table = joint_weights(names, case, factors=factors)
    assert table.shape == (3, 2, 8, 5)
    assert table.sum() == pytest.approx(1)
    assert (table > 0).all()
    axes = [list(names).index(name) for name in factors]
    joint = np.einsum(table, [0, 1, 2, 3], axes)
    first, second = joint.sum(1), joint.sum(0)
    for marginal in (first, second):
        wanted = np.linspace(1, 4, len(marginal)) if case.endswith("nonuniform") else np.ones(len(marginal))
        assert marginal == pytest.approx(wanted / wanted.sum(), abs=1e-12)
    information = np.sum(joint * np.log(joint / np.outer(first, second)))
    assert information == pytest.approx(0, abs=1e-12) if case.startswith("independent") else information > 0.1
    others = [axis for axis in range(4) if axis not in axes]
    rest = np.einsum(table, [0, 1, 2, 3], others)
    assert rest == pytest.approx(np.full(rest.shape, 1 / rest.size), abs=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(case="dependent"), "case='dependent' is not known"),
        (dict(case=CASES[0], factors=("pos_x", "colour")), "factors='colour' is not known"),
        (dict(case=CASES[0], factors=("pos_x", "pos_x")), "two different factors"),
        (dict(case=CASES[0], ratio=0.0), "ratio=0.0"),
        (dict(case=CASES[0], width=-1.0), "width=-1.0"),
    ],
)
def test_cases_that_cannot_be_meant(options, message):
    with pytest.raises(ValueError, match=message):
        joint_weights({"pos_x": 3, "pos_y": 3}, **options)


def test_weights_reach_the_factors_that_metrics_take():
    data = Sprites(**SMALL)
    table = joint_weights(data.sizes, "dependent_nonuniform")
    weighted = data.with_weights(table)
    assert weighted.factors.weights == pytest.approx(table.reshape(-1))
    assert data.factors.weights is None
    assert weighted.packed().factors.weights == pytest.approx(table.reshape(-1))
    codes = weighted.factors.codes[:, 3:].astype(float)
    assert dm.mig(codes, weighted.factors, factor_subset=["pos_x", "pos_y"]).score < 0.99


# -------------------------------------------------------------------------------------------------------------- batches


def test_an_epoch_holds_every_image_once():
    batches = Batches(103, 10, seed=3)
    seen = np.concatenate([batches.rows(i) for i in range(10)])
    assert len(set(seen.tolist())) == 100
    assert sorted(np.concatenate([batches.rows(i) for i in range(10, 20)])) != sorted(seen)


def test_batches_are_a_function_of_seed_and_iteration():
    for weights in (None, np.linspace(1, 2, 50)):
        forth, back = Batches(50, 8, 1, weights), Batches(50, 8, 1, weights)
        rows = [forth.rows(i) for i in range(20)]
        for i in reversed(range(20)):
            assert (back.rows(i) == rows[i]).all()
        assert (Batches(50, 8, 2, weights).rows(0) != rows[0]).any()


def test_weighted_batches_follow_the_weights():
    weights = np.array([0.0, 1.0, 3.0, 0.0])
    batches = Batches(4, 4, 0, weights)
    rows = np.concatenate([batches.rows(i) for i in range(2000)])
    assert np.bincount(rows, minlength=4) / len(rows) == pytest.approx([0, 0.25, 0.75, 0], abs=0.02)


def test_a_batch_larger_than_the_data_set():
    with pytest.raises(ValueError, match="batch_size=11 is more than the 10 images"):
        Batches(10, 11, 0)
