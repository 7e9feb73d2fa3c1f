"""Files that no reader may choke on, made for real, each with what must be said of it."""

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

RNG = np.random.default_rng(7)
PATTERN = np.where(RNG.random((100, 400)) < 0.5, 255, 0).astype(np.uint8)  # a good frame
FRAMES = np.stack([PATTERN, 255 - PATTERN, np.roll(PATTERN, 7, axis=1)])  # a good trajectory


@dataclass(frozen=True)
class Bad:
    """A file's name and bytes, and a word that the reason of its rejection must hold."""

    name: str
    data: bytes
    says: str


def image_bytes(gray: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format=kind, **options)
    return out.getvalue()


def pages_bytes(grays: np.ndarray, kind: str) -> bytes:
    """A TIFF of several pages, or a GIF of several frames."""
    out = io.BytesIO()
    first, *rest = (Image.fromarray(each) for each in grays)
    first.save(out, format=kind, save_all=True, append_images=rest)
    return out.getvalue()


def npy_bytes(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


def npz_bytes(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def graspi_bytes(bits: np.ndarray, header: str | None = None) -> bytes:
    height, width = bits.shape
    rows = "\n".join(" ".join("1" if value else "0" for value in row) for row in bits)
    return f"{header or f'{width} {height}'}\n{rows}\n".encode()


@cache
def huge_png(side: int = 20_000) -> bytes:
    """A true black PNG of side x side pixels in some 50 kB."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@cache
def zip_bomb() -> bytes:
    """A zip that would unpack to 300 MB of zeros, about 1,000 times its size."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("frame_1.bmp", "w") as member:
            for _ in range(300):
                member.write(bytes(1 << 20))
        archive.writestr("frame_2.png", image_bytes(PATTERN))
    return out.getvalue()


def lying_zip() -> bytes:
    """A zip whose header says 64 bytes for a picture that is larger."""
    picture = image_bytes(PATTERN)
    data = bytearray(zip_bytes({"frame_1.png": picture}))
    true, lie = struct.pack("<I", len(picture)), struct.pack("<I", 64)
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = data.index(signature) + offset
        assert data[place : place + 4] == true
        data[place : place + 4] = lie
    return bytes(data)


def encrypted_zip() -> bytes:
    """A zip whose only member is marked as encrypted."""
    data = bytearray(zip_bytes({"frame_1.png": image_bytes(PATTERN)}))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def symlink_zip() -> bytes:
    """A zip with a good picture and a link out of it that is named like one."""
    out = io.BytesIO(zip_bytes({"frame_1.png": image_bytes(PATTERN)}))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("frame_2.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return out.getvalue()


def bad_pictures() -> list[Bad]:
    """Pictures, each broken in its own way."""
    png, jpeg = image_bytes(PATTERN), image_bytes(PATTERN, "JPEG")
    tiff, bmp, gif = (image_bytes(PATTERN, kind) for kind in ("TIFF", "BMP", "GIF"))
    corrupt = bytearray(png)
    corrupt[len(png) // 2] ^= 0xFF
    return [
        Bad("empty.png", b"", "empty"),
        Bad("truncated.png", png[: len(png) // 2], "damaged or cut off"),
        Bad("corrupt.png", bytes(corrupt), "damaged"),
        Bad("header_only.png", png[:20], "PNG"),
        Bad("truncated.jpg", jpeg[: len(jpeg) // 2], "damaged or cut off"),
        Bad("truncated.tif", tiff[: len(tiff) // 2], "damaged or cut off"),
        Bad("truncated.bmp", bmp[: len(bmp) // 2], "damaged or cut off"),
        Bad("truncated.gif", gif[: len(gif) // 2], "cut off"),
        Bad("text.png", b"This is a text.\n" * 20, "not a picture"),
        Bad("huge.png", huge_png(), "50,000,000 pixels"),
        Bad("large.png", huge_png(8_000), "50,000,000 pixels"),
        Bad("tiny.png", image_bytes(PATTERN[:1, :1]), "at least 8 x 8"),
    ]


def bad_arrays() -> list[Bad]:
    """Arrays whose type, shape or values are not those of frames."""
    frames = FRAMES[:2]
    share = frames / np.float32(255)
    nan, infinite, empty = share.copy(), share.copy(), share.copy()
    nan[1, 5:90, 5:90], infinite[0, 0, 0], empty[1] = np.nan, np.inf, np.nan
    table = np.zeros((100, 400), dtype=[("u", "f4")])
    good = npy_bytes(frames)
    pickled = npy_bytes(np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    return [
        Bad("nan.npy", npy_bytes(nan), "9.0% are not numbers"),
        Bad("infinite.npy", npy_bytes(infinite), "infinite values (frame 0)"),
        Bad("nothing.npy", npy_bytes(empty), "nothing but NaN (frame 1)"),
        Bad("even.npy", npy_bytes(np.full((3, 100, 400), 0.5)), "one and the same even gray"),
        Bad("pickled.npy", pickled, "pickled"),
        Bad("complex.npy", npy_bytes(share.astype(np.complex64)), "complex64"),
        Bad("texts.npy", npy_bytes(np.full((100, 400), "a")), "accepted are booleans"),
        Bad("table.npy", npy_bytes(table), "accepted are booleans"),
        Bad("line.npy", npy_bytes(np.zeros(400)), "[height, width]"),
        Bad("five.npy", npy_bytes(np.zeros((2, 30, 40, 30, 40))), "[time, height, width]"),
        Bad("none.npy", npy_bytes(np.zeros((0, 100, 400))), "empty"),
        Bad("cut.npy", good[:-100], "cut off"),
        Bad("header.npy", good[:40], "npy"),
        Bad("empty.npy", b"", "empty"),
        Bad("text.npy", b"This is a text.", "not an npy file"),
        Bad("pickled.npz", zip_bytes({"frames.npy": pickled}), "pickled"),
        Bad("columns.npz", npz_bytes(a=np.arange(9), b=np.arange(9)), "no array of frames"),
        Bad("text.npz", b"This is a text.", "not a zip"),
        Bad("cut.npz", npz_bytes(frames=frames)[:-30], "cut off"),
        Bad("short.npz", npz_bytes(frames=frames, trajectory=np.zeros(3)), "trajectory"),
        Bad("text.h5", b"This is a text.", "not an HDF5 file"),
        Bad("empty.h5", b"", "empty"),
    ]


def bad_texts() -> list[Bad]:
    """GraSPI texts that contradict themselves."""
    bits = PATTERN > 0
    solid = graspi_bytes(np.concatenate([bits, bits]), "400 100 2")
    other = graspi_bytes(bits).replace(b" 0 1", b" 0 3")
    return [
        Bad("header.txt", graspi_bytes(bits, "400 99"), "400 x 99 = 39,600"),
        Bad("missing.txt", graspi_bytes(bits)[:-20], "39,990"),
        Bad("solid.txt", solid, "three-dimensional"),
        Bad("values.txt", other, "'3'"),
        Bad("joined.txt", b"400 100\n" + b"1" * 40_000, "0 and 1, separated"),
        Bad("large.txt", b"20000 20000\n0 1 0 1\n", "50,000,000 pixels"),
        Bad("data_0.5_2.4_000020.txt", b"no frame at all\n", "width height"),
        Bad("data_0.5_2.4_000040.txt", b"", "empty"),
    ]


def bad_films() -> list[Bad]:
    """Files of several pages or of video."""
    stack, film = pages_bytes(FRAMES, "TIFF"), pages_bytes(FRAMES, "GIF")
    return [
        Bad("cut_pages.tif", stack[: len(stack) * 2 // 3], "cut off"),
        Bad("cut_frames.gif", film[: len(film) * 2 // 3], "cut off"),
        Bad("empty.mp4", b"", "empty"),
        Bad("text.mp4", b"#EXTM3U\nfile:///etc/hostname\n", "not a video"),
        Bad("no_frames.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "no frames"),
        Bad("noise.mp4", b"\0\0\0\x18ftypisom" + RNG.bytes(5_000), "cut off"),
    ]


def bad_zips() -> list[Bad]:
    """Zips that are refused as a whole."""
    good = zip_bytes({"frame_1.png": image_bytes(PATTERN)})
    return [
        Bad("bomb.zip", zip_bomb(), "zip bomb"),
        Bad("encrypted.zip", encrypted_zip(), "encrypted"),
        Bad("cut.zip", good[:-40], "not a zip file"),
        Bad("text.zip", b"This is a text.", "not a zip file"),
        Bad("empty.zip", b"", "empty"),
        Bad("lying.zip", lying_zip(), "damaged or cut off"),
    ]


def all_bad() -> list[Bad]:
    """Every bad file, each rejected with one sentence, none of them with a stack trace."""
    return bad_pictures() + bad_arrays() + bad_texts() + bad_films() + bad_zips()
