"""Who is asking: schemes that several vendors share. What is refused in which words is theirs to say."""
