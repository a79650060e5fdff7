"""What columns, objectives and cases are called on paper, with units."""

from dismetrics.scoring import spec_of

__all__ = ["case_words", "in_nats", "lower_is_better", "number_words", "objective_words", "with_unit"]

_NATS = {
    "dimension_wise_kl": "dimension-wise KL",
    "elbo": "ELBO",
    "index_code_mi": "index-code mutual information",
    "log_likelihood": "log-likelihood",
    "loss": "loss",
    "mean_kl": "KL to the prior",
    "total_correlation": "total correlation",
}

_OTHERS = {
    "beta": "β",
    "dci": "DCI",
    "dcimig": "DCIMIG",
    "infomec": "InfoMEC",
    "jemmig": "JEMMIG",
    "mcc": "MCC",
    "mig": "MIG",
    "mig_sup": "MIG-sup",
    "rmig": "RMIG",
    "sap": "SAP",
}

_OBJECTIVES = {
    "beta_tcvae": "β-TCVAE",
    "beta_vae": "β-VAE",
    "capacity_vae": "capacity VAE",
    "factor_vae": "FactorVAE",
    "vae": "VAE",
}


def number_words(name: str) -> str:
    """A column in words."""
    return _NATS.get(name) or _OTHERS.get(name) or name.replace("_", " ")


def in_nats(name: str) -> bool:
    """Whether a column is known to be in nats."""
    return name in _NATS


def with_unit(name: str) -> str:
    """A column in words, with its unit where it is known to have one."""
    return f"{number_words(name)} (nats)" if in_nats(name) else number_words(name)


def objective_words(name: str) -> str:
    """An objective as papers write it."""
    return _OBJECTIVES.get(name, name)


def case_words(name: str) -> str:
    """How factors were distributed, in words."""
    return name.replace("_", ", ")


def lower_is_better(name: str) -> bool:
    """Whether the registry says that low scores of this number are the good ones."""
    spec = spec_of(name.partition(".")[0])
    return spec is not None and not spec.higher_is_better
