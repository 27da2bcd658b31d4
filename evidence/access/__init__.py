"""Who did what with personal data: the log of LED Art. 25, worked out from entries."""
