"""Search by meaning: texts in chunks, chunks as vectors, vectors in a store. Knows nothing of pages and pictures."""

import os

# Must be said before numpy is loaded. With a thread for each processor, which wait for each other by spinning, a
# question took 42 ms of processor time on a busy machine of two, and 2.5 ms with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
