"""Sample evidence that `custody demo` and the tests make on the spot."""
