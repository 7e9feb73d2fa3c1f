"""Archives of every sort list the same files, and none is trusted."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping

import pytest

from morphcore.readers.files.archive import unpacked
from morphcore.readers.files.listing import content, in_memory
from morphcore.readers.grouping import trajectory_name
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.names.filenames import kind_of
from morphcore.readers.results import UnreadableFrame
from tests.bad_files import zip_bytes

FILES = {"run/f_10.png": b"ten", "run/f_2.png": b"two", "a.txt": b"text"}


def test_a_member_without_a_name_is_rejected_and_the_others_are_listed() -> None:
    data = zip_bytes({"a": b"one", "b.txt": b"two"})
    # The name goes out of the directory at the end: its length, and the letter itself.
    at = data.index(b"PK\x01\x02")
    nameless = data[: at + 28] + b"\0\0" + data[at + 30 : at + 46] + data[at + 47 :]
    end = nameless.rindex(b"PK\x05\x06")
    size = int.from_bytes(nameless[end + 12 : end + 16], "little") - 1
    nameless = nameless[: end + 12] + size.to_bytes(4, "little") + nameless[end + 16 :]
    with unpacked(in_memory(nameless, "x.zip"), DEFAULT_LIMITS) as found:
        assert [file.name for file in found.files] == ["b.txt"]
        assert ["no name" in rejection.reason for rejection in found.rejections] == [True]


def plain(data: bytes) -> bytes:
    return data


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "x.tar": plain,
    "x.tar.gz": gzip.compress,
    "x.TGZ": gzip.compress,
    "x.tar.bz2": bz2.compress,
    "x.tar.xz": lzma.compress,
}


def tar_bytes(members: Mapping[str, bytes], *others: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in others:
            archive.addfile(info)
    return out.getvalue()


def info(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize("name", ["x.zip", *PACKERS])
def test_files_are_listed_in_natural_order_and_read(name: str) -> None:
    data = zip_bytes(dict(FILES)) if name == "x.zip" else PACKERS[name](tar_bytes(FILES))
    assert kind_of(name) == "archive"
    assert trajectory_name(name) == "x"
    with unpacked(in_memory(data, name), DEFAULT_LIMITS) as listing:
        assert [file.name for file in listing.files] == ["a.txt", "run/f_2.png", "run/f_10.png"]
        for file in reversed(listing.files):
            assert content(file, DEFAULT_LIMITS) == FILES[file.name]
            assert content(file, DEFAULT_LIMITS) == FILES[file.name]


def test_what_is_no_file_or_leads_out_of_a_tar_is_rejected_or_skipped() -> None:
    data = tar_bytes(
        {
            "./f_1.png": b"1",
            "../f_2.png": b"2",
            "/f_3.png": b"3",
            "._f_1.png": b"4",
            "f_1.png": b"5",
        },
        info("f_4.png", tarfile.SYMTYPE, "/etc/hostname"),
        info("f_5.png", tarfile.LNKTYPE, "f_1.png"),
        info("f_6.png", tarfile.FIFOTYPE),
        info("folder", tarfile.DIRTYPE),
    )
    with unpacked(in_memory(gzip.compress(data), "a.tgz"), DEFAULT_LIMITS) as listing:
        assert [file.name for file in listing.files] == ["f_1.png"]
        assert content(listing.files[0], DEFAULT_LIMITS) == b"1"
        assert [skip.file for skip in listing.skipped] == ["._f_1.png"]
        reasons = {rejection.file: rejection.reason for rejection in listing.rejections}
    assert set(reasons) == {"../f_2.png", "/f_3.png", *(f"f_{n}.png" for n in (1, 4, 5, 6))}
    assert "leads out of the tar" in reasons["../f_2.png"]
    assert "several files of this name" in reasons["f_1.png"]
    assert all("link or a device" in reasons[f"f_{n}.png"] for n in (4, 5, 6))


@pytest.mark.parametrize("name", [*PACKERS])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.12])
def test_a_damaged_tar_is_refused(name: str, share: float) -> None:
    data = PACKERS[name](tar_bytes(FILES))
    data = data[: int(share * len(data))]
    with (
        pytest.raises(UnreadableFrame, match=r"cut off or damaged|empty"),
        unpacked(in_memory(data, name), DEFAULT_LIMITS),
    ):
        pass


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.zip"])
def test_what_is_no_archive_is_refused(name: str) -> None:
    with (
        pytest.raises(UnreadableFrame, match="It is not a"),
        unpacked(in_memory(b"\x89PNG" * 500, name), DEFAULT_LIMITS),
    ):
        pass


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (ReadLimits(zip_members=2), "3 files"),
        (ReadLimits(zip_bytes=10), "would unpack to"),
        (ReadLimits(zip_ratio=2, zip_ratio_from=1000), "zip bomb"),
    ],
)
def test_limits_hold_for_a_compressed_tar(limits: ReadLimits, says: str) -> None:
    data = gzip.compress(tar_bytes({**FILES, "a.txt": bytes(100_000)}))
    with (
        pytest.raises(UnreadableFrame, match=says),
        unpacked(in_memory(data, "a.tar.gz"), limits),
    ):
        pass


def test_a_sparse_file_that_claims_a_size_is_counted_by_it() -> None:
    header = info("f.png", tarfile.REGTYPE)
    header.size = 10**12
    with (
        pytest.raises(UnreadableFrame, match="would unpack to"),
        unpacked(in_memory(header.tobuf() + bytes(1024), "a.tar"), DEFAULT_LIMITS),
    ):
        pass
