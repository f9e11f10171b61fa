"""What a judge counts arrives in the store: each outcome once, under the names that the store has."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from tests.shadow.making import service, shadow
from tests.store.conftest import IDENTITY
from understudy.config.model import CompareRules
from understudy.evidence.settings import Settings
from understudy.exchange import Answer, Asked, Exchange, Observation
from understudy.shadow.headers import exchange_id
from understudy.store import counts, epochs, exchanges, paths
from understudy.store.epochs import Opening
from understudy.store.recorder import Recorder
from understudy.store.series import Series
from understudy.store.store import Store
from understudy.store.texts import storable
from understudy.store.writer import Plan, Writer

SERIES = Series("s", "GET /e")
JSON = [(b"Content-Type", b"application/json")]
NO_WARM_UP = Settings(warm_up=0)


def answer(data: Any, status: int = 200) -> Answer:
    body = json.dumps(data).encode()
    return Answer(status, JSON, body, len(body), 0.01)


def exchange(id: int, new: Observation, old: Observation | None = None, control: Observation | None = None) -> Exchange:
    asked = Asked("GET", "/e", [], [], b"")
    return Exchange(id, 0, "s", time.time() + id, asked, old or answer({"a": 1}), new, control)


def recording(url: URL, how: Settings = NO_WARM_UP, **compare: Any) -> tuple[Recorder, Writer]:
    """A recorder, and its writer that is not started yet."""
    writer = Writer(url, Opening(identity=IDENTITY, digest="d"), Plan(interval=0.01))
    return Recorder(service(shadow(compare=CompareRules(**compare))), writer, how), writer


def stored(url: URL) -> tuple[dict[str, int], list[str], dict[tuple[str, str], list[str]]]:
    """Counts, paths in order, and examples of the only epoch."""
    store = Store.open(url, make=False)
    with store.reading() as connection:
        (epoch,) = epochs.listed(connection)
        found = (counts.sums(connection, epoch.id).get(SERIES, {}),
                 list(paths.ordinals(connection, epoch.id).get(SERIES, {})),
                 exchanges.examples(connection, epoch.id, SERIES))  # fmt: skip
    store.close()
    return found


@pytest.fixture
def url(sqlite_url: URL) -> URL:
    """One kind of store is enough: the writer's own tests have both."""
    return sqlite_url


def test_every_outcome_is_counted_once_and_differences_have_examples(url: URL) -> None:
    recorder, writer = recording(url)
    writer.start()
    for id in range(10):
        recorder.judge(exchange(id, answer({"a": 2 if id % 2 else 1})), 0.0)
        recorder.flush()
    state = writer.stop()
    assert (state.saved, state.lost.outcomes) == (10, 0)
    sums, found, examples = stored(url)
    assert (sums["share/0"], sums["bodies/pairs"]) == (10, 10)
    assert (sums["found/candidate/$.a"], sums["alone/value/$.a"]) == (1, 4)
    assert found == ["$.a"]
    assert set(examples) == {("$.a", "value")} and exchange_id(1) in examples["$.a", "value"]


def test_controls_make_triples_and_shares_are_kept_apart(url: URL) -> None:
    recorder, writer = recording(url)
    recorder.judge(exchange(1, answer({"a": 1}), control=answer({"a": 1})), 1.0)
    recorder.judge(exchange(2, answer({"a": 1})), 0.25)
    recorder.flush()
    writer.start()
    writer.stop()
    sums, _, _ = stored(url)
    assert (sums["share/1000000"], sums["share/250000"], sums["triples"]) == (1, 1, 1)


def test_the_first_pairs_are_for_warming_up(url: URL) -> None:
    recorder, writer = recording(url, Settings(warm_up=3))
    for id in range(5):
        recorder.judge(exchange(id, answer({"a": 1})), 0.0)
    recorder.flush()
    writer.start()
    assert writer.stop().saved == 5
    sums, _, _ = stored(url)
    assert (sums["warm_up"], sums["share/0"]) == (3, 2)


def test_the_shadows_own_rules_are_applied(url: URL) -> None:
    recorder, writer = recording(url, ignore=("$.a",))
    recorder.judge(exchange(1, answer({"a": 2})), 0.0)
    recorder.flush()
    writer.start()
    writer.stop()
    assert stored(url)[1:] == ([], {})


def test_paths_that_the_store_knows_are_not_found_again(url: URL) -> None:
    """A mirror that was started again goes on where the last one was."""
    for life in range(2):
        recorder, writer = recording(url)
        writer.start()
        end = time.monotonic() + 10
        while writer.state().epoch is None and time.monotonic() < end:
            time.sleep(0.005)
        recorder.judge(exchange(life, answer({"a": 2})), 0.0)
        recorder.flush()
        writer.stop()
    sums, found, _ = stored(url)
    assert (sums["found/candidate/$.a"], sums["alone/value/$.a"]) == (1, 1)
    assert found == ["$.a"]


def test_a_shadow_that_is_not_compared_cannot_be_judged(url: URL) -> None:
    """It is a mistake of ours, which whoever calls can count."""
    recorder, _ = recording(url, enabled=False)
    with pytest.raises(KeyError):
        recorder.judge(exchange(1, answer({})), 0.0)


NAMES = st.text(st.characters(codec=None), max_size=6)


@settings(max_examples=25, deadline=None)
@given(keys=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_a_path_has_one_name_everywhere(keys: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("names")
    url = URL.create("sqlite", database=str(folder / "evidence.db"))
    recorder, writer = recording(url)
    for id in range(2):
        recorder.judge(exchange(id, answer(dict.fromkeys(keys, 2)), answer(dict.fromkeys(keys, 1))), 0.0)
        recorder.flush()
    writer.start()
    writer.stop()
    sums, found, examples = stored(url)
    assert found and all(path == storable(path) for path in found)
    assert {path for path, _ in examples} == set(found)
    for path in found:
        assert (sums[f"found/candidate/{path}"], sums[f"alone/any/{path}"]) == (1, 1)
