"""The command group: all commands, in the order in which they are listed."""

import click

from jobs.cli import data, export, frames, import_command, jobs, models, safety, tuning


class _InOrder(click.Group):
    """Commands listed as they were added, rather than by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def group() -> None:
    """Whatever a page can start, on the same store, in the foreground.

    The bar goes to standard error; the answer to standard output, as one JSON object with --json.
    """


for _command in (
    jobs.demo,
    data.simulate,
    import_command.import_,
    data.properties,
    data.datasets,
    models.runs,
    models.current,
    jobs.status,
    models.train,
    tuning.tune,
    jobs.stop,
    jobs.pause,
    jobs.resume,
    jobs.work,
    models.index,
    models.detach,
    models.nats,
):
    group.add_command(_command)
group.add_command(models.nats, "reconstruction-error")
for _command in (
    models.map_,
    models.evaluate,
    models.predict,
    frames.query,
    frames.compare,
    frames.graspi,
    export.export,
    safety.doctor,
    safety.backup,
    safety.restore,
):
    group.add_command(_command)
