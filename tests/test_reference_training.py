"""The trainer: exact resume, checkpoints that survive what can go wrong, and models that learn."""

import json
import os
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from reference_models import checkpoints, trainer
from reference_models.data import Sprites
from reference_models.models import OBJECTIVES, ModelConfig, build_model
from reference_models.networks import MLP, Conv
from reference_models.trainer import TrainConfig, train

DATA = Sprites(shape=["square"], orientation=1, pos_x=6, pos_y=4, size=16)
SMALL = dict(batch_size=16, log_every=10, checkpoint_every=25, precision="fp32", device="cpu")


def new_model(objective="beta_tcvae", **options):
    torch.manual_seed(0)
    return build_model(ModelConfig(objective=objective, hidden=24, n_latents=3, **options), DATA.image_shape, len(DATA))


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def equal(one, other):
    return one.keys() == other.keys() and all((one[name] == other[name]).all() for name in one)


def log_of(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("objective", ["beta_tcvae", "factor_vae"])
def test_a_hundred_iterations_are_fifty_and_fifty_more(tmp_path, objective, precision):
    options = {**SMALL, "precision": precision}
    if objective == "factor_vae":
        options["checkpoint_every"] = 5
    total, half = (100, 50) if objective == "beta_tcvae" else (8, 4)
    whole = new_model(objective)
    train(whole, DATA, TrainConfig(iterations=total, **options), tmp_path / "whole")
    train(new_model(objective), DATA, TrainConfig(iterations=half, **options), tmp_path / "parts")
    parts = build_model(whole.config, DATA.image_shape, len(DATA))
    train(parts, DATA, TrainConfig(iterations=total, **options), tmp_path / "parts", resume=True)
    assert equal(weights(whole), weights(parts))
    if objective == "beta_tcvae":
        assert log_of(tmp_path / "whole") == log_of(tmp_path / "parts")


def test_two_runs_of_one_seed_are_equal_and_of_two_are_not(tmp_path):
    models = [new_model() for _ in range(3)]
    for k, (model, seed) in enumerate(zip(models, (1, 1, 2), strict=True)):
        torch.manual_seed(k)  # the caller's random state has no part in it, and is left as it was
        before = torch.get_rng_state()
        train(model, DATA, TrainConfig(iterations=12, seed=seed, **SMALL), tmp_path / str(k))
        assert (torch.get_rng_state() == before).all()
    one, two, other = map(weights, models)
    assert equal(one, two)
    assert not equal(one, other)


def test_a_run_that_broke_off_goes_on_from_its_checkpoint(tmp_path):
    whole, broken = new_model(), new_model()
    train(whole, DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "whole")

    def break_off(line):
        if line["iteration"] == 40:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        train(broken, DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "broken", on_log=break_off)
    assert checkpoints.latest_checkpoint(tmp_path / "broken").name == "checkpoint-00000025"
    with (tmp_path / "broken" / "metrics.jsonl").open("a") as log:
        log.write('{"iteration": 41, "lo')
    train(broken, DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "broken", resume=True)
    assert equal(weights(whole), weights(broken))
    # Five iterations of the first mean were before the checkpoint, and are not averaged twice.
    assert [line["iteration"] for line in log_of(tmp_path / "broken")] == [10, 20, 30, 40, 50, 60]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_usable_checkpoint(tmp_path, number):
    whole, stopped = new_model(), new_model()
    train(whole, DATA, TrainConfig(iterations=40, **SMALL), tmp_path / "whole")
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    def stop(line):
        if line["iteration"] == 10:
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt, match="stopped at iteration 10; the last good checkpoint is"):
        train(stopped, DATA, TrainConfig(iterations=40, **SMALL), tmp_path / "stopped", on_log=stop)
    assert handlers == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
    train(stopped, DATA, TrainConfig(iterations=40, **SMALL), tmp_path / "stopped", resume=True)
    assert equal(weights(whole), weights(stopped))


class Breaking(torch.nn.Module):
    """A model whose loss, or whose weight, is nan from some iteration on."""

    def __init__(self, loss_from=10**9, weight_from=10**9):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2))
        self.loss_from, self.weight_from = loss_from, weight_from

    def forward(self, images, iteration):
        loss = self.weight.square().sum() * (float("nan") if iteration >= self.loss_from else 1.0)
        if iteration >= self.weight_from:
            self.weight.data[1] = float("nan")
        return loss, {"loss": loss.detach()}


def test_nan_stops_with_the_iteration_named_and_the_last_good_checkpoint_kept(tmp_path):
    with pytest.raises(FloatingPointError, match=r"the loss is nan at iteration 31; .*checkpoint-00000025"):
        train(Breaking(loss_from=30), DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "loss")
    with pytest.raises(FloatingPointError, match=r"weight is not finite after iteration 50; .*checkpoint-00000025"):
        train(Breaking(weight_from=49), DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "weight")
    for name in ("loss", "weight"):
        model = Breaking()
        checkpoints.load_weights(checkpoints.latest_checkpoint(tmp_path / name), model)
        assert torch.isfinite(model.weight).all()
    with pytest.raises(FloatingPointError, match="at iteration 1; there is no checkpoint yet"):
        train(Breaking(loss_from=0), DATA, TrainConfig(iterations=60, **SMALL), tmp_path / "first")


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path, monkeypatch):
    model = new_model()
    train(model, DATA, TrainConfig(iterations=25, **SMALL), tmp_path)
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "checkpoint-00000025" / "state.pt").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        with pytest.raises(
            OSError, match=r"stopped at iteration 50; the last good checkpoint is .*checkpoint-00000025"
        ):
            train(model, DATA, TrainConfig(iterations=75, **SMALL), tmp_path, resume=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir() if "checkpoint" in path.name] == ["checkpoint-00000025"]
    whole = new_model()
    train(whole, DATA, TrainConfig(iterations=75, **SMALL), tmp_path / "whole")
    train(model, DATA, TrainConfig(iterations=75, **SMALL), tmp_path, resume=True)
    assert equal(weights(whole), weights(model))


@pytest.mark.parametrize("file", ["state.pt", "weights.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense", "half"])
def test_an_unreadable_checkpoint_is_a_clear_error_and_the_one_before_goes_on(tmp_path, file, content):
    whole = new_model()
    train(whole, DATA, TrainConfig(iterations=50, **SMALL), tmp_path)
    path = tmp_path / "checkpoint-00000050" / file
    whole_file = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(whole_file[:-99] if content == "half" else content)
    with pytest.raises(ValueError, match=r"cannot be read .*to go on from checkpoint-00000025, move it away"):
        train(new_model(), DATA, TrainConfig(iterations=60, **SMALL), tmp_path, resume=True)
    path.parent.rename(tmp_path / "away")
    again = new_model()
    train(again, DATA, TrainConfig(iterations=50, **SMALL), tmp_path, resume=True)
    assert equal(weights(whole), weights(again))


def test_checkpoints_hold_the_weights_and_only_two_stay(tmp_path):
    model = new_model()
    train(model, DATA, TrainConfig(iterations=80, **SMALL), tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["checkpoint-00000075", "checkpoint-00000080", "metrics.jsonl", "training.json"]
    other = build_model(model.config, DATA.image_shape, len(DATA))
    checkpoints.load_weights(tmp_path / "checkpoint-00000080", other)
    assert equal(weights(model), weights(other))
    with pytest.raises(ValueError, match="not those of this model"):
        checkpoints.load_weights(tmp_path / "checkpoint-00000080", Breaking())
    with pytest.raises(ValueError, match="is no checkpoint"):
        checkpoints.checkpoint_iteration(tmp_path / "metrics.jsonl")


def test_the_configuration_is_recorded_and_held_to(tmp_path):
    config = TrainConfig(iterations=5, **{**SMALL, "precision": "auto", "device": "auto"})
    train(new_model(), DATA, config, tmp_path)
    recorded = json.loads((tmp_path / "training.json").read_text())
    assert recorded["precision"] in ("fp32", "bf16")
    assert recorded["device"] in ("cpu", "cuda")
    assert recorded["torch"] == torch.__version__
    with pytest.raises(ValueError, match="of an earlier run: resume it, or choose another folder"):
        train(new_model(), DATA, config, tmp_path)
    with pytest.raises(ValueError, match=r"trained with batch_size=16, and is to go on with 8"):
        train(new_model(), DATA, TrainConfig(iterations=9, **{**SMALL, "batch_size": 8}), tmp_path, resume=True)


def test_bf16_is_taken_where_the_machine_has_it(monkeypatch):
    for has, precision in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr(trainer, "has_bf16", lambda device, has=has: has)
        assert trainer.resolved(TrainConfig()).precision == precision
        assert trainer.resolved(TrainConfig(precision="fp32")).precision == "fp32"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TrainConfig(iterations=0), "iterations=0"),
        (lambda: TrainConfig(precision="half"), "precision='half' is not known"),
        (lambda: TrainConfig(learning_rate=0.0), "learning_rate=0.0"),
        (lambda: ModelConfig(objective="gan"), "objective='gan' is not known"),
        (lambda: ModelConfig(beta=-1.0), "beta=-1.0"),
        (lambda: Conv((1, 24, 32)), "multiples of 16"),
    ],
)
def test_configurations_that_cannot_be_meant(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --------------------------------------------------------------------------------------------------------------- models


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name != "factor_vae"])
def test_models_learn(tmp_path, objective):
    model = new_model(objective, capacity=3.0, capacity_warmup=100, beta=4.0)
    train(model, DATA, TrainConfig(iterations=150, learning_rate=3e-3, **SMALL), tmp_path)
    first, *_, last = log_of(tmp_path)
    assert last["log_likelihood"] > first["log_likelihood"] + 20
    assert ("total_correlation" in last) is (objective == "beta_tcvae")


@pytest.mark.parametrize(
    "options", [dict(posterior="laplace", prior="laplace"), dict(prior="flow"), dict(estimator="mss")]
)
def test_families_priors_and_estimators_train(tmp_path, options):
    model = new_model(**options)
    before = weights(model)
    train(model, DATA, TrainConfig(iterations=3, **SMALL), tmp_path)
    assert all((before[name] != value).any() for name, value in model.state_dict().items() if "log_slope" not in name)


def test_warm_up_raises_the_weights_in_turn():
    model = new_model(beta=8.0, beta_warmup=4)
    assert [model._weights(i)[1] for i in (0, 2, 4, 9)] == [0.0, 4.0, 8.0, 8.0]
    assert model._weights(0)[0] == 1.0
    model = new_model(beta=8.0, kl_warmup=4)
    assert model._weights(1) == (0.25, 2.0, 0.25)
    assert new_model("vae")._weights(0) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("shape", [(1, 64, 64), (3, 32, 48)])
@pytest.mark.parametrize("network", [MLP, Conv])
def test_networks_have_the_shapes_they_say(network, shape):
    built = network(shape, 7)
    location, spread = built.encode(torch.zeros(2, *shape))
    assert location.shape == spread.shape == (2, 7)
    assert built.decode(location).shape == (2, *shape)


def test_the_mlp_is_that_of_the_paper():
    built = MLP((1, 64, 64))
    shapes = [layer.weight.shape[::-1] for layer in built.modules() if isinstance(layer, torch.nn.Linear)]
    assert [tuple(shape) for shape in shapes] == [
        (4096, 1200), (1200, 1200), (1200, 20), (10, 1200), (1200, 1200), (1200, 1200), (1200, 4096)
    ]  # fmt: skip


def test_a_module_of_ones_own(tmp_path):
    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.back = torch.nn.Linear(256, 4), torch.nn.Linear(2, 256)

        def encode(self, images):
            return self.linear(images.flatten(1)).chunk(2, 1)

        def decode(self, z):
            return self.back(z)

    from reference_models.models import Model

    model = Model(Own(), ModelConfig(n_latents=2), len(DATA))
    train(model, DATA, TrainConfig(iterations=30, **SMALL), tmp_path)
    assert len(log_of(tmp_path)) == 3
    assert np.isfinite(log_of(tmp_path)[-1]["loss"])
