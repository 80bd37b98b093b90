"""Tell members who do the same work from members who merely share infrastructure.

A reseller's cards and proxies join a campaign with ordinary customers. What customers do not share
is the work queue: frames that some members use many times as often as the rest of the world
(FRAUDAR's idea that camouflage on popular objects cannot hide a dense block of rare ones; here the
block is found by two rounds of lift instead of greedy peeling, because frames are few).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph_models.communities.groups import Groups, entries
from graph_models.communities.rules import BEHAVIOUR
from graph_models.linking import LinkContext
from graph_models.linking.layers import Layer

__all__ = ["Work", "frames_of", "may_work", "work_of", "works_of"]

_ROUNDS = 3
_LEAST_USERS = 3  # of a frame, before it is anybody's work


@dataclass(frozen=True, eq=False)
class Work:
    """The common work of some accounts.

    ``frames`` are values of the prompt layer; ``share`` (accounts asked,) is the part of each
    account's exchanges inside them; ``worker`` says who takes part; ``idle`` who made too few
    exchanges to tell.
    """

    frames: NDArray[np.int64]
    share: NDArray[np.float64]
    worker: NDArray[np.bool_]
    idle: NDArray[np.bool_]

    @property
    def found(self) -> bool:
        """Whether there is a common work queue at all."""
        return bool(
            self.worker.sum() >= BEHAVIOUR.min_workers
            and np.median(self.share[self.worker]) >= BEHAVIOUR.min_median_share
        )

    @property
    def outsider(self) -> NDArray[np.bool_]:
        """Who worked enough to be judged and takes no part."""
        return ~self.worker & ~self.idle


def work_of(context: LinkContext, accounts: NDArray[np.int64]) -> Work | None:
    """Find the frames that the accounts have in common and few others use.

    Args:
        context: The population with its prompt layer.
        accounts: Positions of the accounts, ascending.

    Returns:
        The work, or None when no prompt was seen.
    """
    layer = context.layer("prompt_cluster")
    if layer is None or len(accounts) < 2:
        return None
    local, frame, count = _uses(layer, accounts)
    exchanges = np.maximum(context.population.exchanges[accounts], 1)
    worker = np.ones(len(accounts), bool)
    frames = np.zeros(0, np.int64)
    share = np.zeros(len(accounts))
    for _ in range(_ROUNDS):
        at_work = worker[local]
        frames = _special(layer, frame[at_work], count[at_work], int(worker.sum()))
        inside = np.isin(frame, frames)
        done = np.bincount(local[inside], weights=count[inside], minlength=len(accounts))
        kinds = np.bincount(local[inside], minlength=len(accounts))
        share = np.minimum(done / exchanges, 1.0)
        several = (kinds >= 2) & (share >= BEHAVIOUR.min_share)
        worker = several | ((kinds >= 1) & (share >= 2 * BEHAVIOUR.min_median_share))
        if not worker.any():
            break
    return Work(frames, share, worker, exchanges < BEHAVIOUR.min_exchanges)


def works_of(context: LinkContext, groups: Groups) -> dict[int, Work]:
    """The common work of the communities that have any, by number of the community."""
    who = groups.parts()
    some = np.flatnonzero(may_work(context, groups))
    found = ((code, work_of(context, who[code])) for code in some.tolist())
    return {code: work for code, work in found if work is not None and work.found}


def may_work(context: LinkContext, groups: Groups) -> NDArray[np.bool_]:
    """Which communities can have common work at all, shape (communities,).

    The first look of ``work_of`` at all communities at once: where no frame stands out among all
    members, none is found later.
    """
    layer = context.layer("prompt_cluster")
    large = groups.size >= BEHAVIOUR.min_size
    if layer is None or not large.any():
        return np.zeros(len(groups), np.bool_)
    some = groups.only(large)
    member, edge = entries(layer.start, some.account)
    value = layer.value[edge]
    shared = layer.degree[value] >= _LEAST_USERS
    key = some.code[member[shared]] * len(layer.position) + value[shared]
    pair, inside = np.unique(key, return_counts=True)
    code, frame = np.divmod(pair, len(layer.position))
    lifted = _lifted(layer, frame, inside, some.size[code])
    possible = np.bincount(code[lifted], minlength=len(some)) > 0
    found = np.zeros(len(groups), np.bool_)
    found[np.flatnonzero(large)] = possible
    return found


def frames_of(context: LinkContext, accounts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Identifier positions of frames that the accounts use far more often than others, sorted.

    Also where too small a part of their exchanges follows any for the work to be found by it.
    """
    layer, work = context.layer("prompt_cluster"), work_of(context, accounts)
    if layer is None or work is None:
        return np.zeros(0, np.int32)
    return np.sort(layer.position[work.frames])


def _uses(
    layer: Layer, accounts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Edges of the accounts: local index of the account, frame, exchanges."""
    local, edge = entries(layer.start, accounts)
    return local, layer.value[edge].astype(np.int64), layer.count[edge]


def _special(
    layer: Layer, used: NDArray[np.int64], count: NDArray[np.int64], workers: int
) -> NDArray[np.int64]:
    """Frames that at least three of the workers use, far more often than other accounts do.

    Camouflage is taken from prompts that everybody has: of its users few are workers, while a queue
    belongs to its workers. So a frame must be nearly as much theirs as most of their work is.
    """
    frame, first, inside = np.unique(used, return_inverse=True, return_counts=True)
    done = np.bincount(first, weights=count)
    lifted = _lifted(layer, frame, inside, np.asarray(workers))
    if not lifted.any():
        return frame[:0]
    theirs = inside / layer.degree[frame]
    order = np.argsort(theirs[lifted])
    middle = np.searchsorted(np.cumsum(done[lifted][order]), done[lifted].sum() / 2)
    typical = theirs[lifted][order][min(middle, len(order) - 1)]
    chosen: NDArray[np.int64] = frame[lifted & (theirs >= BEHAVIOUR.purity * typical)]
    return chosen


def _lifted(
    layer: Layer, frame: NDArray[np.int64], inside: NDArray[np.int64], workers: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Frames that enough of the workers use, many times as often as other accounts do."""
    outside = layer.degree[frame] - inside
    rate_in = inside / np.maximum(workers, 1)
    rate_out = (outside + 0.5) / np.maximum(layer.accounts - workers, 1)
    enough = inside >= np.maximum(_LEAST_USERS, 0.02 * workers)
    lifted: NDArray[np.bool_] = enough & (rate_in >= BEHAVIOUR.min_lift * rate_out)
    return lifted
