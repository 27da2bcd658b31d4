"""The typefaces reports are set in (OFL, see LICENSE-OFL.txt), and their recipe."""
