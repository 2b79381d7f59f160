"""What anybody needs to check a contest: the log of all batches, checkpoints, openings, lists, and the verifier.

Pure Python without Django. Every byte is specified in docs/reference/proofs.md.
"""
