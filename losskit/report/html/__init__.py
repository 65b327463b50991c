"""Reports as one self-contained HTML file: nothing is loaded, everything from the user is escaped."""

from losskit.report.html.diagnosis import write_diagnosis
from losskit.report.html.fit import write_fit

__all__ = ["write_diagnosis", "write_fit"]
