"""Videos, decoded by the ffmpeg that imageio-ffmpeg brings: one trajectory each."""

import logging
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from morphcore import frames
from morphcore.progress import Progress
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import Stack, UnreadableFrame

_MP4 = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # from the fifth byte on


def read(path: Path, progress: Progress, limits: ReadLimits) -> Stack:
    """Read all frames of a video, as gray by ITU-R 601.

    Compression leaves traces: after binarising, a few pixels along interfaces may differ from
    what was filmed.

    Raises:
        UnreadableFrame: if it is no video, has no frames, or cannot be read to its end.
    """
    # ffmpeg goes by the contents: a playlist with this name would make it open other files.
    with path.open("rb") as stream:
        head = stream.read(16)
    is_video = head[4:8] in _MP4 or head.startswith(b"\x1a\x45\xdf\xa3") or head[8:12] == b"AVI "
    if not is_video:
        raise UnreadableFrame("It is not a video; accepted are MP4, MOV, AVI, MKV and WebM.")
    grays: list[UInt8[np.ndarray, "100 400"]] = []
    with closing(_pictures(path, limits)) as pictures:  # a stop ends ffmpeg at once
        for picture, share in pictures:
            progress(share)
            limits.check_count(len(grays) + 1)
            grays.append(frames.resize(np.asarray(Image.fromarray(picture).convert("L"))))
    limits.check_count(len(grays))
    return Stack(np.stack(grays))


def _pictures(path: Path, limits: ReadLimits) -> Generator[tuple[np.ndarray, float], None, None]:
    """Yield each picture, uint8 [height, width, 3], and the share of the video before it."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    logging.getLogger("imageio_ffmpeg").setLevel(logging.CRITICAL)  # an error of ours follows
    reader = imageio_ffmpeg.read_frames(
        str(path), pix_fmt="rgb24", input_params=["-protocol_whitelist", "file"]
    )
    try:
        meta = next(reader)
        width, height = meta["size"]
        limits.check_size(width, height)
        expected = max(1.0, meta.get("fps", 0.0) * meta.get("duration", 0.0))
        for number, data in enumerate(reader):
            picture = np.frombuffer(data, dtype=np.uint8).reshape(height, width, 3)
            yield picture, min(1.0, number / expected)
    except (OSError, RuntimeError, ValueError, KeyError, IndexError, StopIteration) as err:
        raise UnreadableFrame("It is not a video, has no frames, or is cut off.") from err
    finally:
        reader.close()
