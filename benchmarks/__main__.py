"""Run every bench_*.py of this folder, or those named, each in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run the scripts in turn; the exit status says whether all succeeded."""
    folder = Path(__file__).parent
    scripts = {path.stem.removeprefix("bench_"): path for path in sorted(folder.glob("bench_*.py"))}
    names = sys.argv[1:] or list(scripts)
    if unknown := [name for name in names if name not in scripts]:
        print(
            f"no benchmark named {', '.join(unknown)}; there are: {', '.join(scripts) or 'none'}",
            file=sys.stderr,
        )
        return 2
    failed = []
    for name in names:
        print(f"== {name}", flush=True)
        # The scripts share helpers of this folder, which a safe path keeps off sys.path.
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        if subprocess.run([sys.executable, scripts[name]], check=False, env=environment).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


sys.exit(main())
