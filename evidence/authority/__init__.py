"""Orders and other authorities: what they cover, and when they end."""
