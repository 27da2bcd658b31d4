"""A package's folder as a tar: read by tar, and nothing harmful taken out of one."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from evidence.envelope.tarball import extract, tar_size, write_tar
from evidence.envelope_errors import EnvelopeCutError, EnvelopeMalformedError
from evidence.transfer_errors import PackageMalformedError
from manifests.errors import CustodyError


class Out(io.BytesIO):
    """Bytes kept."""


def package(folder: Path) -> Path:
    made = folder / "p"
    deep = made / "data" / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    (deep / "имя.txt").write_bytes(b"x" * 1_000)
    (made / "bagit.txt").write_bytes(b"")
    (made / "data" / "big").write_bytes(b"y" * 2_500_000)
    return made


def test_tar_lists_what_is_written_and_it_comes_back(tmp_path: Path) -> None:
    folder = package(tmp_path)
    out = Out()
    write_tar(folder, out)
    assert len(out.getvalue()) <= tar_size(folder)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        names = sorted(tar.getnames())
    own = [p for p in folder.rglob("*") if p.is_file()]
    assert names == sorted(f"package/{p.relative_to(folder)}" for p in own)
    back = tmp_path / "back"
    back.mkdir()
    data = out.getvalue()
    extract((data[at : at + 1000] for at in range(0, len(data), 1000)), back)
    for path in own:
        assert (back / path.relative_to(folder)).read_bytes() == path.read_bytes()


def tar_of(*members: tuple[str, bytes, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content)
            info.linkname = "/etc/passwd" if kind != tarfile.REGTYPE else ""
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        [("package/../x", tarfile.REGTYPE, b"1")],
        [("/etc/x", tarfile.REGTYPE, b"1")],
        [("other/x", tarfile.REGTYPE, b"1")],
        [("package/x", tarfile.SYMTYPE, b"")],
        [("package/x", tarfile.LNKTYPE, b"")],
        [("package/x", tarfile.FIFOTYPE, b"")],
        [("package/x", tarfile.REGTYPE, b"1"), ("package/x", tarfile.REGTYPE, b"2")],
        [("package/x", tarfile.REGTYPE, b"1"), ("package/X", tarfile.REGTYPE, b"2")],
        [("package/a\nb", tarfile.REGTYPE, b"1")],
    ],
)
def test_what_could_do_harm_is_refused(
    tmp_path: Path, members: list[tuple[str, bytes, bytes]]
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    with pytest.raises((EnvelopeMalformedError, PackageMalformedError)):
        extract([tar_of(*members)], room)
    assert not (tmp_path / "x").exists()


def test_a_header_that_claims_gigabytes_costs_nothing(tmp_path: Path) -> None:
    info = tarfile.TarInfo("package/x")
    info.type, info.size = tarfile.XHDTYPE, 8 << 30
    with pytest.raises(EnvelopeMalformedError):
        extract([info.tobuf(tarfile.GNU_FORMAT)], tmp_path)


def test_a_tar_cut_anywhere_is_cut(tmp_path: Path) -> None:
    data = tar_of(("package/x", tarfile.REGTYPE, b"1" * 600))
    for number, length in enumerate((0, 100, 512, 700, 1_100)):
        room = tmp_path / str(number)
        room.mkdir()
        with pytest.raises(EnvelopeCutError):
            extract([data[:length]], room)


def test_what_follows_the_files_is_refused(tmp_path: Path) -> None:
    data = tar_of(("package/x", tarfile.REGTYPE, b"1"))
    with pytest.raises(CustodyError):
        extract([data, b"more"], tmp_path)
