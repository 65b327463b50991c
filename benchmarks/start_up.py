"""What starting costs: `import losskit` over `import numpy`, and `losskit --help`.

Run: python benchmarks/start_up.py
"""

from __future__ import annotations

import subprocess
import sys

from measure import interleaved

COMMANDS = {
    "python": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import losskit": ["-c", "import numpy, losskit"],
    "import losskit; losskit.Huber()": ["-c", "import numpy, losskit; losskit.Huber()"],
    "losskit --help": ["-m", "losskit", "--help"],
}


def main() -> None:
    runs = {
        name: lambda command=command: subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        for name, command in COMMANDS.items()
    }
    times = interleaved(runs)
    for name, seconds in times.items():
        print(f"{name:<34}{1e3 * seconds:7.0f} ms")
    over = 1e3 * (times["import losskit"] - times["import numpy"])
    print(f"import losskit costs {over:.0f} ms more than numpy (target: under 80); --help target: under 300 ms")


if __name__ == "__main__":
    main()
