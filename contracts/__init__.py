"""What we check: that cancelling behaves as promised, claim by claim, on a mock or a real deployment."""
