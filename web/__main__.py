"""The command line: `python -m web COMMAND`."""

from web.running.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
