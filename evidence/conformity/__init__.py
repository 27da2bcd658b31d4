"""What a case satisfies of a law or standard, row by row; never whether it suffices."""
