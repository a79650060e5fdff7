"""A page taken apart, and made-up studies to make pages of."""

import math
from html.parser import HTMLParser

import dismetrics as dm

VOID = {"meta", "link", "img", "br", "wbr", "hr", "input"}
HOSTILE = '<script>alert(1)</script> $\\bad{ & "quoted" \''


class Page(HTMLParser):
    """What a page is made of; raises where tags do not balance."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text, self.cells = [], [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @property
    def caveats(self):
        return {one.removeprefix("caveat-") for one in self.ids if one.startswith("caveat-")}

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def model(objective="beta_tcvae", beta=4.0, seed=0, case="independent_uniform", **numbers):
    base = dict(cell=f"{objective}-{beta}-{case}-{seed}", objective=objective, beta=beta, case=case, seed=seed)
    base |= dict(status="done", error=None, data="sprites", n_images=737_280, index_code_mi_ceiling=math.log(737_280))
    small = 0.001 * (seed + 1)
    tc = 3 / beta + small + (objective == "beta_vae")
    measured = dict(mig=0.05 * beta + small, index_code_mi=6 + small, total_correlation=tc, dimension_wise_kl=1.2345)
    return {**base, **measured, "log_likelihood": -100 - beta, "elbo": -108 - beta - small, **numbers}


def models(n_seeds=6, **numbers):
    return [
        model(objective, beta, seed, **numbers)
        for objective in ("beta_vae", "beta_tcvae")
        for beta in (1.0, 4.0)
        for seed in range(n_seeds)
    ]


def study(rows):
    return dm.Study(tuple(rows), {"versions": {"torch": "2.9.0"}})


def two_cases():
    rows = models(5) + [model(seed=s, case="dependent_uniform", warnings="SaturationWarning: a") for s in range(5)]
    return study([*rows, {**model(seed=9), "status": "failed", "error": HOSTILE}])
