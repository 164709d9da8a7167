"""How fast optimlib is beside torch and optax: one module for each question.

`python -m benchmarks` asks them all, prints the tables and writes `results.json`;
`python -m benchmarks --help` says how to ask less. Each case of a question runs in a
process of its own, on as many cores as it has threads, so that every library is held to
the same number.

A question is a module with `cases(sizes)`, what to measure, each a dict;
`measure(case)`, which gives rows, dicts of numbers; `tables(rows)`; and `bars(rows)`,
what is asked of the numbers.
"""
