"""Explain, community, account and identifier in Streamlit's harness, hostile values included."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.desks import HOSTILE, StoredDesk, busy_published, hostile_published
from workbench.app import beside, session

MAIN = Path(session.__file__).with_name("main.py")
GRAPHS: dict[str, Callable[[], Any]] = {
    "busy": busy_published, "hostile": hostile_published, "empty": lambda: None,
}  # fmt: skip
PARAMETER = {"community": "community", "account": "account", "identifier": "node"}
# What Streamlit's Markdown would act on, unless it is escaped or in a code span.
LIVE = re.compile(r"(?<!\\)(!\[x|\[click|<img|<script|<a |<svg|<iframe|\$\\frac|:material/bug)")
CODE = re.compile(r"(`+).*?\1", re.DOTALL)
Opened = Callable[..., AppTest]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    beside.asked.clear()

    def run(what: str, page: str, **query: str) -> AppTest:
        desk = StoredDesk(tmp_path, GRAPHS[what](), hostile=what == "hostile")
        monkeypatch.setattr(session, "open_desk", lambda: desk)
        app = AppTest.from_file(str(MAIN), default_timeout=90)
        app.switch_page(f"screens/{page}.py")
        app.query_params.update(query)
        app.run()
        for _ in range(20):  # what is read beside the page comes with the next run
            if "…" not in "".join(item.value for item in app.caption if "being" in item.value):
                break
            time.sleep(0.05)
            app.run()
        assert not app.exception, app.exception
        return app

    return run


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "title", "text", "code")
    shown = [str(item.value) for kind in kinds for item in getattr(app, kind)]
    return "\n".join([*shown, *(f"{item.label} {item.value}" for item in app.metric)])


def plain(app: AppTest) -> str:
    """What stands on the page, without the escapes of Markdown."""
    return words(app).replace("\\", "")


@pytest.mark.parametrize("page", PARAMETER)
def test_without_data_each_page_says_what_to_do(opened: Opened, page: str) -> None:
    app = opened("empty", page)
    assert not app.error
    assert any(button.label == "Load files" for button in app.button)


@pytest.mark.parametrize("page", PARAMETER)
def test_without_a_name_each_page_asks_for_one(opened: Opened, page: str) -> None:
    app = opened("busy", page)
    assert "Name one: type it here" in words(app)
    assert len(app.text_input) >= 1


@pytest.mark.parametrize(
    ("page", "name", "near"),
    [
        ("community", "cm_7c1eXX", "community:cm_7c1e04"),
        ("account", "acct_7c1000Z", "account:acct_7c10000"),
        ("identifier", "device:dv_7c1e04_ZZ", "device:dv_7c1e04_1"),
    ],
)
def test_an_unknown_name_leads_to_near_ones(
    opened: Opened, page: str, name: str, near: str
) -> None:
    app = opened("busy", page, **{PARAMETER[page]: name})
    assert app.error
    names = [value for frame in app.dataframe for value in frame.value.get("Name", [])]
    assert near in names


def test_a_kind_that_nobody_knows_is_an_error_in_words(opened: Opened) -> None:
    assert opened("busy", "identifier", node="shoe_size:44").error
    assert opened("busy", "identifier", node="no colon at all").error


def test_the_card_of_a_community_says_why_and_how_far(opened: Opened) -> None:
    app = opened("busy", "community", community="cm_7c1e04")
    said = plain(app)
    assert "That it is no chance is not guilt" in said
    assert "How it could be innocent" in said
    assert "No login row on 3 May to 5 May 2026" in said
    assert "50 of 96, and 46 on other pages" in said
    assert "Release 1: members moved more." in said
    assert "workbench card cm_7c1e04" in said
    released = next(f.value for f in app.dataframe if "Members moved" in f.value)
    assert released["Members moved"].tolist() == ["+50%"]
    ties = next(f.value for f in app.dataframe if "Identifier" in f.value)
    assert len(ties) > 0
    assert "of 32" in ties["Members"].iloc[0]


def test_members_are_paged_and_their_csv_holds_no_formula(opened: Opened) -> None:
    from workbench.app.screens.community import _csv

    app = opened("busy", "community", community="cm_31fa88")
    assert "50 of 420, and 370 on other pages" in plain(app)
    table = pd.DataFrame({"account": pd.Series(HOSTILE, dtype="str")})
    assert b"\n=HYPERLINK" not in _csv(table)
    assert b"'=HYPERLINK" in _csv(table)


def test_the_page_of_an_account_counts_everything(opened: Opened) -> None:
    app = opened("busy", "account", account="acct_7c10001")
    said = plain(app)
    assert "cm_7c1e04" in said
    assert "shown + 1 private + 0 truncated = 7" in said
    assert "2 shown + 0 truncated = 2" in said
    assert "That is not a clearance" in said
    assert "workbench show account:acct_7c10001" in said
    files = next(f.value for f in app.dataframe if "File" in f.value)
    assert files["Rows"].tolist() == [12] or files["Rows"].tolist() == ["12"]


def test_private_values_are_read_on_request(opened: Opened) -> None:
    app = opened("busy", "account", account="acct_7c10001")
    app.toggle(key="account_own").set_value(True).run()
    for _ in range(20):
        if "values that are not in the list above" in plain(app):
            break
        time.sleep(0.05)
        app.run()
    values = [v for f in app.dataframe for v in f.value.get("Value", [])]
    assert "key_own_1" in values


def test_the_page_of_an_identifier_says_who_and_how_rare(opened: Opened) -> None:
    app = opened("busy", "identifier", node="ip:240.99.0.1")
    said = plain(app)
    assert "Context, never a bridge: 662 accounts used it" in said
    assert "50 shown + 612 on other pages = 662" in said
    next(button for button in app.button if button.label == "Next page").click().run()
    assert not app.exception
    assert "First page" in [button.label for button in app.button]
    rare = plain(opened("busy", "identifier", node="payment_method:stripe/fp_7c1e04_0"))
    assert "May link: 9 accounts used it" in rare
    assert "How it misleads" in rare


def test_explain_shows_the_command_and_the_next_pair(opened: Opened) -> None:
    app = opened("busy", "explain", a="acct_7c10001", b="acct_7c10000")
    assert "workbench explain acct_7c10001 acct_7c10000" in words(app)
    first = app.text_input(key="explain_b").value
    next(button for button in app.button if button.label == "Next pair").click().run()
    assert app.text_input(key="explain_b").value != first
    assert not app.exception


def with_more(told: dict[str, Any]) -> dict[str, Any]:
    """What the real ``explain`` adds, for a pair without a link."""
    rarity = {"accounts": 8, "of": 13_600, "innocent": 0.0007, "fellows": 0.5, "uncapped": 14.2,
              "cap": 13.0, "terms": [{"words": "rare", "bits": 12.6}]}  # fmt: skip
    more = {"shared": {"kind": "ip", "value": "240.7.0.1"}, "accounts": 8, "rarity": rarity,
            "looked_for": ["A common device: 2 and 3 values, none in common."]}  # fmt: skip
    prefix = {"kind": "ip_prefix", "value": "203.0.113.0/24"}
    hub = {**told["signals"][0], "signal": "context ip_prefix", "bits": 0.0, "identifier": None,
           "shared": prefix, "accounts": 4312}  # fmt: skip
    compared = {"family": "device", "kind": "device", "a": 2, "b": 3, "shared": 0, "hubs": 0,
                "words": "compared, nothing in common", "gaps": ["login: 3 May 2026"]}  # fmt: skip
    return {
        **told,
        "signals": [{**entry, **more} for entry in told["signals"]],
        "against": [*told["against"], hub],
        "linked": False,
        "compared": [compared],
        "silent": [{"signal": "respawn", "family": "lifecycle", "needs": ["account.closed_at"]}],
        "lacking": ["account.closed_at"],
        "communities": {told["a"]: {"community": None, "tier": None}},
        "why_not": {"reasons": ["They share only what links nobody."],
                    "needs": [{"kind": "device", "bits": 9.0, "enough": True}]},
    }  # fmt: skip


def test_a_pair_without_a_link_gets_a_full_answer(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = StoredDesk.explain
    monkeypatch.setattr(StoredDesk, "explain", lambda *args: with_more(dict(told(*args))))
    app = opened("busy", "explain", a="acct_7c10001", b="acct_31f0001")
    said = plain(app)
    assert "Why these two are not linked" in said
    assert "9.0 bits: a device of these two alone – enough by itself" in said
    assert "respawn is silent: no log holds account.closed_at" in said
    assert "Uncapped it would say 14.2 bits; its kind may say at most 13.0" in said
    hubs = next(f.value for f in app.dataframe if "Why it links nobody" in f.value)
    assert hubs["Value"].tolist() == ["203.0.113.0/24"]
    assert "4" in str(hubs["Accounts"].tolist()[0])
    assert any("What was compared" in item.value for item in app.markdown)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("community", {"community": "cm_hostile"}),
        *(("account", {"account": text}) for text in HOSTILE[:8]),
        *(
            ("identifier", {"node": f"{kind}:{text}"})
            for kind, text in zip(
                ("device", "payment_method", "prompt_cluster", "user_agent", "foreign") * 5,
                HOSTILE,
                strict=False,
            )
        ),
        ("identifier", {"node": f"api_key:{HOSTILE[1]}"}),
        ("explain", {"a": HOSTILE[0], "b": HOSTILE[3]}),
    ],
)
def test_hostile_values_stay_text(opened: Opened, page: str, query: dict[str, str]) -> None:
    app = opened("hostile", page, **query)
    for item in [*app.markdown, *app.caption, *app.error, *app.info]:
        # Whatever could be a picture, a link or markup is behind an escape or in code.
        shown = CODE.sub("", str(item.value))
        assert not LIVE.search(shown), shown[:200]
    for chart in app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart"):
        assert "window.__pwn" not in json.dumps(str(chart.proto.spec))
