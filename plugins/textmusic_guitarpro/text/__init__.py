"""The codec `guitarpro`: whole pieces for guitars, basses, drums and keys, as text."""
