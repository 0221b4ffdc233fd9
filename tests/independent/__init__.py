"""Servers written apart from the mock, with bugs on a switch: contracts must judge them as strangers' servers."""
