"""Counts of cases that name nobody (Regulation (EU) 2023/1543 Art. 28)."""
