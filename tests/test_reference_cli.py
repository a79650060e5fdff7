"""From a command to scores: runs, posteriors, files, pictures."""

import json
import struct
import subprocess
import sys
import zlib

import numba
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from typer.testing import CliRunner

import dismetrics as dm
from reference_models import bridge, pictures, runs, scoring
from reference_models.cli import app
from reference_models.data import Sprites, joint_weights
from reference_models.models import ModelConfig
from reference_models.runs import DataConfig, Run
from reference_models.trainer import TrainConfig, train

DATA = Sprites(shape=["square", "heart"], orientation=1, pos_x=5, pos_y=4, size=16)
TRAINING = TrainConfig(iterations=20, batch_size=16, precision="fp32", device="cpu", log_every=10)


def trained(tmp_path, data=DATA, **options):
    run = Run(model=ModelConfig(hidden=24, n_latents=3, **options), training=TRAINING)
    model = runs.new_model(run, data)
    train(model, data, TRAINING, tmp_path / "run")
    return model


@pytest.fixture(scope="module")
def npz_run(tmp_path_factory):
    """The folder of a run on a file of one's own, trained by the command."""
    folder = tmp_path_factory.mktemp("cli")
    images = DATA.batch(np.arange(len(DATA)))[:, 0].numpy().astype(np.uint8)
    np.savez(folder / "own.npz", images=images, factors=DATA.factors.codes, factor_names=list(DATA.factors.names))
    command = ["train", str(folder / "run"), "--data", "npz", "--path", str(folder / "own.npz"), "--hidden", "24"]
    command += ["--iterations", "20", "--batch-size", "32", "--log-every", "10", "--n-latents", "3"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "20  loss" in done.output
    return folder / "run", command


# --------------------------------------------------------------------------------------------------------------- bridge


@pytest.mark.parametrize("batch_size", [7, 240, 1000])
def test_posteriors_are_those_of_the_encoder_in_the_order_of_the_rows(tmp_path, batch_size):
    model = trained(tmp_path)
    found = bridge.posterior(model, DATA, batch_size=batch_size)
    with torch.inference_mode():
        mean, log_var = model.network.encode(DATA.batch(np.arange(240)))
    wanted = dm.GaussianPosterior(mean.numpy(), log_var.numpy())
    assert found.mean == pytest.approx(wanted.mean, abs=1e-5)
    assert found.scale == pytest.approx(wanted.scale, abs=1e-5)
    assert model.training


def test_the_exported_file_is_what_dismetrics_reads(tmp_path):
    weights = joint_weights(DATA.sizes, "dependent_nonuniform")
    data = DATA.with_weights(weights)
    model = trained(tmp_path, data)
    posterior = bridge.export_npz(tmp_path / "latents.npz", model, data)
    read = dm.read_npz(tmp_path / "latents.npz")
    assert (read.latents.mean == posterior.mean).all()
    assert (read.latents.scale == posterior.scale).all()
    assert read.factors.names == ("shape", "scale", "pos_x", "pos_y")
    assert read.factors.weights == pytest.approx(weights.reshape(-1))
    assert dm.mig(read.latents, read.factors).score == dm.mig(posterior, data.factors).score
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latents.npz", "run"]


def test_a_laplace_posterior_stays_one(tmp_path):
    model = trained(tmp_path, posterior="laplace", prior="laplace")
    found = bridge.export_npz(tmp_path / "latents.npz", model, DATA)
    assert isinstance(found, dm.LaplacePosterior)
    # Its scale beside means would be read as that of a Gaussian, so the file offers points.
    assert isinstance(dm.read_npz(tmp_path / "latents.npz").latents, np.ndarray)


@pytest.mark.parametrize("options", [{}, dict(prior="flow"), dict(posterior="laplace", prior="laplace")])
def test_scores_add_up_and_do_not_change_the_model(tmp_path, options):
    model = trained(tmp_path, **options)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    scores = scoring.score(model, DATA, tmp_path / "latents.npz", n_draws=256)
    assert all((before[name] == value).all() for name, value in model.state_dict().items())
    assert next(model.prior.parameters(), torch.zeros(1)).dtype == torch.float32
    found = scores.decomposition
    terms = found.index_code_mi + found.total_correlation + found.dimension_wise_kl
    assert terms == pytest.approx(found.mean_kl, abs=1e-6)
    assert scores.mig_without_shape == pytest.approx(scores.mig.per_factor[1:].mean())
    assert scores.log_likelihood == scoring.reconstruction(model, DATA)
    assert json.loads(json.dumps(scores.to_dict()))["log_likelihood"] == scores.log_likelihood


def test_reconstruction_is_over_images_as_frequent_as_they_are(tmp_path):
    model = trained(tmp_path)
    only = np.zeros(240)
    only[17], only[18] = 1.0, 1e-9
    alone = scoring.reconstruction(model, DATA.with_weights(only))
    images = DATA.batch(np.array([17]))
    with torch.inference_mode():
        posterior = model.posterior(images)
        likely = scoring.bernoulli_log_likelihood(model.network.decode(posterior.location), images).item()
    assert alone == pytest.approx(likely, abs=0.05 * abs(likely))


# ----------------------------------------------------------------------------------------------------------------- runs


def test_a_run_is_read_as_it_was_written(tmp_path):
    run = Run(DataConfig(case="dependent_uniform"), ModelConfig(beta=3.5), TrainConfig(seed=4))
    runs.write_run(tmp_path / "run", run)
    assert runs.read_run(tmp_path / "run") == run
    with pytest.raises(ValueError, match="choose another folder"):
        runs.write_run(tmp_path / "run", Run())
    (tmp_path / "run" / "config.json").write_text("{}")
    for folder in (tmp_path / "run", tmp_path):
        with pytest.raises(ValueError, match="is no run"):
            runs.read_run(folder)


def test_data_by_name():
    small = runs.build_data(DataConfig("small_sprites", case="independent_nonuniform"))
    assert len(small) == 3072
    assert small.factors.names == ("scale", "pos_x", "pos_y")
    assert small.factors.weights is not None
    with pytest.raises(ValueError, match="estimator='mss' stands for images drawn evenly"):
        runs.new_model(Run(model=ModelConfig(estimator="mss", hidden=8)), small)
    with pytest.raises(ValueError, match="path=None with name='npz'"):
        DataConfig("npz")
    with pytest.raises(ValueError, match="name='mnist' is not known"):
        DataConfig("mnist")


# ------------------------------------------------------------------------------------------------------------- pictures


def decoded_png(path):
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        assert struct.unpack(">I", content[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        place += 12 + length
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert depth == 8
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:].reshape((height, width) if colour == 0 else (height, width, 3))


@pytest.mark.parametrize("shape", [(3, 5), (4, 2, 3)])
def test_png(tmp_path, shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    pictures.write_png(tmp_path / "picture.png", picture)
    assert (decoded_png(tmp_path / "picture.png") == picture).all()


def test_traversals_change_one_latent_and_start_with_the_most_informative(tmp_path):
    model = trained(tmp_path)
    order, kl = pictures.by_information(dm.GaussianPosterior([[0.0, 3.0, 1.0]] * 2, [[0.0, 0.0, 0.0]] * 2))
    assert order.tolist() == [1, 2, 0]
    assert kl.tolist() == [4.5, 0.5, 0.0]
    picture = pictures.traversals(model, [0.1, 0.2, 0.3], order, reach=1.5, n_steps=3)
    assert picture.shape == (3 * 17, 3 * 17)
    z = torch.tensor([[0.1, -1.5, 0.3], [0.1, 0.2, 1.5]])
    with torch.inference_mode():
        images = torch.sigmoid(model.network.decode(z))[:, 0].numpy()
    assert picture[1:17, 1:17] == pytest.approx(255 * images[0], abs=1)
    assert picture[18:34, 35:51] == pytest.approx(255 * images[1], abs=1)


# ------------------------------------------------------------------------------------------------------------- commands


def test_score_and_traverse(npz_run):
    folder, _ = npz_run
    done = CliRunner().invoke(app, ["score", str(folder), "--n-draws", "256"])
    assert done.exit_code == 0, done.output
    for title in ("MIG", "MIG without shape", "total correlation", "reconstruction, log p(x|z)"):
        assert title in done.output
    scores = json.loads((folder / "scores.json").read_text())
    read = dm.read_npz(folder / "latents.npz")
    assert scores["mig"]["score"] == dm.mig(read.latents, read.factors).score
    done = CliRunner().invoke(app, ["traverse", str(folder), "--n-steps", "4"])
    assert done.exit_code == 0, done.output
    assert decoded_png(folder / "traversals.png").shape == (3 * 17, 4 * 17)


def test_train_goes_on_and_refuses_what_is_there(npz_run):
    folder, command = npz_run
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, ValueError)
    assert "of an earlier run" in str(refused.exception)
    done = CliRunner().invoke(app, [*command, "--resume", "--iterations", "30"])
    assert done.exit_code == 0, done.output
    assert (folder / "checkpoint-00000030").is_dir()
    assert runs.read_run(folder).training.iterations == 30


def test_bad_input_is_one_sentence(tmp_path):
    command = [sys.executable, "-m", "reference_models", "score", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"reference_models: {tmp_path} is no run")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="3,072 posteriors need compiled kernels")
def test_the_demo_prints_both_models(tmp_path):
    done = CliRunner().invoke(app, ["demo", "--folder", str(tmp_path), "--iterations", "30"])
    assert done.exit_code == 0, done.output
    table = done.output[done.output.index("MIG") :]
    for title in ("index-code MI", "total correlation", "dimension-wise KL", "reconstruction"):
        assert title in table
    assert {path.name for path in tmp_path.iterdir()} == {"vae-0", "beta_tcvae-0"}
