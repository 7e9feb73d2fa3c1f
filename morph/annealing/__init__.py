"""Annealing a film towards a target, as an environment of Gymnasium.

Needs the package gymnasium (requirements-environment.txt); `import morph` does not. Importing this
package registers it; Gymnasium does that by itself where an id has the module before it:

    gymnasium.make("morph.annealing:morph/Annealing-v0", shape=(64, 128))

The class is `morph.annealing.environment.AnnealingEnv`. See docs/annealing.md.
"""

from morphcore.errors import MorphError

ID = "morph/Annealing-v0"


class GymnasiumMissing(MorphError):
    """The package gymnasium, which nothing else of Morph needs, is not installed."""


try:
    import gymnasium
except ImportError as err:
    raise GymnasiumMissing(
        "This needs the package gymnasium, which is not installed; pip install -r"
        " requirements-environment.txt brings it."
    ) from err

if ID not in gymnasium.registry:
    gymnasium.register(id=ID, entry_point="morph.annealing.environment:AnnealingEnv")
