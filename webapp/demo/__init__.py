"""What a new Gallerist shows before it has pictures of its own."""
