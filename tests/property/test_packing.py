"""Any names and contents: tarfile reads back exactly what was packed."""

from __future__ import annotations

import os
import tarfile
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.copying import PayloadSink
from evidence.packing import TarPacker
from evidence.tarheader import Attributes, file_header, general_header, safe_name

COMPONENT = st.binary(min_size=1, max_size=120).filter(lambda b: not {0, 47} & set(b))
NAME = st.lists(COMPONENT, min_size=1, max_size=4).map(b"/".join)
ANY_NAME = st.text("ab./%2EF5", max_size=24).map(str.encode)
FILE = st.tuples(
    NAME,
    st.binary(max_size=2000),
    st.integers(-(2**62), 2**62),
    st.integers(0, 2**32 - 1),
)


@settings(max_examples=60, deadline=None)
@given(files=st.lists(FILE, max_size=5))
def test_tarfile_reads_what_was_packed(
    files: list[tuple[bytes, bytes, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "payload.tar")
        with PayloadSink(path, block_bytes=4096, blocks=2) as sink:
            packer = TarPacker(sink)
            members = []
            for name, content, mtime_ns, uid in files:
                packer.begin_file(
                    name, len(content), Attributes(0o600, uid, uid, mtime_ns)
                )
                packer.write(content)
                members.append(packer.end_file())
            packer.finish()
            sink.finish()
        with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as tar:
            found = tar.getmembers()
            assert len(found) == len(files)
            for read, member, (name, content, mtime_ns, uid) in zip(
                found, members, files, strict=True
            ):
                assert os.fsencode(read.name) == safe_name(name) == member.name
                assert read.isreg()
                assert read.uid == read.gid == uid
                assert abs(read.mtime - mtime_ns / 1e9) <= 1e-6 * max(
                    1, abs(read.mtime)
                )
                file = tar.extractfile(read)
                assert file is not None
                assert file.read() == content
                assert read.offset_data == member.offset


@settings(max_examples=500)
@given(one=ANY_NAME, two=ANY_NAME)
def test_safe_names_stay_inside_and_stay_apart(one: bytes, two: bytes) -> None:
    stored = safe_name(one)
    assert not stored.startswith(b"/")
    assert not {b"", b".", b".."} & set(stored.split(b"/"))
    if safe_name(two) == stored:
        assert one.lstrip(b"/") == two.lstrip(b"/")


@settings(max_examples=300)
@given(
    name=st.one_of(NAME, st.text("ab/", min_size=1, max_size=120).map(str.encode)),
    size=st.one_of(st.integers(0, 1 << 40), st.integers((8 << 30) - 2, (8 << 30) + 2)),
    owner=st.integers(0, 2**22),
    mtime_ns=st.one_of(st.integers(-(2**62), 2**63), st.integers(10**18, 2 * 10**18)),
)
def test_the_quick_header_is_the_general_one(
    name: bytes, size: int, owner: int, mtime_ns: int
) -> None:
    attributes = Attributes(0o100644, owner, owner, mtime_ns)
    general = general_header(name, b"0", size, attributes)
    assert file_header(name, size, attributes) == general
