"""Posteriors of one's own: what ours do, by another class."""


class Own:
    """A posterior that hides its family, so that only the protocol's methods are seen."""

    def __init__(self, inner):
        self.inner, self.n_samples, self.n_latents = inner, inner.n_samples, inner.n_latents

    def __getattr__(self, name):
        if name == "select":  # ours have it, and nobody else needs to
            raise AttributeError(name)
        return getattr(self.inner, name)

    def take(self, rows):
        return type(self)(self.inner.take(rows))
