"""Files that the server gives to this session's browser, by Streamlit's own store of media."""

from streamlit import runtime


def address(content: bytes, place: str) -> str:
    """The address of a file of these bytes: equal bytes, equal address, so that a browser keeps it.

    `place` names where on the page it belongs; another file there takes the place of this one.
    Empty where no server runs.
    """
    if not runtime.exists():
        return ""
    files = runtime.get_instance().media_file_mgr
    return files.add(content, "application/octet-stream", f"morph-{place}")
