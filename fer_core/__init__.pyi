from typing import Final

from fer_core.research import analyze as analyze
from fer_core.research import compare as compare
from fer_core.research import curve as curve
from fer_core.research import export as export
from fer_core.research import open_home as open_home
from fer_core.research import report as report
from fer_core.research import seconds as seconds
from fer_core.research import sessions as sessions
from fer_core.research import study as study
from fer_core.research import timeline as timeline

__version__: Final[str]
CALLS: Final[tuple[str, ...]]
