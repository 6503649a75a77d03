"""``python -m textmusic``: the command line, as torchrun starts it on each process."""

from textmusic.cli import main

if __name__ == "__main__":
    main()
