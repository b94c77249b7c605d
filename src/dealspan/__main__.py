"""`python -m dealspan` is the command."""

from dealspan.cli import main

if __name__ == "__main__":
    main()
