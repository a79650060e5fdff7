"""Training iterations: what the parts of the KL cost, beside a VAE and beside the plain expression of all pairs.

Needs torch (extra `train`). One thread; the paper's MLP on rendered dSprites.
"""

import torch
from measure import heading, medians, peak_memory, row

from reference_models.data import Batches, Sprites
from reference_models.distributions import Gaussian
from reference_models.models import ModelConfig, build_model
from reference_models.pairwise import log_densities
from reference_models.trainer import has_bf16

GOALS = {64: None, 256: 0.10, 2048: 0.60}
REPEATS = {64: 15, 256: 11, 2048: 5}


def stepper(objective, batch_size, precision, data):
    """A function that does one iteration, batch and optimiser included."""
    torch.manual_seed(0)
    model = build_model(ModelConfig(objective=objective), data.image_shape, len(data))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    batches, iteration = Batches(len(data), batch_size, 0), 0

    def step():
        nonlocal iteration
        images = data.batch(batches.rows(iteration))
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss, _ = model(images, iteration)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        iteration += 1

    return step


def iterations(precision, data):
    """Cost of an iteration of a VAE and of a beta-TCVAE."""
    for batch_size, most in GOALS.items():
        steps = [stepper(objective, batch_size, precision, data) for objective in ("vae", "beta_tcvae")]
        vae, tcvae = medians(steps, repeats=REPEATS[batch_size])
        row(f"{precision}, batch {batch_size}: VAE, CPU-s an iteration", f"{vae:.3f}")
        goal, met = "", None
        if most is not None and precision == "fp32":
            goal, met = f"<= {most:.0%} more", tcvae <= (1 + most) * vae
        row("  beta-TCVAE", f"{tcvae:.3f}  {tcvae / vae - 1:+.0%}", goal, met)
        if batch_size == 2048 and precision == "bf16" and torch.cpu.get_capabilities().get("amx_bf16"):
            row("  beta-TCVAE, where there are bf16 matrix units", f"{tcvae:.3f}", "<= 0.7", tcvae <= 0.7)


def pairs(method, batch_size):
    """The pairwise term alone, with its gradient."""
    torch.manual_seed(0)
    mean = torch.randn(batch_size, 10, requires_grad=True)
    log_var = (torch.randn(batch_size, 10) - 3).requires_grad_()
    z = Gaussian(mean, log_var).rsample().detach()

    def run():
        joint, marginals = log_densities(Gaussian(mean, log_var), z, n_samples=737_280, method=method)
        loss = 5 * joint.mean() - 5 * marginals.sum(1).mean()
        return loss.detach(), torch.autograd.grad(loss, (mean, log_var))

    return run


def pairwise_term():
    """Chunks against the plain expression: cost, memory, and whether they agree."""
    for batch_size in GOALS:
        run = {method: pairs(method, batch_size) for method in ("plain", "chunked")}
        plain, chunked = medians(list(run.values()), repeats=REPEATS[batch_size])
        (_, wanted), (_, found) = run["plain"](), run["chunked"]()
        error = max(float((a - b).abs().max() / a.abs().max()) for a, b in zip(wanted, found, strict=True))
        row(f"batch {batch_size}: all pairs, plain, CPU-ms", f"{1e3 * plain:.1f}")
        row("  in chunks", f"{1e3 * chunked:.1f}")
        row("  largest difference of a gradient, relative", f"{error:.0e}", "<= 1e-5", error <= 1e-5)
    code = "import sys; sys.path.insert(0, {!r}); import bench_training as b; b.pairs({!r}, 2048)()"
    folder = __file__.rpartition("/")[0]
    for method in ("plain", "chunked"):
        row(f"batch 2048: peak memory of a process, {method}, GB", f"{peak_memory(code.format(folder, method)):.2f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    heading("Training, one thread")
    grid = Sprites()
    for each in ["fp32", "bf16"] if has_bf16("cpu") else ["fp32"]:
        iterations(each, grid)
    pairwise_term()
