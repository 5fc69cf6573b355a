"""The parts of the stack, one noun each."""
