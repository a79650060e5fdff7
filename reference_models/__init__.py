"""
Reference models to compare with: the beta-TCVAE and its relatives, trained with torch.

The package imports `dismetrics` and is never imported by it. Only its submodules import torch (extra
`train`), so that `import reference_models` works without it.
"""
