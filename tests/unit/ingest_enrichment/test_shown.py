"""From a log to what a desk sees: enrichment on the nodes of the published graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graph_models.errors import BadDataError
from graph_models.linking import LinkContext
from graph_models.nodes import NodeRef
from graph_models.stores import open_store
from graph_models.stores.protocol import Published
from ingest.store.workspace import Workspace
from tests.unit.ingest_enrichment.files import small_mmdb
from tests.unit.ingest_store import logs
from workbench import health

HOSTILE = "<b>\u202eNet</b>'; DROP TABLE x --"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    tmp_path = tmp_path_factory.mktemp("desk")
    own = tmp_path / "ws" / "enrichment"
    own.mkdir(parents=True)  # the user's files may be there before the workspace is
    small_mmdb(own / "asn.mmdb", {"9.9.0.0/16": {"autonomous_system_organization": HOSTILE}})
    folder = tmp_path / "logs"
    people = [{**row, "email_domain": "mail.firm.co.uk"} for row in logs.accounts()]
    logs.write(folder / "accounts.csv", people)
    logs.write(folder / "exchanges.jsonl", logs.exchanges())
    payments = [{**row, "bin": "411111"} for row in logs.payments()]
    logs.write(folder / "payments.csv", payments)
    desk = Workspace.open(tmp_path / "ws")
    with pytest.MonkeyPatch.context() as patch:  # the home that each test has
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        logs.load(desk, folder)
    return desk


def test_a_node_tells_its_enrichment_and_who_says_so(workspace: Workspace) -> None:
    snapshot = workspace.current()
    obs = snapshot.observations()
    store = open_store("embedded:", workspace.path)
    with store.writer() as writer:
        writer.publish(Published(obs))
    view = store.view()
    address = view.entity(NodeRef("ip", "8.8.0.7")).properties
    assert address["registry_country"] == "US"
    assert any("iptocc" in text for text in address["enrichment"])
    assert "network_class" not in address
    card = view.entity(NodeRef("payment_method", "stripe/fp_1")).properties
    assert card["card_scheme"] == "visa"
    held = view.entity(NodeRef("ip", "9.9.0.1")).properties
    assert held["network_organisation"] == HOSTILE  # kept as it is; made inert where it is shown
    domain = view.entity(NodeRef("email_domain", "mail.firm.co.uk")).properties
    assert domain["registered_domain"] == "firm.co.uk"
    assert "domain_class" not in domain


def test_what_nobody_tells_is_said_to_be_lacking(workspace: Workspace) -> None:
    obs = workspace.current().observations()
    assert {"enrichment.bin_issuer"} <= set(obs.lacking)
    assert "enrichment.network_class" not in obs.lacking  # a source for it is at hand


def test_the_cache_changes_nothing(workspace: Workspace) -> None:
    first = workspace.current().observations().enrichment
    for path in workspace.layout.cache.glob("enrichment-*"):
        path.unlink()
    again = workspace.current().observations().enrichment
    assert first.equals(again)


def test_linking_may_ask_for_classes(workspace: Workspace) -> None:
    obs = workspace.current().observations()
    classes = LinkContext.of(obs).classes
    assert len(classes) == len(obs.identifiers)
    assert np.all(classes == None)  # noqa: E711 - an object array: nothing is of a known class


def test_a_damaged_file_stops_the_analysis_and_the_doctor_names_it(workspace: Workspace) -> None:
    broken = workspace.path / "enrichment" / "broken.mmdb"
    broken.write_bytes(b"not a database")
    try:
        with pytest.raises(BadDataError, match=r"broken\.mmdb"):
            workspace.current().observations()
        checks = health.examine(workspace.path, "embedded:").checks
    finally:
        broken.unlink()
    failed = [check for check in checks if check.state == "failed"]
    assert [check.name for check in failed] == ["enrichment mmdb"]
    assert "broken.mmdb" in failed[0].found


def test_the_doctor_names_providers_dates_and_what_is_missing(tmp_path: Path) -> None:
    checks = {check.name: check for check in health.examine(tmp_path / "ws", "embedded:").checks}
    assert checks["enrichment public_suffix"].found.count("data of 2") == 1
    assert checks["enrichment networks"].state == "absent"
    assert "network, label" in checks["enrichment networks"].fix
