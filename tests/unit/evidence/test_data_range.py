"""The time range of an order against what was acquired.

Truth comes from the recipes of the samples. The photograph was taken 2024-05-06 at
19:40:02+02:00. The disk image's ext4 holds eight regular files, seven of
2024-05-12T18:03:04Z and one of 1999; its FAT, which keeps local time of an unknown
zone, two and a label.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import clock
from evidence.acquire import Method, Request, acquire
from evidence.authority.order import order_from
from evidence.authority.recording import add_authority
from evidence.case import writing
from evidence.datatimes import Dating, in_utc, in_words
from evidence.grounds import Claim, ground_of
from evidence.leaving import basis_to_leave
from evidence.methods import take_chat, take_files, take_image, take_image_files
from evidence.methods import take_screenshot as take_picture
from evidence.narration import summary_pairs
from evidence.samples.disks import disk_image
from evidence.samples.pictures import photo_jpeg, screenshot_png
from evidence.scope import Scope, Touch
from manifests.canonical import Json
from manifests.entries import Entry
from tests.builders import new_bench

DOUBT = ["AUTHORITY_DATA_RANGE"]
CHAT = b"01/02/2026, 10:00 - A: x\n11/02/2026, 10:00 - A: y\nno time at all\n"
SCENES: dict[str, tuple[str, Method, bytes, dict[str, Json]]] = {
    "chat": ("chat", take_chat, CHAT, {"timezone": "UTC", "date_order": "dmy"}),
    "chat without zone": ("chat", take_chat, CHAT, {"date_order": "dmy"}),
    "photograph": ("screenshot", take_picture, photo_jpeg(), {}),
    "screenshot": ("screenshot", take_picture, screenshot_png(), {}),
    "not a picture": ("screenshot", take_picture, b"plain", {}),
    "disk": ("disk", take_image, disk_image(), {}),
    "files of a disk": (
        "disk",
        take_image_files,
        disk_image(),
        {"paths": ["/chats/chat.txt"], "deleted": False, "partition": None},
    ),
    "file of 2026-02-03": ("files", take_files, b"a", {}),
    "document": ("document", take_files, b"a", {}),
}
WRITTEN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC).timestamp()


def taken(folder: Path, scene: str, **limits: str) -> Entry:
    """Acquire what a scene holds under a warrant limited to a time."""
    kind, method, data, options = SCENES[scene]
    bench = new_bench(folder / "case", ground=None)
    order: dict[str, Any] = {"type": "warrant", "reference": "W 1"}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_authority(
            writer, order_from({**order, "categories": ["content"], **limits})
        )
    source = folder / "source"
    source.write_bytes(data)
    os.utime(source, (WRITTEN, WRITTEN))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        acquire(writer, Request(kind, (source,), options=options), method)
    assert bench.verify().axes["complete"].status.value == "pass"  # type: ignore[index]
    return list(bench.case.entries())[-1]


@pytest.mark.parametrize(
    ("scene", "start", "end", "doubted", "counts"),
    [
        ("chat", "2026-02-01", "2026-02-11", False, ("yes", 2, 0)),
        ("chat", "2026-02-02", "2026-02-11", True, ("yes", 2, 0)),
        ("chat", "2026-02-01", "2026-02-10", True, ("yes", 2, 0)),
        ("chat without zone", "2020-01-01", "2020-01-02", False, ("no", 0, 2)),
        ("photograph", "2024-05-06", "2024-05-06", False, ("yes", 1, 0)),
        ("photograph", "2024-05-06T17:40:02Z", "2024-05-07", False, ("yes", 1, 0)),
        ("photograph", "2024-05-06T17:40:03Z", "2024-05-07", True, ("yes", 1, 0)),
        ("photograph", "2024-05-01", "2024-05-06T17:40:01Z", True, ("yes", 1, 0)),
        ("screenshot", "2001-01-01", "2001-01-02", False, ("no", 0, 1)),
        ("not a picture", "2001-01-01", "2001-01-02", False, ("no", 0, 1)),
        ("disk", "", "2024-05-12", False, ("partly", 8, 3)),
        ("disk", "2000-01-01", "2024-05-12", True, ("partly", 8, 3)),
        ("disk", "", "2024-05-11", True, ("partly", 8, 3)),
        ("files of a disk", "2024-05-12", "2024-05-12", False, ("yes", 1, 0)),
        ("files of a disk", "2024-05-13", "2024-05-14", True, ("yes", 1, 0)),
        ("file of 2026-02-03", "2026-02-03", "2026-02-04", False, ("partly", 1, 0)),
        ("file of 2026-02-03", "2026-02-04", "2026-02-05", True, ("partly", 1, 0)),
        # An answer to an order is written after the time its data are of.
        ("file of 2026-02-03", "2026-01-01", "2026-01-02", False, ("partly", 1, 0)),
    ],
)
def test_what_has_times_is_compared_and_what_has_none_is_said(
    tmp_path: Path,
    scene: str,
    start: str,
    end: str,
    *,
    doubted: bool,
    counts: tuple[str, int, int],
) -> None:
    limits = {"data_from": start, "data_to": end}
    entry = taken(tmp_path, scene, **{k: v for k, v in limits.items() if v})
    assert entry.facts.get("ground_doubts", []) == (DOUBT if doubted else [])
    names = ("checked", "dated", "undated")
    assert entry.facts["data_range"] == dict(zip(names, counts, strict=True))
    told = dict(summary_pairs(entry.facts))["Time range"]
    word = {"yes": "checked:", "partly": "in part only", "no": "NOT CHECKED"}
    assert word[counts[0]] in told
    assert "2024" not in told and "2026" not in told  # no time of content is public


def test_nothing_is_said_where_no_range_is_set(tmp_path: Path) -> None:
    assert "data_range" not in taken(tmp_path / "a", "photograph").facts
    limits = {"data_from": "2026-01-01", "data_to": "2026-01-02"}
    assert "data_range" not in taken(tmp_path / "b", "document", **limits).facts


def tagged(tag: str, value: Json, **more: Json) -> dict[str, Json]:
    return {"kind": "tag", "tag": tag, "value": value, **more}


OFFSET, TIME = "EXIF OffsetTimeOriginal", "EXIF DateTimeOriginal"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([tagged(TIME, "2024:05:06 19:40:02"), tagged(OFFSET, "+02:00")], "17:40"),
        ([tagged(TIME, "2024:05:06 19:40:02")], ""),  # a zone is not guessed
        ([tagged(TIME, "2024:05:06 19:40:02"), tagged(OFFSET, "Z")], ""),
        ([tagged(TIME, "    :  :     :  :  "), tagged(OFFSET, "+02:00")], ""),
        ([tagged(TIME, "2024:13:06 19:40:02"), tagged(OFFSET, "+02:00")], ""),
        ([tagged(TIME, 5), tagged(OFFSET, [])], ""),
        (
            [
                tagged(TIME, "2001:01:01 00:00:00", shadowed=True),
                tagged(TIME, "2024:05:06 19:40:02"),
                tagged(OFFSET, "+02:00"),
            ],
            "17:40",
        ),
        ([{"kind": "position", "time": "2024-05-06T17:40:02Z"}], "17:40"),
    ],
)
def test_when_a_picture_was_taken(
    records: list[dict[str, Json]], expected: str
) -> None:
    dating = Dating("screenshot")
    for record in records:
        dating.take(record)
    dating.finish()
    assert dating.first[11:16] == expected
    assert (dating.dated, dating.undated) == ((1, 0) if expected else (0, 1))


def test_file_times_no_clock_can_have_had_count_as_none() -> None:
    for value in (None, 5, [], "", "x" * 9000, "2026-13-01T00:00Z", "0001-01-01"):
        assert in_utc(value) == ""  # type: ignore[arg-type] - hostile
    assert in_utc("9999-12-31T23:59-14:00") == ""
    assert in_utc("2026-01-01T02:00:00.123456789+02:00") == (
        "2026-01-01T00:00:00.123456Z"
    )


ODD = st.sampled_from(
    [None, True, -1, "", "\x00", "9" * 99, "2026-01-01T00:00:00Z", [], {}]
    + [{"modified": 7}, {"modified": "2024-01-01T00:00:00Z"}, {"modified": [[]]}]
)
NAMES = ["kind", "type", "time_utc", "mtime", "times", "name_type", "tag", "value"]
KINDS = st.sampled_from(["message", "file", "entry", "tag", "position", "unparsed"])


@given(
    st.sampled_from(["chat", "screenshot", "disk", "files"]),
    st.lists(
        st.tuples(KINDS, st.dictionaries(st.sampled_from(NAMES[1:]), ODD)), max_size=6
    ),
)
def test_no_record_stops_an_acquisition(
    kind: str, records: list[tuple[str, dict[str, Any]]]
) -> None:
    dating = Dating(kind)
    for word, fields in records:
        dating.take({"kind": word, **fields})
    dating.finish()
    facts = dating.facts(whole=True)
    assert facts["checked"] == "no" or dating.dated
    assert in_words(facts)
    assert dating.span[0] <= dating.span[1] or kind == "files"


@pytest.mark.parametrize(
    ("order", "refused"),
    [
        ({"data_from": "2026-02-01", "data_to": "2026-02-11"}, set()),
        ({"data_from": "2026-02-02"}, set(DOUBT)),
        ({"data_to": "2026-02-10"}, set(DOUBT)),
        ({"categories": ["subscriber"]}, {"AUTHORITY_CATEGORY"}),
        ({"categories": ["content", "traffic"]}, set()),
    ],
)
@pytest.mark.parametrize("touch", [Touch.DISCLOSE, Touch.CONSULT])
def test_an_exhibit_is_not_used_on_another_order_that_does_not_cover_it(
    tmp_path: Path, order: dict[str, Any], refused: set[str], touch: Touch
) -> None:
    """Taken on a wide warrant; given away or read on a second, narrower order."""
    kind, method, data, options = SCENES["chat"]
    bench = new_bench(tmp_path / "case", ground=None)
    (tmp_path / "source").write_bytes(data)
    wide: dict[str, Any] = {
        "type": "warrant",
        "reference": "W",
        "categories": ["content"],
    }
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for fields in (wide, wide | order):
            add_authority(writer, order_from(fields))
        claimed = Request(kind, (tmp_path / "source",), options=options)
        acquire(writer, replace(claimed, authority="AU-0001"), method)
    scope = Scope(touch, clock.now().time, ("EX-0001",))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        if touch is Touch.CONSULT:
            basis = ground_of(writer, scope, Claim("AU-0002", "a test"))
        else:
            to = replace(scope, recipient="POL-1", purpose="investigation")
            basis = basis_to_leave(bench.case, to, Claim("AU-0002", "a test"))
    found = {refusal.code for refusal in basis.overridden}
    assert found & {*DOUBT, "AUTHORITY_CATEGORY"} == refused
