"""What stages usually take: all stages of a job in their order, more for more work."""

from jobs import usual
from jobs.specs import DemoJob
from morphcore.config import train_config


def keys(spec: DemoJob) -> list[str]:
    return [stage.key for stage in usual.demo(spec)]


def total(spec: DemoJob) -> float:
    return sum(stage.usual for stage in usual.demo(spec))


def test_a_demo_has_the_stages_of_all_that_it_does_in_their_order():
    found = keys(DemoJob())
    assert found[:3] == ["simulate", "replicates", "train"]
    assert found[3:8] == ["halves", "realisations", "axes", "encode", "maps"]
    assert found[8:] == ["twins", "twins-read", "elbo", "neighbours", "baselines", "figures"]
    assert "axes" not in keys(DemoJob(preset="seed"))  # it embeds by z


def test_a_smaller_demo_takes_less():
    assert total(DemoJob(steps=20)) < total(DemoJob())
    assert total(DemoJob(cells=2)) < total(DemoJob())
    assert total(DemoJob(frames=12)) < total(DemoJob())


def test_a_training_takes_its_minutes_or_the_fewer_of_its_steps_and_epochs():
    by_steps = usual.training(160, train_config(steps=20, epochs=10)).usual
    assert by_steps == usual.training(160, train_config(epochs=2)).usual
    assert usual.training(160, train_config(minutes=3.0)).usual == 180.0
