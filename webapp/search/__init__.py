"""Search by meaning: texts in chunks, chunks as vectors, vectors in a store. Knows nothing of pages and pictures."""
