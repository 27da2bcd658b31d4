"""What a case gives to others' programs and to a court (ADR 0031)."""
