"""A partition of the latents into groups."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dismetrics.typing import IntArray
from dismetrics.validation.settings import as_positive_integer

__all__ = ["as_partition"]


def as_partition(groups: Any, n_latents: int) -> dict[str, IntArray]:
    """Groups of latents by name: disjoint, none empty, and together all of them.

    From a mapping of names to indices, or a sequence of lists of indices, named `group_0`, `group_1`, ....
    """
    if isinstance(groups, Mapping):
        named = {str(name): members for name, members in groups.items()}
        if len(named) < len(groups):
            raise ValueError(f"names of groups must differ from each other as text: {list(groups)}")
    elif isinstance(groups, (str, bytes)) or not isinstance(groups, Iterable):
        raise TypeError(f"groups={groups!r}; lists of latents such as [[0, 1], [2]], or a mapping, are wanted")
    else:
        named = {f"group_{number}": members for number, members in enumerate(groups)}
    result = {name: _members(name, members, n_latents) for name, members in named.items()}
    owner: dict[int, str] = {}
    for name, members in result.items():
        for latent in members.tolist():
            if latent in owner:
                where = f"groups {owner[latent]!r} and {name!r}" if owner[latent] != name else f"group {name!r}"
                raise ValueError(f"latent {latent} is twice in {where}; groups must not share latents")
            owner[latent] = name
    missing = [latent for latent in range(n_latents) if latent not in owner]
    if missing:
        raise ValueError(
            f"no group holds latent{'s' if len(missing) > 1 else ''} {', '.join(map(str, missing))}; groups must hold "
            f"all {n_latents} latents: give what is left a group of its own"
        )
    return result


def _members(name: str, members: Any, n_latents: int) -> IntArray:
    if isinstance(members, (str, bytes, Mapping)) or not isinstance(members, Iterable):
        raise TypeError(f"group {name!r} is {members!r}; a list of latents, from 0 to {n_latents - 1}, is wanted")
    indices = [as_positive_integer(latent, f"latent of group {name!r}", at_least=0) for latent in members]
    if not indices:
        raise ValueError(f"group {name!r} is empty; leave it out")
    if max(indices) >= n_latents:
        raise ValueError(f"group {name!r} holds latent {max(indices)}, but latents run from 0 to {n_latents - 1}")
    return np.array(indices)
