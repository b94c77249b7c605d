"""What the pipeline costs: its steps, whole runs, the start, other programs beside it, and how cost grows.

Only `dealspan benchmark` uses it; it measures and prints nothing. Whatever is timed more than once counts with its
shortest time: what else the machine does only makes it longer.
"""
