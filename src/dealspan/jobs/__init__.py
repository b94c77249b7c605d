"""Many documents: each becomes its record, encoded, or the reason why it has none, in the order of the input.

`analysis` does it in this process, `pool` in several: workers that each load the pipeline once and answer in bytes.
Nothing here imports spaCy before a pipeline is loaded, so that a process which only hands out work stays small.
"""
