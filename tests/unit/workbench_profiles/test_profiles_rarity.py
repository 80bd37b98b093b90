"""The rarity behind a bit: its parts add up to the bits that linking says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_models.kinds import KINDS
from graph_models.linking.rules import DERIVED_POLICIES
from graph_models.linking.shared import shared_bits
from workbench.profiles.rarity import bits_of_exclusive, policy_named, rarity_of

NAMES = [kind.name for kind in KINDS] + list(DERIVED_POLICIES)


class OneLayer:
    """As much of a layer as the formula reads."""

    def __init__(self, kind: str, edges: int) -> None:
        self.policy, self.edges = policy_named(kind), edges


@given(
    kind=st.sampled_from(NAMES),
    accounts=st.integers(2, 500),
    busier=st.integers(1, 400),
    edges=st.integers(1_000, 10_000_000),
    reuse=st.floats(0.001, 0.9),
    claimed=st.floats(0, 1),
    gap=st.floats(0, 60),
)
def test_the_terms_add_up_to_what_linking_says(
    kind: str, accounts: int, busier: int, edges: int, reuse: float, claimed: float, gap: float
) -> None:
    inputs = {
        "accounts": float(accounts), "values_of_busier": float(busier), "edges": float(edges),
        "reuse": reuse, "claimed": claimed, "gap_days": gap,
    }  # fmt: skip
    numbers = [np.array([inputs[n]]) for n in ("accounts", "values_of_busier")]
    bits = shared_bits(
        OneLayer(kind, edges),  # type: ignore[arg-type]
        *numbers, np.array([claimed]), np.array([gap]), reuse=reuse,
    )  # fmt: skip
    said = round(float(bits[0]), 3)
    found = rarity_of(f"shared {kind}", inputs, said, accounts=1_000_000)
    assert found is not None
    assert found.bits == pytest.approx(said, abs=1e-9)
    raw = sum(term.bits for term in found.terms[1:])
    assert abs(found.terms[0].bits + raw - said) < 1e-6
    # Rounding moves no term by more than a few thousandths of a bit.
    rare = -np.log2(accounts * busier / edges)
    if abs(rare) > 0.01:
        assert found.terms[0].bits == pytest.approx(rare, abs=0.006)


def test_what_stands_behind_no_single_value_has_no_rarity() -> None:
    assert rarity_of("synchrony", {"common_buckets": 3.0}, 2.0, accounts=10) is None
    assert rarity_of("shared shoe_size", {}, 2.0, accounts=10) is None


def test_a_cap_is_told_as_its_own_part() -> None:
    inputs = {"accounts": 2.0, "values_of_busier": 1.0, "edges": 1e9, "reuse": 0.5,
              "claimed": 0.0, "gap_days": 0.0}  # fmt: skip
    cap = policy_named("device").cap_bits
    found = rarity_of("shared device", inputs, cap, accounts=10)
    assert found is not None
    assert found.capped
    assert any("at most" in term.words and term.bits < 0 for term in found.terms)
    assert found.uncapped > cap


def test_an_exclusive_value_says_less_of_a_busy_account() -> None:
    rare, busy = (bits_of_exclusive("ip", edges=10_000, values_of_busier=n) for n in (1, 300))
    assert rare > busy >= 0
    assert bits_of_exclusive("ip", edges=10**9, values_of_busier=1) == policy_named("ip").cap_bits
