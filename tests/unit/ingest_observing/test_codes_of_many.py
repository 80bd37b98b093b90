"""Codes of many values are those of one, and plain texts are their own clean values."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_models import codes as module
from graph_models.cleaning import MAX_VALUE, NOTHING, is_nothing
from graph_models.codes import check_collisions, code, codes
from graph_models.errors import BadDataError
from graph_models.kind import Kind
from graph_models.kinds import KINDS
from ingest.observing.coding import cleaned

LENGTHS = ["é" * n + "x" * (n % 7) for n in range(200)]
PLAIN = [kind for kind in KINDS if kind.plain]
ODD = ["", " ", " 8.8.8.8", "8.8.8.8", "08.8.8.8", "2001:DB8::1", "DV_1", "dv_1", "aaa", "{ab12}",
       "sk-" + "a" * 30, "a b", "stripe/fp_1", "/fp_2", "x" * 300, "é1", "dv_1\n"]  # fmt: skip


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", 0)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    "form", [list, tuple, iter, pd.Series, pa.array, lambda v: pa.chunked_array([v[:9], v[9:]])]
)
def test_the_compiled_hash_is_the_one_of_the_standard_library(form) -> None:
    assert codes("ip", form(LENGTHS)).tolist() == [code("ip", text) for text in LENGTHS]


@pytest.mark.usefixtures("compiled")
def test_a_slice_and_half_a_surrogate_pair_are_coded_alike() -> None:
    assert codes("ip", pa.array(LENGTHS)[5:9]).tolist() == [code("ip", t) for t in LENGTHS[5:9]]
    assert codes("ip", ["a", "\ud800"]).tolist() == [code("ip", "a"), code("ip", "\ud800")]
    assert codes("ip", []).tolist() == []


def test_two_values_with_one_code_are_refused() -> None:
    check_collisions("ip", np.array([3, 1, 2]))
    with pytest.raises(BadDataError, match="same 64-bit code"):
        check_collisions("ip", np.array([3, 1, 3]))


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.name)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_plain_text_is_its_own_clean_value(kind: Kind, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(kind.plain, re.ASCII), fullmatch=True))
    refused = is_nothing(text) or text.lower() in kind.not_plain or len(text) > MAX_VALUE
    assert refused or kind.clean(text) == text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_many_are_cleaned_as_one(kind: Kind) -> None:
    raws = sorted({*ODD, *NOTHING, *kind.not_plain, *(word.upper() for word in NOTHING)})
    wanted = {raw: value for raw in raws if (value := kind.clean(raw)) is not None}
    table = cleaned(kind, pa.chunked_array([raws]))
    assert dict(zip(*table.to_pydict().values(), strict=True)) == wanted
    assert table.num_rows == len(wanted)
