"""Classes of common values: what fellows share is counted, what only many share is demoted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from graph_models.families import Family
from graph_models.kind import LinkPolicy
from graph_models.linking.classes import MANY, class_words, classes_of
from graph_models.linking.layers import Layer
from graph_models.linking.rules import FELLOWS

POLICY = LinkPolicy(reuse=0.5, hub_degree=64, cap_bits=8.0, reason="A test.")
ACCOUNTS = 200


def layer(rows: list[tuple[int, int]], *, family: Family, stay: float = 0.0) -> Layer:
    """Edges (account, value), each used for ``stay`` days."""
    table = np.array(sorted(rows))
    values = int(table[:, 1].max()) + 1
    edges = len(table)
    return Layer(
        kind="ip" if family is Family.NETWORK else "prompt_cluster",
        family=family, policy=POLICY, accounts=ACCOUNTS,
        account=table[:, 0].astype(np.int32), value=table[:, 1].astype(np.int32),
        count=np.ones(edges, np.int64), claimed=np.zeros(edges, np.float32),
        first=np.zeros(edges), last=np.full(edges, stay),
        position=np.arange(values, dtype=np.int32),
        text=np.array([f"v{value}" for value in range(values)], object),
        linkable=np.ones(values, bool),
    )  # fmt: skip


def pool(first: int, *, together: bool) -> list[tuple[int, int]]:
    """32 accounts (16 pairs) on two values of 16: fellows meet on one, or never do."""
    return [(first + at, (at // 2) % 2 if together else at % 2) for at in range(32)]


def pairs(first: int, count: int = 16) -> NDArray[np.int32]:
    a = first + 2 * np.arange(count)
    return np.column_stack([a, a + 1]).astype(np.int32)


@pytest.mark.parametrize("family", [Family.NETWORK, Family.PROMPTS])
def test_values_that_fellows_share_keep_their_worth_and_others_lose_it(family: Family) -> None:
    queue = classes_of(layer(pool(0, together=True), family=family), pairs(0))
    proxy = classes_of(layer(pool(0, together=False), family=family), pairs(0))
    assert (queue.reuse > POLICY.reuse).all()
    assert (proxy.reuse < POLICY.reuse).all()
    expected = POLICY.reuse * FELLOWS.prior_pairs / (16 + FELLOWS.prior_pairs)
    assert proxy.reuse == pytest.approx(expected, abs=1e-4)


def test_without_fellows_the_data_sheet_speaks() -> None:
    found = classes_of(layer(pool(0, together=True), family=Family.NETWORK), pairs(0, 0))
    assert found.reuse == pytest.approx(POLICY.reuse)


def test_what_few_accounts_share_has_no_class() -> None:
    few = [(at, 0) for at in range(MANY - 1)] + [(at, 1) for at in range(20, 20 + MANY)]
    found = classes_of(layer(few, family=Family.PROMPTS), pairs(0, 3))
    assert (found.code >= 0).tolist() == [False, True]
    assert found.reuse[0] == POLICY.reuse


def test_learned_reuse_is_never_certain() -> None:
    # 100 pairs of fellows, all on the same three values of 32.
    rows = [(at, (at // 2) % 7) for at in range(ACCOUNTS)]
    found = classes_of(layer(rows, family=Family.PROMPTS), pairs(0, 100))
    assert found.reuse.max() == FELLOWS.most_reuse


def test_fellows_with_many_values_have_one_voice() -> None:
    one = pool(0, together=True)
    loud = one + [(at, 2 + value) for at in range(2) for value in range(10)]
    padded = loud + [(100 + at, 2 + value) for at in range(20) for value in range(10)]
    quiet = classes_of(layer(one, family=Family.PROMPTS), pairs(0)).reuse[0]
    shouted = classes_of(layer(padded, family=Family.PROMPTS), pairs(0)).reuse[0]
    assert shouted == pytest.approx(quiet, abs=0.02)


def test_places_are_classed_by_how_long_accounts_stay_and_frames_are_not() -> None:
    for family, differ in ((Family.NETWORK, True), (Family.PROMPTS, False)):
        passing = layer(pool(0, together=True), family=family, stay=0.0)
        staying = layer(pool(0, together=True), family=family, stay=30.0)
        codes = [classes_of(one, pairs(0)).code[0] for one in (passing, staying)]
        assert bool(codes[0] != codes[1]) is differ


def test_words_name_the_class() -> None:
    many = pool(0, together=True)
    carrier = layer(many, family=Family.NETWORK, stay=0.0)
    office = layer(many, family=Family.NETWORK, stay=30.0)
    frame = layer(many, family=Family.PROMPTS)
    assert "carrier" in class_words(carrier, 0)
    assert "office" in class_words(office, 0)
    assert class_words(frame, 0) == "many accounts share it"
    assert "home" in class_words(layer([(0, 0), (1, 0)], family=Family.NETWORK, stay=1.0), 0)
