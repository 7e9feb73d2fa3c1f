"""Limits of an import, so that one file cannot take all memory or time.

All are far above real data: the published trajectories have 255 frames of 401 x 101.
"""

import math
from dataclasses import dataclass

from morphcore.readers.results import TooLong, UnreadableFrame

UPLOAD_BYTES = 2 * 2**30  # of all files of an upload together
_JUDGED_AFTER = 60.0  # seconds; an estimate of the whole before that is too rough

MIN_SIDE = 8  # pixels; a smaller array or picture is no morphology


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """Upper limits of an import."""

    pixels: int = 50_000_000  # of one picture; decided from its header, before it is decoded
    # Of an animation: each of its frames takes all of them, however little of it changes.
    animated_pixels: int = 8_000_000
    frames: int = 20_000  # of one trajectory
    held_bytes: int = 48 * 2**20  # of a trajectory's gray frames in memory; more lie in a file
    values: int = 20_000_000_000  # of one array
    picture_bytes: int = 512 * 2**20  # of one picture or text file
    files: int = 500_000  # of one folder, with all below it
    zip_members: int = 200_000  # of an archive of any kind
    zip_bytes: int = 20 * 2**30  # all members together, unpacked
    # Two-level frames shrink well (an even one 1,000 times), so a ratio alone is no sign of ill
    # will: it counts from this size on, against the size of the archive itself, since members may
    # overlap.
    zip_ratio: int = 500
    zip_ratio_from: int = 256 * 2**20
    seconds: float = math.inf  # of a look, and of a reading with what is done with it

    def check_size(self, width: int, height: int) -> None:
        """Refuse a picture by its size, before it is decoded.

        Raises:
            UnreadableFrame: if a side is too short or the picture has too many pixels.
        """
        if min(width, height) < MIN_SIDE:
            raise UnreadableFrame(
                f"It is {width} x {height} pixels; accepted are at least {MIN_SIDE} x {MIN_SIDE}."
            )
        if width * height > self.pixels:
            raise UnreadableFrame(
                f"It is {width:,} x {height:,} pixels, too many to open; accepted are up to"
                f" {self.pixels:,} pixels in a picture."
            )

    def check_animation(self, width: int, height: int) -> None:
        """Refuse an animated picture by its size, before its frames are counted.

        Raises:
            UnreadableFrame: if it has too many pixels.
        """
        if width * height > self.animated_pixels:
            raise UnreadableFrame(
                f"It is an animation of {width:,} x {height:,} pixels, too many to open; accepted"
                f" are up to {self.animated_pixels:,} pixels in an animation."
            )

    def check_count(self, frames: int) -> None:
        """Refuse a trajectory by its number of frames.

        Raises:
            UnreadableFrame: if it has none or too many.
        """
        if frames < 1:
            raise UnreadableFrame("It has no frames.")
        if frames > self.frames:
            raise UnreadableFrame(
                f"It has {frames:,} frames; accepted are up to {self.frames:,} in a trajectory."
            )

    def check_time(self, spent: float, share: float) -> None:
        """Refuse an import by its time: `spent` seconds for that share of it.

        It is given up as soon as it is clear that it would take twice of what is accepted.

        Raises:
            TooLong: if it takes too long.
        """
        early = spent > _JUDGED_AFTER and share > 0.02 and spent / share > 2 * self.seconds
        if spent > self.seconds or early:
            raise TooLong(
                f"It would take more than {self.seconds / 60:,.0f} minutes, which is what is"
                " accepted of an upload; import it as a path on the machine where Morph runs."
            )


DEFAULT_LIMITS = ReadLimits()
UPLOAD_LIMITS = ReadLimits(seconds=3600.0, zip_bytes=8 * 2**30)  # from whoever opens the page
