"""How many viewers a number needs: before it stands for an audience, and before it is shown.

Two rules, apart from each other. What *carries* a number decides its value: in an audience of
five viewers and more, headline numbers use only the seconds that at least half of the viewers
have. The *smallest group* decides who may see it and never changes it: a number of fewer viewers
is hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # the command line takes its defaults from here, and its help comes at once
    import numpy as np
    from numpy.typing import NDArray

#: The smallest group that is shown to those who have the recordings themselves.
OWN_VIEW: Final = 1
#: The smallest group that is shown to those who were not there, and in print.
SHARED: Final = 5
#: From this many viewers on they are an audience, whose numbers need half of them; fewer are
#: these viewers and no more.
AUDIENCE_FROM: Final = 5


def carried(n: NDArray[Any], viewers: int) -> NDArray[np.bool_]:
    """Which seconds stand for the audience and may be used for headline numbers.

    Args:
        n: (seconds,) how many viewers are known in each second.
        viewers: how many viewers the audience has: those with any known second in this measure.

    Returns:
        (seconds,) of fewer than five viewers, every second that anybody has; of more, those
        that at least half of the viewers have.
    """
    enough: NDArray[np.bool_] = n >= 1 if viewers < AUDIENCE_FROM else 2 * n >= viewers
    return enough


def shown(n: NDArray[Any], minimum: int) -> NDArray[np.bool_]:
    """Which numbers rest on enough viewers to be shown; ``minimum`` is the smallest group.

    Args:
        n: how many viewers each number rests on; nobody is never enough.
    """
    enough: NDArray[np.bool_] = n >= max(minimum, 1)
    return enough
