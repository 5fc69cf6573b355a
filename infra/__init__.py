"""The Pulumi program: one description of the shop's stack for every region."""
