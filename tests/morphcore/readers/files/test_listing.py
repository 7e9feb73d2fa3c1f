"""Folders as lists of files: links that lead out of them are not followed."""

import os
from pathlib import Path

from morphcore.readers.files.listing import folder
from morphcore.readers.limits import DEFAULT_LIMITS


def test_links_that_leave_the_folder_are_not_followed_and_said(tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_bytes(b"secret")
    root = tmp_path / "films"
    (root / "below").mkdir(parents=True)
    (root / "real.png").write_bytes(b"frame")
    (root / "inside.png").symlink_to(root / "real.png")
    (root / "below" / "up.png").symlink_to(Path("..") / "real.png")
    (root / "out.png").symlink_to(outside)
    (root / "below" / "far.png").symlink_to(Path("..") / ".." / "secret.png")
    (root / "chain.png").symlink_to(root / "out.png")
    (root / "circle.png").symlink_to(root / "circle.png")
    (root / "gone.png").symlink_to(root / "nothing.png")
    (root / "notes").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.png")
    found = folder(root.resolve(), DEFAULT_LIMITS)
    assert [file.name for file in found.files] == ["below/up.png", "inside.png", "real.png"]
    assert all(file.open().read() == b"frame" for file in found.files)
    reasons = {each.file: each.reason for each in found.rejections}
    outside_of_it = "It is a link to a file outside of the imported folder, and is not followed"
    for name in ("out.png", "below/far.png", "chain.png"):
        assert reasons.pop(name).startswith(outside_of_it)
    assert reasons.pop("folder") == "It is a link to another folder; import that folder itself."
    assert set(reasons) == {"circle.png", "gone.png"}
    assert {each.file for each in found.skipped} == {"notes", "pipe.png"}
