"""Videos, decoded by the ffmpeg that imageio-ffmpeg brings: one trajectory each."""

import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from morphcore.progress import Progress
from morphcore.readers.files.listing import File, on_disk
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.pictures.images import gray_if_all_are
from morphcore.readers.results import Stack, UnreadableFrame, Values3D

_MP4 = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # from the fifth byte on


def read(
    file: File, progress: Progress, limits: ReadLimits, _options: ImportOptions
) -> Iterator[Stack]:
    """Read all frames of a video, in colours unless all of them are gray; they are counted.

    Compression leaves traces: after binarising, a few pixels along interfaces may differ from
    what was filmed.

    Raises:
        UnreadableFrame: if it is no video, has no frames, or cannot be read to its end.
    """
    with on_disk(file, progress) as path:
        # ffmpeg goes by the contents: a playlist with this name would make it open other files.
        with path.open("rb") as stream:
            head = stream.read(16)
        is_video = (
            head[4:8] in _MP4 or head.startswith(b"\x1a\x45\xdf\xa3") or head[8:12] == b"AVI "
        )
        if not is_video:
            raise UnreadableFrame("It is not a video; accepted are MP4, MOV, AVI, MKV and WebM.")
        count, all_gray, shape = 0, True, (0, 0)
        with closing(_pictures(path, limits)) as pictures:  # a stop ends ffmpeg at once
            for picture, share in pictures:
                progress(share)
                count += 1
                limits.check_count(count)
                shape = picture.shape[:2]
                all_gray = all_gray and gray_if_all_are(picture).ndim == 2
        limits.check_count(count)

        def frames() -> Iterator[np.ndarray]:
            with closing(_pictures(path, limits)) as pictures:
                for picture, _ in pictures:
                    yield np.ascontiguousarray(picture[..., 0]) if all_gray else picture

        colours = () if all_gray else (3,)
        yield Stack(Values3D((count, *shape, *colours), np.dtype(np.uint8), frames))


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
