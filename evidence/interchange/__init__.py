"""What a case gives to others' programs and to a court (docs/spec/interchange-v1.md)."""
