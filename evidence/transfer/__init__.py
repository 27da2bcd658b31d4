"""Hand-overs: offered as a package, answered with a receipt, proved by either side."""
