"""Signing keys wherever they are, named by a URI: a key file, or a PKCS#11 token."""
