"""What starting costs: `import losskit` over `import numpy`, `losskit --help`, and the doctor before the user's script.

Run: python benchmarks/start_up.py [--json FILE]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Line, report, rounds

COMMANDS = {
    "numpy": ["-c", "import numpy"],
    "losskit": ["-c", "import numpy, losskit"],
    "a loss": ["-c", "import numpy, losskit; losskit.Huber()"],
    "help": ["-m", "losskit", "--help"],
}
SCRIPT = "import sys, time\nopen(sys.argv[1], 'w').write(repr(time.time()))\n"


def started(command: list[str], stamp: Path) -> float:
    """Seconds from the command to the first line of the script that it runs."""
    import time

    begin = time.time()
    subprocess.run([*command, str(stamp)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return float(stamp.read_text()) - begin


def measured() -> Iterator[Line]:
    runs = {
        name: lambda command=command: subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        for name, command in COMMANDS.items()
    }
    times = rounds(runs)
    for name, shown in (("losskit", "import losskit"), ("a loss", "import losskit and make a loss")):
        over = [1e3 * (a - b) for a, b in zip(times[name], times["numpy"], strict=True)]
        target = 60.0 if name == "losskit" else None
        yield Line(f"{shown}, more than import numpy", statistics.median(over), "ms", target)
    yield Line("losskit --help", 1e3 * statistics.median(times["help"]), "ms", 300.0)
    with tempfile.TemporaryDirectory() as folder:
        script, stamp = Path(folder) / "train.py", Path(folder) / "stamp"
        script.write_text(SCRIPT)
        later = [
            started([sys.executable, "-m", "losskit", "doctor", str(script)], stamp)
            - started([sys.executable, str(script)], stamp)
            for _ in range(9)
        ]
    yield Line("losskit doctor starts the script later than python does", statistics.median(later), "s", 0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    report(measured(), parser.parse_args().json)


if __name__ == "__main__":
    main()
