"""What is signed and how it is verified: entries, manifest, checkpoints, verdicts."""
