"""The occasions of the month, one file each; a flow reads like what you would tell a colleague."""
