"""``python -m footbridge``: the command, where no ``footbridge`` is on the path."""

from footbridge.cli import main

if __name__ == "__main__":
    main(prog_name="python -m footbridge")
