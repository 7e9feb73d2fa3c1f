"""Which way up a picture is: rows are y, from the top of the film down, and columns are x."""

from dataclasses import dataclass

import numpy as np

from morphcore.readers.look import Question
from morphcore.readers.names.filenames import Kind
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack

# Arrays have no up and down of their own; a picture is seldom upright by mistake.
_PORTRAIT_ARRAY, _PORTRAIT_PICTURE = 1.1, 2.0
PICTURES = ("picture", "pages", "video")


@dataclass(frozen=True)
class Orientation:
    """How pictures are turned: first rows for columns, then mirrored along x and y."""

    transposed: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def turned(self, picture: np.ndarray) -> np.ndarray:
        """Turn a picture, [height, width] or with colours."""
        if self.transposed:
            picture = np.swapaxes(picture, 0, 1)
        if self.mirror_y:
            picture = picture[::-1]
        if self.mirror_x:
            picture = picture[:, ::-1]
        return picture

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """The size of a turned picture."""
        return (width, height) if self.transposed else (height, width)


def orient(
    stack: Stack, kind: Kind, options: ImportOptions
) -> tuple[Orientation, list[str], list[Question]]:
    """Choose the orientation of a stack; a portrait one of which nothing is known is asked for."""
    done: list[str] = []
    questions: list[Question] = []
    height, width = stack.values.shape[1:3]
    axes = stack.axes if options.axes is None else options.axes.replace("t", "")
    transposed = axes == "xy"
    if transposed and options.axes is not None and kind in PICTURES and height < width:
        # The option is one for all files: it is meant for those that lie on their side.
        transposed = False
        done.append("Not turned, since it is wider than high.")
    if transposed:
        done.append("Turned: its rows are x and its columns are y.")
    if stack.y_up:
        done.append("Its first row is at the bottom of the film, so it is turned upside down.")
    portrait = _PORTRAIT_PICTURE if kind in PICTURES else _PORTRAIT_ARRAY
    asked = any(question.option == "axes" for question in stack.questions)
    if axes is None and height > portrait * width and not asked:
        questions.append(
            Question(
                "axes",
                f"It is {width} wide and {height} high, as a film that lies on its side. Choose"
                " txy to turn it, or tyx to take it as it is.",
            )
        )
    orientation = Orientation(
        transposed,
        mirror_x="x" in options.flip,
        mirror_y=stack.y_up != ("y" in options.flip),
    )
    return orientation, done, questions
