"""Errors of an export: the run has no map, or no evaluation."""

from morphcore.errors import MorphError


class NoMap(MorphError):
    """No map of the run is stored."""

    def __init__(self, fact: str, run_id: int) -> None:
        super().__init__(fact)
        self.run_id = run_id


class NotEvaluated(MorphError):
    """The run was not evaluated yet."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} is not evaluated yet.")
        self.run_id = run_id
